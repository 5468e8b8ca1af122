/* Where a program without a libc begins: the stack, the heap and the arguments; and the few functions that all need. */

#include "agave.h"

#define MOST_ARGUMENTS 64

char *heap;
word heap_size;

static char *argv[MOST_ARGUMENTS + 1];

/* rdi and rsi are the heap and its size; the stack is all there and holds nothing. */
__attribute__((naked, noreturn)) void _start(void) {
    __asm__ volatile("xorl %ebp, %ebp\n\t"
                     "call start");
}

__attribute__((used)) _Noreturn void start(char *free_memory, word size) {
    int argc = 0;
    word at = 0, used = call2(SYS_arguments, (word)free_memory, size).value;
    if (used > size)
        leave(127);
    heap = free_memory + ((used + 15) & ~15ul);
    heap_size = size - ((used + 15) & ~15ul);
    while (at < used && argc < MOST_ARGUMENTS) {
        argv[argc++] = free_memory + at;
        at += length(free_memory + at) + 1;
    }
    leave(main(argc, argv));
}

word length(const char *text) {
    word count = 0;
    while (text[count])
        count++;
    return count;
}

void *memcpy(void *to, const void *from, word count) {
    void *end = to;
    __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(count) : : "memory");
    return to;
}

void *memset(void *to, int byte, word count) {
    void *end = to;
    __asm__ volatile("rep stosb" : "+D"(end), "+c"(count) : "a"(byte) : "memory");
    return to;
}

word put(word fd, const void *data, word count) {
    const char *at = data;
    while (count) {
        buffer piece = {at, count};
        result got = call3(SYS_writev, fd, (word)&piece, 1);
        if (got.error)
            return got.error;
        at += got.value;
        count -= got.value;
    }
    return 0;
}

void print(const char *text) {
    if (put(STDOUT, text, length(text)))
        leave(1);
}

static char *decimal(word number, char *end) {
    *--end = 0;
    do {
        *--end = '0' + number % 10;
        number /= 10;
    } while (number);
    return end;
}

void print_number(word number) {
    char text[24];
    print(decimal(number, text + sizeof text));
}

void fail(const char *what, word error) {
    char text[24];
    const char *number = decimal(error, text + sizeof text);
    put(STDERR, what, length(what));
    put(STDERR, ": error ", 8);
    put(STDERR, number, length(number));
    put(STDERR, "\n", 1);
    leave(1);
}

void leave(int code) {
    for (;;)
        call1(SYS_exit, (word)code);
}
