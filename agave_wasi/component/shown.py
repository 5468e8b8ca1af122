"""Values of components as plain data that JSON can hold, for traces: bytes shortened, handles by number."""

from __future__ import annotations

from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.types import Case, Err, Ok, Some

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHOWN = 32
"""So many bytes of a list<u8>, and so many elements of another list, are shown."""
DEPTH = 20


def plain(value: Any, depth: int = 0) -> Any:
    """Any value of a component as plain data.

    list<u8> is {"bytes": size, "data": the first as characters}, a handle {"resource": name, "handle": number}, a record an
    object, a variant's case its name or {name: value}, flags {"flags": names}.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)  # JSON has neither infinity nor NaN
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": len(value), "data": bytes(value[:SHOWN]).decode("latin-1")}
    if depth > DEPTH:
        return "..."
    match value:
        case NumberedHandle():
            return {"resource": value.resource, "handle": value.number}
        case Case():
            return value.name if value.value is None else {value.name: plain(value.value, depth + 1)}
        case Ok() | Err():
            name = "ok" if isinstance(value, Ok) else "err"
            return name if value.value is None else {name: plain(value.value, depth + 1)}
        case Some():
            return {"some": plain(value.value, depth + 1)}
        case frozenset():
            return {"flags": sorted(value)}
        case dict():
            return [[plain(each, depth + 1) for each in pair] for pair in list(value.items())[:SHOWN]]
    if hasattr(value, "_fields"):
        return {name: plain(each, depth + 1) for name, each in zip(value._fields, value)}
    if isinstance(value, list | tuple):
        more = [f"... {len(value) - SHOWN} more"] if len(value) > SHOWN else []
        return [plain(each, depth + 1) for each in value[:SHOWN]] + more
    return str(value)


def error_of(value: Any) -> str | None:
    """A failed result as the name of its error, None if it didn't fail: `no-entry`, or `last-operation-failed(error#4)`."""
    if not isinstance(value, Err):
        return None
    error = value.value
    if isinstance(error, Case) and error.value is not None:
        return f"{error.name}({_brief(error.value)})"
    return "err" if error is None else _brief(error)


def _brief(value: Any) -> str:
    if isinstance(value, NumberedHandle):
        return f"{value.resource}#{value.number}"
    return value.name if isinstance(value, Case) and value.value is None else str(plain(value))


def title(call: str) -> tuple[str, str]:
    """(what it belongs to, its name) of a call's full name: ("descriptor", "read"), ("monotonic-clock", "now").

    The name of a constructor is empty; a function outside of any interface belongs to nothing.
    """
    if call.startswith("resource.drop "):
        return call.partition(" ")[2], "drop"
    interface, _, name = call.rpartition("#")
    if name.startswith("["):
        owner, _, member = name.partition("]")[2].partition(".")
        return owner, member
    return interface.partition("@")[0].rpartition("/")[2], name


def short(call: str) -> str:
    """The name by which people choose calls: `descriptor.read`, `monotonic-clock.now`."""
    return ".".join([each for each in title(call) if each])
