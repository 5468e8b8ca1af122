/* Directories beside many calls on files: a directory's descriptor refuses what only files can do, before and after it has
 * a number that was a file's; listings and changes of entries in between are seen at once. */
#include "hot.h"

static void is_directory(fd_t fd) {
    struct iovec v = {block, 1};
    struct ciovec c = {block, 1};
    uint64_t position;
    size_u32 n;
    EITHER(EBADF, EISDIR, fd_read(fd, &v, 1, &n));
    EITHER(EBADF, EISDIR, fd_pread(fd, &v, 1, 0, &n));
    EITHER(EBADF, EISDIR, fd_write(fd, &c, 1, &n));
    EITHER(EBADF, EISDIR, fd_pwrite(fd, &c, 1, 0, &n));
    FAILS(EBADF, fd_seek(fd, 0, SEEK_SET, &position));
    FAILS(EBADF, fd_tell(fd, &position));
    EQ(stat_of_fd(fd).type, DIRECTORY);
}

/* How many entries there are, by one call. */
static uint32_t entries(fd_t fd) {
    static uint8_t listing[2048];
    size_u32 used, at = 0;
    uint32_t count = 0;
    OK(fd_readdir(fd, listing, sizeof listing, 0, &used));
    IS(used < sizeof listing);
    for (; at < used; count++) {
        struct dirent entry;
        memcpy(&entry, listing + at, sizeof entry);
        at += sizeof entry + entry.namelen;
    }
    return count;
}

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    make_dir("d");
    warm();
    for (int round = 0; round < 30; round++) {
        char name[] = "d/a0";
        fd_t fd = open_dir("d");
        uint32_t before = entries(fd);
        is_directory(fd);
        name[2] = (char)('a' + round), name[3] = (char)('0' + round % 10);
        make_file(name, "x");
        EQ(entries(fd), before + 1);
        hot(ROUND);
        if (round % 3 == 0) {
            OK(path_unlink_file(ROOT, NAMED(name)));
            EQ(entries(fd), before);
        }
        /* The number of the file becomes the directory's, and the file gets another one. */
        if (round % 4 == 0) {
            fd_t number = o->fd;
            uint64_t offset = o->offset;
            o->fd = open_rw("f");
            EQ(seek(o->fd, (int64_t)offset, SEEK_SET), offset);
            OK(fd_renumber(fd, number));
            is_directory(number);
            fd = number;
        }
        OK(fd_close(fd));
        hot(ROUND / 2);
    }
    settled("f", file);
}
