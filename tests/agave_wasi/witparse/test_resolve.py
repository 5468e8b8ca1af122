"""Name resolution: what types become, and everything that can be wrong with them."""

from __future__ import annotations

import itertools

import pytest

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from agave_wasi.witparse.types import PRIMITIVES
from tests.agave_wasi.witparse.texts import complaint, interface, package

U8, U32, STRING = PRIMITIVES["u8"], PRIMITIVES["u32"], PRIMITIVES["string"]
ID = "a:b/i@1.2.3"


def test_definitions_in_the_order_in_which_they_stand() -> None:
    found = interface(
        "record r { a: v, b: string } variant v { x, y(e) } enum e { p, q } flags f { m, n } type k = list<r>; resource s;"
    ).types
    assert list(found) == ["r", "v", "e", "f", "k", "s"]
    enum = model.Enum("e", ID, ("p", "q"))
    variant = model.Variant("v", ID, (model.Case("x", None), model.Case("y", enum)))
    record = model.Record("r", ID, (model.Case("a", variant), model.Case("b", STRING)))
    assert found == {
        "r": record, "v": variant, "e": enum, "f": model.Flags("f", ID, ("m", "n")), "k": t.List(record),
        "s": model.Resource("s", ID),
    }  # fmt: skip
    assert found["k"] == t.List(found["r"])


def test_use_leads_to_where_a_type_was_defined() -> None:
    found = package(
        "interface i { use j.{t as u, s}; type v = u; f: func(a: v, b: s, c: borrow<s>) -> own<s>; }"
        "interface j { use c:d/k.{r as t}; resource s; }",
        "package c:d; interface k { record r { a: u8 } }",
    ).interfaces
    record = model.Record("r", "c:d/k", (model.Case("a", U8),))
    one = found["i"]
    assert one.types["u"] is one.types["v"] is found["j"].types["t"] and one.types["u"] == record
    resource = found["j"].types["s"]
    assert one.types["s"] is resource
    assert [each.type for each in one.functions["f"].params] == [record, t.Own(resource), t.Borrow(resource)]
    assert one.functions["f"].result == t.Own(resource)
    assert one.uses == ("a:b/j@1.2.3",) and found["j"].uses == ("c:d/k",) and found["i"].resources == {}


def test_functions_of_resources_have_their_names_in_components() -> None:
    found = interface(
        "resource r { constructor(a: u8); m: func(b: r) -> list<r>; s: static async func(); }"
        " resource q { constructor() -> result<q, string>; } type h = r; f: func(a: h) -> option<h>;"
    )
    r, q = found.types["r"], found.types["q"]
    assert isinstance(r, model.Resource) and isinstance(q, model.Resource)
    assert list(found.functions) == ["[constructor]r", "[method]r.m", "[static]r.s", "[constructor]q", "f"]
    assert found.functions["[constructor]r"].result == t.Own(r)
    assert found.functions["[constructor]q"].result == t.Result(t.Own(q), STRING)
    method = found.functions["[method]r.m"]
    assert method.params == (model.Case("self", t.Borrow(r)), model.Case("b", t.Own(r)))
    assert method.result == t.List(t.Own(r)) and method.resource is r and method.kind == "method"
    assert found.functions["[static]r.s"].is_async and not method.is_async
    assert found.types["h"] is r and found.functions["f"].params[0].type == t.Own(r)
    assert found.functions["f"].result == t.Option(t.Own(r))


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("type a = b;", "2:24: interface i has no type b"),
        ("f: func(a: strng);", "interface i has no type strng; did you mean string?"),
        ("f: func() -> pollble; resource pollable;", "did you mean pollable?"),
        ("type a = u8; type a = u8;", "2:33: interface i already has the name a"),
        ("type a = u8; a: func();", "2:28: interface i already has the name a"),
        ("a: func(); A: func();", "which differs only in case"),
        ("record r { a: u8, a: u8 }", "2:33: record r already has the name a"),
        ("variant r { a, a }", "variant r already has the name a"),
        ("enum r { a, A }", "enum r already has the name a, which differs"),
        ("flags r { a, a }", "flags r already has the name a"),
        ("f: func(a: u8, a: u8);", "function f already has the name a"),
        ("resource r { f: func(self: u8); }", "function f already has the name self"),
        ("resource r { f: func(); f: static func(); }", "resource r already has the name f"),
        ("resource r { constructor(); constructor(); }", "resource r already has the name constructor"),
        ("resource r { constructor() -> u8; }", "the constructor of r has no result, or result<r, ...>"),
        ("resource r { constructor() -> result<u8, r>; }", "the constructor of r has no result, or result<r, ...>"),
        ("record r { a: u8 } f: func(a: borrow<r>);", "2:52: r is no resource"),
        ("record r { a: u8 } f: func() -> own<r>;", "r is no resource"),
        ("resource r; f: func() -> borrow<r>;", "the result of f can't hold a borrowed handle"),
        ("resource r; record q { a: borrow<r> } f: func() -> list<q>;", "can't hold a borrowed handle"),
        ("resource r; f: func(a: stream<borrow<r>>);", "no borrowed handle can go through"),
        ("f: func(a: map<f32, u8>);", "keys of a map are integers, bool, char or string"),
        ("record r { a: u8 } type m = map<r, u8>;", "keys of a map"),
        ("type a = a;", "2:24: types can't be recursive: a -> a"),
        ("record a { x: option<b> } record b { y: list<a> }", "types can't be recursive: a -> b -> a"),
        (f"flags f {{ {', '.join(f'f{each}' for each in range(33))} }}".replace("f32 ", "g32 "), "more than 32 flags"),
        ("use i.{t};", "2:19: interfaces use each other in a circle: a:b/i@1.2.3 -> a:b/i@1.2.3"),
        ("use w.{t}; } world w {", "w is a world; here an interface is needed"),
        ("use j.{tpe}; } interface j { type type-a = u8; type tpes = u8;", "a:b/j@1.2.3 has no type tpe; did you mean tpes?"),
        ("use j.{f}; } interface j { f: func();", "has no type, but a function, f"),
        ("use j.{t, t}; } interface j { type t = u8;", "interface i already has the name t"),
    ],
)
def test_what_is_wrong(items: str, said: str) -> None:
    assert said in complaint(f"interface i {{ {items} }}")


def test_interfaces_that_use_each_other() -> None:
    said = complaint("interface i { use j.{t}; } interface j { use k.{t}; } interface k { use i.{t}; }")
    assert said == "2:19: interfaces use each other in a circle: a:b/i@1.2.3 -> a:b/j@1.2.3 -> a:b/k@1.2.3 -> a:b/i@1.2.3"


def test_names_in_maps_may_stand_for_keys() -> None:
    assert interface("type k = string; type m = map<k, u8>;").types["m"] == t.Map(STRING, U8)


@pytest.mark.parametrize("count", [2_000])
def test_long_chains_are_told_or_resolved_but_never_too_deep(count: int) -> None:
    names = [f"t-{each}" for each in range(count)]
    chain = "".join(f"type {name} = list<{other}>;" for name, other in itertools.pairwise(names))
    assert "nests deeper than 100 when" in complaint(f"interface i {{ {chain} type {names[-1]} = u8; }}")
    records = "".join(f"record {name} {{ a: {other} }}" for name, other in itertools.pairwise(names))
    assert "nests deeper than 100 when" in complaint(f"interface i {{ {records} type {names[-1]} = u8; }}")
    plain = "".join(f"type {name} = {other};" for name, other in itertools.pairwise(names))
    assert interface(f"{plain} type {names[-1]} = u8;").types["t-0"] is U8
    uses = "".join(f"interface {name} {{ use {other}.{{t}}; }}" for name, other in itertools.pairwise(names))
    assert package(f"{uses} interface {names[-1]} {{ type t = u8; }}").interfaces["t-0"].types["t"] is U8


def test_types_that_grow_with_each_name_are_bounded() -> None:
    doubled = "".join(f"type t-{each} = tuple<t-{each - 1}, t-{each - 1}>;" for each in range(1, 60))
    assert "has more than 100000 parts" in complaint(f"interface i {{ type t-0 = u8; {doubled} }}")


def test_a_deep_type_is_no_recursion() -> None:
    deep = "list<" * 98 + "u8" + ">" * 98
    found = interface(f"type a = {deep}; f: func(x: {deep}) -> {deep};")
    assert found == interface(f"type a = {deep}; f: func(x: {deep}) -> {deep};") and repr(found).count("List") == 3 * 98
