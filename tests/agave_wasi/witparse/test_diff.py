"""Is one package a compatible successor of another? Every kind of change, each with its verdict."""

from __future__ import annotations

import pytest

from agave_wasi.witparse.diff import Change, differences, signature, text
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.resolve import resolve
from tests.agave_wasi.witparse.texts import interface, package


def changes(old: str, new: str, *others: str) -> list[tuple[str, str, bool]]:
    """Changes from one text to another; a package's name may be left out."""
    sides = [each if each.startswith("package") else f"package a:b@1.0.0; {each}" for each in (old, new)]
    found = differences(*(resolve([[parse(side)], *([parse(each)] for each in others)]) for side in sides))
    return [(each.where, each.what, each.breaking) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "breaking"),
    [
        ("f: func();", "", ".f", "the function is gone", True),
        ("", "f: func();", ".f", "the function is new", False),
        ("f: func();", "f: func(a: u8);", ".f", "it was func() and is func(a: u8)", True),
        ("f: func(a: u8);", "f: func(b: u8);", ".f", "it was func(a: u8) and is func(b: u8)", True),
        ("f: func() -> u8;", "f: func() -> u16;", ".f", "it was func() -> u8 and is func() -> u16", True),
        ("f: func() -> u8;", "f: func();", ".f", "it was func() -> u8 and is func()", True),
        ("f: func();", "f: async func();", ".f", "it was func() and is async func()", True),
        ("resource r { m: func(); }", "resource r;", ".[method]r.m", "the function is gone", True),
        ("resource r;", "resource r { m: func(); }", ".[method]r.m", "the function is new", False),
        ("type t = u8;", "", ".t", "the type is gone", True),
        ("", "type t = u8;", ".t", "the type is new", False),
        ("type t = u8;", "type t = list<u8, 4>;", ".t", "it was u8 and is list<u8, 4>", True),
        ("type t = list<u8, 3>;", "type t = list<u8, 4>;", ".t", "it was list<u8, 3> and is list<u8, 4>", True),
        ("type t = result<u8>;", "type t = result<_, u8>;", ".t", "it was result<u8> and is result<_, u8>", True),
        ("type t = stream;", "type t = stream<u8>;", ".t", "it was stream and is stream<u8>", True),
        ("record r { a: u8 }", "record r { a: u8, b: u8 }", ".r", "the field b is new", True),
        ("record r { a: u8, b: u8 }", "record r { a: u8 }", ".r", "the field b is gone", True),
        ("record r { a: u8 }", "record r { a: u16 }", ".r", "the field a was u8 and is u16", True),
        ("record r { a: u8, b: u8 }", "record r { b: u8, a: u8 }", ".r", "the fields are in another order", True),
        ("variant r { a, b }", "variant r { a, b(u8) }", ".r", "the case b was nothing and is u8", True),
        ("enum r { a }", "enum r { a, b }", ".r", "the case b is new", True),
        ("flags r { a, b }", "flags r { b, a }", ".r", "the flags are in another order", True),
        ("enum r { a }", "flags r { a }", ".r", "it was r and is r", True),
        ("f: func();", "@unstable(feature=x) f: func();", ".f", "it was stable, and is now unstable (x)", True),
        ("@unstable(feature=x) f: func();", "@since(version = 1.0.0) f: func();", ".f", "it is stable now", False),
        ("@unstable(feature=x) f: func();", "@unstable(feature=x) f: func() -> u8;", ".f", "it was func() and is func() -> u8",
         False),
        ("@unstable(feature=x) f: func();", "", ".f", "the function is gone", False),
        ("@unstable(feature=x) enum r { a }", "@unstable(feature=x) enum r { b }", ".r", "the case a is gone", False),
        ("f: func();", "@since(version=1.0.0) @deprecated(version=1.0.0) f: func();", ".f", "it is deprecated since 1.0.0",
         False),
    ],
)  # fmt: skip
def test_changes_within_an_interface(old: str, new: str, where: str, what: str, breaking: bool) -> None:
    found = changes(f"interface i {{ {old} }}", f"interface i {{ {new} }}")
    assert (f"a:b/i{where}", what, breaking) in found
    assert any(each[2] for each in found) == breaking


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "breaking"),
    [
        ("interface i {}", "", "a:b/i", "the interface is gone", True),
        ("", "interface i {}", "a:b/i", "the interface is new", False),
        ("@unstable(feature=x) interface i {}", "", "a:b/i", "the interface is gone", False),
        ("world w {}", "", "a:b/w", "the world is gone", True),
        ("", "world w {}", "a:b/w", "the world is new", False),
        ("package a:b@1.0.0;", "package a:b@1.0.1;", "a:b", "the version is 1.0.1 after 1.0.0", False),
        ("package a:b@1.0.0;", "package a:b@0.9.0;", "a:b", "the version went back from 1.0.0 to 0.9.0", True),
        ("package a:b@1.0.0;", "package a:b;", "a:b", "the version went back from 1.0.0 to none", True),
        ("package a:b@0.2.0;", "package a:b@0.3.0;", "a:b", "who asks for version 0.2.0 isn't given 0.3.0", True),
        ("package a:b; package c:d {}", "package c:d;", "a:b", "the package is gone", True),
        ("package a:b;", "package a:b; package c:d {}", "c:d", "the package is new", False),
    ],
)
def test_changes_of_packages(old: str, new: str, where: str, what: str, breaking: bool) -> None:
    assert changes(old, new) == [(where, what, breaking)]


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "breaking"),
    [
        ("", "import i;", "import a:b/i", "it is imported now", False),
        ("import i;", "", "import a:b/i", "it is imported no more", True),
        ("", "export i;", "export a:b/i", "it is exported now, and components built for the earlier version lack it", True),
        ("", "@unstable(feature=x) export i;", "export a:b/i", "it is exported now", False),
        ("export i;", "", "export a:b/i", "it is exported no more", True),
        ("import f: func();", "import f: func(a: u8);", "import f", "it was func() and is func(a: u8)", True),
        ("import f: func();", "import f: i;", "import f", "it was a function and is an interface", True),
        ("import f: i;", "import f: j;", "import f", "it was a:b/i and is a:b/j", True),
        ("import n: interface { g: func(); }", "import n: interface {}", "import n.g", "the function is gone", True),
        ("import n: interface {}", "import n: interface { g: func(); }", "import n.g", "the function is new", False),
    ],
)
def test_changes_of_worlds(old: str, new: str, where: str, what: str, breaking: bool) -> None:
    found = changes(*(f"interface i {{}} interface j {{}} world w {{ {each} }}" for each in (old, new)))
    assert found == [(f"a:b/w {where}", what, breaking)]


def test_types_of_worlds() -> None:
    assert changes("world w { type t = u8; }", "world w { type t = u16; }") == [("a:b/w.t", "it was u8 and is u16", True)]


def test_a_new_function_breaks_those_who_export_the_interface() -> None:
    exported = "interface i {{ {} }} world w {{ export i; }}"
    (found,) = changes(exported.format(""), exported.format("f: func();"))
    assert found[0] == "a:b/i.f" and "lack it" in found[1] and found[2]
    (found,) = changes(exported.format(""), exported.format("@unstable(feature=x) f: func();"))
    assert not found[2]


def test_a_change_is_told_once_where_it_is() -> None:
    text_of = "interface i {{ record r {{ a: {} }} f: func(x: r) -> list<r>; }} interface j {{ use i.{{r}}; g: func(x: r); }}"
    assert changes(text_of.format("u8"), text_of.format("u16")) == [("a:b/i.r", "the field a was u8 and is u16", True)]


def test_types_of_other_packages_are_compared_by_what_they_are() -> None:
    mine = "package a:b; interface i {{ use c:d/j@{}.{{r}}; f: func(x: r); }}"
    other = "package c:d@{}; interface j {{ record r {{ a: {} }} }}"
    one = {**resolve([[parse(mine.format("1.0.0"))]], lambda id: [parse(other.format("1.0.0", "u8"))])}
    same = {**resolve([[parse(mine.format("1.0.1"))]], lambda id: [parse(other.format("1.0.1", "u8"))])}
    changed = {**resolve([[parse(mine.format("1.0.1"))]], lambda id: [parse(other.format("1.0.1", "u16"))])}
    assert differences(one, same) == []
    assert [each.where for each in differences(one, changed)] == ["a:b/i.r", "a:b/i.f"]


def test_nothing_has_changed_in_what_is_the_same() -> None:
    one = package("interface i { resource r { m: func(); } record q { a: r } } world w { import i; export f: func(); }")
    assert differences({one.id: one}, {one.id: one}) == []


def test_types_and_functions_in_words() -> None:
    found = interface("resource r { m: func(a: map<string, own<r>>) -> result<tuple<u8>>; }")
    (method,) = found.functions.values()
    assert signature(method) == "func(self: borrow<r>, a: map<string, r>) -> result<tuple<u8>>"
    assert text(None) == "nothing" and repr(Change("a", "b", True)) == "Change('a', 'b', True)"
