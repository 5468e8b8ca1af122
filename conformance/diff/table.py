"""Traces side by side, in HTML: tables of rows (`conformance.diff.rows`), for the page of `agave-wasi diff` and for reports.

Every mark is a symbol and a word before it is a colour, and the colours (blue, orange, grey) are told apart by everybody. All
text comes from guests and files, so everything is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from agave_wasi.terminal import printable
from conformance.diff.rows import MARKS, Row, Traces

LONGEST = 2000
STYLE = """
:root { --dim: #5c5c5c; --rule: #d4d4d4; --ours: #0b5cad; --theirs: #8f4a00; --known: #e8f1fb; --unknown: #ffe3c2;
  --follows: #f1f1f1; }
@media (prefers-color-scheme: dark) { :root { --dim: #a0a0a0; --rule: #3a3d42; --ours: #7db8f5; --theirs: #ffb460;
  --known: #1c2d40; --unknown: #4a3010; --follows: #24272b; } }
code, table.traces td, .mono { font-family: ui-monospace, monospace; font-size: 13px; }
table.traces { border-collapse: collapse; width: 100%; table-layout: fixed; }
table.traces th { position: static; text-align: left; font-weight: 600; padding: .3rem .5rem; border: 0; width: auto; }
table.traces th.ours { color: var(--ours); } table.traces th.theirs { color: var(--theirs); }
table.traces td { vertical-align: top; padding: .15rem .5rem; border: 0; border-top: 1px solid var(--rule);
  overflow-wrap: anywhere; }
table.traces td.number, table.traces td.mark { color: var(--dim); }
table.traces col.number { width: 4.5rem; } table.traces col.mark { width: 3rem; }
tr.known td { background: var(--known); } tr.follows td { background: var(--follows); }
tr.unknown td { background: var(--unknown); } table.traces tr.unknown td.mark { font-weight: 700; color: var(--theirs); }
table.traces tr.note td, table.traces tr.gap td { font: 14px/1.4 system-ui, sans-serif; }
table.traces tr.note td { border-top: 0; } table.traces tr.gap td { color: var(--dim); }
.dim { color: var(--dim); } .ours { color: var(--ours); } .theirs { color: var(--theirs); }
"""


def text(value: object) -> str:
    """Any text as text of a page."""
    shown = printable(str(value))
    return escape(shown if len(shown) <= LONGEST else shown[:LONGEST] + "...")


def plural(count: int, word: str) -> str:
    """So many of something."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def legend(counts: Mapping[str, int] | None = None) -> str:
    """What the marks mean; with `counts`, those that there are, and how many."""
    shown = " ".join(
        f"<span><strong>{symbol}</strong> {f'{counts[mark]:,} ' if counts else ''}{text(meaning)}</span>;"
        for mark, (symbol, meaning) in MARKS.items()
        if counts is None or mark in counts
    )
    return f'<p class="dim">{shown.rstrip(";")}</p>'


def heads(names: Sequence[str], *before: str) -> str:
    """The row of heads: of other columns, and of the one or two sides."""
    first = "".join(f"<th>{text(each)}</th>" for each in before)
    sides = "".join(f'<th class="{side}">{text(name)}</th>' for side, name in zip(("ours", "theirs"), names))
    return f"<tr>{first}{sides}</tr>"


def table(names: Sequence[str], rows: Sequence[str]) -> str:
    """The table of such rows."""
    columns = '<col class="number"><col class="mark">' + "<col>" * len(names)
    return f'<table class="traces"><colgroup>{columns}</colgroup>{heads(names, "", "")}{"".join(rows)}</table>'


def compared(names: Sequence[str], what: str, rows: Sequence[Sequence[object]]) -> str:
    """A table of (what, here, there)."""
    cells = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="traces">{heads(names, what)}{cells}</table>'


def lines(each: Row, place: str = "") -> str:
    """A row of data as rows of the table; `place` is what links lead to."""
    if "left_out" in each:
        return f'<tr class="gap"><td></td><td>\N{VERTICAL ELLIPSIS}</td><td colspan="2">{_left_out(each)}</td></tr>'
    kind = each.get("mark", "")
    symbol, meaning = MARKS.get(kind, ("", ""))
    if kind == "allowed":
        meaning += ": " + ", ".join(each["rules"])
    sides = "".join(f"<td>{text(each[side])}</td>" for side in ("ours", "theirs") if side in each)
    shown = f' id="{place}"' if place else ""
    first = f'<tr class="{kind}"{shown}><td class="number">{each["number"]}</td>'
    row = f'{first}<td class="mark" title="{text(meaning)}">{symbol}</td>{sides}</tr>'
    return row + "".join(_note(kind, note) for note in each.get("notes", ())) + _decides(each)


def _left_out(each: Row) -> str:
    return f"{plural(each['left_out'], 'host call')} left out"


def _note(kind: str, note: Row) -> str:
    title = text(note["what"]) + (f" ({text(note['known'])})" if note["known"] else "")
    ours, theirs = (f'<span class="{side} mono">{text(note[side])}</span>' for side in ("ours", "theirs"))
    return f'<tr class="{kind} note"><td></td><td></td><td colspan="2">{title}: {ours} against {theirs}</td></tr>'


def _decides(each: Row) -> str:
    if "decides" not in each:
        return ""
    told = f'{text(each["decides"]["rule"])} <a href="{text(each["decides"]["link"])}" rel="noreferrer">the section</a>'
    return f'<tr class="unknown note"><td></td><td></td><td colspan="2">{told}</td></tr>'


def part(told: Traces) -> str:
    """A case's traces for its page."""
    names = [each["runtime"] for each in told["sides"]]
    reason = f'<p class="dim">{text(told["reason"])}</p>' if told["reason"] else ""
    if not names:
        return f"<h3>Host calls</h3>{reason}"
    sides = told["sides"]
    ends = [_end("", what, [each[key] for each in sides]) for what, key in (("host calls", "calls"), ("ended", "ended"))]
    behind = "".join(map(_difference, told["differences"]))
    title = "Host calls, side by side" if len(names) > 1 else "Host calls"
    marks = legend(told["marks"]) if told["marks"] else ""
    rows = table(names, [*ends, *(lines(each) for each in told["rows"]), behind])
    return f"<h3>{title}</h3>{reason}{marks}{rows}"


def _difference(each: Row) -> str:
    if "left_out" in each:
        return f'<tr class="gap"><td></td><td>\N{VERTICAL ELLIPSIS}</td><td colspan="2">{each["left_out"]:,} more</td></tr>'
    return _end(each["mark"], each["what"], [each["ours"], each["theirs"]])


def _end(mark: str, what: str, sides: Sequence[object]) -> str:
    symbol = f"{MARKS[mark][0]} " if mark else ""
    cells = "".join(f"<td>{text(each)}</td>" for each in sides)
    return f'<tr class="{mark or "end"}"><td colspan="2">{symbol}{text(what)}</td>{cells}</tr>'
