/* Standard streams can be had and dropped a thousand times. */
#include "case.h"

static void test(void) {
    for (int i = 0; i < 1000; i++) {
        input_stream_drop(stdin_get_stdin());
        output_stream_drop(stdout_get_stdout());
        output_stream_drop(stderr_get_stderr());
    }
}
