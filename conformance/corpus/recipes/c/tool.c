/* A small tool with everything that a C library does with its system: arguments, environment, streams, files, directories, times. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int count_words(void) {
    char line[256];
    long words = 0, lines = 0;
    while (fgets(line, sizeof line, stdin)) {
        lines++;
        for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) words++;
    }
    printf("%ld lines, %ld words\n", lines, words);
    return lines ? 0 : 1;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
    char *names[64];
    int count = 0;
    DIR *folder = opendir(path);
    if (!folder) {
        printf("%s: %s\n", path, strerror(errno));
        return;
    }
    for (struct dirent *each; count < 64 && (each = readdir(folder));)
        if (each->d_name[0] != '.') names[count++] = strdup(each->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) {
        char full[512];
        struct stat st;
        snprintf(full, sizeof full, "%s/%s", path, names[i]);
        if (lstat(full, &st)) printf("%s: %s\n", names[i], strerror(errno));
        else printf("%s %s %ld\n", S_ISDIR(st.st_mode) ? "d" : S_ISLNK(st.st_mode) ? "l" : "-", names[i],
                    S_ISREG(st.st_mode) ? (long)st.st_size : 0L);
        free(names[i]);
    }
}

static int files(void) {
    char text[64] = "";
    FILE *file = fopen("/notes.txt", "w+");
    fprintf(file, "one %d\ntwo %.3f\n", 1, 2.0);
    fseek(file, 4, SEEK_SET);
    fgets(text, sizeof text, file);
    printf("read back: %s", text);
    fclose(file);
    if (mkdir("/made", 0755)) perror("mkdir");
    printf("mkdir again: %s\n", mkdir("/made", 0755) ? strerror(errno) : "made");
    if (symlink("../notes.txt", "/made/link")) perror("symlink");
    if (link("/notes.txt", "/made/same.txt")) perror("link");
    if (rename("/made/same.txt", "/made/renamed.txt")) perror("rename");
    printf("rmdir: %s\n", rmdir("/made") ? strerror(errno) : "removed");
    printf("open: %s\n", open("/no/such/file", O_RDONLY) < 0 ? strerror(errno) : "opened");
    ssize_t n = readlink("/made/link", text, sizeof text - 1);
    printf("readlink: %.*s\n", (int)n, text);
    if (truncate("/notes.txt", 6)) perror("truncate");
    int fd = open("/log.txt", O_WRONLY | O_CREAT | O_APPEND, 0644);
    for (int i = 0; i < 3; i++) dprintf(fd, "line %d\n", i);
    printf("end of the log: %ld\n", (long)lseek(fd, 0, SEEK_END));
    close(fd);
    list("/");
    list("/made");
    list("/nothing");
    return 0;
}

static int times(void) {
    struct timespec a, b, pause = {0, 2000000};
    clock_gettime(CLOCK_MONOTONIC, &a);
    nanosleep(&pause, NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("slept: %d\n", (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >= 2000000);
    printf("time goes on: %d\n", time(NULL) >= 0);
    unsigned char random[16] = {0}, none[16] = {0};
    printf("entropy: %d\n", getentropy(random, sizeof random) == 0 && memcmp(random, none, sizeof none) != 0);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    for (int i = 1; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
    printf("greeting: %s\n", getenv("CORPUS_TEXT") ? getenv("CORPUS_TEXT") : "none");
    fflush(stdout);
    if (!strcmp(what, "words")) return count_words();
    if (!strcmp(what, "files")) return files();
    if (!strcmp(what, "times")) return times();
    fprintf(stderr, "usage: tool words|files|times\n");
    exit(2);
}
