/* Thousands of calls whose every result is checked against a model of what the files hold.
 *
 * A host may serve the calls that programs make most in another way once it has seen enough of them. A case that uses this
 * first makes so many that any such way is taken (`warm`), and then does, between further rounds of the same calls, what
 * such a way could overlook. The calls are drawn by a fixed sequence, so each run is the same.
 *
 * A vector may be served in part, as far as its first buffer that isn't empty at least. Where that is allowed for (`divided`),
 * the rest is asked for at once, so that a case goes the same way on every host.
 */
#ifndef HOT_H
#define HOT_H

#include "check.h"

enum { ROOM = 1 << 15, MANY = 1200, ROUND = 150, EDGE = 16, BLOCK = 2048 };

/* What a file holds, how many names it has, and what stays the same as long as it lives. */
struct file {
    uint8_t data[ROOM];
    uint64_t size, nlink, ino;
};

/* What was opened: several may be of one file. */
struct opened {
    fd_t fd;
    struct file *file;
    uint64_t offset;
    uint32_t flags;
    int reads, writes;
};

static struct file files[4];
static struct opened opens[8];
static uint32_t opened_count;
static uint64_t most = ROOM; /* no call writes beyond it */
static int divided;          /* vectors have several buffers with something in them, and there are only calls on files */
static uint64_t drawn = 0x9e3779b97f4a7c15;
static uint8_t block[EDGE + BLOCK + EDGE], other_block[BLOCK];

static uint32_t pick(uint32_t below) {
    drawn ^= drawn << 13, drawn ^= drawn >> 7, drawn ^= drawn << 17;
    return (uint32_t)(drawn >> 32) % below;
}

/* Mostly little, sometimes nothing or much. */
static size_u32 pick_size(void) {
    uint32_t kind = pick(32);
    return kind == 0 ? 0 : kind == 1 ? BLOCK : kind < 8 ? pick(600) : pick(48);
}

static int appends_always; /* fd_pwrite in append mode: 1 where it appends, as on Linux; 0 where it writes in place */

static void learn_append(void) {
    fd_t fd = open_with("probe", O_CREAT, RW, APPEND);
    write_all(fd, "ab", 2);
    pwrite_all(fd, "c", 1, 0);
    appends_always = stat_of_fd(fd).size == 3;
    OK(fd_close(fd));
    OK(path_unlink_file(ROOT, NAME("probe")));
}

/* Changing the model */

static void resize(struct file *file, uint64_t size) {
    for (uint64_t at = file->size; at < size; at++) file->data[at] = 0;
    file->size = size;
}

static void put(struct file *file, uint64_t at, const uint8_t *data, size_u32 size) {
    if (size && at > file->size) resize(file, at);
    for (size_u32 i = 0; i < size; i++) file->data[at + i] = data[i];
    if (size && at + size > file->size) file->size = at + size;
}

static struct opened *open_hot(struct file *file, const char *path, uint32_t oflags, uint64_t rights, uint32_t flags) {
    struct opened *o = &opens[opened_count++];
    IS(opened_count <= sizeof opens / sizeof *opens);
    o->fd = open_with(path, oflags, rights, flags);
    o->file = file, o->offset = 0, o->flags = flags;
    o->reads = !!(rights & RIGHT_FD_READ), o->writes = !!(rights & RIGHT_FD_WRITE);
    file->nlink = 1;
    if (!file->ino) file->ino = stat_of_fd(o->fd).ino;
    if (oflags & O_TRUNC) file->size = 0;
    return o;
}

/* Forgets one that was opened; the others keep their order. */
static void forget(struct opened *o) {
    opened_count--;
    for (; o < opens + opened_count; o++) *o = o[1];
}

static void close_hot(struct opened *o) {
    OK(fd_close(o->fd));
    forget(o);
}

/* The calls, each checked */

static size_u32 least(size_u32 a, uint64_t b) { return a < b ? a : (size_u32)b; }

/* Divides `size` bytes at `data` into three buffers, two of them empty unless `divided`; how many the first takes. */
static size_u32 divide(struct iovec *v, uint8_t *data, size_u32 size) {
    size_u32 first = divided ? pick(size + 1) : pick(2) ? size : 0, second = divided ? pick(size - first + 1) : size - first;
    v[0].data = data, v[0].size = first;
    v[1].data = data + first, v[1].size = second;
    v[2].data = data + first + second, v[2].size = size - first - second;
    return first ? first : second ? second : size;
}

static void hot_read(struct opened *o, int positioned) {
    struct iovec v[3];
    size_u32 size = pick_size(), n = 0xdead, first;
    uint64_t at = positioned ? pick((uint32_t)o->file->size + 100) : o->offset;
    size_u32 possible = at < o->file->size ? least(size, o->file->size - at) : 0;
    for (int i = 0; i < EDGE; i++) block[i] = block[EDGE + size + i] = 0xee;
    first = divide(v, block + EDGE, size);
    int error = positioned ? fd_pread(o->fd, v, 3, at, &n) : fd_read(o->fd, v, 3, &n);
    if (!o->reads) {
        EITHER(EBADF, ENOTCAPABLE, error);
        return;
    }
    OK(error);
    IS(n >= least(first, possible) && n <= possible);
    uint8_t *rest = block + EDGE + n;
    if (n < possible && positioned) n += pread_all(o->fd, rest, possible - n, at + n);
    else if (n < possible) n += read_all(o->fd, rest, possible - n);
    EQ(n, possible);
    IS(same(block + EDGE, o->file->data + at, n));
    IS(all(block, 0xee, EDGE) && all(block + EDGE + size, 0xee, EDGE));
    if (!positioned) o->offset += n;
}

static void hot_write(struct opened *o, int positioned) {
    struct iovec v[3];
    size_u32 size = pick_size(), n = 0xdead, first;
    int appending = (o->flags & APPEND) && (!positioned || appends_always);
    uint64_t at = appending ? o->file->size : positioned ? pick((uint32_t)o->file->size + 300) : o->offset;
    if (at + size > most) {
        if (appending || at > most) return;
        size = (size_u32)(most - at);
    }
    if (!size && appending) return; /* whether nothing moves the offset to the end, nobody says */
    uint8_t value = (uint8_t)pick(256);
    for (size_u32 i = 0; i < size; i++) block[EDGE + i] = (uint8_t)(value + i);
    first = divide(v, block + EDGE, size);
    const struct ciovec *c = (const struct ciovec *)v;
    uint64_t named = positioned && appending ? pick(ROOM) : at;
    int error = positioned ? fd_pwrite(o->fd, c, 3, named, &n) : fd_write(o->fd, c, 3, &n);
    if (!o->writes) {
        EITHER(EBADF, ENOTCAPABLE, error);
        return;
    }
    OK(error);
    IS(n >= first && n <= size);
    const uint8_t *rest = block + EDGE + n;
    if (n < size && positioned) pwrite_all(o->fd, rest, size - n, named + n);
    else if (n < size) write_all(o->fd, rest, size - n);
    put(o->file, at, block + EDGE, size);
    if (!positioned) o->offset = at + size;
}

static void hot_seek(struct opened *o) {
    uint32_t whence = pick(3);
    int64_t target = (int64_t)pick((uint32_t)o->file->size + 200) - (pick(16) ? 0 : 400);
    int64_t delta = target - (whence == SEEK_CUR ? (int64_t)o->offset : whence == SEEK_END ? (int64_t)o->file->size : 0);
    uint64_t position = ~(uint64_t)0;
    int error = fd_seek(o->fd, delta, whence, &position);
    if (target < 0) {
        FAILS(EINVAL, error);
        return;
    }
    OK(error);
    EQ(position, target);
    o->offset = (uint64_t)target;
}

static void hot_stat(struct opened *o) {
    struct filestat st = stat_of_fd(o->fd);
    EQ(st.size, o->file->size);
    EQ(st.nlink, o->file->nlink);
    EQ(st.ino, o->file->ino);
    EQ(st.type, REGULAR_FILE);
}

static void hot_fdstat(struct opened *o) {
    struct fdstat fs;
    OK(fd_fdstat_get(o->fd, &fs));
    EQ(fs.type, REGULAR_FILE);
    EQ(fs.flags & (APPEND | NONBLOCK), o->flags);
}

static void hot_clock(void) {
    static uint64_t last;
    uint64_t now = 0;
    OK(clock_time_get(MONOTONIC, 0, &now));
    IS(now >= last);
    last = now;
    now = 0;
    OK(clock_time_get(REALTIME, 0, &now));
    IS(now);
}

static void hot_random(void) {
    static uint64_t last[2];
    uint64_t next[2] = {0, 0};
    OK(random_get((uint8_t *)next, sizeof next));
    IS(next[0] != last[0] && next[1] != last[1] && next[0] != next[1]);
    last[0] = next[0], last[1] = next[1];
}

static void hot_unknown(void) {
    struct iovec v = {block, 1};
    struct filestat st;
    uint64_t position;
    size_u32 n;
    FAILS(EBADF, fd_read(NO_FD, &v, 1, &n));
    FAILS(EBADF, fd_seek(NO_FD, 0, SEEK_CUR, &position));
    FAILS(EBADF, fd_filestat_get(NO_FD, &st));
}

static void hot_call(struct opened *o) {
    switch (pick(20)) {
    case 0: case 1: case 2: case 3: hot_read(o, 0); break;
    case 4: case 5: case 6: hot_write(o, 0); break;
    case 7: case 8: case 9: hot_read(o, 1); break;
    case 10: case 11: hot_write(o, 1); break;
    case 12: case 13: case 14: hot_seek(o); break;
    case 15: EQ(tell(o->fd), o->offset); break;
    case 16: hot_stat(o); break;
    case 17: hot_fdstat(o); break;
    case 18: divided ? hot_unknown() : hot_clock(); break;
    default: pick(4) && !divided ? hot_random() : hot_unknown();
    }
}

/* So many calls, each on one of those that are open. */
static void hot(uint32_t calls) {
    while (calls--) hot_call(&opens[pick(opened_count)]);
}

static void warm(void) {
    learn_append();
    hot(MANY);
}

/* The whole file is what the model says, read through `fd`, which may be any that reads it. */
static void whole(fd_t fd, const struct file *file) {
    EQ(stat_of_fd(fd).size, file->size);
    for (uint64_t at = 0; at < file->size; at += BLOCK) {
        size_u32 size = least(BLOCK, file->size - at);
        EQ(pread_all(fd, other_block, size, at), size);
        IS(same(other_block, file->data + at, size));
    }
    EQ(pread_all(fd, other_block, 1, file->size), 0);
}

/* The file of that name is what the model says. */
static void settled(const char *path, const struct file *file) {
    fd_t fd = open_with(path, 0, RO, 0);
    whole(fd, file);
    OK(fd_close(fd));
}

#endif
