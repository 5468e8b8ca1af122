"""The machine ABI: a system call's registers to the arguments of its method, and its result back.

Everything is derived from the table of syscalls (`kernel_sim.syscalls.table`): number, method, and the types of parameters
and result. A parameter takes one or two of the words rdi, rsi, rdx, r10, r8, r9, r12, r13, in order; behind the parameters
come the words that say where a result goes that is more than a number. docs/METAL.md has the whole of it.

Pointers are checked, those for results too, before anything happens: a bad one is FAULT. What is no value of its
type (an unknown flag, a truth that is neither 0 nor 1) is INVAL.
"""

from __future__ import annotations

import struct

from kernel_sim.clock import CLOCK_IDS
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType
from kernel_sim.openfile import Rights
from kernel_sim.syscalls.files import Whence
from kernel_sim.syscalls.polling import Subscription
from kernel_sim.syscalls.procs import IGNORED_SIGNALS, SIGNALS
from kernel_sim.syscalls.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kernel_sim.cpu.memory import Memory
    from kernel_sim.fs.inode import Entry, Stat
    from kernel_sim.openfile import OpenFile
    from kernel_sim.syscalls import Syscalls
    from kernel_sim.syscalls.polling import Ready
    from kernel_sim.syscalls.table import SyscallRecord

    Lift = Callable[..., Any]
    Lower = Callable[[Any, Any], int]

NONE = (1 << 64) - 1
"""The word that stands for None: a time to be left alone, a descriptor without a name."""
SIGN = 1 << 63
MAX_TEXT = 1 << 16
"""Bytes of the longest path or link that is looked at; longer ones are NAMETOOLONG."""
MAX_ITEMS = 1024
"""Buffers or subscriptions of one call; more are INVAL."""

FILE_TYPES = (
    FileType.UNKNOWN, FileType.BLOCK_DEVICE, FileType.CHARACTER_DEVICE, FileType.DIRECTORY, FileType.FIFO,
    FileType.REGULAR_FILE, FileType.SYMBOLIC_LINK, FileType.SOCKET_STREAM, FileType.SOCKET_DGRAM,
)  # fmt: skip
NAMES: dict[str, tuple[str, ...]] = {
    "clock": CLOCK_IDS,
    "whence": (Whence.SET, Whence.CUR, Whence.END),
    "advice": ("normal", "sequential", "random", "willneed", "dontneed", "noreuse"),
    "signal": (*IGNORED_SIGNALS, *SIGNALS),
}
"""What a parameter of type str may be; it crosses as the position here."""
FLAGS = {
    ("openat", "flags"): 0b1111,
    ("openat", "status"): 0b11111,
    ("set_status", "status"): 0b11111,
    ("accept", "status"): 0b11111,
    ("recv", "flags"): 0b11,
    ("openat", "rights"): Rights.ALL,
    ("openat", "inheriting"): Rights.ALL,
    ("set_rights", "rights"): Rights.ALL,
    ("set_rights", "inheriting"): Rights.ALL,
}
"""The bits that there are, of parameters that are sets of bits."""
SIGNED = {("seek", "offset"), ("exit", "code")}
"""The numbers that may be negative."""

STAT, DESCRIPTOR, PAIR, READY = struct.Struct("<8Q"), struct.Struct("<4Q"), struct.Struct("<2Q"), struct.Struct("<3Q")
ENTRY = struct.Struct("<QQII")
SUBSCRIPTION_WORDS = 4
CLOCK, READABLE, WRITABLE = range(3)
"""What a subscription waits for."""
ABSOLUTE = 1


def invalid() -> KernelError:
    return KernelError(Errno.INVAL)


# Parameters: (how many words, memory and words -> value)


def _number(record: SyscallRecord, name: str) -> Lift:
    key = record.name, name
    if key in SIGNED:
        return lambda memory, word: word - 2 * (word & SIGN)
    if key in FLAGS:
        unknown = ~FLAGS[key]

        def flags(memory: Memory, word: int) -> int:
            if word & unknown:
                raise invalid()
            return word

        return flags
    return lambda memory, word: word


def _optional(memory: Memory, word: int) -> int | None:
    return None if word == NONE else word


def _truth(memory: Memory, word: int) -> bool:
    if word > 1:
        raise invalid()
    return word == 1


def _choice(names: tuple[str, ...]) -> Lift:
    def choose(memory: Memory, word: int) -> str:
        if word >= len(names):
            raise invalid()
        return names[word]

    return choose


def _text(memory: Memory, address: int, length: int) -> bytes:
    if length > MAX_TEXT:
        raise KernelError(Errno.NAMETOOLONG)
    return bytes(memory.view(address, length))


def _items(memory: Memory, address: int, count: int, words: int) -> list[int]:
    if count > MAX_ITEMS:
        raise invalid()
    return memory.words(address, count * words)


def _buffers(written: bool) -> Lift:
    """Vectors of (address, length); `written` where the kernel writes into them."""

    def buffers(memory: Memory, address: int, count: int) -> list[memoryview]:
        found = _items(memory, address, count, 2)
        return [memory.view(found[at], found[at + 1], written) for at in range(0, len(found), 2)]

    return buffers


def _buffer(memory: Memory, address: int, length: int) -> memoryview:
    return memory.view(address, length, True)


def _subscriptions(memory: Memory, address: int, count: int) -> list[Subscription]:
    found = _items(memory, address, count, SUBSCRIPTION_WORDS)
    made = []
    for at in range(0, len(found), SUBSCRIPTION_WORDS):
        kind, what, timeout, flags = found[at : at + SUBSCRIPTION_WORDS]
        if kind > WRITABLE or flags > ABSOLUTE:
            raise invalid()
        if kind == CLOCK:
            made.append(Subscription(None, clock=_choice(CLOCK_IDS)(memory, what), timeout=timeout, absolute=flags == ABSOLUTE))
        else:
            made.append(Subscription(what, kind == WRITABLE))
    return made


WRITING = ("writev", "pwritev", "appendv", "send")
"""The calls that read from the guest's buffers; all others with buffers fill them."""


def lift(record: SyscallRecord, name: str, type: str) -> tuple[int, Lift]:
    """How a parameter crosses: the words that it takes, and what makes its value of them. KeyError for an unknown type."""
    if type == "int":
        return 1, _number(record, name)
    if type == "str":
        return 1, _choice(NAMES[name])
    if type == "Sequence[memoryview]":
        return 2, _buffers(record.name not in WRITING)
    return _LIFTS[type]


_LIFTS: dict[str, tuple[int, Lift]] = {
    "int | None": (1, _optional),
    "bool": (1, _truth),
    "bytes": (2, _text),
    "memoryview": (2, _buffer),
    "Sequence[Subscription]": (2, _subscriptions),
}


# Results: (how many words say where it goes, what checks those, area and result -> rax)


def _fixed(size: int) -> Lift:
    return lambda memory, address: memory.view(address, size, True)


def _array(memory: Memory, address: int, count: int) -> memoryview:
    return memory.view(address, min(count, MAX_ITEMS) * READY.size, True)


def _nowhere(memory: Memory) -> None:
    return None


def _plain(area: None, result: int | None) -> int:
    return result or 0


def _bytes(area: memoryview, result: bytes | None) -> int:
    if result is None:
        return NONE
    count = min(len(area), len(result))
    area[:count] = result[:count]
    return len(result)


def _strings(area: memoryview, result: list[bytes]) -> int:
    return _bytes(area, b"".join(each + b"\0" for each in result))


def _stat(area: memoryview, s: Stat) -> int:
    words = s.device, s.inode, FILE_TYPES.index(s.type), s.nlink, s.size, s.atime, s.mtime, s.ctime
    STAT.pack_into(area, 0, *(word & NONE for word in words))
    return 0


def _descriptor(area: memoryview, file: OpenFile) -> int:
    DESCRIPTOR.pack_into(area, 0, file.readable | file.writable << 1, file.status, file.rights, file.inheriting)
    return 0


def _pair(area: memoryview, result: tuple[int, int]) -> int:
    PAIR.pack_into(area, 0, *result)
    return 0


def _ready(area: memoryview, result: list[Ready]) -> int:
    room = len(area) // READY.size
    for at, each in enumerate(result[:room]):
        READY.pack_into(area, at * READY.size, each.index, each.nbytes, each.hangup)
    return min(room, len(result))


def _entries(area: memoryview, result: list[Entry]) -> int:
    """As many whole entries as find room; RANGE if the first one doesn't."""
    at = 0
    for each in result:
        end = at + ENTRY.size + len(each.name)
        if end > len(area):
            if not at:
                raise KernelError(Errno.RANGE)
            break
        ENTRY.pack_into(area, at, each.cookie, each.inode & NONE, FILE_TYPES.index(each.type), len(each.name))
        area[at + ENTRY.size : end] = each.name
        at = end
    return at


LOWER: dict[str, tuple[int, Lift, Callable[[Any, Any], int]]] = {
    "None": (0, _nowhere, _plain),
    "int": (0, _nowhere, _plain),
    "bytes": (2, _buffer, _bytes),
    "bytes | None": (2, _buffer, _bytes),
    "list[bytes]": (2, _buffer, _strings),
    "Stat": (1, _fixed(STAT.size), _stat),
    "OpenFile": (1, _fixed(DESCRIPTOR.size), _descriptor),
    "tuple[int, int]": (1, _fixed(PAIR.size), _pair),
    "tuple[int, bool]": (1, _fixed(PAIR.size), _pair),
    "list[Ready]": (2, _array, _ready),
    "list[Entry]": (2, _buffer, _entries),
}


class Plan:
    """How one syscall crosses: `lift`(memory, words) -> (arguments, area for the result), `lower`(area, result) -> rax."""

    __slots__ = ("name", "parameters", "words", "lower", "_lifts", "_reserve", "_at")

    def __init__(self, record: SyscallRecord) -> None:
        self.name = record.name
        self.parameters = [name for name, _ in record.parameters]
        self._lifts: list[tuple[int, int, Lift]] = []
        at = 0
        for name, type in record.parameters:
            count, make = lift(record, name, type)
            self._lifts.append((at, at + count, make))
            at += count
        count, self._reserve, self.lower = LOWER[record.result]
        self._at = at
        self.words = at + count

    def lift(self, memory: Memory, words: list[int]) -> tuple[list[Any], Any]:
        """The arguments, and where the result goes; FAULT, INVAL, NAMETOOLONG."""
        arguments = [make(memory, *words[start:end]) for start, end, make in self._lifts]
        return arguments, self._reserve(memory, *words[self._at : self.words])


def plans() -> dict[int, Plan]:
    """Every syscall's plan, by its number."""
    return {record.number: Plan(record) for record in table()}


class Gate:
    """One process' way into the kernel: its `door` behind the plans, in its `memory`."""

    __slots__ = ("door", "memory", "plans")

    def __init__(self, door: Syscalls, memory: Memory) -> None:
        self.door = door
        self.memory = memory
        self.plans = plans()

    def enter(self, number: int, words: list[int]) -> tuple[Plan, list[Any], Any]:
        """What a number and its words ask for; NOSYS for a number that isn't in the table, and what `Plan.lift` raises."""
        plan = self.plans.get(number)
        if plan is None:
            raise KernelError(Errno.NOSYS)
        return plan, *plan.lift(self.memory, words)

    def call(self, plan: Plan, arguments: list[Any], area: Any) -> int:
        """Do it: rax. Raises what syscalls raise; what waits is called again with the same arguments."""
        return plan.lower(area, getattr(self.door, plan.name)(*arguments))
