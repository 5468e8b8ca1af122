"""Packages of several files, names that a file has for others, and what isn't there."""

from __future__ import annotations

import pytest

from agave_wasi.witparse.packages import Packages, Unique, missing
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.resolve import resolve
from agave_wasi.witparse.source import WitError
from tests.agave_wasi.witparse.texts import complaint, package


def test_one_package_from_several_files() -> None:
    texts = ("package a:b;\nuse x:y/z as types;\ninterface i { use types.{t}; }", "interface types { type t = u8; }")
    files = list(map(parse, texts))
    other = parse("package x:y; interface z { type t = string; }")
    found = resolve([files, [other]])["a:b"]
    assert list(found.interfaces) == ["i", "types"]
    assert str(found.interfaces["i"].types["t"]) == "string", "a file's own name comes before its package's"
    assert str(found.interfaces["types"].types["t"]) == "u8"


def test_nested_packages_and_names_of_names() -> None:
    found = package("package a:b; use c:d:e/f/i as j; use j as k; interface l { use k.{t}; }"
                    " package c:d:e/f { interface i { type t = u8; } }")  # fmt: skip
    assert str(found.interfaces["l"].types["t"]) == "u8" and found.interfaces["l"].uses == ("c:d:e/f/i",)


def test_a_package_may_be_there_twice_if_it_is_the_same() -> None:
    text = "package c:d; interface i { f: func(); }"
    assert package("interface j { use c:d/i.{}; }".replace("use c:d/i.{};", ""), text, text)
    assert "declared twice, with different contents" in complaint("interface j {}", text, "package c:d; interface i {}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("interface i {} world i {}", "2:22: package a:b@1.2.3 already has the name i"),
        ("interface i {} interface I {}", "2:26: package a:b@1.2.3 already has the name i, which differs only in case from I"),
        ("use c:d/i; use c:d/e as i;", "2:25: i is used twice in this file"),
        ("use c:d/i; interface i {}", "2:9: i is both used and defined in this file"),
        ("interface i { use c:d/i.{t}; }", "2:21: there is no package c:d here or in deps/; put it into deps/"),
        ("interface i { use a:b/i.{t}; }", "2:21: there is no package a:b here or in deps/; did you mean a:b@1.2.3?"),
        ("interface i { use a:b/j@1.2.4.{t}; }", "2:25: there is no package a:b@1.2.4 here or in deps/; did"),
        ("interface types {} interface i { use tpyes.{t}; }", "2:38: package a:b@1.2.3 has no interface or world tpyes; did"),
        ("interface i { use strange.{t}; }", "has no interface or world strange; there are i"),
        ("use a; interface i { use a.{t}; }", "2:5: `use a` leads only to itself"),
        ("use c as a; use a as c; interface i { use a.{t}; }", "leads only to itself"),
    ],
)
def test_what_is_twice_or_missing(text: str, said: str) -> None:
    assert said in complaint(text)


def test_files_that_agree_on_no_package() -> None:
    for files, said in (
        ([parse("package a:b;", "x"), parse("package a:c;", "y")], "y:1:9: this file is of package a:c, another"),
        ([parse("interface i {}", "x")], "x:1:11: no file says which package this belongs to"),
        ([parse("use a:b/c;", "x")], "x:1:9: no file says"),
        ([parse("")], "this text declares no package"),
        ([], "this text declares no package"),
    ):
        with pytest.raises(WitError) as caught:
            resolve([files])
        assert said in str(caught.value)


def test_packages_that_are_found_elsewhere() -> None:
    asked: list[str] = []

    def find(id: str) -> list[object] | None:
        asked.append(id)
        return [parse("package c:d@1.0.0; interface i { type t = u8; }")] if id == "c:d@1.0.0" else None

    text = parse("package a:b; interface i { use c:d/i@1.0.0.{t}; } interface j { use c:d/i@1.0.0.{t}; }")
    assert list(resolve([[text]], find)) == ["a:b"] and asked == ["c:d@1.0.0"]  # type: ignore[arg-type]
    with pytest.raises(WitError, match=r"did you mean wasi:io@0\.2\.12\?"):
        resolve([[parse("package a:b; interface i { use wasi:io/poll@0.2.9.{t}; }")]], find)  # type: ignore[arg-type]


def test_what_was_added_is_told_once() -> None:
    packages = Packages()
    file = parse("package a:b; package c:d {}")
    assert [each.id for each in packages.add([file])] == ["a:b", "c:d"]
    assert packages.add([file]) == []


def test_names_that_are_unique_and_those_that_are_missing() -> None:
    unique = Unique("here")
    unique.add("a")
    unique.add("b")
    with pytest.raises(WitError, match=r"here already has the name a$"):
        unique.add("a")
    assert str(missing("strem", ["stream"], "no")) == "no strem; did you mean stream?"
    assert str(missing("x", [], "no")) == "no x; it has none"
