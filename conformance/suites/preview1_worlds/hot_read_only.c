/* A file in a folder that can only be read, after many calls: reading goes on, and whatever would change it fails each time. */
#include "../preview1/hot.h"

enum { READ_ONLY = 4 };

static void test(void) {
    struct file *file = &files[1];
    open_hot(&files[0], "f", O_CREAT, RW, 0);
    fd_t fd = NO_FD;
    OK(path_open(READ_ONLY, 0, NAME("file.txt"), 0, RO, grantable, 0, &fd));
    struct filestat st = stat_of_fd(fd);
    IS(st.size > 4 && st.size < ROOM);
    file->size = st.size, file->ino = st.ino, file->nlink = st.nlink;
    EQ(read_all(fd, file->data, ROOM), st.size);
    opens[opened_count++] = (struct opened){fd, file, st.size, 0, 1, 0};
    warm();
    for (int round = 0; round < 30; round++) {
        struct ciovec v = {"x", 1};
        size_u32 n;
        EITHER(EBADF, EPERM, fd_write(fd, &v, 1, &n));
        EITHER(EBADF, EPERM, fd_pwrite(fd, &v, 1, 0, &n));
        ONE_OF(EINVAL, EPERM, EBADF, fd_filestat_set_size(fd, 0));
        EITHER(EPERM, EROFS, fd_filestat_set_times(fd, 1, 1, ATIM | MTIM));
        EITHER(EPERM, EROFS, path_unlink_file(READ_ONLY, NAME("file.txt")));
        hot(ROUND);
        EQ(stat_of_fd(fd).mtim, st.mtim);
    }
    whole(fd, file);
}
