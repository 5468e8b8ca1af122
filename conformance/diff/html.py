"""A verdict as one self-contained page: both traces side by side, aligned, with the differences marked.

Every mark is a symbol and a word before it is a colour, and the colours (blue, orange, grey) are told apart by everybody. All
text comes from guests and files, so everything is escaped; the page loads nothing.
"""

from __future__ import annotations

from html import escape

from agave_wasi.terminal import printable
from conformance.calls.compare import Pair, ended
from conformance.calls.rules import RULES, Difference
from conformance.diff.verdict import Row, Verdict, decision

NEAR = 3
"""So many calls that are the same stay visible round one that isn't; longer stretches are folded."""
LONGEST = 2000
MARKS = {
    "same": ("=", "the same"),
    "allowed": ("~", "differs, as a rule allows"),
    "known": ("K", "a known divergence"),
    "follows": ("\N{DOWNWARDS ARROW WITH TIP RIGHTWARDS}", "follows from a known divergence"),
    "unknown": ("\N{NOT EQUAL TO}", "differs"),
}
STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1b1b; --dim: #5c5c5c; --line: #d4d4d4; --ours: #0b5cad;
  --theirs: #9a5200; --known: #e8f1fb; --unknown: #ffe3c2; --follows: #f1f1f1; }
@media (prefers-color-scheme: dark) { :root { --back: #16181b; --text: #e6e6e6; --dim: #a0a0a0; --line: #3a3d42;
  --ours: #7db8f5; --theirs: #ffb460; --known: #1c2d40; --unknown: #4a3010; --follows: #24272b; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 110rem; padding: 0 1.5rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code, td, .mono { font-family: ui-monospace, monospace; font-size: 13px; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { text-align: left; font-weight: 600; padding: .3rem .5rem; }
th.ours { color: var(--ours); } th.theirs { color: var(--theirs); }
td { vertical-align: top; padding: .15rem .5rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
td.number, td.mark { color: var(--dim); } col.number { width: 4.5rem; } col.mark { width: 3rem; }
tr.known td { background: var(--known); } tr.follows td { background: var(--follows); }
tr.unknown td { background: var(--unknown); } tr.unknown td.mark { font-weight: 700; color: var(--theirs); }
tr.note td { border-top: 0; font: 14px/1.4 system-ui, sans-serif; }
.dim { color: var(--dim); } .ours { color: var(--ours); } .theirs { color: var(--theirs); }
summary { cursor: pointer; color: var(--dim); padding: .3rem .5rem; }
a { color: var(--ours); } .verdict { border-left: .4rem solid var(--ours); padding: .3rem 1rem; }
.verdict.differs { border-color: var(--theirs); }
"""
SCRIPT = """
document.getElementById("only").addEventListener("change", function (event) {
  for (const row of document.querySelectorAll("tr.same, tr.allowed, details.fold")) row.hidden = event.target.checked;
});
"""


def page(verdict: Verdict) -> str:
    """The whole page."""
    comparison = verdict.comparison
    title = f"{verdict.program}: {'identical' if verdict.same else 'differs'}"
    parts = [
        "<!doctype html>", '<html lang="en">', '<head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_text(verdict.program)}</h1>", _summary(verdict),
        _ends(verdict), _files("Files behind the first difference", verdict, verdict.moment),
        _files("Files at the end", verdict, comparison.files + comparison.files_following), _known(verdict),
        "<h2>Host calls</h2>", _legend(), *_tables(verdict), _allowed(verdict), f"<script>{SCRIPT}</script></body></html>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def _text(value: object) -> str:
    shown = printable(str(value))
    return escape(shown if len(shown) <= LONGEST else shown[:LONGEST] + "...")


def _prose(text: str) -> str:
    """Prose of the project's own, in which `names` are code."""
    parts = _text(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 and at < len(parts) - 1 else part for at, part in enumerate(parts))


def _names(verdict: Verdict) -> tuple[str, str]:
    return _text(verdict.comparison.ours.runtime), _text(verdict.comparison.theirs.runtime)


def _summary(verdict: Verdict) -> str:
    comparison, first, decides = verdict.comparison, verdict.first, verdict.decides()
    if verdict.same:
        what = "Identical" + (" but for what is known." if comparison.known or comparison.known_ending else ".")
    elif first is not None:
        what = f'<a href="#first">Host call {first.our_number + 1}</a> differs.'
    else:
        what = "The host calls are the same, but not what comes of them."
    rule = f'<p>{_text(decides.rule)} <a href="{_text(decides.link)}">the section</a></p>' if decides is not None else ""
    return f'<div class="verdict{"" if verdict.same else " differs"}"><p><strong>{what}</strong></p>{rule}</div>'


def _ends(verdict: Verdict) -> str:
    comparison = verdict.comparison
    rows = [
        ("host calls", len(comparison.ours.calls), len(comparison.theirs.calls)),
        ("ended", ended(comparison.ours), ended(comparison.theirs)),
    ]
    rows += [(each.what, each.ours, each.theirs) for each in comparison.ending]
    cells = "".join(f"<tr><td>{_text(what)}</td><td>{_text(one)}</td><td>{_text(other)}</td></tr>" for what, one, other in rows)
    return f"<table>{_heads(verdict, '<th></th>')}{cells}</table>"


def _heads(verdict: Verdict, first: str) -> str:
    one, other = _names(verdict)
    return f'<tr>{first}<th class="ours">{one}</th><th class="theirs">{other}</th></tr>'


def _files(title: str, verdict: Verdict, rows: list[Row]) -> str:
    if not rows:
        return ""
    cells = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{title}</h2><table>{_heads(verdict, '<th>path</th>')}{cells}</table>"


def _known(verdict: Verdict) -> str:
    comparison = verdict.comparison
    entries = {entry.id: entry for pair in comparison.pairs for _, entry in pair.known}
    entries |= {entry.id: entry for _, entry in comparison.known_ending}
    items = [
        f"<li><strong>{_text(each.id)}</strong> ({_text(each.kind)}): {_prose(each.situation)}. {_prose(each.rule)} "
        f'<a href="{_text(each.link)}">the section</a></li>'
        for each in entries.values()
    ]
    return f"<h2>Known divergences on the way</h2><ul>{''.join(items)}</ul>" if items else ""


def _legend() -> str:
    shown = " ".join(f"<span><strong>{symbol}</strong> {_text(meaning)}</span>;" for symbol, meaning in MARKS.values())
    only = '<label><input type="checkbox" id="only"> only what differs</label>'
    return f'<p class="dim">{shown.rstrip(";")}</p><p>{only}</p>'


def kind_of(pair: Pair) -> str:
    """Which of MARKS a pair gets."""
    if pair.unknown:
        return "unknown"
    if pair.known:
        return "known"
    if pair.follows:
        return "follows"
    return "allowed" if pair.allowed else "same"


def _tables(verdict: Verdict) -> list[str]:
    """The pairs as tables, long stretches of calls that are the same folded away."""
    pairs = verdict.comparison.pairs
    telling = [at for at, pair in enumerate(pairs) if kind_of(pair) not in ("same", "allowed")]
    near = {at + by for at in telling for by in range(-NEAR, NEAR + 1)}
    parts: list[str] = []
    stretch: list[str] = []
    folded = False
    for at, pair in enumerate(pairs):
        hide = at not in near and bool(telling)
        if hide != folded and stretch:
            parts.append(_table(verdict, stretch, folded))
            stretch = []
        folded = hide
        stretch += _rows(verdict, pair)
    if stretch:
        parts.append(_table(verdict, stretch, folded))
    return parts or ["<p>There are none.</p>"]


def _table(verdict: Verdict, rows: list[str], folded: bool) -> str:
    columns = '<colgroup><col class="number"><col class="mark"><col><col></colgroup>'
    table = f"<table>{columns}{_heads(verdict, '<th></th><th></th>')}{''.join(rows)}</table>"
    count = f"{len(rows):,} host call{'' if len(rows) == 1 else 's'} without a difference that matters"
    return f'<details class="fold"><summary>{count}</summary>{table}</details>' if folded else table


def _rows(verdict: Verdict, pair: Pair) -> list[str]:
    kind = kind_of(pair)
    symbol, meaning = MARKS[kind]
    ours = verdict.ours[pair.our_number] if pair.ours is not None else ""
    theirs = verdict.theirs[pair.their_number] if pair.theirs is not None else ""
    number = (pair.our_number if pair.ours is not None else pair.their_number) + 1
    place = ' id="first"' if pair is verdict.first else ""
    notes = [(each, "") for each in pair.unknown] + [(each, entry.id) for each, entry in pair.known]
    if kind == "allowed":
        meaning += ": " + ", ".join(sorted({each.rule for each in pair.allowed}))
    row = (
        f'<tr class="{kind}"{place}><td class="number">{number}</td><td class="mark" title="{_text(meaning)}">{symbol}</td>'
        f"<td>{_text(ours)}</td><td>{_text(theirs)}</td></tr>"
    )
    return [row, *(_note(kind, each, id) for each, id in notes), *_decides(pair)]


def _note(kind: str, each: Difference, id: str) -> str:
    title = _text(each.what) + (f" ({_text(id)})" if id else "")
    return (
        f'<tr class="{kind} note"><td></td><td></td><td colspan="2">{title}: <span class="ours mono">{_text(each.ours)}</span>'
        f' against <span class="theirs mono">{_text(each.theirs)}</span></td></tr>'
    )


def _decides(pair: Pair) -> list[str]:
    if not pair.unknown:
        return []
    rule, link = decision(pair)
    told = f'{_text(rule)} <a href="{_text(link)}">the section</a>'
    return [f'<tr class="unknown note"><td></td><td></td><td colspan="2">{told}</td></tr>']


def _allowed(verdict: Verdict) -> str:
    items = [
        f"<li><strong>{_text(id)}</strong>, {times:,} times: {_text(RULES[id].where)}. {_text(RULES[id].reason)}</li>"
        for id, times in sorted(verdict.comparison.allowed.items())
    ]
    return f"<h2>What was allowed to differ</h2><ul>{''.join(items)}</ul>" if items else ""
