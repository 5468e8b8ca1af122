/* Files are always ready, to read and to write, also at their end, and a far clock beside them never delays.
 * Of several that are ready a host may tell of some: wasmtime's readers need a moment in which a writer is told. */
#include "poll.h"

static void ready(uint64_t userdata, size_u32 n, uint8_t type) {
    const struct event *e = event_of(userdata, n);
    IS(e != 0);
    EQ(e->error, SUCCESS);
    EQ(e->type, type);
}

static void test(void) {
    fd_t fd = create("f");
    uint64_t start = now(MONOTONIC);
    size_u32 n;
    write_all(fd, "hello", 5);
    seek(fd, 0, SEEK_SET);
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    EQ(poll(1), 1);
    ready(1, 1, EVENT_FD_READ);
    subs[0] = on_fd(2, EVENT_FD_WRITE, fd);
    EQ(poll(1), 1);
    ready(2, 1, EVENT_FD_WRITE);

    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    subs[1] = on_fd(2, EVENT_FD_WRITE, fd);
    for (uint64_t timeout = 0; timeout <= 30000 * MS; timeout += 30000 * MS) {
        subs[2] = on_clock(3, MONOTONIC, timeout, 0);
        n = poll(3);
        for (size_u32 i = 0; i < n; i++) EQ(events[i].error, SUCCESS);
        IS(timeout == 0 || !event_of(3, n));
    }

    seek(fd, 0, SEEK_END);
    subs[0] = on_fd(1, EVENT_FD_READ, fd);
    EQ(poll(1), 1);
    ready(1, 1, EVENT_FD_READ);
    seek(fd, 100, SEEK_SET);
    EQ(poll(1), 1);
    ready(1, 1, EVENT_FD_READ);
    EQ(tell(fd), 100);
    fd = open_with("f", 0, RW, APPEND);
    subs[0] = on_fd(1, EVENT_FD_WRITE, fd);
    EQ(poll(1), 1);
    ready(1, 1, EVENT_FD_WRITE);
    IS(now(MONOTONIC) - start < 20000 * MS);
    FILE_IS("f", "hello");
}
