/* copy [SOURCE [TARGET]]: stdin or a file to stdout or another file. Names are relative to what is preopened first. */

#include "agave.h"

#define PIECE 4096

static word open(const char *name, word flags, word rights) {
    result got = call(SYS_openat, FIRST_PREOPEN, (word)name, length(name), 1, flags, 0, rights, RIGHT_ALL);
    if (got.error)
        fail(name, got.error);
    return got.value;
}

int main(int argc, char **argv) {
    word from = argc > 1 ? open(argv[1], 0, RIGHT_READ) : STDIN;
    word to = argc > 2 ? open(argv[2], OPEN_CREATE | OPEN_TRUNCATE, RIGHT_WRITE) : STDOUT;
    for (;;) {
        buffer piece = {heap, heap_size < PIECE ? heap_size : PIECE};
        result got = call3(SYS_readv, from, (word)&piece, 1);
        if (got.error)
            fail(argc > 1 ? argv[1] : "stdin", got.error);
        if (!got.value)
            return 0;
        word error = put(to, heap, got.value);
        if (error)
            fail(argc > 2 ? argv[2] : "stdout", error);
    }
}
