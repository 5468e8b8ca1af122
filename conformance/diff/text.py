"""A verdict for people: what is the same in one line, what differs with all that it takes to decide who is right."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap

from agave_wasi.terminal import colours, printable
from conformance.calls.call import Region
from conformance.calls.compare import FIRST, Pair, ended
from conformance.calls.rules import Difference
from conformance.diff.table import plural
from conformance.diff.verdict import Row, Verdict

BOLD, OURS, THEIRS, DIM = "1", "36", "33", "2"
"""Cyan and yellow: told apart by everybody, on dark and on light."""
WIDTH = 100
MOST_ROWS = 12


class Page:
    """Lines that may have colours."""

    def __init__(self, coloured: bool) -> None:
        self.coloured = coloured
        self.lines: list[str] = []

    def paint(self, text: str, colour: str) -> str:
        """Text in a colour, if there are any; what would steer a terminal is shown as it is written."""
        text = printable(text)
        return f"\x1b[{colour}m{text}\x1b[0m" if self.coloured and text else text

    def add(self, *parts: str) -> None:
        """A line."""
        self.lines.append("".join(parts))

    def head(self, text: str) -> None:
        """A title, with a line before it."""
        self.lines += ["", self.paint(text, BOLD)]

    def prose(self, text: str, indent: str = "  ") -> None:
        """Running text."""
        found = wrap(printable(text), WIDTH - len(indent), break_on_hyphens=False, break_long_words=False)
        self.lines += [indent + line for line in found]


def text(verdict: Verdict, coloured: bool | None = None) -> list[str]:
    """The lines that the command prints."""
    page = Page(colours(1) if coloured is None else coloured)
    if verdict.same:
        _identical(page, verdict)
    else:
        _differs(page, verdict)
    _known(page, verdict)
    _follows(page, verdict)
    if verdict.unseen:
        page.add(f"  Calls of {plural(verdict.unseen, 'function')} by components within it weren't compared one by one.")
    return page.lines


def _identical(page: Page, verdict: Verdict) -> None:
    comparison = verdict.comparison
    count = len({*comparison.known, *(entry.id for _, entry in comparison.known_ending)})
    but = f" but for {plural(count, 'known divergence')}" if count else ""
    shown = f"{plural(len(comparison.ours.calls), 'host call')}, {ended(comparison.ours)}"
    sizes = ", ".join(f"{len(data):,} bytes of {name}" for name, data in _outputs(verdict) if data)
    files = sum(len(tree) for tree in comparison.ours.trees.values() if not isinstance(tree, str))
    page.add(page.paint(verdict.program, BOLD), f": identical{but}")
    left = "1 file or folder" if files == 1 else f"{files:,} files and folders"
    page.add(page.paint(f"  {shown}{', ' if sizes else ''}{sizes}, {left} left behind", DIM))


def _outputs(verdict: Verdict) -> list[tuple[str, bytes]]:
    ours = verdict.comparison.ours
    return [("stdout", ours.stdout), ("stderr", ours.stderr)]


def _differs(page: Page, verdict: Verdict) -> None:
    comparison, first = verdict.comparison, verdict.first
    if first is not None:
        page.add(page.paint(verdict.program, BOLD), f": host call {first.our_number + 1} differs")
        _call(page, verdict, first)
    elif comparison.ending or (verdict.strict and comparison.known_ending):
        page.add(page.paint(verdict.program, BOLD), ": the host calls are the same, but not how it ends")
    else:
        page.add(page.paint(verdict.program, BOLD), ": the host calls are the same, but not the files that are left")
    ending = comparison.ending + ([each for each, _ in comparison.known_ending] if verdict.strict else [])
    if ending:
        page.head("At the end")
        _differences(page, verdict, ending)
    files = comparison.files + (comparison.files_following if verdict.strict else [])
    if files:
        page.head("Files at the end")
        _files(page, verdict, files)
    decides = verdict.decides()
    if decides is not None:
        page.head("The rule that decides")
        page.prose(decides.rule)
        page.add(f"  {page.paint(decides.link, DIM)}")


def _call(page: Page, verdict: Verdict, pair: Pair) -> None:
    ours = verdict.ours[pair.our_number] if pair.ours is not None else "no more host calls"
    theirs = verdict.theirs[pair.their_number] if pair.theirs is not None else "no more host calls"
    width = max(map(len, _names(verdict)))
    page.add()
    for name, line, colour in zip(_names(verdict), (ours, theirs), (OURS, THEIRS)):
        page.add("  ", page.paint(name.ljust(width), colour), "  ", printable(line))
    page.head("What differs")
    _differences(page, verdict, verdict.differences())
    written = [(pair.ours, OURS), (pair.theirs, THEIRS)]
    if any(call is not None and call.written for call, _ in written):
        page.head("Memory that the call wrote")
        for name, (call, colour) in zip(_names(verdict), written):
            regions = "; ".join(_region(each) for each in (call.written if call is not None else []))
            page.add("  ", page.paint(name.ljust(width), colour), "  ", regions or "none")
    page.head("Files behind the call")
    if verdict.moment:
        _files(page, verdict, verdict.moment)
    else:
        page.prose("the same on both sides")
    allowed = sorted({each.rule for each in verdict.comparison.allowed_before(pair)})
    if allowed:
        page.head("Allowed to differ until then")
        page.prose(", ".join(allowed))


def _region(region: Region) -> str:
    data = region.data[:16].hex(" ")
    return f"{region.name} at {region.address:#x}, {plural(region.size, 'byte')}" + (f": {data}" if data else "") + (
        " ..." if region.size > 16 else ""
    )  # fmt: skip


def _names(verdict: Verdict) -> list[str]:
    return [verdict.comparison.ours.runtime, verdict.comparison.theirs.runtime]


def _differences(page: Page, verdict: Verdict, found: list[Difference]) -> None:
    for each in found[:MOST_ROWS]:
        page.add("  ", printable(each.what))
        _sides(page, verdict, str(each.ours) or "(never returned)", str(each.theirs) or "(never returned)")
    if len(found) > MOST_ROWS:
        page.add(f"  and {len(found) - MOST_ROWS} more")


def _sides(page: Page, verdict: Verdict, ours: str, theirs: str) -> None:
    names = _names(verdict)
    width = max(map(len, names))
    for name, value, colour in zip(names, (ours, theirs), (OURS, THEIRS)):
        page.add("    ", page.paint(name.ljust(width), colour), "  ", printable(value[:400]))


def _files(page: Page, verdict: Verdict, rows: list[Row]) -> None:
    for path, ours, theirs in rows[:MOST_ROWS]:
        page.add("  ", printable(path))
        _sides(page, verdict, ours, theirs)
    if len(rows) > MOST_ROWS:
        page.add(f"  and {len(rows) - MOST_ROWS} more")


def _known(page: Page, verdict: Verdict) -> None:
    comparison = verdict.comparison
    entries = {entry.id: entry for pair in comparison.pairs for _, entry in pair.known}
    entries |= {entry.id: entry for _, entry in comparison.known_ending}
    if not entries:
        return
    page.head("Known divergences on the way")
    for id, entry in entries.items():
        pairs = comparison.known.get(id, [])
        where = ", ".join(str(pair.our_number + 1) for pair in pairs[:6]) + (", ..." if len(pairs) > 6 else "")
        page.add("  ", page.paint(id, BOLD), f" ({entry.kind}), ", f"{_calls(len(pairs), where)}" if pairs else "at the end")
        page.prose(f"{entry.situation}: here {entry.here}; there {entry.there}. {entry.rule}", "    ")


def _follows(page: Page, verdict: Verdict) -> None:
    """How many calls are as they are because of something before: a known divergence, or an order that is free."""
    comparison = verdict.comparison
    counts = Counter(pair.follows for pair in comparison.pairs if pair.follows and pair.follows != FIRST)
    for id, count in counts.items():
        page.add(f"  {plural(count, 'host call')} without a like one, or with another answer, in consequence of {id}")
    if comparison.files_following:
        count = len(comparison.files_following)
        page.add(f"  {plural(count, 'file')} {'differs' if count == 1 else 'differ'} in consequence of these")


def _calls(count: int, where: str) -> str:
    return f"host call{'' if count == 1 else 's'} {where}"
