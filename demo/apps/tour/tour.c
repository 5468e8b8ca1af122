/* A tour of the machine that a WASI guest believes it runs on.
 *
 * One section after the other, each prints what it asked for and what it was told: arguments, environment, files,
 * directories, links, times, clocks, entropy, standard input. Every call below is plain POSIX; wasi-libc turns it into
 * the Preview 1 calls that `agave-wasi strace` shows. It works in /tour, which it makes and removes again.
 *
 *     tour [--stdin] [--nap SECONDS] [--keep] [--exit CODE] [--trap] [ANYTHING...]
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOME "/tour"
#define LABEL "  %-22s "

extern char **environ;

static bool colour;

static void section(const char *title, const char *what) {
    printf(colour ? "\n\033[1;36m%s\033[0m  %s\n" : "\n%s  %s\n", title, what);
}

static void line(const char *label, const char *value) {
    printf(LABEL "%s\n", label, value);
}

/* The answer of a call whose only interesting result is whether it worked. */
static void outcome(const char *label, int result) {
    line(label, result < 0 ? strerror(errno) : "done");
}

static void utc(const char *label, struct timespec when) {
    struct tm parts;
    char text[32];
    gmtime_r(&when.tv_sec, &parts);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    printf(LABEL "%s.%09ld UTC\n", label, text, (long)when.tv_nsec);
}

static const char *kind(mode_t mode) {
    if (S_ISDIR(mode)) return "directory";
    if (S_ISLNK(mode)) return "symbolic link";
    if (S_ISREG(mode)) return "file";
    if (S_ISCHR(mode)) return "character device";
    return "something else";
}

static int put(const char *path, const char *text, int flags) {
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
    if (fd < 0) return -1;
    ssize_t count = write(fd, text, strlen(text));
    close(fd);
    return count < 0 ? -1 : 0;
}

static void show(const char *label, const char *path) {
    char text[64];
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    if (count < 0) {
        line(label, strerror(errno));
        return;
    }
    text[count] = 0;
    printf(LABEL "\"%s\"\n", label, text);
}

static void arguments(int argc, char **argv) {
    section("arguments", "args_get");
    for (int i = 0; i < argc; i++) printf("  argv[%d] = %s\n", i, argv[i]);
}

static void environment(void) {
    section("environment", "environ_get");
    if (!*environ) printf("  empty\n");
    for (char **entry = environ; *entry; entry++) printf("  %s\n", *entry);
}

static void files(void) {
    struct stat seen;
    char bytes[8] = {0};
    section("files", "path_open, fd_write, fd_seek, fd_pread");
    outcome("write greeting", put(HOME "/greeting", "hello", O_TRUNC));
    outcome("append to it", put(HOME "/greeting", ", guest", O_APPEND));
    show("read it back", HOME "/greeting");
    outcome("create it once more", put(HOME "/greeting", "", O_EXCL));
    show("read one that isn't", HOME "/nothing");

    int fd = open(HOME "/sparse", O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) {
        outcome("sparse file", -1);
        return;
    }
    off_t there = lseek(fd, 1 << 20, SEEK_SET);
    bool written = write(fd, "end", 3) == 3;
    bool hole = pread(fd, bytes, 4, 4096) == 4 && !memcmp(bytes, "\0\0\0\0", 4);
    fstat(fd, &seen);
    printf(LABEL "at %lld, %s\n", "write far behind", (long long)there, written ? "done" : strerror(errno));
    const char *found = hole ? "zeros" : "garbage";
    printf(LABEL "%lld bytes, the hole reads as %s\n", "sparse file", (long long)seen.st_size, found);
    outcome("unlink it, still open", unlink(HOME "/sparse"));
    memset(bytes, 0, sizeof bytes);
    ssize_t count = pread(fd, bytes, 3, there);
    printf(LABEL "\"%s\"\n", "and read its end", count < 0 ? strerror(errno) : bytes);
    close(fd);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *label, const char *path) {
    char *names[32];
    size_t count = 0;
    DIR *folder = opendir(path);
    if (!folder) {
        line(label, strerror(errno));
        return;
    }
    for (struct dirent *entry; count < 32 && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    printf(LABEL, label);
    for (size_t i = 0; i < count; i++) {
        printf("%s%s", i ? " " : "", names[i]);
        free(names[i]);
    }
    printf(count ? "\n" : "empty\n");
}

static void directories(void) {
    section("directories", "path_create_directory, fd_readdir, path_rename");
    outcome("make rooms", mkdir(HOME "/rooms", 0755));
    outcome("make rooms/attic", mkdir(HOME "/rooms/attic", 0755));
    put(HOME "/rooms/chair", "wood", O_TRUNC);
    put(HOME "/rooms/stool", "straw", O_TRUNC);
    list("list rooms", HOME "/rooms");
    outcome("remove rooms", rmdir(HOME "/rooms"));
    outcome("rename stool to chair", rename(HOME "/rooms/stool", HOME "/rooms/chair"));
    show("chair is now", HOME "/rooms/chair");
    outcome("rename attic", rename(HOME "/rooms/attic", HOME "/rooms/cellar"));
    list("list rooms", HOME "/rooms");
}

static void links(void) {
    struct stat seen;
    char target[64];
    section("links", "path_symlink, path_readlink, path_link");
    outcome("symbolic link", symlink("greeting", HOME "/sign"));
    ssize_t length = readlink(HOME "/sign", target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    line("it points to", length < 0 ? strerror(errno) : target);
    if (!lstat(HOME "/sign", &seen)) line("it is a", kind(seen.st_mode));
    if (!stat(HOME "/sign", &seen)) line("what it leads to is a", kind(seen.st_mode));
    show("read through it", HOME "/sign");
    outcome("hard link", link(HOME "/greeting", HOME "/twin"));
    if (!stat(HOME "/twin", &seen)) printf(LABEL "%lu\n", "names of that file", (unsigned long)seen.st_nlink);
    outcome("a link to itself", symlink("ring", HOME "/ring"));
    show("follow that", HOME "/ring");
    outcome("a link that leads out", symlink("../../etc/passwd", HOME "/door"));
    show("follow that", HOME "/door");
}

static void times(void) {
    struct timespec long_ago = {981173106, 789000000};
    struct timespec both[2] = {long_ago, long_ago};
    struct stat before, after;
    section("times", "path_filestat_set_times, path_filestat_get");
    outcome("set them", utimensat(AT_FDCWD, HOME "/greeting", both, 0));
    if (stat(HOME "/greeting", &before)) {
        outcome("stat", -1);
        return;
    }
    utc("modified", before.st_mtim);
    put(HOME "/greeting", "!", O_APPEND);
    stat(HOME "/greeting", &after);
    line("after an append", after.st_mtim.tv_sec > before.st_mtim.tv_sec ? "later" : "the same");
    utc("which is", after.st_mtim);
}

static double seconds_between(struct timespec from, struct timespec to) {
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void clocks(long nap) {
    struct timespec now, start, end, resolution;
    section("clocks", "clock_time_get, poll_oneoff");
    clock_gettime(CLOCK_REALTIME, &now);
    utc("realtime", now);
    clock_getres(CLOCK_MONOTONIC, &resolution);
    printf(LABEL "%ld ns\n", "monotonic, resolution", (long)resolution.tv_nsec);
    clock_gettime(CLOCK_MONOTONIC, &start);
    outcome("sleep", nanosleep(&(struct timespec){.tv_sec = nap}, NULL));
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf(LABEL "%.1f s on the monotonic clock\n", "slept", seconds_between(start, end));
}

static void entropy(void) {
    unsigned char bytes[16];
    section("entropy", "random_get");
    if (getentropy(bytes, sizeof bytes)) {
        outcome("16 bytes", -1);
        return;
    }
    printf(LABEL, "16 bytes");
    for (size_t i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
    printf("\n");
}

/* A terminal, or a pipe that nobody has written to, is only read when asked for: the tour would seem to hang. */
static void standard_input(bool asked) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char buffer[4096];
    size_t lines = 0, bytes = 0;
    section("standard input", "poll_oneoff, fd_read");
    bool terminal = isatty(STDIN_FILENO);
    line("it looks like", terminal ? "a terminal" : "a pipe or a file");
    int ready = poll(&input, 1, 200);
    line("poll says", ready < 0 ? strerror(errno) : ready ? "ready" : "nothing yet");
    if (!asked && (terminal || ready <= 0)) {
        line("left alone", "--stdin reads it to the end");
        return;
    }
    ssize_t count;
    while ((count = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
        bytes += (size_t)count;
        for (ssize_t i = 0; i < count; i++) lines += buffer[i] == '\n';
    }
    if (count < 0)
        outcome("read to the end", -1);
    else
        printf(LABEL "%zu lines, %zu bytes\n", "read to the end", lines, bytes);
}

static void clean_up(void) {
    static const char *const files[] = {"/greeting", "/sign", "/twin", "/ring", "/door", "/rooms/chair"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        snprintf(path, sizeof path, HOME "%s", files[i]);
        unlink(path);
    }
    rmdir(HOME "/rooms/cellar");
    rmdir(HOME "/rooms");
    outcome("remove " HOME, rmdir(HOME));
}

__attribute__((noinline)) static void step_on_the_loose_board(void) {
    __builtin_trap();
}

__attribute__((noinline)) static void walk_down_the_stairs(void) {
    fflush(stdout);
    step_on_the_loose_board();
}

int main(int argc, char **argv) {
    bool read_input = false, keep = false, trap = false;
    long code = 0, nap = 3;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--stdin")) read_input = true;
        else if (!strcmp(argv[i], "--keep")) keep = true;
        else if (!strcmp(argv[i], "--trap")) trap = true;
        else if (!strcmp(argv[i], "--exit") && i + 1 < argc) code = strtol(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--nap") && i + 1 < argc) nap = strtol(argv[++i], NULL, 10);
    }
    colour = isatty(STDOUT_FILENO);
    printf("A tour of the machine this program runs on\n");
    arguments(argc, argv);
    environment();
    section("workplace", "path_create_directory");
    int made = mkdir(HOME, 0755);
    outcome("make " HOME, made);
    if (!made || errno == EEXIST) {
        files();
        directories();
        links();
        times();
    }
    clocks(nap);
    entropy();
    standard_input(read_input);
    section("the end", trap ? "unreachable" : "proc_exit");
    if (!made && !keep) clean_up();
    if (trap) walk_down_the_stairs();
    printf(LABEL "%ld\n", "exit code", code);
    return (int)code;
}
