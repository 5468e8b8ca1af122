/* Rights that are enforced are taken from a descriptor after many calls: from then on the calls that need them fail and change
 * nothing, the others go on, and another descriptor of the same file still has them all. */
#include "../preview1/hot.h"
#include "rights.h"

static uint64_t gone;

/* `call` needs these rights: without one of them it fails, time after time. */
#define ASKS(rights, call)                                   \
    do {                                                     \
        int error = call;                                    \
        if (gone & (rights)) FAILS(ENOTCAPABLE, error);      \
        else OK(error);                                      \
    } while (0)

/* Every call once, with what changes neither the file nor the model: four bytes are written over themselves. */
static void all_calls(struct opened *o, const struct file *file) {
    uint8_t got[4];
    struct iovec in = {got, 4};
    struct ciovec out = {file->data, 4};
    struct filestat st;
    uint64_t position = 0;
    size_u32 n = 0;
    int moves = !(gone & RIGHT_FD_SEEK);
    ASKS(RIGHT_FD_READ | RIGHT_FD_SEEK, fd_pread(o->fd, &in, 1, 8, &n));
    if (!(gone & (RIGHT_FD_READ | RIGHT_FD_SEEK))) IS(n == 4 && same(got, file->data + 8, 4));
    ASKS(RIGHT_FD_WRITE | RIGHT_FD_SEEK, fd_pwrite(o->fd, &out, 1, 0, &n));
    ASKS(RIGHT_FD_SEEK, fd_seek(o->fd, 0, SEEK_SET, &position));
    if (moves) ASKS(RIGHT_FD_WRITE, fd_write(o->fd, &out, 1, &n));
    ASKS(RIGHT_FD_SEEK, fd_seek(o->fd, 8, SEEK_SET, &position));
    ASKS(RIGHT_FD_READ, fd_read(o->fd, &in, 1, &n));
    ASKS(RIGHT_FD_FILESTAT_GET, fd_filestat_get(o->fd, &st));
    if (!(gone & RIGHT_FD_FILESTAT_GET)) EQ(st.size, file->size);
    if (gone & RIGHT_FD_TELL) FAILS(ENOTCAPABLE, fd_tell(o->fd, &position));
    else if (moves) EQ(tell(o->fd), gone & RIGHT_FD_READ ? 8 : 12);
    EQ(rights_of(o->fd).rights & gone, 0);
}

static void test(void) {
    static const uint64_t taken[] = {RIGHT_FD_READ, RIGHT_FD_WRITE, RIGHT_FD_TELL | RIGHT_FD_SEEK, RIGHT_FD_FILESTAT_GET};
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, grantable, 0);
    warm();
    for (uint32_t round = 0; round < 24; round++) {
        if (file->size < 16) {
            resize(file, 16);
            OK(fd_filestat_set_size(o->fd, 16));
        }
        struct opened other = {open_with("f", 0, grantable, 0), file, 0, 0, 1, 1};
        gone = 0;
        for (int i = 0; i < 40; i++) all_calls(&other, file); /* this descriptor is hot as well */
        gone = taken[round % 4];
        without(other.fd, gone);
        for (int i = 0; i < 20; i++) all_calls(&other, file);
        OK(fd_close(other.fd));
        whole(o->fd, file);
        hot(ROUND);
    }
    settled("f", file);
}
