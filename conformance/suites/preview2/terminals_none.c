/* Streams that are no terminals have none. */
#include "case.h"

static void test(void) {
    EQ(terminal_stdin_get_terminal_stdin().is_some, 0);
    EQ(terminal_stdout_get_terminal_stdout().is_some, 0);
    EQ(terminal_stderr_get_terminal_stderr().is_some, 0);
}
