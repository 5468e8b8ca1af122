"""ABI types and the code that is generated from them, on a small interface of its own."""

from __future__ import annotations

from typing import Annotated, Any, Never

import pytest

from agave_wasi.abi import types as abi
from agave_wasi.abi.codegen import generate
from agave_wasi.abi.memory import Trap, bad_region, require_utf8, store_strings
from agave_wasi.abi.signature import signature
from kernel_sim.errors import KernelError

Number = Annotated[int, abi.U32]
Wide = Annotated[int, abi.U64]
Signed = Annotated[int, abi.S64]
Colour = Annotated[str, abi.Enum("colour", ("red", "green"))]
Bits = Annotated[int, abi.Flags("bits", ("a", "b", "c"))]
Yes = Annotated[bool, abi.Bool("yes", ("yes",))]
Word = Annotated[bytes, abi.Text()]
Room = Annotated[memoryview, abi.Buffer()]
Small = Annotated[int, abi.Scalar(2)]
Two = Annotated[tuple[int, int], abi.Pair(abi.Scalar(4, "one"), abi.Scalar(8, "two"))]
TYPES: dict[str, Any] = {
    "Number": Number, "Wide": Wide, "Signed": Signed, "Colour": Colour, "Bits": Bits, "Yes": Yes, "Word": Word,
    "Room": Room, "Small": Small, "Two": Two,
}  # fmt: skip


class Example:
    def everything(self, n: Number, w: Wide, s: Signed, c: Colour, b: Bits, y: Yes, t: Word, r: Room) -> Two:
        """Does it all.

        More text.
        """
        return 1, 2

    def short(self) -> Small:
        return 3

    def end(self, n: Number) -> Never:
        raise SystemExit

    def unknown(self, n: int) -> None: ...


def test_signatures_are_derived_from_annotations() -> None:
    found = signature(Example.everything, TYPES)
    assert found.core_type() == ("iIIiiiiiiiii"[:10] + "ii", "i")
    assert [slot.name for slot in found.slots()] == [
        "n", "w", "s", "c", "b", "y", "t_pointer", "t_length", "r_pointer", "r_length", "one", "two",
    ]  # fmt: skip
    assert (found.summary, found.blocking, found.never_returns) == ("Does it all.", False, False)
    assert signature(Example.end, TYPES).core_type() == ("i", "")
    assert signature(Example.short, TYPES).summary == ""
    with pytest.raises(TypeError, match="the annotation of 'n' names no AbiType"):
        signature(Example.unknown, TYPES)


class Host:
    """What generated code needs of a HostCalls."""

    def __init__(self, size: int, **methods: Any) -> None:
        self.methods = methods
        self.errno = {"ILSEQ": 25, "INVAL": 28}
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


@pytest.mark.parametrize("text", [b"", b"abc", "é😀".encode(), b"a\0b", b"\xef\xbf\xbd"])
def test_utf_8(text: bytes) -> None:
    require_utf8(text)


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_not_utf_8(text: bytes) -> None:
    with pytest.raises(KernelError, match="ILSEQ"):
        require_utf8(text)


def test_strings_and_regions() -> None:
    data = bytearray(b"\xaa" * 40)
    store_strings(memoryview(data), 4, 20, [b"ab", b"", b"c"])
    assert data == b"\xaa" * 4 + b"\x14\0\0\0\x17\0\0\0\x18\0\0\0" + b"\xaa" * 4 + b"ab\0\0c\0" + b"\xaa" * 14
    assert "misaligned" in str(bad_region(3, 4, 4, 100))
    assert "4 bytes at 0x64, memory has 0x64" in str(bad_region(100, 4, 4, 100))


def test_types_that_are_not_finished_say_so() -> None:
    with pytest.raises(NotImplementedError):
        abi.AbiType().slots("x")
    for method in (abi.Result().check, abi.Result().lower):
        with pytest.raises(NotImplementedError):
            method()
