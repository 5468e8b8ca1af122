"""args_* and environ_*: what a program is started with, and how much room it takes."""

from __future__ import annotations

from agave_wasi.preview1.args import Args
from kernel_sim.kernel import Kernel


def test_sizes_count_the_nuls() -> None:
    kernel = Kernel()
    args = Args(kernel.door(kernel.new_process([b"prog", b"", "é".encode()], [b"A=1"])))
    assert args.args_get() == [b"prog", b"", "é".encode()]
    assert args.args_sizes_get() == (3, 4 + 0 + 2 + 3)
    assert args.environ_get() == [b"A=1"]
    assert args.environ_sizes_get() == (1, 4)


def test_nothing_takes_no_room() -> None:
    kernel = Kernel()
    args = Args(kernel.door(kernel.new_process([], [])))
    assert args.args_sizes_get() == args.environ_sizes_get() == (0, 0)
