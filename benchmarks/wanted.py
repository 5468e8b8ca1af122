"""What the project promises against wasmtime-py pinned to one CPU, as factors. They are shown; nothing asserts them."""

from __future__ import annotations

WANTED = {
    "fd_read 1 B": 10.0,
    "fd_pread 1 B": 10.0,
    "fd_write 4 KiB": 5.0,
    "path_open+close": 5.0,
    "path_filestat_get": 5.0,
    "create+close+unlink": 5.0,
    "fd_readdir 1000, 4 KiB": 50.0,
    "fd_readdir 1000, 64 KiB": 50.0,
    "fd_seek": 1 / 3,
    "clock_time_get": 1 / 6,
    "cached hello": 1 / 0.7,
    "our suites, all cores": 4.0,
    "fuzz call": 1 / 1.5,
    "list<u8> 64 KiB to the host": 1000.0,
    "list<u8> 64 KiB from the host": 1000.0,
    "output-stream.write 4 KiB": 1.0,
    "write-and-flush 4 KiB": 1.0,
    "descriptor.read 4 KiB": 1.0,
    "record to an export": 1.0,
    "record forwarded to the host": 1.0,
    "cached CPython component": 1 / 1.5,
    "a second instance of it": 5.0,
    "fib": 0.9,
    "sha256": 0.9,
    "matmul": 0.9,
    "fib, counted": 0.4,
    "sha256, counted": 0.4,
    "matmul, counted": 0.4,
    "host call on the CPU model": 1 / 4,
    "cached yosys on the CPU model": 1 / 2,
    "snapshot of 40 MB": 1.0,
}
"""How many times as fast agave-wasi should be, by row; below 1 means that it may be slower."""

TRACED_AT_MOST = 15.0
"""How many times the time of a plain call in the kernel a traced one may take."""


def factor_text(speed_up: float) -> str:
    """A ratio of speeds in words: 12 is `12.0x faster`, 0.5 is `2.0x slower`."""
    faster = speed_up >= 1
    factor = speed_up if faster else 1 / speed_up
    return f"{factor:.{0 if factor >= 100 else 1 if factor >= 9.95 else 2}f}x {'faster' if faster else 'slower'}"
