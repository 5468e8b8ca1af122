"""A verdict as one self-contained page: both traces side by side, aligned, with the differences marked. It loads nothing."""

from __future__ import annotations

from conformance.calls.compare import ended
from conformance.calls.rules import RULES
from conformance.diff import table
from conformance.diff.rows import near, row
from conformance.diff.table import compared, legend, lines, plural, text
from conformance.diff.verdict import Row, Verdict

STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1b1b1b; }
@media (prefers-color-scheme: dark) { :root { --back: #16181b; --text: #e6e6e6; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 110rem; padding: 0 1.5rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
summary { cursor: pointer; color: var(--dim); padding: .3rem .5rem; }
a { color: var(--ours); } .verdict { border-left: .4rem solid var(--ours); padding: .3rem 1rem; }
.verdict.differs { border-color: var(--theirs); }
"""
SCRIPT = """
document.getElementById("only").addEventListener("change", function (event) {
  for (const row of document.querySelectorAll("tr.same, tr.allowed, details.fold")) row.hidden = event.target.checked;
});
"""
ONLY = '<p><label><input type="checkbox" id="only"> only what differs</label></p>'


def page(verdict: Verdict) -> str:
    """The whole page."""
    comparison = verdict.comparison
    title = f"{verdict.program}: {'identical' if verdict.same else 'differs'}"
    parts = [
        "<!doctype html>", '<html lang="en">', '<head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{text(title)}</title><style>{table.STYLE}{STYLE}</style></head><body>",
        f"<h1>{text(verdict.program)}</h1>", _summary(verdict),
        _ends(verdict), _files("Files behind the first difference", verdict, verdict.moment),
        _files("Files at the end", verdict, comparison.files + comparison.files_following), _known(verdict),
        "<h2>Host calls</h2>", legend(), ONLY, *_tables(verdict), _allowed(verdict), f"<script>{SCRIPT}</script></body></html>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part)


def _prose(words: str) -> str:
    """Prose of the project's own, in which `names` are code."""
    parts = text(words).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 and at < len(parts) - 1 else part for at, part in enumerate(parts))


def _names(verdict: Verdict) -> tuple[str, str]:
    return verdict.comparison.ours.runtime, verdict.comparison.theirs.runtime


def _summary(verdict: Verdict) -> str:
    comparison, first, decides = verdict.comparison, verdict.first, verdict.decides()
    if verdict.same:
        what = "Identical" + (" but for what is known." if comparison.known or comparison.known_ending else ".")
    elif first is not None:
        what = f'<a href="#first">Host call {first.our_number + 1}</a> differs.'
    else:
        what = "The host calls are the same, but not what comes of them."
    rule = f'<p>{text(decides.rule)} <a href="{text(decides.link)}">the section</a></p>' if decides is not None else ""
    if verdict.unseen:
        rule += f"<p>Calls of {plural(verdict.unseen, 'function')} by components within it weren't compared one by one.</p>"
    return f'<div class="verdict{"" if verdict.same else " differs"}"><p><strong>{what}</strong></p>{rule}</div>'


def _ends(verdict: Verdict) -> str:
    comparison = verdict.comparison
    rows = [
        ("host calls", len(comparison.ours.calls), len(comparison.theirs.calls)),
        ("ended", ended(comparison.ours), ended(comparison.theirs)),
    ]
    rows += [(each.what, each.ours, each.theirs) for each in comparison.ending]
    return compared(_names(verdict), "", rows)


def _files(title: str, verdict: Verdict, rows: list[Row]) -> str:
    if not rows:
        return ""
    return f"<h2>{title}</h2>{compared(_names(verdict), 'path', rows)}"


def _known(verdict: Verdict) -> str:
    comparison = verdict.comparison
    entries = {entry.id: entry for pair in comparison.pairs for _, entry in pair.known}
    entries |= {entry.id: entry for _, entry in comparison.known_ending}
    items = [
        f"<li><strong>{text(each.id)}</strong> ({text(each.kind)}): {_prose(each.situation)}. {_prose(each.rule)} "
        f'<a href="{text(each.link)}">the section</a></li>'
        for each in entries.values()
    ]
    return f"<h2>Known divergences on the way</h2><ul>{''.join(items)}</ul>" if items else ""


def _tables(verdict: Verdict) -> list[str]:
    """The pairs as tables, long stretches of calls that are the same folded away."""
    pairs, names = verdict.comparison.pairs, _names(verdict)
    rows = [row(verdict, pair) for pair in pairs]
    shown = near(rows)
    parts: list[str] = []
    stretch: list[str] = []
    folded = False
    for at, pair in enumerate(pairs):
        hide = at not in shown and bool(shown)
        if hide != folded and stretch:
            parts.append(_stretch(names, stretch, folded))
            stretch = []
        folded = hide
        stretch.append(lines(rows[at], "first" if pair is verdict.first else ""))
    if stretch:
        parts.append(_stretch(names, stretch, folded))
    return parts or ["<p>There are none.</p>"]


def _stretch(names: tuple[str, str], rows: list[str], folded: bool) -> str:
    found = table.table(names, rows)
    title = f"{plural(len(rows), 'host call')} without a difference that matters"
    return f'<details class="fold"><summary>{title}</summary>{found}</details>' if folded else found


def _allowed(verdict: Verdict) -> str:
    items = [
        f"<li><strong>{text(id)}</strong>, {times:,} times: {text(RULES[id].where)}. {text(RULES[id].reason)}</li>"
        for id, times in sorted(verdict.comparison.allowed.items())
    ]
    return f"<h2>What was allowed to differ</h2><ul>{''.join(items)}</ul>" if items else ""
