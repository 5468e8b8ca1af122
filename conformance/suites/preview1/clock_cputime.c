/* CPU-time clocks: gone from wasmtime (BADF); where they are there, they go forward as the program runs. */
#include "check.h"

static void test(void) {
    for (uint32_t id = PROCESS_CPUTIME; id <= THREAD_CPUTIME; id++) {
        uint64_t start, end, resolution;
        int error = clock_time_get(id, 0, &start);
        ONE_OF(EBADF, SUCCESS, EINVAL, error);
        if (error) {
            FAILS(error, clock_res_get(id, &resolution));
            continue;
        }
        for (volatile int i = 0; i < 100000; i++) {}
        OK(clock_time_get(id, 0, &end));
        IS(end >= start);
        OK(clock_res_get(id, &resolution));
        IS(resolution > 0);
    }
}
