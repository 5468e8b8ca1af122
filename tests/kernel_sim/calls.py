"""Random syscalls as plain data, and what came of them: for tests that compare worlds or look for surprises."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kernel_sim.clock import CLOCK_IDS
from kernel_sim.errors import KernelError, ProcessExit, WouldBlock
from kernel_sim.net.stream import MemoryListener, connection_pair
from kernel_sim.openfile import OpenFile, Rights
from kernel_sim.syscalls.files import Whence
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.procs import IGNORED_SIGNALS, SIGNALS
from kernel_sim.syscalls.table import SyscallRecord, table
from tests.kernel_sim.scripts import World, populated, world

Call = tuple[SyscallRecord, tuple[Any, ...]]
"""A row of the table, and arguments: buffers by their lengths, subscriptions as tuples."""
LARGEST_FD = 18

_NAMES = st.sampled_from([b"f", b"g", b"d", b"e", b"l", b"ld", b"dang", b"loop", b"abs", b"new", b"..", b".", b"x" * 256])
_PATHS = st.one_of(
    st.lists(_NAMES, max_size=4).map(b"/".join),
    st.lists(_NAMES, min_size=1, max_size=3).map(lambda names: b"/".join(names) + b"/"),
    st.binary(max_size=6),
    st.sampled_from([b"/", b"x/" * 3000, b"a\0"]),
)
_NUMBERS = st.one_of(st.integers(0, 20), st.sampled_from([1 << 20, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]))
_RIGHTS = st.one_of(
    st.sampled_from([Rights.FD_READ, Rights.FD_WRITE, Rights.FD_READ | Rights.FD_WRITE, Rights.ALL]),
    st.integers(0, Rights.ALL),
)
_SUBSCRIPTION = st.tuples(
    st.none() | st.integers(0, LARGEST_FD), st.booleans(), st.sampled_from(CLOCK_IDS), _NUMBERS, st.booleans()
)
_BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": _NUMBERS, "bytes": _PATHS, "bool": st.booleans(), "int | None": st.none() | _NUMBERS,
    "memoryview": st.integers(0, 300), "Sequence[memoryview]": st.lists(st.integers(0, 300), max_size=3),
    "Sequence[Subscription]": st.lists(_SUBSCRIPTION, max_size=4),
}  # fmt: skip
_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "fd": st.integers(0, LARGEST_FD), "dirfd": st.sampled_from([3, 3, 3, 4, 5, 0, 9]),
    "new_dirfd": st.sampled_from([3, 3, 4, 0]), "target": _PATHS, "rights": _RIGHTS, "inheriting": _RIGHTS,
    "whence": st.sampled_from([Whence.SET, Whence.CUR, Whence.END]), "clock": st.sampled_from(CLOCK_IDS),
    "signal": st.sampled_from([*SIGNALS, *IGNORED_SIGNALS, "stop"]), "advice": st.just("normal"),
    "limit": st.integers(0, 10), "renumber target": st.integers(0, LARGEST_FD),
    "seek offset": st.integers(-(1 << 63), (1 << 63) - 1), "openat flags": st.integers(0, 15),
    "openat status": st.integers(0, 31), "accept status": st.integers(0, 31), "set_status status": st.integers(0, 31),
    "recv flags": st.integers(0, 3),
}  # fmt: skip


def _strategy(row: SyscallRecord, name: str, type: str) -> st.SearchStrategy[Any]:
    for key in (f"{row.name} {name}", name):
        if key in _BY_NAME:
            return _BY_NAME[key]
    return _BY_TYPE[type]


def _arguments(row: SyscallRecord) -> st.SearchStrategy[Call]:
    return st.tuples(st.just(row), st.tuples(*(_strategy(row, *parameter) for parameter in row.parameters)))


def calls(most: int) -> st.SearchStrategy[list[Call]]:
    """Up to `most` random calls of all syscalls but exit."""
    return st.lists(st.sampled_from([row for row in table() if row.name != "exit"]).flatmap(_arguments), max_size=most)


def show(call: Call) -> str:
    """A call as text, for messages."""
    return f"{call[0].name}{call[1]}"


def perform(k: World, call: Call) -> tuple[Any, ...]:
    """Make the call; what came of it as plain data. Any exception but those of the kernel's contract gets out."""
    row, values = call
    arguments: list[Any] = []
    buffers: list[memoryview] = []
    for (_, type), value in zip(row.parameters, values):
        if type == "Sequence[memoryview]":
            made = [memoryview(bytearray(b"z" * size)) for size in value]
            buffers += made
            arguments.append(made)
        elif type == "memoryview":
            buffers.append(memoryview(bytearray(value)))
            arguments.append(buffers[-1])
        elif type == "Sequence[Subscription]":
            arguments.append([Subscription(*each) for each in value])
        else:
            arguments.append(value)
    try:
        result = getattr(k.sys, row.name)(*arguments)
    except KernelError as error:
        return "fails", error.errno
    except WouldBlock as blocked:
        return "waits", plain(blocked.wait)
    except ProcessExit as ended:
        return "exits", ended.code
    return "returns", plain(result), [bytes(each) for each in buffers]


def plain(value: Any) -> Any:
    """A result as data that can be compared."""
    if value is None or isinstance(value, bool | int | str | bytes):
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, OpenFile):
        return [getattr(value, name) for name in OpenFile.__slots__ if name != "inode"]
    return [plain(getattr(value, name)) for name in value.__slots__ if name != "encoded"]


def crowded(strict: bool = False) -> World:
    """A small world with a descriptor of every kind, and quotas that are easily reached."""
    k = populated(world(max_bytes=1 << 18, max_inodes=24, max_fds=20, strict=strict, stdin=[b"in", None]))
    k.open("d", "dir")
    k.open("f", "rw")
    k.open("g", "rw append")
    k.sys.pipe()
    for end in connection_pair(k.kernel.pipes):
        k.install(end)
    listener = MemoryListener(k.kernel.pipes, k.kernel.pipes.new_number(), 0)
    k.install(listener)
    listener.connect().write_at(0, [memoryview(b"hi")])
    k.kernel.make_dev(k.kernel.root.make_directory(b"dev"))
    k.open("dev/null", "rw")
    k.open("dev/random", "r")
    return k
