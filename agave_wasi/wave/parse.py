"""From WAVE text to Python values of a given component type.

The grammar gives nodes that say how a value was written; what is meant follows from the type that is wanted: `a` may be a case
of an enum or a variant, `5` an option that is there. Source: component-model, WAVE.md.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from struct import pack, unpack
from typing import Any, NamedTuple

from lark import Lark, Transformer, Tree, UnexpectedInput, UnexpectedToken
from lark.lexer import Token

from agave_wasi.component.types import (
    Case,
    Enum,
    Err,
    Flags,
    FuncType,
    List,
    Map,
    Ok,
    Option,
    Primitive,
    Record,
    Result,
    Some,
    Tuple,
    ValType,
    Variant,
)
from agave_wasi.nearest import nearest

SHOWN = 60
INTEGERS = {
    f"{letter}{bits}": (-(1 << bits - 1), 1 << bits - 1) if letter == "s" else (0, 1 << bits)
    for letter in "su"
    for bits in (8, 16, 32, 64)
}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "'": "'", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)


class WaveError(ValueError):
    """The text isn't a value of the type that is wanted; says where, what was found, and what was expected."""


class Node(NamedTuple):
    """How a value was written: `kind` is the grammar's, `text` the token or label, `parts` what it is made of."""

    kind: str
    text: str = ""
    parts: tuple[Any, ...] = ()


class _Nodes(Transformer[Token, Any]):
    """Builds nodes while the text is parsed, so that deep nesting costs no recursion."""

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        kind = str(data)
        if kind.startswith("_"):  # the parser's own rules for what is repeated
            return Tree(kind, children)
        if kind == "values":
            return tuple(children)
        if kind == "start":
            return children[0]
        if kind in ("tuple", "list"):
            return Node(kind, "", children[0])
        if kind in ("record", "flags", "empty_record", "no_flags"):
            return Node(kind, "", tuple(children))
        return Node(kind, str(children[0]), tuple(children[1:]))


@cache
def _parser(start: str) -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=start, parser="lalr", lexer="contextual", transformer=_Nodes())


def _tree(text: str, start: str) -> Any:
    try:
        return _parser(start).parse(text)
    except UnexpectedInput as error:
        over = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        if over:
            place = "the end; a call is written name(arguments)" if start == "call" else "the end"
        else:
            place = f"line {error.line}, column {error.column}: {error.get_context(text, 20).splitlines()[0]!r}"
        raise WaveError(f"{_brief(text)!r} isn't WAVE, the text form of component values: at {place}") from None


def _brief(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def parse(text: str, type: ValType) -> Any:
    """The value that `text` writes; WaveError."""
    return _value(_tree(text, "start"), type)


def function_name(text: str) -> str:
    """The name in `name(arguments)`; WaveError."""
    name: str = _tree(text, "call").text
    return name


def arguments(text: str, type: FuncType) -> list[Any]:
    """The arguments in `name(arguments)` for a function of that type; options at the end may be left out. WaveError."""
    call = _tree(text, "call")
    given = list(call.parts[0])
    wanted = type.parameters
    while len(given) < len(wanted) and all(isinstance(each, Option) for _, each in wanted[len(given) :]):
        given.append(Node("word", "none"))
    if len(given) != len(wanted):
        shown = ", ".join(f"{name}: {each}" for name, each in wanted)
        raise WaveError(f"{call.text} takes {len(wanted)} arguments ({shown}), not {len(given)}")
    values = []
    for node, (name, each) in zip(given, wanted):
        try:
            values.append(_value(node, each))
        except WaveError as error:
            raise WaveError(f"{call.text}, argument {name}: {error}") from None
    return values


def _value(node: Node, type: ValType) -> Any:
    match type:
        case Primitive():
            return _primitive(node, type)
        case List():
            if node.kind != "list":
                raise _other(node, type)
            if type.length is not None and len(node.parts) != type.length:
                raise WaveError(f"a {type} has {type.length} elements, not {len(node.parts)}")
            values = [_value(each, type.element) for each in node.parts]
            return bytes(values) if type.element.kind == "u8" else values
        case Map():
            if node.kind != "list":
                raise _other(node, type)
            pair = Tuple((type.name, type.value))
            return dict(_value(each, pair) for each in node.parts)
        case Tuple():
            if node.kind != "tuple" or len(node.parts) != len(type.types):
                raise _other(node, type)
            return tuple([_value(each, part) for each, part in zip(node.parts, type.types)])
        case Record():
            return _record(node, type)
        case Flags():
            return _flags(node, type)
        case Enum():
            return _known(_label(node, type), type.names, type)
        case Variant():
            return _variant(node, type)
        case Option():
            return _option(node, type)
        case Result():
            return _result(node, type)
    raise WaveError(f"a {type} has no text form")


def _primitive(node: Node, type: Primitive) -> Any:
    kind = type.kind
    if kind == "bool" and node.kind == "word" and node.text in ("true", "false"):
        return node.text == "true"
    if kind in INTEGERS and node.kind == "integer":
        low, high = INTEGERS[kind]
        if len(node.text) > 20 or not low <= int(node.text) < high:
            raise WaveError(f"{_brief(node.text)} is out of range for {kind}: {low} to {high - 1}")
        return int(node.text)
    if kind in ("f32", "f64") and (node.kind in ("integer", "decimal") or node.text in ("nan", "inf")):
        return _decimal(node.text, kind)
    if kind == "char" and node.kind == "char":
        return _unescaped(node.text[1:-1])
    if kind == "string" and node.kind == "string":
        return _unescaped(node.text[1:-1])
    if kind == "string" and node.kind == "multiline":
        return _multiline(node.text)
    raise _other(node, type)


def _decimal(text: str, kind: str) -> float:
    number = float(text)
    try:
        rounded = number if kind == "f64" else float(unpack("<f", pack("<f", number))[0])
    except OverflowError:
        rounded = float("inf")
    if rounded in (float("inf"), float("-inf")) and "inf" not in text:
        raise WaveError(f"{_brief(text)} is out of range for {kind}")
    return rounded


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        number, letter = match.groups()
        if number is None:
            found = _ESCAPES.get(letter)
            if found is None:
                raise WaveError(f"unknown escape {match.group()}")
            return found
        code = int(number, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise WaveError(f"{match.group()} is no Unicode scalar value")
        return chr(code)

    if any(0xD800 <= ord(each) < 0xE000 for each in text):
        raise WaveError("the text holds a lone surrogate, which is no Unicode scalar value")
    return _ESCAPE.sub(character, text)


def _multiline(text: str) -> str:
    """Dedented by the spaces before the closing quotes; the first and last line breaks don't count."""
    lines = text[3:-3].replace("\r\n", "\n").split("\n")
    indent = len(lines[-1])
    body = lines[1:-1]
    for line in body:
        if line[:indent].strip(" "):
            raise WaveError(f"a line of a multiline string begins before its end: {line!r}")
    return _unescaped("\n".join(line[indent:] for line in body))


def _record(node: Node, type: Record) -> Any:
    if node.kind not in ("record", "empty_record"):
        raise _other(node, type)
    names = [name for name, _ in type.fields]
    given: dict[str, Node] = {}
    for field in node.parts:
        name = _known(field.text.removeprefix("%"), names, type)
        if name in given:
            raise WaveError(f"the field {name} is there twice")
        given[name] = field.parts[0]
    values = []
    for name, each in type.fields:
        if name not in given and not isinstance(each, Option):
            raise WaveError(f"the field {name} of {type} is missing")
        values.append(_value(given[name], each) if name in given else None)
    return type.make(*values)


def _flags(node: Node, type: Flags) -> frozenset[str]:
    if node.kind not in ("flags", "no_flags"):
        raise _other(node, type)
    names = [_known(each.removeprefix("%"), type.names, type) for each in map(str, node.parts)]
    if len(set(names)) != len(names):
        raise WaveError(f"a flag is there twice: {', '.join(names)}")
    return frozenset(names)


KEYWORDS = frozenset(("true", "false", "inf", "nan", "some", "none", "ok", "err"))


def _label(node: Node, type: ValType) -> str:
    if node.kind not in ("word", "applied"):
        raise _other(node, type)
    if node.text in KEYWORDS:
        raise WaveError(f"{node.text} is a keyword; the case of that name is written %{node.text}")
    return node.text.removeprefix("%")


def _variant(node: Node, type: Variant) -> Case:
    cases = dict(type.cases)
    name = _known(_label(node, type), list(cases), type)
    payload = cases[name]
    if (payload is None) != (node.kind == "word"):
        raise WaveError(f"the case {name} has {'no value' if payload is None else f'a value, a {payload}'}")
    return Case(name, None if payload is None else _value(node.parts[0], payload))


def _option(node: Node, type: Option) -> Any:
    if node.kind == "word" and node.text == "none":
        return None
    nested = isinstance(type.some, Option | Result)
    if node.kind == "applied" and node.text == "some":
        value = _value(node.parts[0], type.some)
    elif nested:
        raise _other(node, type)
    else:
        value = _value(node, type.some)
    return Some(value) if isinstance(type.some, Option) else value


def _result(node: Node, type: Result) -> Any:
    for keyword, payload, make in (("ok", type.ok, Ok), ("err", type.err, Err)):
        if node.text == keyword and node.kind in ("word", "applied"):
            if (payload is None) != (node.kind == "word"):
                raise WaveError(f"{keyword} of {type} has {'no value' if payload is None else f'a value, a {payload}'}")
            return make(None if payload is None else _value(node.parts[0], payload))
    if type.ok is None or isinstance(type.ok, Option | Result):
        raise _other(node, type)
    return Ok(_value(node, type.ok))


def _known(name: str, names: Any, type: ValType) -> str:
    if name in names:
        return name
    close = nearest(name, list(names))
    raise WaveError(f"{name} isn't in {type}" + (f"; is it {close}?" if close else ""))


_KINDS = {
    "integer": "an integer", "decimal": "a float", "word": "a word", "applied": "a case", "char": "a character",
    "string": "a string", "multiline": "a string", "tuple": "a tuple", "list": "a list", "record": "a record",
    "empty_record": "a record", "flags": "flags", "no_flags": "flags",
}  # fmt: skip


def _other(node: Node, type: ValType) -> WaveError:
    shown = f" {_brief(node.text)}" if node.text else ""
    return WaveError(f"{_KINDS[node.kind]}{shown} stands where a {type} is wanted")
