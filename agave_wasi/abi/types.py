"""ABI types: how a value of a host function crosses between core WebAssembly and Python.

A function's annotations name these types; from them the code that lifts arguments and lowers results is generated (see
`agave_wasi.abi.codegen`). A type knows the core types of the slots it takes and gives the source that turns slots into a
value, or a value into memory. In that source `memory` is a memoryview of guest memory, `memory_32` the same as 32-bit
numbers (and so on), `memory_size` its length, `last_4` the last place where 4 bytes fit, and `check` traps for a region that is
misaligned or out of bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Slot(NamedTuple):
    """One core parameter: its name and the letter of its type (i: i32, I: i64, q: i64 read as signed)."""

    name: str
    letter: str


class AbiType:
    """What every ABI type answers. `name` is the Python variable that the value goes by."""

    def slots(self, name: str) -> list[Slot]:
        """The core parameters that a value takes."""
        raise NotImplementedError

    def lift(self, name: str) -> list[str]:
        """Source lines that make the variable `name` from its slots."""
        return []

    def show(self, name: str) -> str:
        """Source of an expression for the trace: something that JSON can hold."""
        return name

    def show_filled(self, name: str, count: str) -> str:
        """The same for what a function has put there, `count` bytes; empty where it puts nothing."""
        return ""


class Integer(AbiType):
    """A number as it is; `letter` is its slot's."""

    def __init__(self, letter: str, bits: int) -> None:
        self.letter = letter
        self.bits = bits

    def slots(self, name: str) -> list[Slot]:
        return [Slot(name, self.letter)]


U32 = Integer("i", 32)
U64 = Integer("I", 64)
S64 = Integer("q", 64)


class Enum(AbiType):
    """One of `members`, by index; an index beyond them traps. `title` is the type's name in the specification."""

    def __init__(self, title: str, members: Sequence[str]) -> None:
        self.title = title
        self.members = tuple(members)

    def slots(self, name: str) -> list[Slot]:
        return [Slot(name, "i")]

    def lift(self, name: str) -> list[str]:
        return [
            f"if {name} >= {len(self.members)}:",
            f"    raise Trap({f'invalid enum value for {self.title}: '!r} + str({name}))",
            f"{name} = {self.title.upper()}[{name}]",
        ]


class Flags(AbiType):
    """A set of bits, `names` from bit 0 on; an unknown bit traps. The value stays a number."""

    def __init__(self, title: str, names: Sequence[str], letter: str = "i") -> None:
        self.title = title
        self.names = tuple(names)
        self.letter = letter

    def slots(self, name: str) -> list[Slot]:
        return [Slot(name, self.letter)]

    def lift(self, name: str) -> list[str]:
        return [
            f"if {name} > {(1 << len(self.names)) - 1}:",
            f"    raise Trap({f'invalid flags for {self.title}: '!r} + hex({name}))",
        ]

    def show(self, name: str) -> str:
        return f"flag_names({self.title.upper()}_NAMES, {name})"


class Bool(Flags):
    """A set of one flag, lifted as a truth value."""

    def lift(self, name: str) -> list[str]:
        return [*super().lift(name), f"{name} = {name} == 1"]

    def show(self, name: str) -> str:
        return f"flag_names({self.title.upper()}_NAMES, int({name}))"


class Text(AbiType):
    """A string in guest memory, lifted as bytes; ILSEQ if it isn't UTF-8."""

    def slots(self, name: str) -> list[Slot]:
        return [Slot(f"{name}_pointer", "i"), Slot(f"{name}_length", "i")]

    def lift(self, name: str) -> list[str]:
        return [
            f"if {name}_pointer + {name}_length > memory_size:",
            f"    check({name}_pointer, {name}_length, 1, caller)",
            f"{name} = memory[{name}_pointer : {name}_pointer + {name}_length].tobytes()",
            f"if not {name}.isascii():",
            f"    require_utf8({name})",
        ]

    def show(self, name: str) -> str:
        return f"text({name})"


class Buffer(AbiType):
    """A region of guest memory, lifted as a memoryview that the function fills; `filled` shows a trace with what."""

    def __init__(self, filled: str = "") -> None:
        self.filled = filled

    def slots(self, name: str) -> list[Slot]:
        return [Slot(f"{name}_pointer", "i"), Slot(f"{name}_length", "i")]

    def lift(self, name: str) -> list[str]:
        return [
            f"if {name}_pointer + {name}_length > memory_size:",
            f"    check({name}_pointer, {name}_length, 1, caller)",
            f"{name} = memory[{name}_pointer : {name}_pointer + {name}_length]",
        ]

    def show(self, name: str) -> str:
        return f"len({name})"

    def show_filled(self, name: str, count: str) -> str:
        if self.filled:
            return f"{self.filled}({name}, {count})"
        return f"shown_filled(({name},), {count or f'len({name})'})"


class IoVecs(AbiType):
    """An array of (pointer, length) pairs, lifted as memoryviews; `write` says that the guest's data goes out."""

    def __init__(self, write: bool) -> None:
        self.write = write

    def slots(self, name: str) -> list[Slot]:
        return [Slot(f"{name}_pointer", "i"), Slot(f"{name}_length", "i")]

    def lift(self, name: str) -> list[str]:
        return [
            f"if {name}_pointer & 3 or {name}_pointer + 8 * {name}_length > memory_size:",
            f"    check({name}_pointer, 8 * {name}_length, 4, caller)",
            f"if {name}_length == 1:",
            f"    start, length = unpack_pair(memory, {name}_pointer)",
            "    if start + length <= near:",  # the short way, for what nearly every call has
            f"        {name} = (memory[start : start + length],)",
            "    else:",
            f"        {name} = vectors({name}_pointer, {name}_length, caller)",
            "else:",
            f"    {name} = vectors({name}_pointer, {name}_length, caller)",
        ]

    def show(self, name: str) -> str:
        return f"shown_data({name})" if self.write else f"shown_lengths({name})"

    def show_filled(self, name: str, count: str) -> str:
        return "" if self.write else f"shown_filled({name}, {count})"


class Custom(AbiType):
    """A value that a function of the ABI's own module makes from `names` slots: lifter(region, *slots).

    `region`(pointer, length, align) gives a checked view of guest memory. A trace shows `shower`(value), and afterwards
    `filled`(value, count).
    """

    def __init__(self, lifter: str, names: Sequence[str], shower: str, filled: str) -> None:
        self.lifter = lifter
        self.names = tuple(names)
        self.shower = shower
        self.filled = filled

    def slots(self, name: str) -> list[Slot]:
        return [Slot(f"{name}_{each}", "i") for each in self.names]

    def lift(self, name: str) -> list[str]:
        slots = ", ".join(slot.name for slot in self.slots(name))
        return [f"{name} = {self.lifter}(region_for(caller), {slots})"]

    def show(self, name: str) -> str:
        return f"{self.shower}({name})"

    def show_filled(self, name: str, count: str) -> str:
        return f"{self.filled}({name}, {count})"


class Result:
    """How a returned value goes to the guest: through pointers that come after the parameters."""

    def pointers(self) -> list[str]:
        """The names of the pointer parameters."""
        return ["result"]

    def check(self) -> list[str]:
        """Source lines that trap if a pointer is bad, before anything happens."""
        raise NotImplementedError

    def lower(self) -> list[str]:
        """Source lines that store the variable `value`."""
        raise NotImplementedError

    def show(self) -> Mapping[str, str]:
        """Name -> expression over `value`, for the trace."""
        return {"result": "value"}

    def count(self) -> str:
        """Expression over `value`: how many bytes were put into a buffer; empty if that isn't the result."""
        return ""


def check_region(pointer: str, length: int, align: int) -> list[str]:
    """Source lines for the quick test of a region, and the slow one behind it."""
    misaligned = f"{pointer} & {align - 1} or " if align > 1 else ""
    fits = f"{pointer} > last_{length}" if length in (4, 8) else f"{pointer} + {length} > memory_size"
    return [f"if {misaligned}{fits}:", f"    check({pointer}, {length}, {align}, caller)"]


class Scalar(Result):
    """A number of 1, 2, 4 or 8 bytes at its natural alignment."""

    def __init__(self, bytes: int, name: str = "result") -> None:
        self.bytes = bytes
        self.name = name

    def pointers(self) -> list[str]:
        return [self.name]

    def check(self) -> list[str]:
        return check_region(self.name, self.bytes, self.bytes)

    def lower(self) -> list[str]:
        return [_store(self, "value")]

    def show(self) -> Mapping[str, str]:
        return {self.name: "value"}

    def count(self) -> str:
        return "value"


def _store(part: Scalar, value: str) -> str:
    """A store through a view of memory as numbers of that size, which is quicker than packing."""
    return f"memory_{8 * part.bytes}[{part.name} >> {part.bytes.bit_length() - 1}] = {value}"


class Pair(Result):
    """Two numbers, each through a pointer of its own."""

    def __init__(self, first: Scalar, second: Scalar) -> None:
        self.parts = (first, second)

    def pointers(self) -> list[str]:
        return [part.name for part in self.parts]

    def check(self) -> list[str]:
        return [line for part in self.parts for line in part.check()]

    def lower(self) -> list[str]:
        return [_store(part, f"value[{index}]") for index, part in enumerate(self.parts)]

    def show(self) -> Mapping[str, str]:
        return {part.name: f"value[{index}]" for index, part in enumerate(self.parts)}

    def count(self) -> str:
        return "value[0]"


class Record(Result):
    """A struct of `size` bytes; `lowerer`(memory, pointer, value) of the ABI's own module stores it."""

    def __init__(self, lowerer: str, size: int, align: int, shower: str) -> None:
        self.lowerer = lowerer
        self.size = size
        self.align = align
        self.shower = shower

    def check(self) -> list[str]:
        return check_region("result", self.size, self.align)

    def lower(self) -> list[str]:
        return [f"{self.lowerer}(memory, result, value)"]

    def show(self) -> Mapping[str, str]:
        return {"result": f"{self.shower}(value)"}


class StringArray(Result):
    """A list of byte strings: an array of pointers, and a buffer with the strings, each ended by a NUL."""

    def pointers(self) -> list[str]:
        return ["array", "buffer"]

    def check(self) -> list[str]:
        return []  # the sizes are known only with the value; nothing happens before they are checked

    def lower(self) -> list[str]:
        return [
            "check(array, 4 * len(value), 4, caller)",
            "check(buffer, sum(map(len, value)) + len(value), 1, caller)",
            "store_strings(memory, array, buffer, value)",
        ]

    def show(self) -> Mapping[str, str]:
        return {"result": "[text(each) for each in value]"}


class Nothing(Result):
    """No result but success."""

    def pointers(self) -> list[str]:
        return []

    def check(self) -> list[str]:
        return []

    def lower(self) -> list[str]:
        return []

    def show(self) -> Mapping[str, str]:
        return {}
