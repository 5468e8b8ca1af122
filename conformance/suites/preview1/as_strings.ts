// AssemblyScript's strings are UTF-16: names from beyond the first plane go out as UTF-8, and come back from a listing.

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
  dir: i32, lookup: i32, path: usize, length: i32, oflags: i32, rights: i64, inheriting: i64, fdflags: i32, fd: usize
): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "path_create_directory")
declare function path_create_directory(dir: i32, path: usize, length: i32): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_readdir")
declare function fd_readdir(fd: i32, data: usize, size: i32, cookie: i64, used: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vector: usize, count: i32, written: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  proc_exit(70);
}

function write(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  const vector = new StaticArray<u32>(3);
  vector[0] = changetype<usize>(bytes) as u32;
  vector[1] = bytes.byteLength;
  if (fd_write(fd, changetype<usize>(vector), 1, changetype<usize>(vector) + 8)) proc_exit(71);
  if (vector[2] != <u32>bytes.byteLength) proc_exit(72);
}

function check(right: bool, what: string): void {
  if (right) return;
  write(2, what + "\n");
  proc_exit(1);
}

export function _start(): void {
  const names = ["plain", "grüße", "雪だるま", "\u{1F40D}\u{1F600}", "a\u0301"];
  for (let i = 0; i < names.length; i++) {
    const path = String.UTF8.encode(names[i]);
    check(path_create_directory(3, changetype<usize>(path), path.byteLength) == 0, names[i]);
  }
  // Half of a surrogate pair: what the encoder makes of it is three bytes that are no UTF-8, or a replacement.
  const broken = String.UTF8.encode("\uD83D");
  const errno = path_create_directory(3, changetype<usize>(broken), broken.byteLength);
  check(errno == 0 || errno == 25 || errno == 28, "half a pair");

  const listing = new Uint8Array(1024);
  const used = new StaticArray<u32>(1);
  check(fd_readdir(3, listing.dataStart, 1024, 0, changetype<usize>(used)) == 0, "list");
  check(used[0] < 1024, "all of it");
  const found = new Map<string, bool>();
  for (let at: u32 = 0; at < used[0]; ) {
    const size = load<u32>(listing.dataStart + at, 16);
    found.set(String.UTF8.decodeUnsafe(listing.dataStart + at + 24, size), true);
    at += 24 + size;
  }
  for (let i = 0; i < names.length; i++) check(found.has(names[i]), "missing: " + names[i]);
  check(found.has(".") && found.has(".."), "dots");
}
