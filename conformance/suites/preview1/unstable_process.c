/* wasi_unstable's program-wide functions: arguments, environment, clocks, random, yield, preopens, exit. */
#define WASI_UNSTABLE
#include "check.h"

static void test(void) {
    char *argv[4], *environ[4], data[256], name[4];
    size_u32 count, size;
    uint64_t time, later;
    struct prestat pre;
    OK(args_sizes_get(&count, &size));
    EQ(count, 2);
    OK(args_get(argv, data));
    IS(same(argv[1], "arg", 4));
    OK(environ_sizes_get(&count, &size));
    EQ(count, 1);
    EQ(size, 6);
    OK(environ_get(environ, data));
    IS(same(environ[0], "K=val", 6));
    OK(clock_res_get(MONOTONIC, &time));
    IS(time > 0);
    OK(clock_time_get(MONOTONIC, 0, &time));
    OK(clock_time_get(MONOTONIC, 0, &later));
    IS(later >= time);
    memset(data, 0, 32);
    OK(random_get(data, 32));
    IS(!all(data, 0, 32));
    OK(sched_yield());
    OK(fd_prestat_get(ROOT, &pre));
    EQ(pre.namelen, 1);
    OK(fd_prestat_dir_name(ROOT, name, 1));
    EQ(name[0], '/');
    write_all(1, "done\n", 5);
    proc_exit(9);
}
