/* Reads whose bytes land on the vector itself, and results inside of it, after many calls: what counts is the vector as it was
 * when the call was made, and the count comes last. */
#include "hot.h"

static void test(void) {
    struct file *file = &files[0];
    struct opened *o = open_hot(file, "f", O_CREAT, RW, 0);
    warm();
    for (uint32_t round = 0; round < 300; round++) {
        union {
            struct iovec v[2];
            uint32_t word[16];
            uint8_t byte[64];
        } place;
        uint32_t at = round % 60;
        hot(12);
        if (file->size < 128) {
            OK(fd_filestat_set_size(o->fd, 128));
            resize(file, 128);
        }
        /* The bytes cover the vector. */
        size_u32 n = 77;
        place.v[0].data = place.byte, place.v[0].size = 32;
        OK(fd_pread(o->fd, place.v, 1, at, &n));
        EQ(n, 32);
        IS(same(place.byte, file->data + at, 32));
        /* The count is told in the vector, */
        place.v[0].data = place.byte + 16, place.v[0].size = 24;
        OK(fd_pread(o->fd, place.v, 1, at, &place.word[round % 2]));
        EQ(place.word[round % 2], 24);
        IS(same(place.byte + 16, file->data + at, 24));
        /* or among the bytes that were read: there it is the last. */
        place.v[0].data = place.byte + 16, place.v[0].size = 24;
        OK(fd_pread(o->fd, place.v, 1, at, &place.word[6]));
        EQ(place.word[6], 24);
        IS(same(place.byte + 16, file->data + at, 8) && same(place.byte + 28, file->data + at + 12, 12));
        /* A write of the vector itself. */
        place.v[0].data = place.byte, place.v[0].size = 16;
        uint8_t copy[16];
        memcpy(copy, place.byte, 16);
        OK(fd_pwrite(o->fd, (struct ciovec *)place.v, 1, at, &n));
        EQ(n, 16);
        put(file, at, copy, 16);
    }
    settled("f", file);
}
