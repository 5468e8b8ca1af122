"""The grains of the snapshot format: numbers, byte strings, texts, flags, and the values of calls that wait.

The reader believes nothing: every length is held against what is left before anything is made of it, numbers have one
spelling, and whatever doesn't fit is a `SnapshotError` at the offset where it stands.
"""

from __future__ import annotations

from kernel_sim.clock import CLOCK_IDS
from kernel_sim.syscalls.polling import Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

MAGIC = b"KSIMSNAP"
VERSION = 2
LONGEST_NUMBER = 20
"""Digits of 7 bits that a number may have: more than any counter of the kernel can reach."""
DEEPEST_VALUE = 16
"""How far the values of a call may be nested."""


class SnapshotError(Exception):
    """A snapshot can't be written, or isn't one; `offset` is where in the bytes, None if it isn't about bytes."""

    def __init__(self, reason: str, offset: int | None = None) -> None:
        super().__init__(reason if offset is None else f"{reason} (at byte {offset})")
        self.reason = reason
        self.offset = offset


class Writer:
    """Collects a snapshot in `data`."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = bytearray()

    def natural(self, number: int) -> None:
        """A number from 0 on."""
        if number < 0:
            raise SnapshotError(f"{number} should not be negative")
        if number >> 7 * LONGEST_NUMBER:
            raise SnapshotError(f"{number} is too big")
        while number > 0x7F:
            self.data.append(number & 0x7F | 0x80)
            number >>= 7
        self.data.append(number)

    def integer(self, number: int) -> None:
        """A number of either sign."""
        self.natural(number << 1 if number >= 0 else ~number << 1 | 1)

    def flag(self, value: bool) -> None:
        self.data.append(1 if value else 0)

    def octets(self, data: bytes | bytearray) -> None:
        self.natural(len(data))
        self.data += data

    def text(self, text: str) -> None:
        self.octets(text.encode())

    def maybe_natural(self, number: int | None) -> None:
        self.flag(number is not None)
        if number is not None:
            self.natural(number)

    def maybe_integer(self, number: int | None) -> None:
        self.flag(number is not None)
        if number is not None:
            self.integer(number)

    def maybe_octets(self, data: bytes | None) -> None:
        self.flag(data is not None)
        if data is not None:
            self.octets(data)

    def value(self, value: object, depth: int = 0) -> None:
        """One value of a call that waits; SnapshotError for what isn't plain data."""
        if depth > DEEPEST_VALUE:
            raise SnapshotError("a call that waits has values that are nested too deep")
        if value is None:
            self.data.append(0)
        elif isinstance(value, bool):
            self.data.append(2 if value else 1)
        elif isinstance(value, int):
            self.data.append(3)
            self.integer(value)
        elif isinstance(value, bytes):
            self.data.append(4)
            self.octets(value)
        elif isinstance(value, str):
            self.data.append(5)
            self.text(value)
        elif isinstance(value, tuple | list):
            self.data.append(6 if isinstance(value, tuple) else 7)
            self.natural(len(value))
            for each in value:
                self.value(each, depth + 1)
        elif isinstance(value, Subscription):
            self.data.append(8)
            self.maybe_natural(value.fd)
            self.flag(value.write)
            self.text(value.clock)
            self.natural(value.timeout)
            self.flag(value.absolute)
            self.maybe_integer(value.deadline)
        elif isinstance(value, memoryview):
            raise SnapshotError("a guest is in the middle of a call that reads or writes its memory")
        else:
            raise SnapshotError(f"a call that waits holds a {type(value).__name__}, which is no plain data")


class Reader:
    """Takes a snapshot apart; `at` is the offset of the next byte."""

    __slots__ = ("data", "at", "end")

    def __init__(self, data: bytes | bytearray | memoryview, end: int | None = None) -> None:
        self.data = memoryview(data)
        self.at = 0
        self.end = len(self.data) if end is None else end

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise SnapshotError(reason, self.at if at is None else at)

    def byte(self) -> int:
        if self.at >= self.end:
            self.fail("the snapshot ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def raw(self, length: int) -> bytes:
        """Exactly that many bytes."""
        if length > self.end - self.at:
            self.fail(f"{length} bytes are announced, but there are only {self.end - self.at}")
        self.at += length
        return bytes(self.data[self.at - length : self.at])

    def natural(self, limit: int | None = None) -> int:
        """A number from 0 on, at most `limit`."""
        start = self.at
        number = shift = 0
        while True:
            digit = self.byte()
            number |= (digit & 0x7F) << shift
            if digit < 0x80:
                break
            shift += 7
            if shift >= 7 * LONGEST_NUMBER:
                self.fail("a number is too long", start)
        if shift and not digit:
            self.fail("a number is not in its shortest form", start)
        if limit is not None and number > limit:
            self.fail(f"{number} is more than the {limit} that there can be", start)
        return number

    def integer(self) -> int:
        number = self.natural()
        return ~(number >> 1) if number & 1 else number >> 1

    def flag(self) -> bool:
        value = self.byte()
        if value > 1:
            self.fail(f"{value} is neither yes nor no", self.at - 1)
        return value == 1

    def count(self) -> int:
        """The length of a list; each of its items takes at least a byte."""
        return self.natural(self.end - self.at)

    def octets(self, limit: int | None = None) -> bytes:
        return self.raw(self.natural(limit))

    def text(self) -> str:
        start = self.at
        try:
            return self.octets().decode()
        except UnicodeDecodeError:
            self.fail("a text is not UTF-8", start)

    def maybe_natural(self) -> int | None:
        return self.natural() if self.flag() else None

    def maybe_integer(self) -> int | None:
        return self.integer() if self.flag() else None

    def maybe_octets(self) -> bytes | None:
        return self.octets() if self.flag() else None

    def value(self, depth: int = 0) -> object:
        """One value of a call that waits."""
        start = self.at
        if depth > DEEPEST_VALUE:
            self.fail("values are nested too deep")
        kind = self.byte()
        if kind < 3:
            return (None, False, True)[kind]
        if kind == 3:
            return self.integer()
        if kind == 4:
            return self.octets()
        if kind == 5:
            return self.text()
        if kind in (6, 7):
            values = [self.value(depth + 1) for _ in range(self.count())]
            return tuple(values) if kind == 6 else values
        if kind != 8:
            self.fail(f"{kind} is no kind of value", start)
        subscription = Subscription(self.maybe_natural(), self.flag(), self.text(), self.natural(), self.flag())
        if subscription.clock not in CLOCK_IDS and (subscription.clock or subscription.fd is None):
            self.fail("there is no such clock", start)
        subscription.deadline = self.maybe_integer()
        return subscription
