"""Names of imports and exports: every kind, and those that are none."""

from __future__ import annotations

import pytest

from agave_wasi.component.validate.names import BadName, Name, is_label, is_version, parse_name
from tests.agave_wasi.component.validate.cases import Case, check, each


@each("name")
def test_names_in_components(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-B1", Name("label", "a-b1")),
        ("[constructor]R", Name("constructor", "[constructor]r", "R")),
        ("[method]r.F", Name("method", "r.f", "r")),
        ("[static]r.r", Name("static", "r", "r")),
        ("wasi:io/STREAMS@0.2.0", Name("interface", "wasi:io/streams@0.2.0")),
        ("unlocked-dep=<a:b>", Name("dependency", "unlocked-dep=<a:b>")),
        ("url=<X>", Name("url", "url=<X>")),
        ("integrity=<sha256-aGk=>", Name("integrity", "integrity=<sha256-aGk=>")),
    ],
)
def test_names_taken_apart(text: str, expected: Name) -> None:
    assert parse_name(text) == expected


def test_a_name_without_annotation_is_about_no_resource() -> None:
    assert [parse_name(text).resource for text in ("a-b", "a:b/c", "url=<x>")] == [""] * 3


def test_labels_and_versions() -> None:
    assert is_label("a-1-B")
    assert not is_label("a\n")
    assert is_version("1.0.0")
    assert not is_version("1.0.0\n")
    assert not is_version("9" * 5000 + ".0.0")


@pytest.mark.parametrize(
    "text",
    [
        "[method]", "[]", "[method].", "a:", ":a/b", "a:b/c@", "url=<", "x" * 5000 + "_", "integrity=<>",
        "unlocked-dep=<a:b@[>=1.0.0]>",
    ],
)  # fmt: skip
def test_a_bad_name_is_a_clear_error(text: str) -> None:
    with pytest.raises(BadName, match=r"\w+ \w+"):
        parse_name(text)
