/* A file of several pages that the host put there, one of them all zeros: read, changed in the middle, cut and grown. */
#include "check.h"

enum { PAGE = 1 << 16, SIZE = 2 * PAGE + 35 * 256 };
static uint8_t got[SIZE + 16];

static uint8_t byte_at(size_u32 at) { return at < PAGE ? (uint8_t)at : at < 2 * PAGE ? 0 : (uint8_t)~at; }

/* The file is as it was, but for what stands at `changed`. */
static int as_it_was(fd_t fd, size_u32 size, size_u32 changed, const char *text) {
    size_u32 length = length_of(text);
    if (pread_all(fd, got, sizeof got, 0) != size) return 0;
    for (size_u32 i = 0; i < size; i++) {
        uint8_t wanted = i >= changed && i - changed < length ? (uint8_t)text[i - changed] : byte_at(i);
        if (got[i] != wanted) return 0;
    }
    return 1;
}

static void test(void) {
    EQ(stat_of("pages.bin").size, SIZE);
    fd_t fd = open_rw("pages.bin"), reading = open_with("pages.bin", 0, RO, 0);
    IS(as_it_was(reading, SIZE, 0, ""));
    EQ(pread_all(reading, got, 300, SIZE - 5), 5);
    EQ(pread_all(reading, got, 300, SIZE + 5), 0);
    pwrite_all(fd, "here", 4, PAGE - 2);
    IS(as_it_was(reading, SIZE, PAGE - 2, "here"));
    IS(as_it_was(fd, SIZE, PAGE - 2, "here"));
    EQ(stat_of("pages.bin").size, SIZE);
    OK(fd_filestat_set_size(fd, SIZE - 100));
    IS(as_it_was(fd, SIZE - 100, PAGE - 2, "here"));
    OK(fd_close(fd));
    OK(fd_close(reading));

    /* A second name shows the same bytes; a new file in the old one's place doesn't. */
    OK(path_link(ROOT, 0, NAME("pages.bin"), ROOT, NAME("again")));
    fd = open_rw("again");
    EQ(stat_of("again").nlink, 2);
    OK(fd_filestat_set_size(fd, PAGE + 7));
    EQ(stat_of("pages.bin").size, PAGE + 7);
    OK(path_unlink_file(ROOT, NAME("pages.bin")));
    make_file("pages.bin", "new");
    IS(as_it_was(fd, PAGE + 7, PAGE - 2, "here"));
    FILE_IS("pages.bin", "new");
    EQ(stat_of_fd(fd).nlink, 1);
}
