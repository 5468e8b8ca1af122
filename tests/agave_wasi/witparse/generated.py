"""Random trees for Hypothesis: everything that the grammar has, with names that are keywords among others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agave_wasi.witparse import tree
from agave_wasi.witparse import types as t
from agave_wasi.witparse.source import Name

NAMES = st.from_regex(r"([a-z][0-9a-z]{0,3}|[A-Z][0-9A-Z]{0,3})(-([0-9a-z]{1,3}|[0-9A-Z]{1,3})){0,2}", fullmatch=True)
KEYWORDS = st.sampled_from(["type", "stream", "interface", "u8", "error-context", "from", "async", "static", "world", "as"])
names = st.one_of(NAMES, KEYWORDS).map(Name)
numbers = st.integers(0, 1 << 64).filter(lambda each: each < 1 << 64)
identifiers = st.from_regex(r"[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)
suffixes = st.lists(identifiers, max_size=2)


def _version(parts: Any) -> Name:
    (major, minor, patch), before, build = parts
    text = f"{major}.{minor}.{patch}"
    return Name(text + (f"-{'.'.join(before)}" if before else "") + (f"+{'.'.join(build)}" if build else ""))


versions = st.tuples(st.tuples(numbers, numbers, numbers), suffixes, suffixes).map(_version)
lines = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8).map(str.rstrip)
several_lines = st.lists(lines, min_size=1, max_size=3).map("\n".join)
docs = st.one_of(st.just(""), several_lines.filter(lambda text: text.strip("\n") == text))
features = st.builds(tree.Gate, st.just("unstable"), names)
dated = st.builds(tree.Gate, st.sampled_from(["since", "deprecated"]), versions)
quoted = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
heads = st.builds(tree.Head, docs, st.lists(st.one_of(features, dated), max_size=2).map(tuple), quoted)
heads_without_gates = st.builds(tree.Head, docs)

refs = st.builds(tree.Ref, names)
keys = st.sampled_from(t.KEYS).map(t.PRIMITIVES.__getitem__)


def _wider(inner: Any) -> Any:
    maybe = st.one_of(st.none(), inner)
    return st.one_of(
        st.builds(t.List, inner, st.one_of(st.none(), st.integers(1, (1 << 32) - 1))),
        st.builds(t.Map, keys, inner),
        st.builds(t.Option, inner),
        st.builds(t.Tuple, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(t.Result, maybe, maybe),
        st.builds(t.Stream, maybe),
        st.builds(t.Future, maybe),
    )


types = st.recursive(
    st.one_of(st.sampled_from(list(t.PRIMITIVES.values())), refs, st.builds(t.Own, refs), st.builds(t.Borrow, refs)), _wider,
    max_leaves=6,
)  # fmt: skip


def _several(each: Any, least: int = 0) -> Any:
    return st.lists(each, min_size=least, max_size=3).map(tuple)


fields = st.builds(tree.Case, names, types, docs)
cases = st.builds(tree.Case, names, st.one_of(st.none(), types), docs)
labels = st.builds(tree.Case, names, st.none(), docs)
params = _several(fields)
maybe_types = st.one_of(st.none(), types)


def _functions(kind: str) -> Any:
    return st.builds(tree.Function, names, st.just(kind), params, maybe_types, st.booleans(), heads)


constructors = st.builds(
    tree.Function, st.just(Name("constructor")), st.just("constructor"), params, maybe_types, st.just(False), heads
)
definitions = st.one_of(
    st.builds(tree.Alias, names, types, heads),
    st.builds(tree.Record, names, _several(fields, 1), heads),
    st.builds(tree.Variant, names, _several(cases, 1), heads),
    st.builds(tree.Enum, names, _several(labels, 1), heads),
    st.builds(tree.Flags, names, _several(labels, 1), heads),
    st.builds(tree.Resource, names, _several(st.one_of(_functions("method"), _functions("static"), constructors)), heads),
)
package_names = st.builds(tree.PackageName, _several(names, 1), _several(names, 1), st.one_of(st.none(), versions))
paths = st.one_of(st.builds(tree.Path, st.none(), names), st.builds(tree.Path, package_names, names))
renames = st.builds(tree.Rename, names, st.one_of(st.none(), names))
uses = st.builds(tree.Use, paths, _several(renames, 1), heads)
includes = st.builds(tree.Include, paths, _several(st.builds(tree.Rename, names, names)), heads)
interface_items = _several(st.one_of(uses, definitions, _functions("function")))
interfaces = st.builds(tree.Interface, names, interface_items, heads)
top_uses = st.builds(tree.TopUse, paths, st.one_of(st.none(), names))


@st.composite
def externs(draw: st.DrawFn) -> tree.Extern:
    """An import or export; what is named within it has that name, and no head of its own."""
    name = draw(names)
    inline = st.builds(tree.Interface, st.just(name), interface_items)
    function = st.builds(tree.Function, st.just(name), st.just("function"), params, maybe_types, st.booleans())
    what = draw(st.one_of(paths, inline, function))
    named = not isinstance(what, tree.Path) or draw(st.booleans())
    return tree.Extern(draw(st.sampled_from(["import", "export"])), name if named else None, what, draw(heads))


worlds = st.builds(tree.World, names, _several(st.one_of(externs(), uses, includes, definitions)), heads)
items = _several(st.one_of(top_uses, interfaces, worlds))
packages = st.builds(tree.Package, package_names, items, docs)


@st.composite
def files(draw: st.DrawFn) -> tree.File:
    """A whole text."""
    name = draw(st.one_of(st.none(), package_names))
    told = draw(docs) if name is not None else ""
    return tree.File(name, draw(_several(st.one_of(top_uses, interfaces, worlds, packages))), told)


@st.composite
def sound(draw: st.DrawFn) -> str:
    """A text of interfaces and a world in which every name means something; later ones use types of earlier ones."""
    blocks = []
    plain: dict[str, list[str]] = {}
    for number in range(draw(st.integers(1, 3))):
        here, resources = ["u8", "string", "error-context", "char"], list[str]()
        lines: list[str] = []
        for other in sorted(plain):
            wanted = draw(st.booleans())
            if wanted and plain[other]:
                used = draw(st.sampled_from(plain[other]))
                lines.append(f"use i{other}.{{{used} as u{other}}};")
                (resources if used.startswith("q") else here).append(f"u{other}")
        for at in range(draw(st.integers(0, 5))):
            kind = draw(st.sampled_from(["type", "record", "variant", "enum", "flags", "resource"]))
            name = f"{'q' if kind == 'resource' else 'x'}{number}-{at}"
            lines.append(_definition(draw, kind, name, here, resources))
            (resources if kind == "resource" else here).append(name)
        for at in range(draw(st.integers(0, 3))):
            given = ", ".join(f"p{each}: {_type(draw, here, resources, True)}" for each in range(draw(st.integers(0, 3))))
            word = draw(st.sampled_from(["func", "async func"]))
            lines.append(f"f{at}: {word}({given}) -> {_type(draw, here, resources)};")
        plain[str(number)] = [each for each in (*here, *resources) if each[0] in "xq"]
        blocks.append(f"interface i{number} {{ {' '.join(lines)} }}")
    words = [draw(st.sampled_from(["import", "export"])) for _ in plain]
    blocks.append(f"world w {{ {' '.join(f'{word} i{number};' for number, word in zip(plain, words))} }}")
    return "package a:b@1.0.0; " + " ".join(blocks)


def _definition(draw: st.DrawFn, kind: str, name: str, here: list[str], resources: list[str]) -> str:
    def typed(letter: str) -> str:
        return f"{letter}: {_type(draw, here, resources)}"

    match kind:
        case "type":
            return f"type {name} = {_type(draw, here, resources)};"
        case "record":
            return f"record {name} {{ {typed('a')}, {typed('b')} }}"
        case "variant":
            return f"variant {name} {{ a, b({_type(draw, here, resources)}) }}"
        case "resource":
            return f"resource {name} {{ constructor(); m: func({typed('a')}); s: static func() -> {name}; }}"
    return f"{kind} {name} {{ a, b, c }}"


def _type(draw: st.DrawFn, here: list[str], resources: list[str], borrows: bool = False) -> str:
    def inner() -> str:
        return draw(st.sampled_from([*here, *resources]))

    forms = ["{}", "list<{}>", "list<{}, 3>", "option<{}>", "result<{}, {}>", "result<_, {}>", "result", "tuple<{}, {}>",
             "map<string, {}>", "stream<{}>", "future<{}>", "stream"]  # fmt: skip
    if resources:
        forms += ["own<R>", "list<own<R>>", *(["borrow<R>", "option<borrow<R>>"] if borrows else [])]
    form = draw(st.sampled_from(forms)).replace("R", draw(st.sampled_from(resources)) if resources else "")
    return form.format(*(inner() for _ in range(form.count("{}"))))
