// A collector that frees what nobody has any more, between hundreds of writes and reads of what is new each time: the memory
// grows while calls are made, and buffers lie where others were.

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "path_open")
declare function path_open(
  dir: i32, lookup: i32, path: usize, length: i32, oflags: i32, rights: i64, inheriting: i64, fdflags: i32, fd: usize
): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_pwrite")
declare function fd_pwrite(fd: i32, vector: usize, count: i32, offset: i64, written: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_pread")
declare function fd_pread(fd: i32, vector: usize, count: i32, offset: i64, read: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  proc_exit(70);
}

// Vector and count, where the collector doesn't move or free them.
const cell = memory.data(16);

function vector(data: Uint8Array): usize {
  store<u32>(cell, data.dataStart as u32);
  store<u32>(cell, data.length, 4);
  return cell;
}

export function _start(): void {
  const path = String.UTF8.encode("f");
  if (path_open(3, 0, changetype<usize>(path), 1, 1, 0x7f, 0, 0, cell + 8)) proc_exit(2);
  const fd = load<u32>(cell + 8);
  const kept = new Array<Uint8Array>();
  for (let round = 0; round < 400; round++) {
    const data = new Uint8Array(64 + ((round * 37) % 900));
    for (let i = 0; i < data.length; i++) data[i] = <u8>(i ^ round);
    const at = (round * 1000) % 50000;
    if (fd_pwrite(fd, vector(data), 1, at, cell + 12) || load<u32>(cell + 12) != <u32>data.length) proc_exit(3);
    const back = new Uint8Array(data.length);
    if (fd_pread(fd, vector(back), 1, at, cell + 12) || load<u32>(cell + 12) != <u32>data.length) proc_exit(4);
    for (let i = 0; i < data.length; i++) if (back[i] != data[i]) proc_exit(5);
    if (round % 5 == 0) kept.push(back);
    if (round % 100 == 99) __collect();
  }
  for (let n = 0; n < kept.length; n++) {
    for (let i = 0; i < kept[n].length; i++) if (kept[n][i] != <u8>(i ^ (n * 5))) proc_exit(6);
  }
}
