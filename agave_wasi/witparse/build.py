"""Makes a tree of what the grammar recognises: one method a rule of grammar.lark, called with the values of its parts."""

from __future__ import annotations

import re
from typing import Any

from lark import Transformer

from agave_wasi.nearest import unknown
from agave_wasi.witparse import tree
from agave_wasi.witparse import types as t
from agave_wasi.witparse.source import Name, shown, wrong

GATES = {"since": "version", "unstable": "feature", "deprecated": "version"}
LARGEST_LENGTH = (1 << 32) - 1
ESCAPE = re.compile(rb"\\(u\{([0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)\}|[0-9a-fA-F]{2}|[tnr\"'\\])?")
PLAIN_ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b'"': b'"', b"'": b"'", b"\\": b"\\"}

Parts = list[Any]


class Marks:
    """Gates and an external name as they are read, and the sign with which the first of them begins."""

    __slots__ = ("gates", "external", "first")

    def __init__(self, marks: list[tuple[Name, tree.Gate | Name]]) -> None:
        self.gates = tuple(mark for _, mark in marks if isinstance(mark, tree.Gate))
        self.external = [mark for _, mark in marks if not isinstance(mark, tree.Gate)]
        self.first = marks[0][0] if marks else None

    def head(self, first: Name) -> tree.Head:
        """The head of an item whose first word behind the marks is `first`."""
        first = self.first or first
        docs = first.source.docs.get(first.offset, "") if first.source else ""
        if len(self.external) > 1:
            raise wrong(self.external[1], "an item has at most one @external-id")
        if not (docs or self.gates or self.external):
            return tree.BARE
        return tree.Head(docs, self.gates, _text(self.external[0]) if self.external else None)


def _docs(word: Name) -> str:
    return word.source.docs.get(word.offset, "") if word.source else ""


def _text(quoted: Name) -> str:
    """The text between quotes, with its escapes undone; a core WebAssembly name."""

    def undone(escape: re.Match[bytes]) -> bytes:
        what, code = escape.groups()
        if what is None:
            raise wrong(quoted, r"a backslash begins \t, \n, \r, \", \', \\, two hexadecimal digits, or \u{...}")
        if code is None:
            return PLAIN_ESCAPES.get(what) or bytes.fromhex(what.decode())
        number = int(code.replace(b"_", b"")[:16], 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise wrong(quoted, f"\\u{{{code.decode()[:16]}}} is no Unicode scalar value")
        return chr(number).encode()

    try:
        return ESCAPE.sub(undone, quoted[1:-1].encode()).decode()
    except UnicodeDecodeError:
        raise wrong(quoted, "the escaped bytes aren't UTF-8") from None


class Builder(Transformer[Any, Any]):
    """The methods that lark calls while it parses."""

    def file(self, parts: Parts) -> tree.File:
        head, *items = parts
        return tree.File(head[0] if head else None, tuple(items), head[1] if head else "")

    def package_head(self, parts: Parts) -> tuple[tree.PackageName, str]:
        return parts[1], _docs(parts[0])

    def package(self, parts: Parts) -> tree.Package:
        (name, docs), *items = parts
        return tree.Package(name, tuple(items), docs)

    def namespace(self, parts: Parts) -> list[Name]:
        return [parts[0]]

    def package_name(self, parts: Parts) -> tree.PackageName:
        version = parts.pop()[0] if isinstance(parts[-1], tuple) else None
        spaces = tuple(part[0] for part in parts if isinstance(part, list))
        return tree.PackageName(spaces, tuple(parts[len(spaces) :]), version)

    def version(self, parts: Parts) -> tuple[Name]:
        return (_semver(parts[0]),)

    def local_path(self, parts: Parts) -> tree.Path:
        return tree.Path(None, parts[0])

    def path(self, parts: Parts) -> tree.Path:
        inner = parts.pop(-2 if isinstance(parts[-1], tuple) else -1)
        return tree.Path(self.package_name(parts), inner)

    def head(self, parts: Parts) -> Marks:
        return Marks(parts)

    def gate(self, parts: Parts) -> tuple[Name, tree.Gate]:
        at, kind, field, value = parts
        if kind not in GATES:
            raise wrong(kind, unknown("there is no gate", f"@{kind}", [f"@{each}" for each in GATES],
                                      "there are @since, @unstable and @deprecated"))  # fmt: skip
        if field != GATES[kind] or (value.type == "VERSION") != (field == "version"):
            example = "version = 1.2.3" if GATES[kind] == "version" else "feature = some-name"
            raise wrong(field if field != GATES[kind] else value, f"@{kind} takes ({example})")
        return at, tree.Gate(str(kind), _semver(value) if field == "version" else value)

    def external(self, parts: Parts) -> tuple[Name, Name]:
        at, kind, text = parts
        if kind != "external-id":
            raise wrong(kind, f'only @external-id takes a text in quotes, not @{kind}')
        return at, text

    def top_use(self, parts: Parts) -> tree.TopUse:
        return tree.TopUse(parts[0], parts[1])

    def use(self, parts: Parts) -> tree.Use:
        marks, word, path, renames = parts
        return tree.Use(path, renames, marks.head(word))

    def renames(self, parts: Parts) -> tuple[tree.Rename, ...]:
        return tuple(parts)

    def rename(self, parts: Parts) -> tree.Rename:
        return tree.Rename(parts[0], parts[1])

    def world(self, parts: Parts) -> tree.World:
        marks, word, name, *items = parts
        return tree.World(name, tuple(items), marks.head(word))

    def extern_path(self, parts: Parts) -> tree.Extern:
        marks, direction, path = parts
        return tree.Extern(str(direction), None, path, marks.head(direction))

    def extern_named(self, parts: Parts) -> tree.Extern:
        marks, direction, name, _, path = parts
        return tree.Extern(str(direction), name, path, marks.head(direction))

    def extern_func(self, parts: Parts) -> tree.Extern:
        marks, direction, name, _, function = parts
        return tree.Extern(str(direction), name, self._function(name, "function", function), marks.head(direction))

    def extern_inline(self, parts: Parts) -> tree.Extern:
        marks, direction, name, _, *items = parts
        return tree.Extern(str(direction), name, tree.Interface(name, tuple(items)), marks.head(direction))

    def include(self, parts: Parts) -> tree.Include:
        marks, word, path, *renames = parts
        for rename in renames[0] if renames else ():
            if rename.new is None:
                raise wrong(rename.name, f"say what {rename.name} is to be called: with {{ {rename.name} as other }}")
        return tree.Include(path, renames[0] if renames else (), marks.head(word))

    def interface(self, parts: Parts) -> tree.Interface:
        marks, word, name, *items = parts
        return tree.Interface(name, tuple(items), marks.head(word))

    def func(self, parts: Parts) -> tree.Function:
        marks, name, function = parts
        return self._function(name, "function", function, marks.head(name))

    def func_type(self, parts: Parts) -> tuple[bool, tuple[tree.Case, ...], t.Type | None]:
        asynchronous, params, result = parts
        return asynchronous is not None, params, result

    def _function(
        self, name: Name, kind: str, function: tuple[bool, tuple[tree.Case, ...], t.Type | None], head: tree.Head = tree.BARE
    ) -> tree.Function:
        asynchronous, params, result = function
        return tree.Function(name, kind, params, result, asynchronous, head)

    def params(self, parts: Parts) -> tuple[tree.Case, ...]:
        return tuple(each for each in parts if each is not None)

    def alias(self, parts: Parts) -> tree.Alias:
        marks, word, name, type = parts
        return tree.Alias(name, type, marks.head(word))

    def record(self, parts: Parts) -> tree.Record:
        return tree.Record(*self._members(parts, "field"))

    def variant(self, parts: Parts) -> tree.Variant:
        return tree.Variant(*self._members(parts, "case"))

    def enum(self, parts: Parts) -> tree.Enum:
        return tree.Enum(*self._members(parts, "case"))

    def flags(self, parts: Parts) -> tree.Flags:
        return tree.Flags(*self._members(parts, "flag"))

    def _members(self, parts: Parts, what: str) -> tuple[Name, tuple[tree.Case, ...], tree.Head]:
        marks, word, name, *members = parts
        if members in ([], [None]):
            raise wrong(name, f"{word} {name} needs at least one {what}")
        return name, tuple(members), marks.head(word)

    def resource(self, parts: Parts) -> tree.Resource:
        marks, word, name, *functions = parts
        return tree.Resource(name, tuple(functions), marks.head(word))

    def method(self, parts: Parts) -> tree.Function:
        marks, name, function = parts
        return self._function(name, "method", function, marks.head(name))

    def static(self, parts: Parts) -> tree.Function:
        marks, name, function = parts
        return self._function(name, "static", function, marks.head(name))

    def constructor(self, parts: Parts) -> tree.Function:
        marks, word, params, result = parts
        return self._function(word, "constructor", (False, params, result), marks.head(word))

    def field(self, parts: Parts) -> tree.Case:
        return tree.Case(parts[0], parts[1], _docs(parts[0]))

    case = field

    def label(self, parts: Parts) -> tree.Case:
        return tree.Case(parts[0], None, _docs(parts[0]))

    def primitive(self, parts: Parts) -> t.Type:
        return t.PRIMITIVES[parts[0]]

    def ref(self, parts: Parts) -> t.Type:
        return tree.Ref(parts[0])

    def list_of(self, parts: Parts) -> t.Type:
        item, length = parts
        if length is None:
            return t.List(item)
        if length[0] == "0" or len(length) > 10 or int(length) > LARGEST_LENGTH:
            raise wrong(length, f"a list's length is from 1 to {LARGEST_LENGTH}, without zeros in front")
        return t.List(item, int(length))

    def map_of(self, parts: Parts) -> t.Type:
        return t.Map(*parts)

    def option(self, parts: Parts) -> t.Type:
        return t.Option(parts[0])

    def tuple_of(self, parts: Parts) -> t.Type:
        return t.Tuple(tuple(parts))

    def result(self, parts: Parts) -> t.Type:
        return t.Result(*parts) if parts else t.Result(None, None)

    def result_error(self, parts: Parts) -> t.Type:
        return t.Result(None, parts[-1])

    def own(self, parts: Parts) -> t.Type:
        return t.Own(parts[0])

    def borrow(self, parts: Parts) -> t.Type:
        return t.Borrow(parts[0])

    def stream(self, parts: Parts) -> t.Type:
        return t.Stream(parts[0])

    def future(self, parts: Parts) -> t.Type:
        return t.Future(parts[0])


def _semver(version: Name) -> Name:
    numbers, _, _ = version.partition("+")
    core, _, pre = numbers.partition("-")
    for number in (*core.split("."), *(each for each in pre.split(".") if each.isdigit())):
        if len(number) > 1 and number[0] == "0":
            raise wrong(version, f"{shown(version)} is no semantic version: {number} has a zero in front")
        if len(number) > 20 or int(number) >= 1 << 64:
            raise wrong(version, f"{shown(version)} is no semantic version: its numbers have to fit in 64 bits")
    return version

