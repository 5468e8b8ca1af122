/* What doesn't wait tells a disk's failure as well, at once or the next time; then the stream is closed. */
#include "case.h"

static descriptor_t disk;

static descriptor_t on_disk(string_t name) { return OK(descriptor_open_at(disk, 0, name, CREATE, READ | WRITE)); }

static void read_until_it_fails(input_stream_t in, int skips) {
    pollable_t can = input_stream_subscribe(in);
    for (int tries = 0; tries < 100; tries++) {
        stream_error_t error;
        if (skips) {
            result_u64_stream_error_t got = input_stream_skip(in, 4);
            if (!got.is_err) EQ(got.ok, 0);
            if (!got.is_err && (pollable_block(can), 1)) continue;
            error = got.err;
        } else {
            result_list_u8_stream_error_t got = input_stream_read(in, 4);
            if (!got.is_err) EQ(got.ok.size, 0);
            if (!got.is_err && (pollable_block(can), 1)) continue;
            error = got.err;
        }
        EQ(error.tag, STREAM_ERROR_LAST_OPERATION_FAILED);
        EQ(types_filesystem_error_code(error.last_operation_failed).some, ERROR_CODE_IO);
        error_drop(error.last_operation_failed);
        CLOSED(input_stream_read(in, 4));
        CLOSED(input_stream_skip(in, 4));
        pollable_drop(can);
        input_stream_drop(in);
        return;
    }
    IS(!"it failed");
}

static void write_until_it_fails(output_stream_t out, input_stream_t from, int how) {
    pollable_t can = output_stream_subscribe(out);
    result_void_stream_error_t done = {0};
    for (int tries = 0; tries < 100 && !done.is_err; tries++) {
        result_u64_stream_error_t room = output_stream_check_write(out);
        if (room.is_err) {
            done.is_err = 1, done.err = room.err;
        } else if (!room.ok) {
            pollable_block(can);
        } else if (how == 2) {
            result_u64_stream_error_t moved = output_stream_splice(out, from, 1);
            done.is_err = moved.is_err, done.err = moved.err;
        } else {
            done = how ? output_stream_write_zeroes(out, 4) : output_stream_write(out, B("text"));
            if (!done.is_err) done = output_stream_flush(out);
        }
    }
    error_t error = BROKEN(done);
    EQ(types_filesystem_error_code(error).some, ERROR_CODE_IO);
    error_drop(error);
    CLOSED(output_stream_check_write(out));
    CLOSED(output_stream_flush(out));
    pollable_drop(can);
    output_stream_drop(out);
}

static void test(void) {
    disk = preopens_get_directories().data[1].f0;
    descriptor_t file = on_disk(S("read.IO"));
    write_all(file, B("text"), 0);
    read_until_it_fails(OK(descriptor_read_via_stream(file, 0)), 0);
    read_until_it_fails(OK(descriptor_read_via_stream(file, 0)), 1);
    descriptor_t to = on_disk(S("write.IO"));
    make_file(S("data"), B("0123456789"));
    descriptor_t data = open_in(S("data"), 0, READ);
    input_stream_t from = OK(descriptor_read_via_stream(data, 0));
    for (int how = 0; how < 3; how++) write_until_it_fails(OK(descriptor_write_via_stream(to, 0)), from, how);
    output_stream_t out = OK(descriptor_write_via_stream(to, 0));
    error_drop(BROKEN(output_stream_blocking_splice(out, from, 4)));
    output_stream_drop(out);
    input_stream_drop(from);
    descriptor_drop(data);
    descriptor_drop(to);
    descriptor_drop(file);
}
