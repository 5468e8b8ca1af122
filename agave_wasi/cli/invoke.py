"""--invoke: arguments from the command line as numbers of the function's type, and results as wasmtime prints them."""

from __future__ import annotations

from decimal import Decimal
from struct import pack, unpack

from agave_wasi.binary.module import describe
from agave_wasi.binary.reader import MalformedModule
from agave_wasi.binary.types import FuncType
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError
from agave_wasi.nearest import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from agave_wasi.loader import Program
    from agave_wasi.snapshots.snapshot import Kept

BITS = {"i32": 32, "i64": 64}
FLOATS = ("f32", "f64")
SINGLE_DIGITS = range(1, 10)
"""So many digits may be needed to tell a 32-bit float from its neighbours."""


class Invocation:
    """An export to call: its name, its arguments, and the core types of its results."""

    __slots__ = ("name", "arguments", "results")

    def __init__(self, name: str, arguments: tuple[int | float, ...], results: tuple[str, ...]) -> None:
        self.name = name
        self.arguments = arguments
        self.results = results


def invocation(program: Program | Kept, name: str, given: Sequence[str]) -> Invocation:
    """The export `name` with arguments; Failure if there is none, UsageError if the arguments don't fit."""
    try:
        exports = {item.name: item.type for item in describe(program.wasm).exports if item.kind == "func"}
    except MalformedModule as error:
        raise Failure(f"{program.name}: {error}") from None
    if name not in exports:
        offered = f"it exports {', '.join(sorted(exports)[:12])}" if exports else "it exports no function at all"
        raise Failure(unknown(f"{program.name} exports no function", name, exports, offered))
    type = exports[name]
    assert isinstance(type, FuncType)
    count = len(type.params)
    if len(given) != count:
        wanted = f"{count} argument{'' if count == 1 else 's'}"
        raise UsageError(f"run: {name} takes {wanted}, and {len(given)} are given; they stand behind the program")
    return Invocation(name, tuple(map(_number, type.params, given)), type.results)


def _number(kind: str, given: str) -> int | float:
    try:
        if kind in FLOATS:
            return float(given)
        number = int(given, 0)
    except ValueError:
        raise UsageError(f"run: the argument {given!r} is no {kind}") from None
    if kind not in BITS:
        raise UsageError(f"run: an argument of type {kind} can't be given on the command line")
    if not -(1 << BITS[kind] - 1) <= number < 1 << BITS[kind]:
        raise UsageError(f"run: the argument {given} doesn't fit an {kind}")
    return number


def shown(values: Sequence[int | float], kinds: Sequence[str]) -> list[str]:
    """Results as text, as wasmtime writes them: floats with the digits that they need and without an exponent."""
    return [_float_shown(value, kind) if kind in FLOATS else str(value) for value, kind in zip(values, kinds)]


def _float_shown(value: float, kind: str) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    digits = repr(value)
    if kind == "f32":
        digits = next(text for text in (f"{value:.{count}g}" for count in SINGLE_DIGITS) if _single(text) == value)
    plain = format(Decimal(digits), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _single(text: str) -> float:
    try:
        found: float = unpack("<f", pack("<f", float(text)))[0]
    except OverflowError:
        return float("inf")
    return found
