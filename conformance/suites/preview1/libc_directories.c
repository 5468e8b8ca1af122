/* wasi-libc's directories, links and metadata: mkdir, opendir, stat, link, symlink, truncate, utimens. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s, errno %d\n", __FILE_NAME__, __LINE__, #condition, errno); \
            return 1; \
        } \
    } while (0)

static int entries(const char *path) {
    int n = 0;
    DIR *dir = opendir(path);
    if (!dir) return -1;
    while (readdir(dir)) n++;
    return closedir(dir) ? -1 : n;
}

int main(void) {
    struct stat st, other;
    char buffer[64];
    CHECK(!mkdir("/d", 0777) && mkdir("/d", 0777) == -1 && errno == EEXIST);
    CHECK(entries("/d") == 2 && entries("/none") == -1 && errno == ENOENT);
    int fd = open("/d/f", O_RDWR | O_CREAT | O_EXCL, 0666);
    CHECK(fd > 3 && write(fd, "hello", 5) == 5);
    CHECK(entries("/d") == 3 && entries("/d/f") == -1 && errno == ENOTDIR);
    CHECK(!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size == 5 && st.st_nlink == 1);
    CHECK(!link("/d/f", "/d/g") && !stat("/d/g", &other) && other.st_ino == st.st_ino && other.st_nlink == 2);
    CHECK(!symlink("f", "/d/l") && !lstat("/d/l", &other) && S_ISLNK(other.st_mode));
    CHECK(!stat("/d/l", &other) && S_ISREG(other.st_mode) && other.st_ino == st.st_ino);
    CHECK(readlink("/d/l", buffer, sizeof buffer) == 1 && buffer[0] == 'f');
    CHECK(!ftruncate(fd, 100) && lseek(fd, 0, SEEK_END) == 100);
    CHECK(pread(fd, buffer, 6, 0) == 6 && !memcmp(buffer, "hello", 6));
    CHECK(pwrite(fd, "!", 1, 99) == 1 && lseek(fd, 0, SEEK_CUR) == 100);
    struct timespec times[2] = {{1, 2}, {3, 4}};
    CHECK(!futimens(fd, times) && !fstat(fd, &st) && st.st_mtim.tv_sec == 3 && st.st_mtim.tv_nsec == 4);
    CHECK(!utimensat(AT_FDCWD, "/d/g", times, 0) && !stat("/d/f", &st) && st.st_atim.tv_sec == 1);
    CHECK(!fsync(fd) && !fdatasync(fd) && !close(fd) && close(fd) == -1 && errno == EBADF);
    CHECK(!access("/d/f", R_OK | W_OK) && access("/d/none", F_OK) == -1);
    CHECK(rmdir("/d") == -1 && errno == ENOTEMPTY && unlink("/d") == -1 && rmdir("/d/f") == -1 && errno == ENOTDIR);
    CHECK(!rename("/d", "/e") && entries("/e") == 5);
    DIR *dir = opendir("/e");
    CHECK(dir);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.') CHECK(!unlinkat(dirfd(dir), e->d_name, 0));
    CHECK(!closedir(dir) && !rmdir("/e") && entries("/") == 2);
    return 0;
}
