"""Worlds: imports and exports, includes, and interfaces that come along."""

from __future__ import annotations

import pytest

from agave_wasi.witparse import model, worlds
from agave_wasi.witparse.model import Function, Interface
from agave_wasi.witparse.types import PRIMITIVES
from tests.agave_wasi.witparse.texts import complaint, package, world

CHAIN = "interface a { resource r; } interface b { use a.{r}; } interface c { use b.{r}; f: func() -> r; } "


def ids(*names: str) -> list[str]:
    return [f"a:b/{name}@1.2.3" if name in "abc" else name for name in names]


def test_what_a_world_has() -> None:
    found = world(
        "interface a { type t = u8; } world w { import a; export x-y: a; import f: func(p: t); export run: async func();"
        " use a.{t}; import inline: interface { use a.{t}; g: func(x: t); } type s = list<t>; resource q { constructor(); } }"
    )
    assert set(found.imports) == set(ids("a", "f", "inline", "[constructor]q"))
    assert list(found.exports) == ["x-y", "run"]
    one, inline, run = found.exports["x-y"], found.imports["inline"], found.exports["run"]
    assert isinstance(one, Interface) and one.id == "a:b/a@1.2.3" and isinstance(inline, Interface) and inline.id == "inline"
    assert isinstance(run, Function) and run.is_async and inline.functions["g"].params[0].type == PRIMITIVES["u8"]
    assert found.types["q"] == model.Resource("q", "a:b/w@1.2.3") and list(found.types) == ["t", "s", "q"]
    assert found.name == "w"


@pytest.mark.parametrize(
    ("text", "imports", "exports"),
    [
        ("import c;", ["a", "b", "c"], []),
        ("import c; import a;", ["a", "b", "c"], []),
        ("export c;", ["a", "b"], ["c"]),
        ("export c; export b;", ["a"], ["c", "b"]),
        ("export a; export b; export c;", [], ["a", "b", "c"]),
        ("import c; export c;", ["a", "b", "c"], ["c"]),
        ("use c.{r};", ["a", "b", "c"], []),
        ("import x: c;", ["a", "b", "xx"], []),
    ],
)
def test_interfaces_come_along_whose_types_are_used(text: str, imports: list[str], exports: list[str]) -> None:
    found = world(f"{CHAIN} world w {{ {text.replace('x:', 'xx:')} }}")
    assert list(found.imports) == ids(*imports) and list(found.exports) == ids(*exports)


def test_includes_are_unions() -> None:
    text = CHAIN + (
        "world one { import a; import f: func(); export g: func(); } world two { import a; export c; import f: func(x: u8); }"
        "world w { include one; include two with { f as f2, } export h: func(); } world v { include w with { f2 as f3 } }"
    )
    found = package(text).worlds
    assert set(found["w"].imports) == set(ids("a", "b", "f", "f2")) and set(found["w"].exports) == set(ids("h", "g", "c"))
    assert set(found["v"].imports) == set(ids("a", "b", "f", "f3"))
    renamed = found["v"].imports["f3"]
    assert isinstance(renamed, Function) and len(renamed.params) == 1


def test_worlds_of_other_packages_and_types_are_included() -> None:
    found = world("world w { include c:d/v; }", "package c:d; interface i {} world v { import i; type t = u8; }")
    assert list(found.imports) == ["c:d/i"] and list(found.types) == ["t"]
    twice = "world u { include v1; include v2; } world v1 { use i.{t}; } world v2 { use i.{t}; } interface i { type t = u8; }"
    assert list(world(twice, name="u").types) == ["t"] and list(world(twice, name="u").imports) == ["a:b/i@1.2.3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import a; import a;", "world w already imports a:b/a@1.2.3"),
        ("export a; export a;", "world w already exports a:b/a@1.2.3"),
        ("import f: func(); import f: func();", "world w's imports already has the name f"),
        ("import f: func(); import F: a;", "differs only in case"),
        ("type f = u8; import f: func();", "world w already has the name f"),
        ("import x;", "has no interface or world x"),
        ("import v;", "v is a world; here an interface is needed"),
        ("include a;", "a is an interface; only worlds can be included"),
        ("include w;", "worlds include each other in a circle: a:b/w@1.2.3 -> a:b/w@1.2.3"),
        ("include v with { x as y }", "v has no import or export with the plain name x"),
        ("include v with { a as y }", "the plain name a; that of an interface can't be changed"),
        ("include v; import f: func();", "imports something with the name f; include v with { f as another-name }"),
        ("include v; include v;", "world w already imports something with the name f"),
        ("include v with { f as g } import g: func();", "world w already imports something with the name g"),
        ("import a; export a; use a.{r};", "imports and exports a:b/a@1.2.3: which one's types are used is unclear"),
        ("use a.{q};", "a:b/a@1.2.3 has no type q"),
        ("include v; type t = u16;", "world w already has the name t"),
    ],
)
def test_what_is_wrong(text: str, said: str) -> None:
    assert said in complaint(f"{CHAIN} world v {{ import a; import f: func(); type t = u8; }} world w {{ {text} }}")


def test_long_circles_and_chains_of_includes() -> None:
    chain = "".join(f"world w{each} {{ include w{each + 1}; }}" for each in range(1_000))
    found = package(f"{chain} world w1000 {{ import f: func(); }}").worlds["w0"]
    assert list(found.imports) == ["f"]
    assert "include each other in a circle" in complaint(f"{chain} world w1000 {{ include w0; }}")


def test_includes_that_multiply_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "LARGEST", 1000)
    chain = "".join(f"world w{each} {{ include w{each + 1}; import g{each}: func(); }}" for each in range(100))
    assert "more than 1000 imports and exports in all" in complaint(f"{chain} world w100 {{}}")
