/* A socket and files exchange their numbers after many calls on both: bytes of the one are never those of the other, and what
 * a socket hasn't got (an offset, a size) is refused under any number. */
#include "../preview1_worlds/sock.h"
#include "../preview1/hot.h"

static void is_socket(fd_t fd) {
    struct iovec in = {block, 1};
    uint64_t position;
    FAILS(ESPIPE, fd_seek(fd, 0, SEEK_CUR, &position));
    FAILS(ESPIPE, fd_tell(fd, &position));
    FAILS(ESPIPE, fd_pread(fd, &in, 1, 0, &moved));
    EQ(stat_of_fd(fd).type, SOCKET_STREAM);
}

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    fd_t echo = accept_next(0);
    warm();
    for (int round = 0; round < 40; round++) {
        uint8_t sent[8], got[8];
        for (int i = 0; i < 40; i++) {
            OK(random_get(sent, 8));
            OK(write_once(echo, sent, 8));
            EQ(moved, 8);
            OK(read_once(echo, got, 8));
            EQ(moved, 8);
            IS(same(sent, got, 8));
            is_socket(echo);
        }
        hot(ROUND / 2);
        /* The socket gets the file's number, and the file another one; or the other way round. */
        uint64_t offset = o->offset;
        fd_t number = round % 2 ? echo : o->fd;
        if (round % 2) {
            fd_t kept = open_rw("f"); /* a number for the socket to be at */
            OK(fd_renumber(echo, kept));
            echo = kept, number = NO_FD;
        } else {
            o->fd = open_rw("f");
            EQ(seek(o->fd, (int64_t)offset, SEEK_SET), offset);
            OK(fd_renumber(echo, number));
            echo = number;
        }
        is_socket(echo);
        hot_stat(o);
        hot(ROUND / 2);
    }
    settled("f", file);
}
