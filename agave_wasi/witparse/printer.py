"""From tree to text: `printed`. The text parses to the same tree; comments that aren't documentation are in no tree."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from agave_wasi.witparse import tree
from agave_wasi.witparse import types as t
from agave_wasi.witparse.source import wrong

WIDTH = 120
"""A line that would be longer has its parameters or names below each other."""
STEP = "  "


def printed(file: tree.File) -> str:
    """A whole text."""
    blocks = []
    if file.name is not None:
        blocks.append([*_docs(file.docs), f"package {_package(file.name)};"])
    before: object = None
    for item in file.items:
        if isinstance(item, tree.TopUse) and isinstance(before, tree.TopUse):
            blocks[-1] += _item(item)
        else:
            blocks.append(_item(item))
        before = item
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


@cache
def keywords() -> frozenset[str]:
    """The words that need a % in front of them to be names."""
    from agave_wasi.witparse.parse import lexer

    return frozenset(lexer().words)


def identifier(name: str) -> str:
    """A name as it is written."""
    return f"%{name}" if name in keywords() else name


def type_text(type: t.Type | None) -> str:
    """A type of a tree as it is written; `_` for none."""
    match type:
        case None:
            return "_"
        case t.Primitive():
            return type.name
        case tree.Ref():
            return identifier(type.name)
        case t.List(item, None):
            return f"list<{type_text(item)}>"
        case t.List():
            return f"list<{type_text(type.item)}, {type.length}>"
        case t.Result(None, None):
            return "result"
        case t.Result(ok, None):
            return f"result<{type_text(ok)}>"
        case t.Result():
            return f"result<{type_text(type.ok)}, {type_text(type.error)}>"
        case t.Stream(None) | t.Future(None):
            return _WORDS[type.__class__]
    return f"{_WORDS[type.__class__]}<{', '.join(map(type_text, t.parts(type)))}>"


_WORDS: dict[type, str] = {
    each: each.__name__.lower() for each in (t.Map, t.Option, t.Tuple, t.Own, t.Borrow, t.Stream, t.Future)
}


def _docs(docs: str) -> list[str]:
    return [f"/// {line}".rstrip() for line in docs.split("\n")] if docs else []


def _head(head: tree.Head) -> list[str]:
    lines = _docs(head.docs)
    for gate in head.gates:
        field = "feature" if gate.kind == "unstable" else "version"
        value = identifier(gate.value) if gate.kind == "unstable" else gate.value
        lines.append(f"@{gate.kind}({field} = {value})")
    if head.external is not None:
        lines.append(f"@external-id({_quoted(head.external)})")
    return lines


def _quoted(text: str) -> str:
    def written(char: str) -> str:
        return f"\\{char}" if char in '"\\' else char if char.isprintable() else f"\\u{{{ord(char):x}}}"

    return f'"{"".join(map(written, text))}"'


def _version(version: str | None) -> str:
    return f"@{version}" if version else ""


def _package(name: tree.PackageName) -> str:
    spaces = ":".join(map(identifier, name.namespaces))
    return f"{spaces}:{'/'.join(map(identifier, name.names))}{_version(name.version)}"


def _path(path: tree.Path) -> str:
    if path.package is None:
        return identifier(path.name)
    name = _package(path.package)
    version = _version(path.package.version)
    return f"{name[: len(name) - len(version)]}/{identifier(path.name)}{version}"


def _renames(renames: tuple[tree.Rename, ...]) -> list[str]:
    return [identifier(each.name) + (f" as {identifier(each.new)}" if each.new else "") for each in renames]


def _listed(before: str, parts: list[str], after: str, separate: str = "") -> list[str]:
    """Parts on one line if they fit there, else one below the other. `separate` stands beside the parts on one line."""
    line = f"{before}{separate}{', '.join(parts)}{separate}{after}"
    if len(line) <= WIDTH or not parts:
        return [line]
    return [before, *(f"{STEP}{part}," for part in parts), after]


def _block(opening: str, blocks: list[list[str]], spaced: bool = False) -> list[str]:
    """Blocks in braces; `spaced` leaves a line free before each that has more than one line, or has one before it."""
    if not blocks:
        return [f"{opening} {{}}"]
    lines = [f"{opening} {{"]
    for number, block in enumerate(blocks):
        if spaced and number and (len(block) > 1 or len(blocks[number - 1]) > 1):
            lines.append("")
        lines += [f"{STEP}{line}" if line else "" for line in block]
    return [*lines, "}"]


def _function_type(function: tree.Function) -> list[str]:
    word = "static " if function.kind == "static" else ""
    word += "async " if function.is_async else ""
    result = f" -> {type_text(function.result)}" if function.result is not None else ""
    name = identifier(function.name) if function.kind != "constructor" else ""
    opening = f"{name}: {word}func(" if name else "constructor("
    params = [f"{identifier(each.name)}: {type_text(each.type)}" for each in function.params]
    if any(each.docs for each in function.params):
        told = [[*_docs(each.docs), f"{param},"] for each, param in zip(function.params, params)]
        return [opening, *(f"{STEP}{line}" for lines in told for line in lines), f"){result};"]
    return _listed(opening, params, f"){result};")


def _item(item: object) -> list[str]:
    """The lines of one item, with its head."""
    match item:
        case tree.TopUse(path=path, new=new):
            return [f"use {_path(path)}{f' as {identifier(new)}' if new else ''};"]
        case tree.Package():
            return [*_docs(item.docs), *_block(f"package {_package(item.name)}", list(map(_item, item.items)), True)]
        case tree.Interface() | tree.World():
            word = "interface" if isinstance(item, tree.Interface) else "world"
            opening = f"{word} {identifier(item.name)}"
            return [*_head(item.head), *_block(opening, list(map(_item, item.items)), True)]
        case tree.Use():
            return [*_head(item.head), *_listed(f"use {_path(item.path)}.{{", _renames(item.names), "};")]
        case tree.Include(renames=()):
            return [*_head(item.head), f"include {_path(item.path)};"]
        case tree.Include():
            opening = f"include {_path(item.path)} with {{"
            return [*_head(item.head), *_listed(opening, _renames(item.renames), "}", " ")]
        case tree.Extern():
            return [*_head(item.head), *_extern(item)]
        case tree.Function():
            return [*_head(item.head), *_function_type(item)]
        case tree.Alias():
            return [*_head(item.head), f"type {identifier(item.name)} = {type_text(item.type)};"]
        case tree.Resource(functions=()):
            return [*_head(item.head), f"resource {identifier(item.name)};"]
        case tree.Resource():
            lines = _block(f"resource {identifier(item.name)}", list(map(_item, item.functions)), True)
            return [*_head(item.head), *lines]
        case tree.Record() | tree.Variant() | tree.Enum() | tree.Flags():
            cases = item.fields if isinstance(item, tree.Record) else item.flags if isinstance(item, tree.Flags) else item.cases
            opening = f"{type(item).__name__.lower()} {identifier(item.name)}"
            written = _member_of_record if isinstance(item, tree.Record) else _member
            return [*_head(item.head), *_block(opening, [[*_docs(each.docs), written(each)] for each in cases])]
    raise TypeError(f"{item!r} is no item of a tree")


def _member_of_record(field: tree.Case) -> str:
    return f"{identifier(field.name)}: {type_text(field.type)},"


def _member(case: tree.Case) -> str:
    payload = f"({type_text(case.type)})" if case.type is not None else ""
    return f"{identifier(case.name)}{payload},"


def _extern(item: tree.Extern) -> list[str]:
    match item.what:
        case tree.Path() if item.name is None:
            return [f"{item.direction} {_path(item.what)};"]
        case tree.Path():
            return [f"{item.direction} {identifier(item.name or '')}: {_path(item.what)};"]
        case tree.Function():
            first, *rest = _function_type(item.what)
            return [f"{item.direction} {first}", *rest]
        case tree.Interface():
            return _block(f"{item.direction} {identifier(item.name or '')}: interface", list(map(_item, item.what.items)), True)


def merged(groups: Sequence[Sequence[tree.File]]) -> tree.File:
    """The files of one package as one, or those of several packages as one in which they are nested.

    WitError if two files give one name to different interfaces, so that no single file could have it.
    """
    packages: list[tree.Package] = []
    for files in groups:
        name = next((file.name for file in files if file.name is not None), None)
        uses: dict[str, tree.TopUse] = {}
        items: list[tree.Interface | tree.World] = []
        docs = [file.docs for file in files if file.docs]
        inner: list[tree.Package] = []
        for file in files:
            for item in file.items:
                if isinstance(item, tree.Package):
                    inner.append(item)
                elif isinstance(item, tree.TopUse):
                    alias = item.new or item.path.name
                    if uses.setdefault(alias, item).path != item.path:
                        raise wrong(alias, f"{alias} means something else in another file; print the files one by one")
                else:
                    items.append(item)
        for each in items:
            if each.name in uses:
                raise wrong(each.name, f"{each.name} is something else in another file; print the files one by one")
        if name is not None:
            packages.append(tree.Package(name, (*uses.values(), *items), "\n".join(docs)))
        packages += inner
    if len(groups) == 1 and packages and any(file.name for file in groups[0]):
        first, *rest = packages
        return tree.File(first.name, (*first.items, *rest), first.docs)
    return tree.File(None, tuple(packages))
