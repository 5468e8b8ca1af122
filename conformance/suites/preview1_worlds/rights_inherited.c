/* What a directory hands on is the most that is given; rights can be given up and not had back. */
#include "rights.h"

static fd_t opened;

static int open_in(fd_t dir, const char *path, uint64_t rights, uint64_t inheriting) {
    opened = NO_FD;
    return path_open(dir, 0, NAMED(path), 0, rights, inheriting, 0, &opened);
}

static void test(void) {
    struct fdstat fs;
    make_dir("d");
    make_file("d/f", "text");
    fd_t dir = NO_FD;
    OK(path_open(ROOT, 0, NAME("d"), O_DIRECTORY, RIGHT_PATH_OPEN, RIGHT_FD_READ | RIGHT_FD_SEEK, 0, &dir));
    fs = rights_of(dir);
    EQ(fs.rights, RIGHT_PATH_OPEN);
    EQ(fs.inheriting, RIGHT_FD_READ | RIGHT_FD_SEEK);

    FAILS(ENOTCAPABLE, open_in(dir, "f", RIGHT_FD_READ | RIGHT_FD_WRITE, 0));
    FAILS(ENOTCAPABLE, open_in(dir, "f", RIGHT_FD_READ, RIGHT_FD_WRITE));
    EQ(opened, NO_FD);
    OK(open_in(dir, "f", RIGHT_FD_READ, RIGHT_FD_SEEK));
    fs = rights_of(opened);
    EQ(fs.rights, RIGHT_FD_READ);
    EQ(fs.inheriting, RIGHT_FD_SEEK);
    char data[4];
    uint64_t position;
    EQ(read_all(opened, data, 4), 4);
    FAILS(ENOTCAPABLE, fd_seek(opened, 0, SEEK_SET, &position));

    FAILS(ENOTCAPABLE, fd_fdstat_set_rights(dir, RIGHT_PATH_OPEN | RIGHT_FD_READDIR, 0));
    FAILS(ENOTCAPABLE, fd_fdstat_set_rights(dir, RIGHT_PATH_OPEN, RIGHT_FD_READ | RIGHT_FD_WRITE));
    EQ(rights_of(dir).inheriting, RIGHT_FD_READ | RIGHT_FD_SEEK);
    OK(fd_fdstat_set_rights(dir, RIGHT_PATH_OPEN, RIGHT_FD_READ));
    FAILS(ENOTCAPABLE, fd_fdstat_set_rights(dir, RIGHT_PATH_OPEN, RIGHT_FD_READ | RIGHT_FD_SEEK));
    FAILS(ENOTCAPABLE, open_in(dir, "f", RIGHT_FD_SEEK, 0));
    OK(fd_fdstat_set_rights(dir, 0, 0));
    FAILS(ENOTCAPABLE, open_in(dir, "f", RIGHT_FD_READ, 0));
    FAILS(EBADF, fd_fdstat_set_rights(NO_FD, 0, 0));
}
