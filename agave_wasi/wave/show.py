"""From Python values of a component type to WAVE text: the form that `parse` takes back."""

from __future__ import annotations

from typing import Any

from agave_wasi.component.types import (
    Borrow,
    Enum,
    Err,
    Flags,
    List,
    Map,
    Option,
    Own,
    Primitive,
    Record,
    Result,
    Some,
    Tuple,
    ValType,
    Variant,
)
from agave_wasi.wave.parse import KEYWORDS

_ESCAPED = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}


def show(value: Any, type: ValType) -> str:
    """The text form of a value."""
    match type:
        case Primitive():
            return _primitive(value, type.kind)
        case List():
            return f"[{', '.join([show(each, type.element) for each in value])}]"
        case Map():
            pair = Tuple((type.name, type.value))
            return f"[{', '.join([show(each, pair) for each in value.items()])}]"
        case Tuple():
            return f"({', '.join([show(each, part) for each, part in zip(value, type.types)])})"
        case Record():
            fields = [(name, each, type) for (name, type), each in zip(type.fields, value)]
            shown = [f"{name}: {show(each, type)}" for name, each, type in fields if each is not None]
            return f"{{{', '.join(shown) or ':'}}}"
        case Flags():
            return f"{{{', '.join(name for name in type.names if name in value)}}}"
        case Enum():
            return _label(value)
        case Variant():
            payload = dict(type.cases)[value.name]
            return _label(value.name) + ("" if payload is None else f"({show(value.value, payload)})")
        case Option():
            if value is None:
                return "none"
            inner = value.value if isinstance(value, Some) else value
            return f"some({show(inner, type.some)})"
        case Result():
            name, payload = ("err", type.err) if isinstance(value, Err) else ("ok", type.ok)
            return name if payload is None else f"{name}({show(value.value, payload)})"
        case Own() | Borrow():
            return f"<{type.resource.name}>"
    return str(value)


def _primitive(value: Any, kind: str) -> str:
    if kind == "bool":
        return "true" if value else "false"
    if kind == "char":
        return f"'{_escaped(value, chr(39))}'"
    if kind == "string":
        return f'"{_escaped(value, chr(34))}"'
    if kind in ("f32", "f64"):
        return _decimal(value, kind)
    return str(value)


def _decimal(value: float, kind: str) -> str:
    """The shortest decimal that gives the same number again in its width."""
    if kind == "f64" or value != value or value in (float("inf"), float("-inf")):
        return repr(value).removesuffix(".0")
    from struct import pack, unpack

    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        try:
            same = unpack("<f", pack("<f", float(text)))[0] == value
        except OverflowError:  # rounded up beyond the largest
            continue
        if same:
            return repr(float(text)).removesuffix(".0")
    return repr(value)


def _escaped(text: str, quote: str) -> str:
    return "".join(
        _ESCAPED.get(each) or (f"\\{each}" if each == quote else each if each.isprintable() else f"\\u{{{ord(each):x}}}")
        for each in text
    )


def _label(name: str) -> str:
    return f"%{name}" if name in KEYWORDS else name
