/* A hundred open descriptors of twenty files, called in no order, closed and opened among the calls: none takes the place,
 * the offset or the bytes of another one. */
#include "hot.h"

enum { FILES_HERE = 20, FDS = 100, SIZE = 64 };

static uint8_t content[FILES_HERE][SIZE];
static struct { fd_t fd; uint32_t file, offset; } many[FDS];

static void open_one(int i) {
    char name[] = "f00";
    many[i].file = pick(FILES_HERE), many[i].offset = 0;
    name[1] = (char)('0' + many[i].file / 10), name[2] = (char)('0' + many[i].file % 10);
    many[i].fd = create(name);
    for (int j = 0; j < FDS; j++) IS(j == i || many[j].fd != many[i].fd);
}

static void test(void) {
    for (int i = 0; i < FILES_HERE; i++) {
        char name[] = "f00";
        name[1] = (char)('0' + i / 10), name[2] = (char)('0' + i % 10);
        fd_t fd = create(name);
        write_all(fd, content[i], SIZE);
        OK(fd_close(fd));
    }
    for (int i = 0; i < FDS; i++) many[i].fd = NO_FD;
    for (int i = 0; i < FDS; i++) open_one(i);
    for (int call = 0; call < 12000; call++) {
        uint32_t i = pick(FDS), size = pick(8);
        uint8_t *at = content[many[i].file] + many[i].offset, got[8];
        if (many[i].offset + size > SIZE) {
            many[i].offset = 0;
            EQ(seek(many[i].fd, 0, SEEK_SET), 0);
        } else if (pick(2)) {
            EQ(read_all(many[i].fd, got, size), size);
            IS(same(got, at, size));
            many[i].offset += size;
        } else {
            for (uint32_t j = 0; j < size; j++) at[j] = (uint8_t)pick(256);
            write_all(many[i].fd, at, size);
            many[i].offset += size;
        }
        EQ(tell(many[i].fd), many[i].offset);
        if (call % 40 == 39) {
            i = pick(FDS);
            OK(fd_close(many[i].fd));
            open_one((int)i);
        }
    }
}
