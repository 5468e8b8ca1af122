//! Preview 1 as Zig's standard library declares it: flags as packed structs, errnos as an enum, results through pointers.

const std = @import("std");
const wasi = std.os.wasi;

fn check(condition: bool, line: u32) void {
    if (condition) return;
    std.debug.print("line {d}\n", .{line});
    wasi.proc_exit(1);
}

fn ok(errno: wasi.errno_t, line: u32) void {
    if (errno == .SUCCESS) return;
    std.debug.print("line {d}: {s}\n", .{ line, @tagName(errno) });
    wasi.proc_exit(1);
}

const rights = wasi.rights_t{
    .FD_READ = true,
    .FD_WRITE = true,
    .FD_SEEK = true,
    .FD_TELL = true,
    .FD_FILESTAT_GET = true,
    .FD_FILESTAT_SET_SIZE = true,
};

fn open(name: []const u8, oflags: wasi.oflags_t, fdflags: wasi.fdflags_t) wasi.fd_t {
    var fd: wasi.fd_t = 0;
    ok(wasi.path_open(3, .{}, name.ptr, name.len, oflags, rights, .{}, fdflags, &fd), @src().line);
    return fd;
}

pub fn main() void {
    var prestat: wasi.prestat_t = undefined;
    ok(wasi.fd_prestat_get(3, &prestat), @src().line);
    check(prestat.u.dir.pr_name_len == 1, @src().line);

    const fd = open("f", .{ .CREAT = true, .EXCL = true }, .{});
    const end = open("f", .{}, .{ .APPEND = true });
    var written: usize = 0;
    const out = [_]std.posix.iovec_const{.{ .base = "begin", .len = 5 }};
    ok(wasi.fd_write(fd, &out, out.len, &written), @src().line);
    check(written == 5, @src().line);
    ok(wasi.fd_write(end, &out, out.len, &written), @src().line);

    var buffer: [16]u8 = undefined;
    const in = [_]std.posix.iovec{.{ .base = &buffer, .len = buffer.len }};
    var got: usize = 0;
    ok(wasi.fd_pread(fd, &in, in.len, 2, &got), @src().line);
    check(got == 8 and std.mem.eql(u8, buffer[0..8], "ginbegin"), @src().line);

    var place: wasi.filesize_t = 0;
    ok(wasi.fd_seek(fd, -3, .END, &place), @src().line);
    check(place == 7, @src().line);
    check(wasi.fd_seek(fd, -8, .CUR, &place) == .INVAL, @src().line);

    var stat: wasi.filestat_t = undefined;
    ok(wasi.fd_filestat_get(fd, &stat), @src().line);
    check(stat.filetype == .REGULAR_FILE and stat.size == 10 and stat.nlink == 1, @src().line);
    var fdstat: wasi.fdstat_t = undefined;
    ok(wasi.fd_fdstat_get(end, &fdstat), @src().line);
    check(fdstat.fs_filetype == .REGULAR_FILE and fdstat.fs_flags.APPEND and !fdstat.fs_flags.NONBLOCK, @src().line);

    // An event of each kind from one call: the clock is long due, the file is ready.
    const now = wasi.subscription_clock_t{ .id = .MONOTONIC, .timeout = 0, .precision = 0, .flags = 0 };
    const asked = [_]wasi.subscription_t{
        .{ .userdata = 1, .u = .{ .tag = .CLOCK, .u = .{ .clock = now } } },
        .{ .userdata = 2, .u = .{ .tag = .FD_READ, .u = .{ .fd_read = .{ .fd = fd } } } },
    };
    var events: [2]wasi.event_t = undefined;
    var count: usize = 0;
    ok(wasi.poll_oneoff(&asked[0], &events[0], asked.len, &count), @src().line);
    check(count >= 1 and events[0].@"error" == .SUCCESS, @src().line);

    ok(wasi.fd_filestat_set_size(fd, 3), @src().line);
    ok(wasi.path_rename(3, "f", 1, 3, "g", 1), @src().line);
    check(wasi.path_unlink_file(3, "f", 1) == .NOENT, @src().line);
    ok(wasi.fd_close(fd), @src().line);
    check(wasi.fd_close(fd) == .BADF, @src().line);
}
