"""Values of components as whole data that JSON can hold: what `agave_wasi.component.shown` shortens is kept here.

list<u8> is {"bytes": size, "data": the first as characters, "digest": of all, where there are more}; everything else is as in
a trace, with every element.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from agave_wasi.component import shown
from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.types import Case, Err, Ok, Some
from conformance.calls.call import KEPT

LINE = 32
"""So many bytes, and so many elements, a line shows."""


def whole(value: Any, keep: int = KEPT) -> Any:
    """Any value, as data."""
    match value:
        case bytes() | bytearray() | memoryview():
            found = {"bytes": len(value), "data": bytes(value[:keep]).decode("latin-1")}
            if len(value) > keep:
                found["digest"] = blake2b(value, digest_size=16).hexdigest()
            return found
        case NumberedHandle():
            return {"resource": value.resource, "handle": value.number}
        case Case():
            return value.name if value.value is None else {value.name: whole(value.value, keep)}
        case Ok() | Err():
            name = "ok" if isinstance(value, Ok) else "err"
            return name if value.value is None else {name: whole(value.value, keep)}
        case Some():
            return {"some": whole(value.value, keep)}
        case dict():
            return [[whole(each, keep) for each in pair] for pair in value.items()]
        case str() if len(value) > keep:
            digest = blake2b(value.encode(), digest_size=16).hexdigest()
            return {"characters": len(value), "text": value[:keep], "digest": digest}
    if hasattr(value, "_fields"):
        return {name: whole(each, keep) for name, each in zip(value._fields, value)}
    if isinstance(value, list | tuple):
        return [whole(each, keep) for each in value]
    return shown.plain(value)


def brief(data: Any) -> Any:
    """What `whole` made, shortened as a line of a trace has it."""
    match data:
        case {"bytes": int(), "data": str(text)}:
            return {"bytes": data["bytes"], "data": text[:LINE]}
        case {"characters": int(), "text": str(text)}:
            return text[: 4 * LINE] + "..."
        case dict():
            return {key: brief(each) for key, each in data.items()}
        case list():
            more = [f"... {len(data) - LINE} more"] if len(data) > LINE else []
            return [brief(each) for each in data[:LINE]] + more
    return data
