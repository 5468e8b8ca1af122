/* A disk that fails ends a stream: the error tells the same code that a call on the descriptor tells. */
#include "case.h"

static descriptor_t disk;

static descriptor_t on_disk(string_t name) { return OK(descriptor_open_at(disk, 0, name, CREATE, READ | WRITE)); }

static void check(error_t error, error_code_t code) {
    option_error_code_t told = types_filesystem_error_code(error);
    IS(told.is_some);
    EQ(told.some, code);
    IS(error_to_debug_string(error).size > 0);
    error_drop(error);
}

static void test(void) {
    disk = preopens_get_directories().data[1].f0;
    descriptor_t file = on_disk(S("read.IO"));
    write_all(file, B("text"), 0);
    FAILS(IO, descriptor_read(file, 4, 0));
    input_stream_t in = OK(descriptor_read_via_stream(file, 0));
    check(BROKEN(input_stream_blocking_read(in, 4)), ERROR_CODE_IO);
    CLOSED(input_stream_blocking_read(in, 4));
    input_stream_drop(in);
    in = OK(descriptor_read_via_stream(file, 0));
    check(BROKEN(input_stream_blocking_skip(in, 4)), ERROR_CODE_IO);
    CLOSED(input_stream_blocking_skip(in, 4));
    input_stream_drop(in);
    descriptor_drop(file);

    file = on_disk(S("write.DQUOT"));
    FAILS(QUOTA, descriptor_write(file, B("text"), 0));
    output_stream_t out = OK(descriptor_write_via_stream(file, 0));
    check(BROKEN(output_stream_blocking_write_and_flush(out, B("text"))), ERROR_CODE_QUOTA);
    CLOSED(output_stream_check_write(out));
    output_stream_drop(out);
    out = OK(descriptor_write_via_stream(file, 0));
    check(BROKEN(output_stream_blocking_write_zeroes_and_flush(out, 4)), ERROR_CODE_QUOTA);
    CLOSED(output_stream_blocking_flush(out));
    output_stream_drop(out);
    descriptor_drop(file);
}
