/* wasi-libc's directory streams: read, told where they are, set back there, rewound, closed; and names found by scandir. */
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

static int wanted(const struct dirent *entry) { return entry->d_name[0] == 'f'; }

int main(void) {
    char name[16], after[256];
    CHECK(!mkdir("d", 0777) && !mkdir("d/sub", 0777));
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "d/f%02d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0666);
        CHECK(fd >= 0 && !close(fd));
    }
    DIR *stream = opendir("d");
    CHECK(stream);
    int count = 0, directories = 0;
    long place = -1;
    struct dirent *entry;
    while ((entry = readdir(stream))) {
        if (count == 30) strcpy(after, entry->d_name);
        if (++count == 30) place = telldir(stream);
        if (entry->d_type == DT_DIR) directories++;
    }
    CHECK(count == 73 && directories == 3);
    seekdir(stream, place);
    entry = readdir(stream);
    CHECK(entry && !strcmp(entry->d_name, after));
    rewinddir(stream);
    for (count = 0; readdir(stream);) count++;
    CHECK(count == 73);
    CHECK(!closedir(stream));

    struct dirent **found;
    count = scandir("d", &found, wanted, alphasort);
    CHECK(count == 70);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "f%02d", i);
        CHECK(!strcmp(found[i]->d_name, name));
    }

    /* From a descriptor, which becomes the stream's. */
    int fd = open("d/sub", O_RDONLY | O_DIRECTORY);
    CHECK(fd >= 0 && (stream = fdopendir(fd)) && dirfd(stream) == fd);
    for (count = 0; readdir(stream);) count++;
    CHECK(count == 2 && !closedir(stream) && close(fd) == -1 && errno == EBADF);
    CHECK(!opendir("none") && errno == ENOENT);
    CHECK(!opendir("d/f00") && errno == ENOTDIR);
    return 0;
}
