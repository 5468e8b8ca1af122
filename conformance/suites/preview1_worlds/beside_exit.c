/* A program ends while another one waits on the spot, below it on the stack: its exit code is its own. */
#include "../preview1/check.h"

static void test(void) {
    make_file("f", "text");
    proc_exit(42);
}
