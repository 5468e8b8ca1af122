"""A campaign of WASI 0.2 for people: each finding as a minimal program with both answers, what is known, what was covered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.lockstep import known
from conformance.components.fuzz.sides import Ours, Reference
from conformance.diff.table import plural
from conformance.diff.text import BOLD, DIM, OURS, THEIRS, Page
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.chain import Finding, Run
from conformance.fuzz.steps import TOP, Step
from conformance.fuzz.text import MOST_STEPS, cut, times


def shown(step: Step) -> str:
    """A step as people read it: handles by the step that made them."""
    parts = [f"{name}={_value(value)}" for name, value in step.values.items()]
    return f"{step.number}: {step.name}({', '.join(parts)})" + (" to the end" if step.walk else "")


def _value(value: Any) -> str:
    match value:
        case {"of": number}:
            return "/" if value == TOP else f"handle of {number}"
        case str():
            return repr(value)
        case list():
            names = all(isinstance(each, str) for each in value)
            return ("|".join(value) or "{}") if names else f"[{', '.join(map(_value, value))}]"
        case dict():
            return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    return str(value)


def finding(page: Page, found: Finding) -> None:
    """A finding: its program, both answers, and what differs."""
    for step in found.steps[-MOST_STEPS:]:
        page.add("  ", page.paint(cut(shown(step)), BOLD if step is found.steps[-1] and not found.files else ""))
    if not found.files:
        page.add("  ", page.paint(Ours.title, OURS), f": {cut(found.answers[0])}   ",
                 page.paint(Reference.title, THEIRS), f": {cut(found.answers[1])}")  # fmt: skip
    for each in found.differences[:5]:
        page.add(f"  {each.what}: ", page.paint(cut(each.ours), OURS), " | ", page.paint(cut(each.theirs), THEIRS))


def text(campaign: Campaign, saved: Sequence[str], coloured: bool) -> list[str]:
    """The lines that the command prints; `saved` has the file of each finding, if they are kept."""
    page = Page(coloured)
    for number, each in enumerate(campaign.found):
        what = " ".join(map(cut, each.first.signature))
        page.head(f"{number + 1}. not explained: {what} (chain {each.chain}, {times(each.times)})")
        if each.small is each.first:
            page.prose("It didn't come up when the program was run again: time or the host must have a part in it.")
        finding(page, each.small)
        if saved:
            page.add("  ", page.paint(f"agave-wasi fuzz replay {saved[number]}", DIM))
    if campaign.found:
        page.add("")
    head = page.paint(f"seed {campaign.seed}: {campaign.calls:,} calls", BOLD)
    rate = f"{campaign.rate:,.0f} calls a second"
    page.add(head, f" of WASI 0.2 in {campaign.chains:,} chains, the longest of {campaign.longest:,}; {rate}")
    names = {name for name, _ in campaign.coverage}
    fine = sum(count for (_, answer), count in campaign.coverage.items() if answer == "ok")
    page.add(f"  covered: {len(names)} of {len(callees())} functions, {len(campaign.coverage)} pairs of function and answer, "
             f"{fine / max(sum(campaign.coverage.values()), 1):.0%} of the calls succeeded")  # fmt: skip
    if campaign.known:
        page.add(f"  known divergences: {len(campaign.known)}")
        kinds = {each.id: each.kind for each in known()}
        for name, count in campaign.known.most_common():
            page.add(f"    {count:>9,}  {name} ({kinds[name]})")
    page.add(page.paint(f"  not explained: {len(campaign.found)}", BOLD))
    return page.lines


def replayed(run: Run, coloured: bool) -> list[str]:
    """What a program has shown that was run again."""
    page = Page(coloured)
    if run.finding is not None:
        finding(page, run.finding)
    else:
        but = f" but for {', '.join(sorted(run.known))}" if run.known else ""
        page.add(f"{plural(run.calls, 'call')}: the same{but}")
    return page.lines
