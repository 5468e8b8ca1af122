"""What a campaign has found, for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.diff.text import BOLD, OURS, THEIRS, Page
from conformance.fuzz.types.campaign import Campaign, Finding
from conformance.fuzz.types.text import component


def lines(campaign: Campaign, saved: Sequence[str], coloured: bool) -> list[str]:
    """What the command prints; `saved` has the file of each finding, if they are kept."""
    page = Page(coloured)
    for number, each in enumerate(campaign.found):
        page.head(f"{number + 1}. not explained: {each.what} (batch {each.batch}, {each.times:,} times)")
        page.add("  ", page.paint(f"{each.name}: {each.type}", BOLD), f" through {', '.join(each.encodings)}")
        page.add(f"  sent: {each.sent}")
        page.add("  ", page.paint("agave-wasi", OURS), f": {each.ours}")
        page.add("  ", page.paint("wasmtime-py", THEIRS), f": {each.theirs}")
        if saved:
            page.add(f"  {saved[number]}")
    if campaign.found:
        page.add("")
    page.add(page.paint(f"seed {campaign.seed}: {campaign.types:,} types", BOLD), f", {campaign.different:,} different; "
             f"{campaign.calls:,} calls, {campaign.rate:,.0f} a second")  # fmt: skip
    page.add(f"  {campaign.values:,} values went there and back; of {campaign.raws:,} raw ones, "
             f"{sum(campaign.traps.values()):,} trapped on both sides{_counted(campaign)}")  # fmt: skip
    page.add(page.paint(f"  not explained: {len(campaign.found)}", BOLD))
    return page.lines


def _counted(campaign: Campaign) -> str:
    shown = ", ".join(f"{name} {count:,}" for name, count in campaign.traps.most_common())
    return f" ({shown})" if shown else ""


def data(campaign: Campaign, saved: Sequence[str]) -> dict[str, Any]:
    """The campaign as data that JSON can hold."""
    found = [_finding_data(each) | {"file": saved[number] if saved else None} for number, each in enumerate(campaign.found)]
    return {
        "seed": campaign.seed, "types": campaign.types, "different": campaign.different, "components": campaign.batches,
        "values": campaign.values, "raw": campaign.raws, "traps": dict(campaign.traps.most_common()),
        "spoiled": dict(campaign.spoiled.most_common()), "calls_per_second": round(campaign.rate), "found": found,
    }  # fmt: skip


def _finding_data(found: Finding) -> dict[str, Any]:
    return {
        "what": found.what, "batch": found.batch, "function": found.name, "type": found.type, "times": found.times,
        "encodings": list(found.encodings), "sent": found.sent, "ours": found.ours, "theirs": found.theirs,
    }  # fmt: skip


def save(folder: Path, campaign: Campaign) -> list[str]:
    """Write each finding's component as text, with what was seen above it; the files. OSError if that can't be done."""
    saved = []
    for number, each in enumerate(campaign.found, 1):
        path = folder / f"{number}.wat"
        about = {"what": each.what, "type": each.type, "sent": each.sent, "agave-wasi": each.ours, "wasmtime-py": each.theirs}
        head = [f";; {name}: {text}" for name, text in about.items()]
        body = ";; it differs only beside the others of its batch\n" if each.small is None else component(each.small)
        path.write_text("\n".join([f";; seed {campaign.seed}, batch {each.batch}: {each.name}", *head, body]), encoding="utf-8")
        saved.append(str(path))
    return saved
