/* A program that mixes calls as real ones do: `mix` works on a few files for `rounds` rounds and returns a checksum.
 *
 * The checksum covers every count, offset, size, name and byte that a call answered, but no clock and no inode numbers:
 * all runtimes have to agree on it. It is a reactor, so that the work alone is timed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define HOME "/mixed"
#define ENTRIES 24

static uint32_t sum, state;
static unsigned char buffer[1 << 16];

static void note(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) sum = (sum ^ (uint8_t)(value >> shift)) * 16777619u;
}

static void note_bytes(const unsigned char *bytes, ssize_t count) {
    for (ssize_t i = 0; i < count; i++) sum = (sum ^ bytes[i]) * 16777619u;
}

static void note_result(int64_t result) {
    note(result < 0 ? -1 : result);
}

static uint32_t pick(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void fill(size_t count) {
    for (size_t i = 0; i < count; i++) buffer[i] = (unsigned char)(state >> (i & 15));
}

/* Three vectors, the middle one empty. A runtime may move less than asked for, so this asks until all is moved. */
static ssize_t vectors(int fd, size_t size, bool writing) {
    struct iovec parts[3] = {{buffer, size / 3}, {buffer + 20000, 0}, {buffer + 30000, size / 2}};
    ssize_t moved, total = 0;
    while ((moved = writing ? writev(fd, parts, 3) : readv(fd, parts, 3)) > 0) {
        total += moved;
        for (int i = 0; i < 3; i++) {
            size_t step = (size_t)moved < parts[i].iov_len ? (size_t)moved : parts[i].iov_len;
            parts[i].iov_base = (char *)parts[i].iov_base + step;
            parts[i].iov_len -= step;
            moved -= (ssize_t)step;
        }
        if (parts[0].iov_len + parts[2].iov_len == 0) return total;
    }
    return moved < 0 ? moved : total;
}

/* Records of some hundred bytes, written, read, overwritten and looked for, now and then a large block. */
static void records(int fd) {
    for (int i = 0; i < 40; i++) {
        size_t size = i == 17 ? 20000 + pick(20000) : 16 + pick(400);
        off_t offset = pick(150000);
        switch (pick(7)) {
        case 0: fill(size); note_result(write(fd, buffer, size)); break;
        case 1: fill(size); note_result(pwrite(fd, buffer, size, offset)); break;
        case 2: { ssize_t got = read(fd, buffer, size); note_result(got); note_bytes(buffer, got); break; }
        case 3: { ssize_t got = pread(fd, buffer, size, offset); note_result(got); note_bytes(buffer, got); break; }
        case 4: note_result(lseek(fd, offset, SEEK_SET)); break;
        case 5: { struct stat seen; note_result(fstat(fd, &seen)); note(seen.st_size); break; }
        case 6: note_result(vectors(fd, size, pick(2))); break;
        }
    }
}

/* Lines through stdio: small writes into a buffer, then whole blocks. */
static void lines(int round) {
    FILE *log = fopen(HOME "/log", round % 8 ? "a" : "w");
    if (!log) return note(-1);
    for (int i = 0; i < 20; i++) fprintf(log, "round %d line %d %08x\n", round, i, (unsigned)state);
    note_result(ftell(log));
    fclose(log);
    log = fopen(HOME "/log", "r");
    while (fgets((char *)buffer, 200, log)) note_bytes(buffer, (ssize_t)strlen((char *)buffer));
    fclose(log);
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Files that come, move and go, as a build or an editor makes them. */
static void names(int round) {
    char path[64], other[64], listed[ENTRIES * 2][32];
    struct stat seen;
    size_t count = 0;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, HOME "/dir/file%u", (unsigned)pick(ENTRIES));
        snprintf(other, sizeof other, HOME "/dir/file%u", (unsigned)pick(ENTRIES));
        int fd = open(path, O_RDWR | O_CREAT | (pick(2) ? O_TRUNC : O_EXCL), 0644);
        note(fd < 0 ? errno : 0);
        if (fd >= 0) {
            note_result(write(fd, path, strlen(path)));
            close(fd);
        }
        note(stat(other, &seen) ? errno : (int)seen.st_size);
        note(pick(2) ? rename(path, other) : unlink(other));
    }
    if (round % 4) return;
    DIR *folder = opendir(HOME "/dir");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && count < ENTRIES * 2) strncpy(listed[count++], entry->d_name, 31)[31] = 0;
    if (folder) closedir(folder);
    qsort(listed, count, sizeof *listed, by_name);
    for (size_t i = 0; i < count; i++) note_bytes((unsigned char *)listed[i], (ssize_t)strlen(listed[i]));
}

static void clean_up(void) {
    char path[64];
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(path, sizeof path, HOME "/dir/file%d", i);
        unlink(path);
    }
    unlink(HOME "/log");
    unlink(HOME "/records");
    rmdir(HOME "/dir");
    note(rmdir(HOME));
}

__attribute__((export_name("mix"))) uint32_t mix(int rounds, int unused) {
    struct timespec now;
    (void)unused;
    memset(buffer, 0, sizeof buffer);
    sum = 2166136261u;
    state = 2463534242u;
    note(mkdir(HOME, 0755));
    note(mkdir(HOME "/dir", 0755));
    int fd = open(HOME "/records", O_RDWR | O_CREAT, 0644);
    note_result(fd < 0 ? -1 : 0);
    for (int round = 0; round < rounds; round++) {
        records(fd);
        lines(round);
        names(round);
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    note(lseek(fd, 0, SEEK_END));
    close(fd);
    clean_up();
    return sum;
}
