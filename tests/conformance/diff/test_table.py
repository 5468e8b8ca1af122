"""Tables of traces: marks are symbols and words, and no text becomes markup."""

from __future__ import annotations

import re
from typing import Any

from conformance.diff.rows import MARKS, alone, none
from conformance.diff.table import STYLE, legend, lines, part
from tests.conformance.diff.test_html import Outline
from tests.conformance.reports.test_page import colour, contrast

HOSTILE = "</td></template></script><script>alert(1)</script>&\"'\x1b\u2028"


def told(**more: Any) -> dict[str, Any]:
    side = {"runtime": HOSTILE, "calls": 1, "ended": HOSTILE}
    note = dict.fromkeys(("what", "ours", "theirs", "known"), HOSTILE)
    row = {"mark": "unknown", "number": 1, "ours": HOSTILE, "theirs": HOSTILE, "notes": [note],
           "decides": {"rule": HOSTILE, "link": HOSTILE}}  # fmt: skip
    allowed = {"mark": "allowed", "number": 2, "ours": "x", "theirs": "y", "rules": [HOSTILE]}
    difference = {**dict.fromkeys(("what", "ours", "theirs"), HOSTILE), "mark": "follows"}
    return {
        "sides": [side, side], "reason": HOSTILE, "marks": {"unknown": 1, "allowed": 1},
        "differences": [difference, {"left_out": 5678}], "rows": [row, {"left_out": 1234}, allowed], **more,
    }  # fmt: skip


def test_no_text_becomes_markup() -> None:
    text = part(told())
    outline = Outline(text)
    assert "script" not in re.findall(r"<(\w+)", text) and "template" not in re.findall(r"</?(\w+)", text)
    assert "\x1b" not in text and "\u2028" not in text and text.count("&lt;/template&gt;") >= 14
    assert not outline.loaded and "unknown" in outline.rows and "gap" in outline.rows
    assert "follows" in outline.rows and "\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS} &lt;/td&gt;" in text


def test_every_mark_is_a_symbol_and_a_word() -> None:
    for mark, (symbol, meaning) in MARKS.items():
        text = lines({"mark": mark, "number": 7, "ours": "a", "theirs": "b", "rules": ["inode"]})
        assert f">{symbol}</td>" in text and f'title="{meaning}' in text
    assert len({symbol for symbol, _ in MARKS.values()}) == len(MARKS)
    assert legend({"known": 1234}) == '<p class="dim"><span><strong>K</strong> 1,234 a known divergence</span></p>'


def test_what_is_left_out_is_counted() -> None:
    assert "1,234 host calls left out" in part(told()) and ">5,678 more<" in part(told())
    assert "1 host call left out" in lines({"left_out": 1})


def test_one_side_or_none_says_why() -> None:
    text = part(alone("agave-wasi", "exit code 0", ["one() = 0"], "needs <a> quota"))
    assert "needs &lt;a&gt; quota" in text and text.count("<td>one() = 0</td>") == 1 and "side by side" not in text
    assert part(none("refused")) == '<h3>Host calls</h3><p class="dim">refused</p>'
    assert '<td colspan="2">host calls</td><td>0</td></tr>' in part(alone("agave-wasi", "timeout", [], ""))


def test_colours_can_be_read_on_both_grounds() -> None:
    for style, ground in zip(STYLE.partition("prefers-color-scheme: dark")[::2], ("ffffff", "0f141a")):
        for front in ("dim", "ours", "theirs"):
            backs = [tuple(bytes.fromhex(ground)), *(colour(style, back) for back in ("known", "unknown", "follows"))]
            assert all(contrast(colour(style, front), back) >= 4.5 for back in backs), front
