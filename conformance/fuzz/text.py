"""A campaign for people: each finding as a minimal program with both answers, what is known, what was covered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agave_wasi.preview1.interface import Preview1, function_names
from conformance.calls.known import REFERENCE, known
from conformance.diff.sections import section
from conformance.diff.text import BOLD, DIM, OURS, THEIRS, Page
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.chain import Finding
from conformance.fuzz.layout import shown
from conformance.fuzz.lockstep import REFERENCES
from conformance.fuzz.ours import Ours
from conformance.fuzz.reference import Reference

SHOWN = 300
MOST_STEPS = 40


def cut(text: object) -> str:
    """Something in one line that isn't too long."""
    line = str(text)
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}..."


def finding(page: Page, found: Finding, theirs: str = Reference.title) -> None:
    """A finding: its program, what differs, and the rule that decides; `theirs` is who has answered otherwise."""
    for step in found.steps[-MOST_STEPS:]:
        page.add("  ", page.paint(cut(shown(step)), BOLD if step is found.steps[-1] and not found.files else ""))
    if not found.files:
        page.add("  ", page.paint(Ours.title, OURS), f": {cut(found.answers[0])}   ",
                 page.paint(theirs, THEIRS), f": {cut(found.answers[1])}")  # fmt: skip
    for each in found.differences[:5]:
        page.add(f"  {each.what}: ", page.paint(cut(each.ours), OURS), " | ", page.paint(cut(each.theirs), THEIRS))
    if not found.files:
        rule = section(found.steps[-1].name)
        page.prose(f"the rule: {rule.rule}")
        page.add("  ", page.paint(rule.link, DIM))


def text(campaign: Campaign, saved: Sequence[str], coloured: bool) -> list[str]:
    """The lines that the command prints; `saved` has the file of each finding, if they are kept."""
    page = Page(coloured)
    for number, each in enumerate(campaign.found):
        what = " ".join(map(cut, each.first.signature))
        page.head(f"{number + 1}. not explained: {what} (chain {each.chain}, {times(each.times)})")
        if each.small is each.first:
            page.prose("It didn't come up when the program was run again: time or the host must have a part in it.")
        finding(page, each.small, REFERENCES[campaign.against].title)
        if saved:
            page.add("  ", page.paint(f"agave-wasi fuzz replay {against(campaign.against)}{saved[number]}", DIM))
    if campaign.found:
        page.add("")
    calls, kinds = sum(campaign.coverage.values()), len(campaign.coverage)
    page.add(page.paint(f"seed {campaign.seed}: {campaign.calls:,} calls", BOLD), f" in {campaign.chains:,} chains, the "
             f"longest of {campaign.longest:,}; {campaign.rate:,.0f} calls a second")  # fmt: skip
    functions = {name for name, _ in campaign.coverage}
    page.add(f"  covered: {len(functions)} of {len(function_names(Preview1))} functions, {kinds} pairs of function and answer, "
             f"{success(campaign) / max(calls, 1):.0%} of the calls succeeded")  # fmt: skip
    if campaign.known:
        page.add(f"  known divergences: {len(campaign.known)}")
        kinds_of = {each.id: each.kind for each in known(campaign.against)}
        for name, count in campaign.known.most_common():
            page.add(f"    {count:>9,}  {name} ({kinds_of[name]})")
    page.add(page.paint(f"  not explained: {len(campaign.found)}", BOLD))
    return page.lines


def against(runtime: str) -> str:
    """The option that a command needs for that runtime."""
    return "" if runtime == REFERENCE else f"--against {runtime} "


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count:,} times"


def success(campaign: Campaign) -> int:
    """How many calls have succeeded."""
    return sum(count for (_, answer), count in campaign.coverage.items() if answer == "SUCCESS")


def data(campaign: Campaign, saved: Sequence[str]) -> dict[str, Any]:
    """The campaign as data that JSON can hold."""
    coverage: dict[str, dict[str, int]] = {}
    for (name, answer), count in sorted(campaign.coverage.items()):
        coverage.setdefault(name, {})[answer] = count
    found = [
        finding_data(each.small) | {"chain": each.chain, "times": each.times, "file": saved[number] if saved else None}
        for number, each in enumerate(campaign.found)
    ]
    return {
        "seed": campaign.seed, "against": campaign.against, "calls": campaign.calls, "chains": campaign.chains,
        "longest": campaign.longest, "calls_per_second": round(campaign.rate), "known": dict(campaign.known.most_common()),
        "coverage": coverage, "found": found,
    }  # fmt: skip


def finding_data(found: Finding) -> dict[str, Any]:
    """A finding as data that JSON can hold."""
    return {
        "what": list(found.signature), "ours": found.answers[0], "theirs": found.answers[1], "files": found.files,
        "differences": [{"what": each.what, "ours": cut(each.ours), "theirs": cut(each.theirs)} for each in found.differences],
        "steps": [each.plain() for each in found.steps],
    }  # fmt: skip
