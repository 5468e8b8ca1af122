/* A program that ends by exit(): what atexit was told runs, last first, and what stdio held back is written, to files too. */
#include <stdio.h>
#include <stdlib.h>

static FILE *file;

static void first(void) {
    printf("first in, last out\n");
    fprintf(file, " and the end");
}

static void second(void) { printf("second\n"); }

static int deep(int depth) {
    if (!depth) exit(5);
    return deep(depth - 1) + 1;
}

int main(void) {
    file = fopen("kept", "w");
    if (!file || atexit(first) || atexit(second)) return 1;
    setvbuf(file, NULL, _IOFBF, 4096);
    fprintf(file, "held back");
    printf("no line end: ");
    fprintf(stderr, "at once\n");
    return deep(100);
}
