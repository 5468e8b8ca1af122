/* All of stdin can be read, and then it is closed. */
#include "case.h"

static void test(void) {
    static const char wanted[] = "some input\nof two lines";
    input_stream_t in = stdin_get_stdin();
    size_t got = 0;
    while (got < sizeof wanted - 1) {
        list_u8_t part = GIVES(input_stream_blocking_read(in, 7));
        IS(part.size <= 7 && part.size > 0);
        IS(same(part.data, wanted + got, part.size));
        got += part.size;
    }
    CLOSED(input_stream_blocking_read(in, 7));
    input_stream_drop(in);
}
