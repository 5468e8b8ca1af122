/* A stdin without anything is closed. */
#include "case.h"

static void test(void) {
    input_stream_t in = stdin_get_stdin();
    CLOSED(input_stream_blocking_read(in, 1));
    input_stream_drop(in);
}
