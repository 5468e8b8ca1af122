/* wasi-libc's view of files: stat in all its forms, access, times in all theirs, sizes, and what takes a directory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s, errno %d\n", __FILE_NAME__, __LINE__, #condition, errno); \
            return 1; \
        } \
    } while (0)

int main(void) {
    struct stat a, b;
    char text[16] = "";
    CHECK(!mkdir("d", 0777));
    int dir = open("d", O_RDONLY | O_DIRECTORY), fd = openat(dir, "f", O_CREAT | O_EXCL | O_RDWR, 0666);
    CHECK(dir >= 0 && fd >= 0 && write(fd, "0123456789", 10) == 10);
    CHECK(!symlinkat("f", dir, "link") && !linkat(dir, "f", dir, "twin", 0));
    CHECK(!fstat(fd, &a) && S_ISREG(a.st_mode) && a.st_size == 10 && a.st_nlink == 2);
    CHECK(!stat("d/link", &b) && b.st_ino == a.st_ino && b.st_dev == a.st_dev);
    CHECK(!lstat("d/link", &b) && S_ISLNK(b.st_mode) && b.st_size == 1);
    CHECK(!fstatat(dir, "twin", &b, 0) && b.st_ino == a.st_ino);
    CHECK(!fstatat(dir, "link", &b, AT_SYMLINK_NOFOLLOW) && S_ISLNK(b.st_mode));
    CHECK(!fstat(dir, &b) && S_ISDIR(b.st_mode));
    CHECK(readlinkat(dir, "link", text, sizeof text) == 1 && text[0] == 'f');

    struct timespec times[2] = {{11, 22}, {33, 44}};
    CHECK(!futimens(fd, times) && !stat("d/twin", &b));
    CHECK(b.st_atim.tv_sec == 11 && b.st_atim.tv_nsec == 22 && b.st_mtim.tv_sec == 33 && b.st_mtim.tv_nsec == 44);
    times[0].tv_nsec = UTIME_OMIT, times[1].tv_sec = 55;
    CHECK(!utimensat(dir, "f", times, 0) && !fstat(fd, &b) && b.st_atim.tv_sec == 11 && b.st_mtim.tv_sec == 55);
    times[1].tv_nsec = UTIME_NOW;
    CHECK(!utimensat(AT_FDCWD, "d/link", times, 0) && !fstat(fd, &b) && b.st_mtim.tv_sec > 55);
    CHECK(!lstat("d/link", &b) && b.st_mtim.tv_sec > 55);

    CHECK(!access("d/f", F_OK) && !access("d/f", R_OK | W_OK) && access("d/none", F_OK) && errno == ENOENT);
    CHECK(!faccessat(dir, "link", R_OK, 0));
    CHECK(!ftruncate(fd, 4) && !fstat(fd, &b) && b.st_size == 4 && lseek(fd, 0, SEEK_CUR) == 10);
    CHECK(!truncate("d/twin", 6) && pread(fd, text, sizeof text, 0) == 6 && !memcmp(text, "0123\0\0", 6));
    struct iovec out[3] = {{"a", 1}, {"", 0}, {"bc", 2}};
    ssize_t count = pwritev(fd, out, 3, 1);
    CHECK(count >= 1 && count <= 3 && pread(fd, text, 2, 0) == 2 && !memcmp(text, "0a", 2));
    CHECK(pwrite(fd, "xyz", 3, 1) == 3 && lseek(fd, 0, SEEK_CUR) == 10);
    CHECK(fcntl(fd, F_GETFL) == O_RDWR && !fcntl(fd, F_SETFL, O_APPEND) && fcntl(fd, F_GETFL) == (O_RDWR | O_APPEND));
    CHECK(write(fd, "!", 1) == 1 && lseek(fd, 0, SEEK_CUR) == 7);
    CHECK(!renameat(dir, "twin", AT_FDCWD, "out") && !unlinkat(dir, "link", 0) && !unlinkat(dir, "f", 0));
    CHECK(!unlinkat(AT_FDCWD, "d", AT_REMOVEDIR) && unlink("d") && errno == ENOENT);
    CHECK(!fstat(fd, &b) && b.st_nlink == 1 && !unlink("out") && !fstat(fd, &b) && b.st_nlink == 0);
    CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF && isatty(1) == 0);
    return 0;
}
