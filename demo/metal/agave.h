/* The machine ABI of agave-wasi's kernel, for programs without a libc (docs/METAL.md).

   A call is made through the gate, with its number in rax and its words in rdi, rsi, rdx, r10, r8, r9, r12, r13; it returns
   its value in rax and its error in rdx, 0 for none. The gate is called, so build with -mno-red-zone. */

#ifndef AGAVE_H
#define AGAVE_H

typedef unsigned long word;

typedef struct {
    word value;
    word error;
} result;

typedef struct {
    const void *base;
    word length;
} buffer;

typedef struct {
    word kind, what, timeout, flags;
} subscription;

typedef struct {
    word index, nbytes, hangup;
} ready;

typedef struct {
    word device, inode, type, nlink, size, atime, mtime, ctime;
} stat;

#define SYS_readv 1
#define SYS_preadv 2
#define SYS_writev 3
#define SYS_pwritev 4
#define SYS_seek 5
#define SYS_tell 6
#define SYS_close 7
#define SYS_renumber 8
#define SYS_fstat 9
#define SYS_ftruncate 10
#define SYS_futimens 11
#define SYS_fallocate 12
#define SYS_fadvise 13
#define SYS_fsync 14
#define SYS_fdatasync 15
#define SYS_descriptor 16
#define SYS_set_status 17
#define SYS_set_rights 18
#define SYS_preopen 19
#define SYS_appendv 20
#define SYS_openat 32
#define SYS_fstatat 33
#define SYS_utimensat 34
#define SYS_mkdirat 35
#define SYS_linkat 36
#define SYS_symlinkat 37
#define SYS_readlinkat 38
#define SYS_unlinkat 39
#define SYS_rmdirat 40
#define SYS_renameat 41
#define SYS_getdents 42
#define SYS_poll 48
#define SYS_clock_gettime 56
#define SYS_clock_getres 57
#define SYS_arguments 64
#define SYS_environment 65
#define SYS_getrandom 66
#define SYS_pipe 67
#define SYS_sched_yield 68
#define SYS_exit 69
#define SYS_raise_signal 70
#define SYS_accept 80
#define SYS_recv 81
#define SYS_send 82
#define SYS_shutdown 83

#define AGAVE_GATE 0xF00000000ul

enum { STDIN, STDOUT, STDERR, FIRST_PREOPEN };
enum { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPU, CLOCK_THREAD_CPU };
enum { WAIT_CLOCK, WAIT_READABLE, WAIT_WRITABLE };
enum { OPEN_CREATE = 1, OPEN_DIRECTORY = 2, OPEN_EXCLUSIVE = 4, OPEN_TRUNCATE = 8 };
enum { RIGHT_READ = 1 << 1, RIGHT_WRITE = 1 << 6, RIGHT_ALL = (1 << 30) - 1 };
enum { ERROR_NOENT = 2, ERROR_PIPE = 32 };

static inline result call(word number, word a, word b, word c, word d, word e, word f, word g, word h) {
    register word r10 __asm__("r10") = d;
    register word r8 __asm__("r8") = e;
    register word r9 __asm__("r9") = f;
    register word r12 __asm__("r12") = g;
    register word r13 __asm__("r13") = h;
    result got = {number, c};
    __asm__ volatile("call *%[gate]"
                     : "+a"(got.value), "+d"(got.error)
                     : "D"(a), "S"(b), "r"(r10), "r"(r8), "r"(r9), "r"(r12), "r"(r13), [gate] "b"(AGAVE_GATE)
                     : "rcx", "r11", "memory", "cc");
    return got;
}

#define call0(n) call(n, 0, 0, 0, 0, 0, 0, 0, 0)
#define call1(n, a) call(n, a, 0, 0, 0, 0, 0, 0, 0)
#define call2(n, a, b) call(n, a, b, 0, 0, 0, 0, 0, 0)
#define call3(n, a, b, c) call(n, a, b, c, 0, 0, 0, 0, 0)
#define call4(n, a, b, c, d) call(n, a, b, c, d, 0, 0, 0, 0)

/* start.c */

int main(int argc, char **argv);
extern char *heap;      /* memory that is free from the start */
extern word heap_size;

word length(const char *text);
void *memcpy(void *to, const void *from, word count);
void *memset(void *to, int byte, word count);

/* Write all of it, however many calls that takes; the error that prevents it. */
word put(word fd, const void *data, word count);
void print(const char *text);
void print_number(word number);

/* Tell what went wrong on stderr and end with 1. */
_Noreturn void fail(const char *what, word error);
_Noreturn void leave(int code);

#endif
