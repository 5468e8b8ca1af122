/* What every case shares: assertions that name the line, and the few operations that set a scene.
 *
 * A case defines test(), or with OWN_RUN run() itself. The program returns well when all holds; the first assertion that does not hold writes file, line,
 * expression, got and expected to stderr, and the program exits with an error.
 *
 * What the host returns lies in the arena, which only grows; who makes thousands of calls gives it back by arena_release.
 */
#ifndef CASE_H
#define CASE_H

#include "imports.h"

IMPORT("arena", "mark") uint32_t arena_mark(void);
IMPORT("arena", "release") void arena_release(uint32_t mark);
IMPORT("arena", "realloc") void *arena_realloc(void *old, size_t size, size_t align, size_t new_size);

static const char own_name[] = "case.h";
#define FILE_NAME (__INCLUDE_LEVEL__ ? own_name : __FILE_NAME__)

enum { READ = DESCRIPTOR_FLAGS_READ, WRITE = DESCRIPTOR_FLAGS_WRITE, MUTATE = DESCRIPTOR_FLAGS_MUTATE_DIRECTORY };
enum { CREATE = OPEN_FLAGS_CREATE, DIRECTORY = OPEN_FLAGS_DIRECTORY, EXCLUSIVE = OPEN_FLAGS_EXCLUSIVE,
       TRUNCATE = OPEN_FLAGS_TRUNCATE };
enum { FOLLOW = PATH_FLAGS_SYMLINK_FOLLOW };

#define S(literal) ((string_t){literal, sizeof(literal) - 1})
#define B(literal) ((list_u8_t){(const uint8_t *)literal, sizeof(literal) - 1})

/* Room for what a case reads or writes; not an array, since the memory is imported and a module would carry its zeroes. */
enum { BLOCK = 65536 };
static uint8_t *block;

#ifndef OWN_RUN
static void test(void);
__attribute__((export_name("wasi:cli/run@0.2.12#run"))) uint32_t run(void) {
    block = arena_realloc(0, 0, 16, BLOCK);
    test();
    return 0;
}
#endif

static size_t length_of(const char *text) {
    size_t n = 0;
    while (text[n]) n++;
    return n;
}

static void say(const char *text) {
    static output_stream_t err;
    static int is_open;
    if (!is_open) err = stderr_get_stderr(), is_open = 1;
    output_stream_blocking_write_and_flush(err, (list_u8_t){(const uint8_t *)text, length_of(text)});
}

static void say_number(int64_t value) {
    char digits[24], *p = digits + sizeof digits - 1;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *p = 0;
    do *--p = (char)('0' + rest % 10); while (rest /= 10);
    if (value < 0) *--p = '-';
    say(p);
}

static void say_code(int value) {
    static const char names[] =
        "access\0would-block\0already\0bad-descriptor\0busy\0deadlock\0quota\0exist\0file-too-large\0"
        "illegal-byte-sequence\0in-progress\0interrupted\0invalid\0io\0is-directory\0loop\0too-many-links\0"
        "message-size\0name-too-long\0no-device\0no-entry\0no-lock\0insufficient-memory\0insufficient-space\0"
        "not-directory\0not-empty\0not-recoverable\0unsupported\0no-tty\0no-such-device\0overflow\0not-permitted\0pipe\0"
        "read-only\0invalid-seek\0text-file-busy\0cross-device";
    const char *p = names;
    if (value < 0) p = "ok";
    else while (value--) p += length_of(p) + 1;
    say(p);
}

__attribute__((noreturn)) static void fail(void) {
    say("\n");
    exit_exit((result_void_void_t){1});
    __builtin_unreachable();
}

static void say_where(const char *file, int line, const char *what) {
    say(file), say(":"), say_number(line), say(": "), say(what), say(": got ");
}

__attribute__((noinline)) static void expect_code(const char *file, int line, const char *what, int got, int a, int b, int c) {
    if (got == a || got == b || got == c) return;
    say_where(file, line, what), say_code(got), say(", expected "), say_code(a);
    if (b != a) say(" or "), say_code(b);
    if (c != a && c != b) say(" or "), say_code(c);
    fail();
}

__attribute__((noinline)) static void expect_stream(const char *file, int line, const char *what, int got, int want) {
    static const char *const names[] = {"ok", "last-operation-failed", "closed"};
    if (got == want) return;
    say_where(file, line, what), say(names[got + 1]), say(", expected "), say(names[want + 1]);
    fail();
}

__attribute__((noinline)) static void expect_number(const char *file, int line, const char *what, int64_t got, int64_t want) {
    if (got == want) return;
    say_where(file, line, what), say_number(got), say(", expected "), say_number(want);
    fail();
}

/* A function of the file system gives a value; succeeds without one; fails with `code`, or with one of several for a reason
 * that stands beside it. */
#define OK(call) ({ __auto_type r_ = (call); \
    expect_code(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err : -1, -1, -1, -1); r_.ok; })
#define DONE(call) ({ __auto_type r_ = (call); \
    expect_code(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err : -1, -1, -1, -1); })
#define ONE_OF(a, b, c, call) ({ __auto_type r_ = (call); \
    expect_code(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err : -1, ERROR_CODE_##a, ERROR_CODE_##b, ERROR_CODE_##c); })
#define EITHER(a, b, call) ONE_OF(a, b, b, call)
#define FAILS(code, call) ONE_OF(code, code, code, call)
/* The same of streams. BROKEN is last-operation-failed, and gives its error. */
#define GIVES(call) ({ __auto_type r_ = (call); \
    expect_stream(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err.tag : -1, -1); r_.ok; })
#define WORKS(call) ({ __auto_type r_ = (call); expect_stream(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err.tag : -1, -1); })
#define CLOSED(call) ({ __auto_type r_ = (call); expect_stream(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err.tag : -1, 1); })
#define BROKEN(call) ({ __auto_type r_ = (call); \
    expect_stream(FILE_NAME, __LINE__, #call, r_.is_err ? r_.err.tag : -1, 0); r_.err.last_operation_failed; })
#define EQ(got, want) expect_number(FILE_NAME, __LINE__, #got, (int64_t)(got), (int64_t)(want))
#define IS(condition) expect_number(FILE_NAME, __LINE__, #condition, !!(condition), 1)

/* volatile: the compiler would turn the loops back into the calls that they are. It makes calls of these two names where it
 * copies or clears structures, and no libc is here to provide them. */
void *memset(void *data, int value, size_t n) {
    for (size_t i = 0; i < n; i++) ((volatile uint8_t *)data)[i] = (uint8_t)value;
    return data;
}

void *memcpy(void *to, const void *from, size_t n) {
    for (size_t i = 0; i < n; i++) ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

static int same(const void *a, const void *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i]) return 0;
    return 1;
}

#define is_text(value, literal) ((value).size == sizeof(literal) - 1 && same((value).data, literal, sizeof(literal) - 1))

/* The directory that is called /, or the only one. */
static descriptor_t root(void) {
    static descriptor_t found;
    static int is_there;
    if (is_there) return found;
    list_tuple_descriptor_string_t all = preopens_get_directories();
    IS(all.size > 0);
    is_there = 1, found = all.data[0].f0;
    return found;
}

/* Opens a name in the root; what is opened is there. */
static descriptor_t open_in(string_t path, open_flags_t how, descriptor_flags_t flags) {
    return OK(descriptor_open_at(root(), FOLLOW, path, how, flags));
}

static void write_all(descriptor_t file, list_u8_t data, uint64_t at) {
    while (data.size) {
        uint64_t n = OK(descriptor_write(file, data, at));
        IS(n > 0 && n <= data.size);
        data.data += n, data.size -= n, at += n;
    }
}

/* A new file in the root that holds this. */
static void make_file(string_t path, list_u8_t data) {
    descriptor_t file = open_in(path, CREATE | TRUNCATE, READ | WRITE);
    write_all(file, data, 0);
    descriptor_drop(file);
}

/* Reads as much as there is, up to `size`; a host may read less than it was asked for. */
static size_t read_all(descriptor_t file, void *to, size_t size, uint64_t at) {
    size_t got = 0;
    while (got < size) {
        tuple_list_u8_bool_t part = OK(descriptor_read(file, size - got, at + got));
        IS(part.f0.size <= size - got);
        memcpy((uint8_t *)to + got, part.f0.data, part.f0.size);
        got += part.f0.size;
        if (part.f1 || !part.f0.size) break;
    }
    return got;
}

#define HOLDS(path, literal) do { \
    descriptor_t f_ = open_in(path, 0, READ); \
    EQ(read_all(f_, block, BLOCK, 0), sizeof(literal) - 1); \
    IS(same(block, literal, sizeof(literal) - 1)); \
    descriptor_drop(f_); \
} while (0)

static descriptor_stat_t stat_of(string_t path) { return OK(descriptor_stat_at(root(), 0, path)); }

static void make_directory(string_t path) { DONE(descriptor_create_directory_at(root(), path)); }

#endif
