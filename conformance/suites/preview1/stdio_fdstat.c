/* What stdio says of itself: stdin can be read, stdout and stderr can be written. */
#include "check.h"

static void test(void) {
    struct fdstat fs;
    for (fd_t fd = 0; fd < 3; fd++) {
        memset(&fs, 0xaa, sizeof fs);
        OK(fd_fdstat_get(fd, &fs));
        /* Not a terminal here, so UNKNOWN; a host may show the file that stands behind. */
        IS(fs.type == UNKNOWN || fs.type == CHARACTER_DEVICE || fs.type == REGULAR_FILE);
        IS(fs.rights & (fd ? RIGHT_FD_WRITE : RIGHT_FD_READ));
        IS(!(fs.rights & RIGHT_FD_SEEK));
        IS(!(fs.flags & ~(APPEND | NONBLOCK)));
    }
}
