"""The machine ABI: words to arguments, results to words and memory; every syscall has a plan."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel_sim.cpu.abi import (
    ENTRY,
    FILE_TYPES,
    LOWER,
    MAX_ITEMS,
    MAX_TEXT,
    NAMES,
    NONE,
    Gate,
    plans,
)
from kernel_sim.cpu.memory import Memory
from kernel_sim.cpu.trapframe import REGISTERS
from kernel_sim.errors import Errno, KernelError, ProcessExit, WouldBlock
from kernel_sim.fs.inode import FileType
from kernel_sim.kernel import Kernel
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.table import table

AT, OUT = 0x10000, 0x11000
NUMBER = {record.name: record.number for record in table()}


class Bench:
    """A process with /, and its gate."""

    def __init__(self) -> None:
        self.kernel = Kernel()
        self.memory = Memory()
        self.memory.add("data", AT, 0x10000, "rw")
        self.memory.add("text", 0x40000, 0x1000, "r")
        self.process = self.kernel.new_process([b"prog", b"x"], [b"A=1"])
        self.root = self.kernel.preopen(self.process, self.kernel.root, b"/")
        self.gate = Gate(self.kernel.door(self.process), self.memory)

    def call(self, name: str, *words: int) -> int:
        plan, arguments, area = self.gate.enter(NUMBER[name], [*words, *[0] * (8 - len(words))])
        return self.gate.call(plan, arguments, area)

    def fails(self, name: str, *words: int) -> str:
        with pytest.raises(KernelError) as caught:
            self.call(name, *words)
        return caught.value.errno

    def put(self, address: int, data: bytes) -> tuple[int, int]:
        self.memory.view(address, len(data), True)[:] = data
        return address, len(data)

    def vectors(self, *buffers: tuple[int, int]) -> tuple[int, int]:
        self.put(AT + 0x800, b"".join(struct.pack("<QQ", *each) for each in buffers))
        return AT + 0x800, len(buffers)

    def got(self, length: int, address: int = OUT) -> bytes:
        return bytes(self.memory.view(address, length))

    def open(self, name: bytes, flags: int = 0, rights: int = Rights.FD_READ) -> int:
        return self.call("openat", self.root, *self.put(AT, name), 1, flags, 0, rights, Rights.ALL)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_every_syscall_has_a_plan_that_fits_the_registers() -> None:
    made = plans()
    assert made.keys() == {record.number for record in table()}
    assert max(made) < 4096 and max(plan.words for plan in made.values()) <= len(REGISTERS) - 1
    assert made[NUMBER["openat"]].words == 8


def test_the_documentation_has_every_name_in_order() -> None:
    text = " ".join((Path(__file__).resolve().parents[3] / "docs" / "METAL.md").read_text(encoding="utf-8").split())
    for parameter, names in NAMES.items():
        assert f"`{parameter}` {', '.join(names)}." in text
    assert f"Types of files: {', '.join(FILE_TYPES)}, from 0." in text
    for type in {type for record in table() for _, type in record.parameters} | set(LOWER):
        assert f"`{type}`".replace("|", "\\|").replace("tuple[int, int]", "tuple").replace("tuple[int, bool]", "tuple") in text


def test_a_number_that_is_none() -> None:
    for number in (0, 4096, NONE):
        with pytest.raises(KernelError, match="NOSYS"):
            Bench().gate.enter(number, [0] * 8)


def test_a_file_from_its_making_to_its_end(bench: Bench) -> None:
    fd = bench.open(b"f", flags=1, rights=Rights.FD_READ | Rights.FD_WRITE)
    hello, world = bench.put(AT, b"hello "), bench.put(AT + 0x100, b"world")
    assert bench.call("writev", fd, *bench.vectors(hello, world)) == 11
    assert bench.call("seek", fd, -5 & NONE, 2) == 6
    assert bench.call("readv", fd, *bench.vectors((OUT, 2), (OUT + 2, 100))) == 5
    assert bench.got(5) == b"world"
    assert bench.call("fstat", fd, OUT) == 0
    stat = struct.unpack("<8Q", bench.got(64))
    assert (FILE_TYPES[stat[2]], stat[3], stat[4]) == (FileType.REGULAR_FILE, 1, 11)
    assert bench.call("descriptor", fd, OUT) == 0
    assert struct.unpack("<2Q", bench.got(16)) == (3, 0)
    assert bench.call("futimens", fd, NONE, 5) == 0
    bench.call("fstat", fd, OUT)
    assert struct.unpack("<8Q", bench.got(64))[6] == 5 and struct.unpack("<8Q", bench.got(64))[5] == stat[5]
    assert bench.call("close", fd) == 0
    assert bench.fails("close", fd) == Errno.BADF


def test_text_goes_out_as_far_as_there_is_room(bench: Bench) -> None:
    assert bench.call("symlinkat", *bench.put(AT, b"target"), bench.root, *bench.put(AT + 100, b"l")) == 0
    assert bench.call("readlinkat", bench.root, *bench.put(AT, b"l"), OUT, 3) == 6
    assert bench.got(4) == b"tar\0"
    assert bench.call("arguments", OUT, 100) == 7 and bench.got(7) == b"prog\0x\0"
    assert bench.call("environment", 0, 0) == 4
    assert bench.call("preopen", bench.root, OUT, 10) == 1 and bench.got(1) == b"/"
    fd = bench.open(b"f", flags=1)
    assert bench.call("preopen", fd, OUT, 10) == NONE


def test_pairs_and_entries(bench: Bench) -> None:
    assert bench.call("pipe", OUT) == 0
    reading, writing = struct.unpack("<2Q", bench.got(16))
    assert bench.call("writev", writing, *bench.vectors(bench.put(AT, b"abc"))) == 3
    assert bench.call("readv", reading, *bench.vectors((OUT, 10))) == 3 and bench.got(3) == b"abc"
    bench.open(b"name", flags=1)
    used = bench.call("getdents", bench.root, 0, 10, OUT, 1000)
    names, at = [], 0
    while at < used:
        _, _, kind, length = ENTRY.unpack_from(bench.got(used), at)
        names.append((bench.got(used)[at + ENTRY.size : at + ENTRY.size + length], FILE_TYPES[kind]))
        at += ENTRY.size + length
    assert names == [(b".", "directory"), (b"..", "directory"), (b"name", "regular-file")]
    assert bench.call("getdents", bench.root, 0, 10, OUT, ENTRY.size + 2) == ENTRY.size + 1
    assert bench.fails("getdents", bench.root, 0, 10, OUT, ENTRY.size) == Errno.RANGE


def test_waiting_for_clocks_and_descriptors(bench: Bench) -> None:
    bench.call("pipe", OUT)
    reading, writing = struct.unpack("<2Q", bench.got(16))
    wanted = struct.pack("<12Q", 0, 1, 10**9, 0, 1, reading, 0, 0, 2, writing, 0, 0)
    bench.put(AT, wanted)
    assert bench.call("poll", AT, 3, OUT, 3) == 1
    assert struct.unpack("<3Q", bench.got(24))[0] == 2
    with pytest.raises(WouldBlock) as caught:
        bench.call("poll", AT, 2, OUT, 2)
    assert caught.value.wait.readable == (reading,) and caught.value.wait.deadline is not None
    bench.put(AT, struct.pack("<4Q", 3, 0, 0, 0))
    assert bench.fails("poll", AT, 1, OUT, 1) == Errno.INVAL
    bench.put(AT, struct.pack("<4Q", 0, 1, 0, 2))
    assert bench.fails("poll", AT, 1, OUT, 1) == Errno.INVAL


def test_ends(bench: Bench) -> None:
    for code in (3, -1):
        with pytest.raises(ProcessExit) as caught:
            bench.call("exit", code & NONE)
        assert caught.value.code == code
    with pytest.raises(ProcessExit) as caught:
        bench.call("raise_signal", NAMES["signal"].index("abrt"))
    assert caught.value.code == 134
    assert bench.call("clock_getres", 0) == bench.kernel.clock.resolution("realtime")


@pytest.mark.parametrize(
    "name, words, errno",
    [
        ("seek", (3, 0, 3), Errno.INVAL),
        ("clock_gettime", (4,), Errno.INVAL),
        ("openat", (0, AT, 1, 2, 0, 0, 0, 0), Errno.INVAL),
        ("openat", (0, AT, 1, 1, 16, 0, 0, 0), Errno.INVAL),
        ("openat", (0, AT, 1, 1, 0, 32, 0, 0), Errno.INVAL),
        ("openat", (0, AT, 1, 1, 0, 0, 1 << 30, 0), Errno.INVAL),
        ("openat", (0, AT, MAX_TEXT + 1, 1, 0, 0, 0, 0), Errno.NAMETOOLONG),
        ("openat", (0, 0, 1, 1, 0, 0, 0, 0), Errno.FAULT),
        ("readv", (0, AT, MAX_ITEMS + 1), Errno.INVAL),
        ("readv", (0, 0x20000 - 8, 1), Errno.FAULT),
        ("fstat", (0, 0), Errno.FAULT),
        ("fstat", (0, 0x40000), Errno.FAULT),
        ("pipe", (0x20000 - 8,), Errno.FAULT),
        ("getrandom", (0x40000, 1), Errno.FAULT),
        ("preopen", (0, 0, 1), Errno.FAULT),
    ],
)
def test_what_is_no_value_or_no_memory_is_refused_before_anything_happens(
    bench: Bench, name: str, words: tuple[int, ...], errno: str
) -> None:
    assert bench.fails(name, *words) == errno
    assert len(bench.process.fds) == 1


def test_what_only_reads_takes_read_only_memory(bench: Bench) -> None:
    fd = bench.open(b"f", flags=1, rights=Rights.FD_READ | Rights.FD_WRITE)
    assert bench.call("writev", fd, *bench.vectors((0x40000, 5))) == 5
    assert bench.fails("readv", fd, *bench.vectors((0x40000, 5))) == Errno.FAULT


WORDS = st.one_of(st.integers(0, 8), st.sampled_from([AT, OUT, 0x40000, 0x20000 - 1, NONE, 1 << 63]), st.integers(0, NONE))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(NUMBER)), st.lists(WORDS, min_size=8, max_size=8)), max_size=12))
def test_no_words_make_anything_but_an_outcome(calls: list[tuple[str, list[int]]]) -> None:
    bench = Bench()
    bench.put(AT, struct.pack("<16Q", AT, 4, OUT, 4, 0, 1, 5, 0, 1, 0, 0, 0, 2, 0, 0, 0))
    for name, words in calls:
        if name in ("ftruncate", "fallocate"):  # which may fill the host's memory, as far as the quota goes
            continue
        outcome: Any
        try:
            outcome = bench.call(name, *words)
        except (KernelError, WouldBlock, ProcessExit) as error:
            outcome = error
        assert not isinstance(outcome, int) or 0 <= outcome <= NONE
