/* CPU-time clocks in a subscription: wasmtime says INVAL; POSIX allows the thread's clock to be refused (NOTSUP). */
#include "poll.h"

static void test(void) {
    for (uint32_t id = PROCESS_CPUTIME; id <= THREAD_CPUTIME; id++)
        for (uint16_t flags = 0; flags <= ABSTIME; flags++) {
            size_u32 count = 0;
            subs[0] = on_clock(1, id, flags ? 0 : 1, flags);
            int error = poll_oneoff(subs, events, 1, &count);
            ONE_OF(EINVAL, ENOTSUP, SUCCESS, error);
            if (!error) EQ(count, 1);
        }
}
