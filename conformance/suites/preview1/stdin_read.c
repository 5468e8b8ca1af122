/* An empty stdin reads as its end, again and again. */
#include "check.h"

static void test(void) {
    char buffer[8];
    struct iovec empty = {buffer, 0};
    size_u32 n = 77;
    memset(buffer, '#', sizeof buffer);
    for (int i = 0; i < 3; i++) EQ(read_all(0, buffer, sizeof buffer), 0);
    IS(all(buffer, '#', sizeof buffer));
    /* Reading nothing: wasmtime calls it interrupted while there is input; at the end it is 0 bytes. */
    int error = fd_read(0, &empty, 1, &n);
    EITHER(SUCCESS, EINTR, error);
    if (!error) EQ(n, 0);
}
