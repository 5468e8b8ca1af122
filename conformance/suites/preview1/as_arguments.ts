// Arguments and variables as AssemblyScript reads them: sizes first, then the texts, decoded to UTF-16; echoed to stdout.

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(pointers: usize, data: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, data: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vector: usize, count: i32, written: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  proc_exit(70);
}

const cell = memory.data(16);

function texts(sizes: (count: usize, size: usize) => i32, get: (pointers: usize, data: usize) => i32): string[] {
  if (sizes(cell, cell + 4)) proc_exit(2);
  const count = load<u32>(cell);
  const pointers = new StaticArray<u32>(count + 1);
  const data = new Uint8Array(load<u32>(cell, 4) + 1);
  data[data.length - 1] = 0xee;
  pointers[count] = 0xeeeeeeee;
  if (get(changetype<usize>(pointers), data.dataStart)) proc_exit(3);
  if (data[data.length - 1] != 0xee || pointers[count] != 0xeeeeeeee) proc_exit(4);
  const found = new Array<string>();
  for (let i: u32 = 0; i < count; i++) {
    let end: usize = pointers[i];
    while (load<u8>(end)) end++;
    found.push(String.UTF8.decodeUnsafe(pointers[i], end - pointers[i]));
  }
  return found;
}

export function _start(): void {
  const given = texts(
    (count: usize, size: usize) => args_sizes_get(count, size),
    (pointers: usize, data: usize) => args_get(pointers, data)
  );
  if (given.length != 4) proc_exit(5);
  const all = given.slice(1).concat(
    texts(
      (count: usize, size: usize) => environ_sizes_get(count, size),
      (pointers: usize, data: usize) => environ_get(pointers, data)
    )
  );
  // What is more than the first plane counts two.
  if (given[1].length != 2 || given[2].length != 0) proc_exit(6);
  const text = String.UTF8.encode(all.join("|") + "\n");
  store<u32>(cell, changetype<usize>(text) as u32);
  store<u32>(cell, text.byteLength, 4);
  if (fd_write(1, cell, 1, cell + 8) || load<u32>(cell, 8) != <u32>text.byteLength) proc_exit(7);
}
