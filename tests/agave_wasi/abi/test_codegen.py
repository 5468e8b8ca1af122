"""Code that is generated for a small interface: what it lifts, checks, calls and lowers."""

from __future__ import annotations

from struct import pack
from typing import Any

import pytest

from agave_wasi.abi.codegen import generate
from agave_wasi.abi.memory import IOV_MAX, Trap
from agave_wasi.abi.signature import signature
from tests.agave_wasi.abi.example import TYPES, Example


class Host:
    """What generated code needs of a HostCalls."""

    def __init__(self, size: int, **methods: Any) -> None:
        self.methods = methods
        self.errno = {"ILSEQ": 25, "INVAL": 28, "NOMEM": 48}
        self.frames: dict[int, Any] = {}
        self.no_memory = memoryview(b"")
        self.guest = bytearray(size)
        self.pending: BaseException | None = None
        self.spare = 1
        self.store = self
        self.slots = memoryview(bytearray(16 * 16)).cast("I")

    def memory(self, caller: int) -> memoryview:
        return memoryview(self.guest)

    def frame(self, address: int) -> memoryview:
        self.frames[address] = self.slots
        return self.slots

    def park(self, *_: object) -> int:
        raise AssertionError


def linked(host: Host) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    functions = [signature(getattr(Example, name), TYPES) for name in host.methods]
    text = generate(functions, "agave_wasi.preview1.layout", False, "An example.")
    assert text.startswith('"""An example."""')
    exec(compile(text, "<example>", "exec"), namespace)
    code: dict[str, Any] = namespace["link"](host)
    return code


SOUND = [7, 1 << 40, (1 << 64) - 5, 1, 5, 1, 100, 3, 200, 10, 400, 408]


def call(host: Host, code: dict[str, Any], name: str, arguments: list[int]) -> int:
    raw = host.slots.cast("B").cast("Q")
    for at, value in enumerate(arguments):
        raw[2 * at] = value
    return int(code[name](0, 0, 0))


def test_values_are_lifted_and_lowered() -> None:
    seen: list[Any] = []

    def everything(*values: Any) -> tuple[int, int]:
        seen.extend(values)
        return 11, 12

    host = Host(1024, everything=everything)
    host.guest[100:103] = b"abc"
    code = linked(host)
    assert call(host, code, "everything", SOUND) == 0
    assert host.slots[0] == 0
    room = seen.pop()
    assert seen == [7, 1 << 40, -5, "green", 5, True, b"abc"]
    assert isinstance(room, memoryview) and len(room) == 10
    room[:] = b"x" * 10
    assert host.guest[200:210] == b"x" * 10
    assert host.guest[400:404] == b"\x0b\0\0\0" and host.guest[408:416] == b"\x0c" + bytes(7)


@pytest.mark.parametrize(
    ("index", "value", "why"),
    [
        (3, 2, "invalid enum value for colour: 2"), (4, 8, "invalid flags for bits: 0x8"), (5, 2, "invalid flags for yes: 0x2"),
        (6, 1022, "out of bounds"), (8, 1015, "out of bounds"), (9, 825, "out of bounds"), (10, 401, "misaligned pointer"),
        (10, 1024, "out of bounds"), (11, 404, "misaligned pointer: 0x194 must be a multiple of 8"), (11, 1020, "misaligned"),
    ],
)  # fmt: skip
def test_what_is_bad_traps_before_the_method_runs(index: int, value: int, why: str) -> None:
    def everything(*_: object) -> None:
        raise AssertionError("called")

    host = Host(1024, everything=everything)
    code = linked(host)
    arguments = list(SOUND)
    arguments[index] = value
    assert call(host, code, "everything", arguments) == 1
    assert isinstance(host.pending, Trap)
    assert why in str(host.pending)


def test_text_that_is_not_utf_8_is_an_error_not_a_trap() -> None:
    host = Host(1024, everything=lambda *_: (0, 0))
    host.guest[100:103] = b"\xff\xfe\xfd"
    assert call(host, linked(host), "everything", SOUND) == 0
    assert host.slots[0] == 25


def test_a_scalar_fills_its_bytes_only() -> None:
    host = Host(64, short=lambda: 0xBEEF)
    host.guest[:] = b"\xaa" * 64
    assert call(host, linked(host), "short", [10]) == 0
    assert host.guest == b"\xaa" * 10 + b"\xef\xbe" + b"\xaa" * 52


def vector(host: Host, at: int, *buffers: tuple[int, int]) -> None:
    host.guest[at : at + 8 * len(buffers)] = b"".join(pack("<II", *each) for each in buffers)


def test_vectors_leave_empty_buffers_out_and_have_limits() -> None:
    lengths: list[list[int]] = []

    def vectored(views: tuple[memoryview, ...]) -> int:
        lengths.append([len(view) for view in views])
        return 0

    host = Host(1 << 16, vectored=vectored)
    code = linked(host)
    vector(host, 0, (100, 5), (1 << 31, 0), (200, 7))
    assert call(host, code, "vectored", [0, 3, 64]) == 0 and lengths.pop() == [5, 7]
    vector(host, 0, *[(100, 1)] * (IOV_MAX + 1))
    assert call(host, code, "vectored", [0, IOV_MAX + 1, 0x8000]) == 0 and lengths.pop() == [1] * 1024
    vector(host, 0, *[(100, 1)] * IOV_MAX, (1 << 16, 1))  # the last one isn't used, but bad
    assert call(host, code, "vectored", [0, IOV_MAX + 1, 0x8000]) == 1
    assert "1 bytes at 0x10000" in str(host.pending)
    host.spare = 1
    assert call(host, code, "vectored", [2, 1, 0x8000]) == 1 and "misaligned" in str(host.pending)


def test_a_vector_that_would_take_long_to_look_at_is_refused() -> None:
    host = Host(1 << 27 | 1 << 16, vectored=lambda views: len(views))
    code = linked(host)
    assert call(host, code, "vectored", [0, 1 << 24, 1 << 27]) == 0
    assert host.slots[0] == host.errno["NOMEM"]
