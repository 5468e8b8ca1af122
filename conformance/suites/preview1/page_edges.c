/* Transfers and sizes around the boundaries that hosts divide files by: a byte before, at and behind 512, 4,096, 65,536 and a
 * mebibyte, in a file that has data there, in a hole, and after it was cut there and grew again. */
#include "check.h"

static const uint32_t edges[] = {512, 4096, 8192, 65536, 1 << 20};
static uint8_t got[16];

static void reads(fd_t fd, uint64_t at, const char *want, size_u32 size) {
    EQ(pread_all(fd, got, size, at), size);
    IS(same(got, want, size));
}

static void test(void) {
    for (uint32_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        uint32_t edge = edges[i];
        fd_t fd = open_with("f", O_CREAT | O_TRUNC, RW, 0);
        /* Across, in nothing. */
        pwrite_all(fd, "abcdef", 6, edge - 3);
        EQ(stat_of_fd(fd).size, edge + 3);
        reads(fd, edge - 5, "\0\0abcdef", 8);
        EQ(pread_all(fd, got, 16, edge - 1), 4);
        EQ(pread_all(fd, got, 16, edge + 3), 0);
        /* Cut one behind, at, and one before: what grows again is zero from there. */
        for (uint32_t cut = edge + 1; cut >= edge - 1; cut--) {
            pwrite_all(fd, "abcdef", 6, edge - 3);
            OK(fd_filestat_set_size(fd, cut));
            EQ(pread_all(fd, got, 16, edge - 3), cut - (edge - 3));
            OK(fd_filestat_set_size(fd, edge + 3));
            for (uint32_t k = 0; k < 6; k++) {
                EQ(pread_all(fd, got, 1, edge - 3 + k), 1);
                EQ(got[0], edge - 3 + k < cut ? "abcdef"[k] : 0);
            }
        }
        /* A byte on either side, and then over both. */
        OK(fd_filestat_set_size(fd, 0));
        pwrite_all(fd, "x", 1, edge);
        reads(fd, edge - 2, "\0\0x", 3);
        pwrite_all(fd, "w", 1, edge - 1);
        reads(fd, edge - 2, "\0wx", 3);
        EQ(seek(fd, edge - 1, SEEK_SET), edge - 1);
        write_all(fd, "WXY", 3);
        EQ(tell(fd), edge + 2);
        reads(fd, edge - 2, "\0WXY", 4);
        /* Appending to a file that ends exactly there. */
        OK(fd_filestat_set_size(fd, edge));
        OK(fd_fdstat_set_flags(fd, APPEND));
        write_all(fd, "end", 3);
        EQ(stat_of_fd(fd).size, edge + 3);
        reads(fd, edge - 1, "Wend", 4);
        OK(fd_close(fd));
    }
    OK(path_unlink_file(ROOT, NAME("f")));
}
