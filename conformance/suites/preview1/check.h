/* What every case shares: assertions that name the line, and the few file operations that set a scene.
 *
 * A case defines test(). It prints nothing and the program exits 0 when all holds; the first assertion that does not
 * hold writes file, line, expression, got and expected to stderr, and the program exits 1.
 *
 * Data moves in loops: a host may read or write less than it was asked for, and one that serves only the first
 * non-empty buffer of a vector still conforms.
 */
#ifndef CHECK_H
#define CHECK_H

#include "wasi_raw.h"

enum { ROOT = FIRST_DIRECTORY, NO_FD = 999 };
/* What a file is opened with: every right that the preopened directory hands on, as a host that enforces rights needs
 * to be asked, and of reading and writing only what is meant. */
#define RW grantable
#define RO (grantable & ~(RIGHT_FD_WRITE | RIGHT_FD_DATASYNC | RIGHT_FD_ALLOCATE | RIGHT_FD_FILESTAT_SET_SIZE))
#define WO (grantable & ~(RIGHT_FD_READ | RIGHT_FD_READDIR))
static uint64_t grantable;
#define NAME(literal) literal, sizeof(literal) - 1
#define NAMED(text) text, length_of(text)

static const char own_name[] = "check.h";
#define FILE_NAME (__INCLUDE_LEVEL__ ? own_name : __FILE_NAME__)

static void test(void);
void _start(void) {
    struct fdstat fs = {0};
    fd_fdstat_get(ROOT, &fs);
    grantable = fs.inheriting;
    test();
}

static size_u32 length_of(const char *text) {
    size_u32 n = 0;
    while (text[n]) n++;
    return n;
}

static void say(const char *text) {
    struct ciovec v = {text, length_of(text)};
    size_u32 n;
    fd_write(2, &v, 1, &n);
}

static void say_number(int64_t value) {
    char digits[24], *p = digits + sizeof digits - 1;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *p = 0;
    do *--p = (char)('0' + rest % 10); while (rest /= 10);
    if (value < 0) *--p = '-';
    say(p);
}

static void say_errno(int value) {
    static const char names[] =
        "SUCCESS\0" "2BIG\0ACCES\0ADDRINUSE\0ADDRNOTAVAIL\0AFNOSUPPORT\0AGAIN\0ALREADY\0BADF\0BADMSG\0BUSY\0CANCELED\0"
        "CHILD\0CONNABORTED\0CONNREFUSED\0CONNRESET\0DEADLK\0DESTADDRREQ\0DOM\0DQUOT\0EXIST\0FAULT\0FBIG\0"
        "HOSTUNREACH\0IDRM\0ILSEQ\0INPROGRESS\0INTR\0INVAL\0IO\0ISCONN\0ISDIR\0LOOP\0MFILE\0MLINK\0MSGSIZE\0"
        "MULTIHOP\0NAMETOOLONG\0NETDOWN\0NETRESET\0NETUNREACH\0NFILE\0NOBUFS\0NODEV\0NOENT\0NOEXEC\0NOLCK\0NOLINK\0"
        "NOMEM\0NOMSG\0NOPROTOOPT\0NOSPC\0NOSYS\0NOTCONN\0NOTDIR\0NOTEMPTY\0NOTRECOVERABLE\0NOTSOCK\0NOTSUP\0NOTTY\0"
        "NXIO\0OVERFLOW\0OWNERDEAD\0PERM\0PIPE\0PROTO\0PROTONOSUPPORT\0PROTOTYPE\0RANGE\0ROFS\0SPIPE\0SRCH\0STALE\0"
        "TIMEDOUT\0TXTBSY\0XDEV\0NOTCAPABLE\0";
    const char *p = names;
    if (value < 0 || value > ENOTCAPABLE) {
        say_number(value);
        return;
    }
    while (value--) p += length_of(p) + 1;
    say(p);
}

/* The last line of the case itself that held: where to look when an assertion of this file fails. */
static int held_line;

__attribute__((noinline)) static void holds(const char *file, int line) {
    if (file != own_name) held_line = line;
}

static void say_where(const char *file, int line, const char *what) {
    say(file), say(":"), say_number(line);
    if (file == own_name) say(" (after line "), say_number(held_line), say(" of the case)");
    say(": "), say(what), say(": got ");
}

__attribute__((noinline)) static void expect_errno(const char *file, int line, const char *what, int got, int a, int b,
                                                   int c) {
    if (got == a || got == b || got == c) {
        holds(file, line);
        return;
    }
    say_where(file, line, what), say_errno(got), say(", expected "), say_errno(a);
    if (b != a) say(" or "), say_errno(b);
    if (c != a) say(" or "), say_errno(c);
    say("\n");
    proc_exit(1);
}

__attribute__((noinline)) static void expect_number(const char *file, int line, const char *what, int64_t got,
                                                    int64_t want) {
    if (got == want) {
        holds(file, line);
        return;
    }
    say_where(file, line, what), say_number(got), say(", expected "), say_number(want), say("\n");
    proc_exit(1);
}

/* The call succeeds; fails with `want`; gives one of two or three results, for a reason its comment states. */
#define OK(call) expect_errno(FILE_NAME, __LINE__, #call, call, SUCCESS, SUCCESS, SUCCESS)
#define FAILS(want, call) expect_errno(FILE_NAME, __LINE__, #call, call, want, want, want)
#define EITHER(a, b, call) expect_errno(FILE_NAME, __LINE__, #call, call, a, b, a)
#define ONE_OF(a, b, c, call) expect_errno(FILE_NAME, __LINE__, #call, call, a, b, c)
/* Leaving the preopened directory: PERM as POSIX hosts say it, NOTCAPABLE as the standard's older hosts do. */
#define ESCAPES(call) EITHER(EPERM, ENOTCAPABLE, call)
#define EQ(got, want) expect_number(FILE_NAME, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define IS(condition) expect_number(FILE_NAME, __LINE__, #condition, !!(condition), 1)

static int same(const void *a, const void *b, size_u32 n) {
    for (size_u32 i = 0; i < n; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i]) return 0;
    return 1;
}

static int all(const void *data, uint8_t value, size_u32 n) {
    for (size_u32 i = 0; i < n; i++)
        if (((const uint8_t *)data)[i] != value) return 0;
    return 1;
}

/* volatile: the compiler would turn the loops back into the calls that they are. It makes calls of these two names
 * where it copies or clears structures, and no libc is here to provide them. */
void *memset(void *data, int value, size_t n) {
    for (size_t i = 0; i < n; i++) ((volatile uint8_t *)data)[i] = (uint8_t)value;
    return data;
}

void *memcpy(void *to, const void *from, size_t n) {
    for (size_t i = 0; i < n; i++) ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

static int open_errno(const char *path, uint32_t oflags, uint64_t rights, uint32_t fdflags) {
    fd_t fd = NO_FD;
    int error = path_open(ROOT, 0, NAMED(path), oflags, rights, grantable, fdflags, &fd);
    if (!error) OK(fd_close(fd));
    return error;
}

static fd_t open_with(const char *path, uint32_t oflags, uint64_t rights, uint32_t fdflags) {
    fd_t fd = NO_FD;
    OK(path_open(ROOT, 0, NAMED(path), oflags, rights, grantable, fdflags, &fd));
    return fd;
}

static fd_t open_rw(const char *path) { return open_with(path, 0, RW, 0); }
static fd_t create(const char *path) { return open_with(path, O_CREAT, RW, 0); }

static fd_t open_dir(const char *path) {
    return open_with(path, O_DIRECTORY, RO, 0);
}

static void write_all(fd_t fd, const void *data, size_u32 size) {
    while (size) {
        struct ciovec v = {data, size};
        size_u32 n = 0;
        OK(fd_write(fd, &v, 1, &n));
        IS(n > 0 && n <= size);
        data = (const uint8_t *)data + n, size -= n;
    }
}

static void pwrite_all(fd_t fd, const void *data, size_u32 size, uint64_t offset) {
    while (size) {
        struct ciovec v = {data, size};
        size_u32 n = 0;
        OK(fd_pwrite(fd, &v, 1, offset, &n));
        IS(n > 0 && n <= size);
        data = (const uint8_t *)data + n, size -= n, offset += n;
    }
}

/* Reads until `size` bytes or the end of the file; returns how many arrived. */
static size_u32 read_all(fd_t fd, void *data, size_u32 size) {
    size_u32 total = 0;
    while (total < size) {
        struct iovec v = {(uint8_t *)data + total, size - total};
        size_u32 n = 0;
        OK(fd_read(fd, &v, 1, &n));
        if (!n) break;
        total += n;
    }
    return total;
}

static size_u32 pread_all(fd_t fd, void *data, size_u32 size, uint64_t offset) {
    size_u32 total = 0;
    while (total < size) {
        struct iovec v = {(uint8_t *)data + total, size - total};
        size_u32 n = 0;
        OK(fd_pread(fd, &v, 1, offset + total, &n));
        if (!n) break;
        total += n;
    }
    return total;
}

static void make_file(const char *path, const char *text) {
    fd_t fd = create(path);
    write_all(fd, NAMED(text));
    OK(fd_close(fd));
}

static void make_dir(const char *path) { OK(path_create_directory(ROOT, NAMED(path))); }
static void make_link(const char *target, const char *path) { OK(path_symlink(NAMED(target), ROOT, NAMED(path))); }

static struct filestat stat_of(const char *path) {
    struct filestat st;
    OK(path_filestat_get(ROOT, 0, NAMED(path), &st));
    return st;
}

static struct filestat stat_of_fd(fd_t fd) {
    struct filestat st;
    OK(fd_filestat_get(fd, &st));
    return st;
}

static int stat_errno(const char *path) {
    struct filestat st;
    return path_filestat_get(ROOT, 0, NAMED(path), &st);
}

static uint64_t tell(fd_t fd) {
    uint64_t position = ~(uint64_t)0;
    OK(fd_tell(fd, &position));
    return position;
}

static uint64_t seek(fd_t fd, int64_t offset, uint32_t whence) {
    uint64_t position = ~(uint64_t)0;
    OK(fd_seek(fd, offset, whence, &position));
    return position;
}

/* The whole file, read through a path of its own, is exactly this. */
static int file_is(const char *path, const void *data, size_u32 size) {
    fd_t fd = open_with(path, 0, RO, 0);
    uint8_t byte;
    for (size_u32 i = 0; i < size; i++)
        if (read_all(fd, &byte, 1) != 1 || byte != ((const uint8_t *)data)[i]) return 0;
    size_u32 rest = read_all(fd, &byte, 1);
    OK(fd_close(fd));
    return rest == 0;
}

#define FILE_IS(path, literal) IS(file_is(path, NAME(literal)))

#endif
