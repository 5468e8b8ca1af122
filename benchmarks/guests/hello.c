/* The smallest program that people start. */
#include <stdio.h>

int main(void) {
    puts("hello");
    return 0;
}
