/* wasi-libc's main: arguments, environment, the exit code that main returns, and atexit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void last(void) { rmdir("/made"); }

int main(int argc, char **argv) {
    if (argc != 3 || strcmp(argv[1], "a") || strcmp(argv[2], "b c") || argv[3]) return 1;
    if (!getenv("HOME") || strcmp(getenv("HOME"), "/home") || getenv("NONE")) return 2;
    atexit(last);
    return 3;
}
