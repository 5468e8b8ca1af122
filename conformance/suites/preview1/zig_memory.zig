//! A heap that grows through Zig's page allocator while its blocks go to a file and come back: the memory moves on under the
//! calls, pages at a time, and every block keeps its bytes.

const std = @import("std");
const wasi = std.os.wasi;

fn fail(line: u32) noreturn {
    std.debug.print("line {d}\n", .{line});
    wasi.proc_exit(1);
}

const rights = wasi.rights_t{ .FD_READ = true, .FD_WRITE = true, .FD_SEEK = true };

pub fn main() void {
    const heap = std.heap.page_allocator;
    var fd: wasi.fd_t = 0;
    if (wasi.path_open(3, .{}, "f", 1, .{ .CREAT = true }, rights, .{}, .{}, &fd) != .SUCCESS) fail(@src().line);
    var blocks: [24][]u8 = undefined;
    var at: u64 = 0;
    var size: usize = 100;
    for (&blocks, 0..) |*block, number| {
        block.* = heap.alloc(u8, size) catch fail(@src().line);
        for (block.*, 0..) |*byte, index| byte.* = @truncate(index *% 31 +% number);
        var done: usize = 0;
        while (done < size) {
            const out = [_]std.posix.iovec_const{.{ .base = block.ptr + done, .len = size - done }};
            var count: usize = 0;
            if (wasi.fd_pwrite(fd, &out, 1, at + done, &count) != .SUCCESS or count == 0) fail(@src().line);
            done += count;
        }
        at += size;
        size = size * 5 / 4;
    }
    at = 0;
    for (blocks, 0..) |block, number| {
        const fresh = heap.alloc(u8, block.len + 1) catch fail(@src().line);
        fresh[block.len] = 0xee;
        var done: usize = 0;
        while (done < block.len) {
            const in = [_]std.posix.iovec{.{ .base = fresh.ptr + done, .len = block.len - done }};
            var count: usize = 0;
            if (wasi.fd_pread(fd, &in, 1, at + done, &count) != .SUCCESS or count == 0) fail(@src().line);
            done += count;
        }
        if (!std.mem.eql(u8, fresh[0..block.len], block) or fresh[block.len] != 0xee) fail(@src().line);
        at += block.len;
        if (number % 3 == 0) heap.free(block); // so that some of what comes next lies where something was
    }
}
