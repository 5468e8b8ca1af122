"""The signature of a host function, derived from its annotations: the one table behind everything about it.

`Fd = Annotated[int, U32]` makes `Fd` an int for Python and a 32-bit number for the ABI. `signature(method)` reads those
annotations and gives core type, parameters with their ABI types, and the result. Only tools and the code generator need
it: a plain run uses the generated code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Never, get_args, get_type_hints

from agave_wasi.abi.types import AbiType, Nothing, Result, Slot


class Parameter(NamedTuple):
    """A parameter of the method: its name, its type's name as written, and its ABI type."""

    name: str
    type_name: str
    abi: AbiType


class Signature(NamedTuple):
    """Everything about one host function that can be derived."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Result
    result_name: str
    blocking: bool
    never_returns: bool
    summary: str

    def slots(self) -> list[Slot]:
        """The core parameters: those of the parameters, then the result's pointers."""
        slots = [slot for each in self.parameters for slot in each.abi.slots(each.name)]
        return slots + [Slot(pointer, "i") for pointer in self.result.pointers()]

    def core_type(self) -> tuple[str, str]:
        """(parameters, results) as letters: i for i32, I for i64."""
        return "".join(slot.letter for slot in self.slots()).replace("q", "I"), "" if self.never_returns else "i"


def signature(method: Callable[..., Any], types: dict[str, Any]) -> Signature:
    """The signature of a method whose annotations name things in `types` (a module's namespace)."""
    written = method.__annotations__
    hints = get_type_hints(method, globalns={**method.__globals__, **types, "Never": Never}, include_extras=True)
    parameters = []
    code = method.__code__
    for name in code.co_varnames[1 : code.co_argcount]:
        parameters.append(Parameter(name, written[name], _marker(hints[name], AbiType, method, name)))
    result: Result = Nothing()
    if written["return"] not in ("None", "Never"):
        result = _marker(hints["return"], Result, method, "return")
    summary = (method.__doc__ or "").strip().splitlines()[0] if method.__doc__ else ""
    marks = method.__dict__
    return Signature(
        method.__name__,
        tuple(parameters),
        result,
        written["return"],
        bool(marks.get("blocking")),
        written["return"] == "Never",
        summary,
    )


def _marker(hint: Any, kind: type[Any], method: Callable[..., Any], name: str) -> Any:
    for extra in get_args(hint)[1:]:
        if isinstance(extra, kind):
            return extra
    raise TypeError(f"{method.__qualname__}: the annotation of {name!r} names no {kind.__name__}")
