/* The real-time clock, and the files' times that come from it: a file made between two readings has its time
 * between them. File systems may take a coarser clock, which a busy machine moves late, so ten seconds of slack. */
#include "check.h"

static void test(void) {
    const uint64_t slack = 10000000000;
    uint64_t before, after;
    struct filestat st;
    OK(clock_time_get(REALTIME, 0, &before));
    make_file("f", "abc");
    OK(clock_time_get(REALTIME, 0, &after));
    IS(after >= before);
    st = stat_of("f");
    IS(st.mtim + slack >= before && st.mtim <= after + slack);
    IS(st.ctim + slack >= before && st.ctim <= after + slack);
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 1, 1, ATIM | MTIM));
    OK(path_filestat_set_times(ROOT, 0, NAME("f"), 1, 1, ATIM_NOW | MTIM_NOW));
    OK(clock_time_get(REALTIME, 0, &after));
    st = stat_of("f");
    IS(st.mtim + slack >= before && st.mtim <= after + slack);
    IS(st.atim + slack >= before && st.atim <= after + slack);
}
