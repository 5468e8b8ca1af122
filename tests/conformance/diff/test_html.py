"""The page: it holds both traces, marks what differs, loads nothing, and can't be steered by what a guest says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conformance.calls.compare import compare
from conformance.calls.equal import Equal
from conformance.calls.known import known
from conformance.diff.command import main
from conformance.diff.html import page
from conformance.diff.rows import MARKS
from conformance.diff.verdict import judge
from tests.conformance.calls.running import both, module
from tests.conformance.calls.test_compare import FILES
from tests.conformance.diff.test_command import TOUR, spoil

VOID = {"meta", "col", "input"}


class Outline(HTMLParser):
    """The elements of a page; fails where they aren't nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "tr":
            self.rows.append(found.get("class") or "")
        self.loaded += [value for key, value in found.items() if key in ("src", "srcset", "data") and value]
        if tag == "link":
            self.loaded.append(str(found))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_tour_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "diff.html"
    assert main(["--html", str(path), TOUR]) == 0
    text = path.read_text(encoding="utf-8")
    outline = Outline(text)
    assert outline.rows.count("known") >= 4 and outline.rows.count("follows") == 3
    assert outline.rows.count("same") > 50 and not outline.loaded
    assert "events of <code>poll_oneoff</code> on" in text and "`" not in text.partition("</style>")[2]
    assert "Identical but for what is known." in text and "prefers-color-scheme: dark" in text
    assert all(symbol in text for symbol, _ in MARKS.values())


def test_a_difference_has_its_row_its_rule_and_a_link_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch)
    comparison = compare(*both(Equal(module(tmp_path, FILES))), known())
    text = page(judge("prog.wasm", comparison, False))
    outline = Outline(text)
    assert outline.rows.count("unknown") == 1 and text.count('id="first"') == 1 and 'href="#first"' in text
    assert re.search(r'errno: <span class="ours mono">ACCES</span> against <span class="theirs mono">NOENT', text)
    assert "docs.md#path_unlink_file" in text


def test_what_a_guest_says_stays_text(tmp_path: Path) -> None:
    hostile = FILES.replace('"hello"', '"<b>&\\"\\1b"').replace("(i32.const 32) (i32.const 5)", "(i32.const 32) (i32.const 6)")
    comparison = compare(*both(Equal(module(tmp_path, hostile), arg0="</td><script>")), known())
    text = page(judge("</title><script>alert(1)</script>", comparison, False))
    Outline(text)
    assert text.count("<script>") == 1 and "<b>" not in text and "&lt;b&gt;&amp;" in text and "\x1b" not in text
