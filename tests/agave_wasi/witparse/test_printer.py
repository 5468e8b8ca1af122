"""Printing: what is printed parses to the same tree, and looks as one would write it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from agave_wasi.witparse import tree, wasi
from agave_wasi.witparse.layout import groups
from agave_wasi.witparse.parse import parse
from agave_wasi.witparse.printer import WIDTH, identifier, merged, printed
from agave_wasi.witparse.source import WitError
from tests.agave_wasi.witparse import generated


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(generated.files())
def test_generated_files_parse_to_what_was_printed(file: tree.File) -> None:
    text = printed(file)
    assert parse(text) == file
    assert printed(parse(text)) == text


LAYOUT = """\
/// Of a package.
package a:b@1.2.3-rc.1;

use c:d/e@1.0.0 as f;
use c:d/g;

/// One.
///
/// Two.
@since(version = 1.0.0)
interface %interface {
  use f.{a, b as %u8};
  type t = result<_, list<u8, 4>>;

  record r {
    a: u8,
    /// Which?
    %from: option<t>,
  }

  resource p;

  resource q {
    constructor(a: u8);

    @external-id("\\"x\\u{7f}")
    m: async func() -> result;

    s: static func();
  }

  f: func();

  g: func(
    a-parameter-of-a-long-name: tuple<string, string, string, string>,
    another-one: map<string, result<u8, string>>,
  );

  h: func(
    /// Told.
    a: u8,
    b: u8,
  );
}

interface empty {}

world w {
  import empty;
  import a: empty;
  export c:d/e@1.0.0;
  export b: func();

  import n: interface {
    f: func();
  }

  include v with { a as b }
  include u;
}

package x:y {
  interface i {}
}
"""


def test_the_layout() -> None:
    assert printed(parse(LAYOUT)) == LAYOUT
    assert max(map(len, LAYOUT.splitlines())) <= WIDTH


def test_names_that_are_keywords_are_escaped() -> None:
    assert [identifier(each) for each in ("type", "error-context", "typed")] == ["%type", "%error-context", "typed"]


@pytest.mark.parametrize("name", ["wasi-io", "wasi-http"])
def test_wasi_stands_in_the_layout_that_is_printed(name: str) -> None:
    for path in sorted((wasi.folder() / name).glob("*.wit")):
        text = path.read_text(encoding="utf-8")
        assert printed(parse(text)) == text, path


def test_files_of_packages_become_one() -> None:
    own = [[parse("/// d\npackage a:b; use x:y/z; interface i {}"), parse("use x:y/z; world w { import z; } package n:m {}")]]
    file = merged(own)
    assert printed(file) == (
        "/// d\npackage a:b;\n\nuse x:y/z;\n\ninterface i {}\n\nworld w {\n  import z;\n}\n\npackage n:m {}\n"
    )
    two = merged([[parse("package a:b; interface i {}")], [parse("package c:d; interface j {}")]])
    assert [str(each.name) for each in two.items if isinstance(each, tree.Package)] == ["a:b", "c:d"]
    assert merged(groups(wasi.folder())[0]).name is None


def test_files_that_contradict_each_other_dont() -> None:
    for text in ("use x:y/q as z; interface j {}", "interface z {}"):
        with pytest.raises(WitError, match=r"z .*else in another file; print the files one by one"):
            merged([[parse("package a:b; use x:y/z; interface i {}"), parse(text)]])
