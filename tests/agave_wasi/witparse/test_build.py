"""Trees of all that the grammar has, and what it lets through but isn't WIT."""

from __future__ import annotations

import pytest

from agave_wasi.witparse import tree
from agave_wasi.witparse import types as t
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.source import Name, WitError

U8 = t.PRIMITIVES["u8"]


def items(text: str) -> tuple[object, ...]:
    """The items of the only interface of a text."""
    (interface,) = parse(f"package a:b@1.0.0; interface i {{ {text} }}").items
    assert isinstance(interface, tree.Interface)
    return interface.items


def one_type(text: str) -> t.Type:
    (alias,) = items(f"type a = {text};")
    assert isinstance(alias, tree.Alias)
    return alias.type


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("u8", U8),
        ("foo", tree.Ref(Name("foo"))),
        ("list<u8>", t.List(U8)),
        ("list<u8, 4294967295>", t.List(U8, 4294967295)),
        ("map<string, u8>", t.Map(t.PRIMITIVES["string"], U8)),
        ("option<u8>", t.Option(U8)),
        ("tuple<u8, u8,>", t.Tuple((U8, U8))),
        ("result", t.Result(None, None)),
        ("result<u8>", t.Result(U8, None)),
        ("result<_, u8>", t.Result(None, U8)),
        ("result<u8, u8>", t.Result(U8, U8)),
        ("own<foo>", t.Own(tree.Ref(Name("foo")))),
        ("borrow<foo>", t.Borrow(tree.Ref(Name("foo")))),
        ("stream", t.Stream(None)),
        ("stream<u8>", t.Stream(U8)),
        ("future", t.Future(None)),
        ("future<u8>", t.Future(U8)),
        ("error-context", t.PRIMITIVES["error-context"]),
    ],
)
def test_types(text: str, type: t.Type) -> None:
    assert one_type(text) == type


def test_definitions() -> None:
    found = items(
        "record r { a: u8, /// d\n b: u8 } variant v { a, b(u8), } enum e { a, b } flags f { a, } resource s;"
        " resource q { constructor(a: u8) -> result<q, u8>; m: func(); n: async func(); s: static func(a: u8,) -> u8;"
        " t: static async func(); }"
    )
    a, b = Name("a"), Name("b")
    assert found[0] == tree.Record(Name("r"), (tree.Case(a, U8), tree.Case(b, U8, "d")))
    assert found[1] == tree.Variant(Name("v"), (tree.Case(a), tree.Case(b, U8)))
    assert found[2] == tree.Enum(Name("e"), (tree.Case(a), tree.Case(b)))
    assert found[3] == tree.Flags(Name("f"), (tree.Case(a),))
    assert found[4] == tree.Resource(Name("s"))
    resource = found[5]
    assert isinstance(resource, tree.Resource)
    told = [
        (str(each.name), each.kind, len(each.params), each.result is not None, each.is_async) for each in resource.functions
    ]
    assert told == [
        ("constructor", "constructor", 1, True, False), ("m", "method", 0, False, False), ("n", "method", 0, False, True),
        ("s", "static", 1, True, False), ("t", "static", 0, False, True),
    ]  # fmt: skip


def test_gates_documentation_and_external_ids() -> None:
    marks = '/// d\n@since(version = 1.0.0) @deprecated(version = 1.0.0)\n@external-id("a\\u{62}\\63\\n")'
    (function,) = items(f"{marks} f: func();")
    assert isinstance(function, tree.Function)
    gates = (tree.Gate("since", Name("1.0.0")), tree.Gate("deprecated", Name("1.0.0")))
    assert function.head == tree.Head("d", gates, "abc\n")
    (unstable,) = items("@unstable(feature = a-b) use x.{y as z, w,};")
    assert unstable == tree.Use(
        tree.Path(None, Name("x")), (tree.Rename(Name("y"), Name("z")), tree.Rename(Name("w"))),
        tree.Head("", (tree.Gate("unstable", Name("a-b")),)),
    )  # fmt: skip


def test_worlds_packages_and_files() -> None:
    file = parse(
        "/// d\npackage a:b:c/d@1.0.0;\nuse x:y/z@2.0.0 as q;\nworld w { import i; import x:y/z@2.0.0; export n: x:y/z;"
        " export f: async func(); import l: interface { f: func(); } include v with { a as b, c as d } include u; use i.{t};"
        " type k = u8; }\n"
        "/// e\npackage n:m { interface i {} }"
    )
    assert str(file.name) == "a:b:c/d@1.0.0" and file.docs == "d"
    use, world, package = file.items
    assert isinstance(use, tree.TopUse) and isinstance(world, tree.World) and isinstance(package, tree.Package)
    assert (str(use.path), use.new) == ("x:y/z@2.0.0", "q")
    assert (str(package.name), package.docs) == ("n:m", "e") and package.items == (tree.Interface(Name("i"), ()),)
    externs = [(each.direction, each.name, type(each.what)) for each in world.items if isinstance(each, tree.Extern)]
    assert externs == [
        ("import", None, tree.Path), ("import", None, tree.Path), ("export", "n", tree.Path), ("export", "f", tree.Function),
        ("import", "l", tree.Interface),
    ]  # fmt: skip
    includes = [each for each in world.items if isinstance(each, tree.Include)]
    assert [(str(each.path), len(each.renames)) for each in includes] == [("v", 2), ("u", 0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@sinc(version = 1.0.0) f: func();", "there is no gate @sinc; did you mean @since?"),
        ("@since(feature = a) f: func();", "@since takes (version = 1.2.3)"),
        ("@since(version = a) f: func();", "@since takes (version = 1.2.3)"),
        ("@unstable(feature = 1.0.0) f: func();", "@unstable takes (feature = some-name)"),
        ('@since("a") f: func();', "only @external-id takes a text"),
        ('@external-id("a") @external-id("b") f: func();', "at most one @external-id"),
        (r'@external-id("\q") f: func();', "a backslash begins"),
        (r'@external-id("\u{d800}") f: func();', "no Unicode scalar value"),
        (r'@external-id("\u{ffffffffffffffffffffffffff}") f: func();', "no Unicode scalar value"),
        (r'@external-id("\ff") f: func();', "aren't UTF-8"),
        ("@since(version = 01.0.0) f: func();", "01 has a zero in front"),
        ("@since(version = 1.0.0-01) f: func();", "01 has a zero in front"),
        ("@since(version = 99999999999999999999999.0.0) f: func();", "64 bits"),
        ("type a = list<u8, 0>;", "from 1 to 4294967295"),
        ("type a = list<u8, 4294967296>;", "from 1 to 4294967295"),
        ("record r {}", "record r needs at least one field"),
        ("variant v {}", "variant v needs at least one case"),
        ("enum e {}", "enum e needs at least one case"),
        ("flags f {}", "flags f needs at least one flag"),
    ],
)
def test_what_isnt_wit_though_the_grammar_knows_it(text: str, said: str) -> None:
    with pytest.raises(WitError) as caught:
        items(text)
    assert said in caught.value.reason and caught.value.line == 1 and caught.value.column > 30


def test_an_include_says_the_other_name() -> None:
    with pytest.raises(WitError, match="say what a is to be called"):
        parse("world w { include v with { a } }")
