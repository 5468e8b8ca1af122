"""Many batches on both sides, until there have been enough types or the time is over; and what differed."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from agave_wasi.engines.capi import to_wasm
from conformance.fuzz.types import ours, reference
from conformance.fuzz.types.batch import IMAGES, SIZE, Batch, draw
from conformance.fuzz.types.ours import Ours
from conformance.fuzz.types.reference import Reference
from conformance.fuzz.types.sameness import same
from conformance.fuzz.types.text import component
from conformance.fuzz.types.traps import Refused, Trapped

MOST_FINDINGS = 20
"""So many different things are found before it ends: there is enough to do then."""
COMPONENT = "component"
SHOWN = 400
TIDY = 20
"""Batches behind which what refers to itself is collected: Python counts objects, not the compiled code that hangs on them."""


@dataclass
class Finding:
    """Something that differs: in what `batch`, in which function, called with what, and both answers.

    `small` has that one function alone, if it differs there as well; `times` is how often the like of it came up.
    """

    batch: int
    name: str
    what: str
    type: str
    encodings: tuple[str, ...]
    sent: str
    ours: str
    theirs: str
    small: Batch | None = None
    times: int = 1


@dataclass
class Campaign:
    """What has been done so far."""

    seed: int
    types: int = 0
    batches: int = 0
    values: int = 0
    raws: int = 0
    traps: Counter[str] = field(default_factory=Counter)
    spoiled: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    found: list[Finding] = field(default_factory=list)
    _known: set[int] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """Calls of exports, on each side."""
        return self.values + self.raws

    @property
    def different(self) -> int:
        """How many of the types there were only once."""
        return len(self._known)

    @property
    def rate(self) -> float:
        """Calls a second, with all that it takes to make the components."""
        return self.calls / self.seconds if self.seconds else 0.0

    def keep(self, finding: Finding) -> None:
        """Keep a finding, or count that there was one like it."""
        for each in self.found:
            if each.what == finding.what:
                each.times += 1
                return
        self.found.append(finding)


class Engines:
    """Both engines, for many batches; `engine` is whose code ours is."""

    def __init__(self, engine: str = "wasmtime") -> None:
        self.ours = ours.make_engine(engine)
        self.reference = reference.make_engine()


def run(
    seed: int,
    types: int,
    minutes: float | None = None,
    progress: Callable[[Campaign], object] = lambda campaign: None,
    engine: str = "wasmtime",
    first: int = 0,
) -> Campaign:
    """Run batches from number `first` on, ours on `engine`; `progress` is called behind each."""
    campaign, engines = Campaign(seed), Engines(engine)
    began = monotonic()
    while campaign.types < types and len(campaign.found) < MOST_FINDINGS:
        if minutes is not None and monotonic() - began > 60 * minutes:
            break
        number = first + campaign.batches
        batch = draw(seed, number, min(SIZE, types - campaign.types))
        for part in batch.parts():
            for finding in compare(part, engines, campaign, number):
                if all(each.what != finding.what for each in campaign.found):
                    finding.small = _small(part, finding, engines)
                campaign.keep(finding)
        campaign.batches += 1
        campaign.types += len(batch.echoes)
        campaign._known.update(hash(str(each.type)) for each in batch.echoes)
        campaign.seconds = monotonic() - began
        if not campaign.batches % TIDY:
            gc.collect()
        progress(campaign)
    return campaign


def compare(batch: Batch, engines: Engines, campaign: Campaign, number: int = 0) -> list[Finding]:
    """Call everything of a batch on both sides; what differs."""
    wasm = to_wasm(component(batch).encode())
    refused: list[str] = []
    sides: list[Any] = []
    for make in (lambda: Ours(engines.ours, wasm), lambda: Reference(engines.reference, wasm, batch)):
        try:
            sides.append(make())
            refused.append("")
        except Refused as error:
            refused.append(str(error))
        except Exception as error:  # ours alone: a bug
            refused.append(_bug(error))
    try:
        if any(refused):
            who = "both" if all(refused) else Ours.name if refused[0] else Reference.name
            what = f"refused by {who}: {_line(refused[0])}"
            return [Finding(number, COMPONENT, what, "", batch.encodings, "", _line(refused[0]), _line(refused[1]))]
        return [each for each in _calls(batch, number, Comparison(sides[0], sides[1], campaign)) if each is not None]
    finally:
        for side in sides:
            side.close()


def _calls(batch: Batch, number: int, comparison: Comparison) -> list[Finding | None]:
    found = []
    for echo in batch.echoes:
        for values in echo.values:
            what = comparison.differs("echo", echo.name, values, (values,))
            found.append(_finding(what, batch, number, echo.name, str(echo.type), repr(values), comparison))
            comparison.campaign.values += 1
    for instance, functions in (("raw", batch.returned), ("give", batch.given)):
        for each in functions:
            for place in range(min(IMAGES, len(each.spoiled))):
                what = comparison.differs(instance, each.name, (place,), None)
                if what:
                    what = f"{what} ({each.spoiled[place].partition(':')[0]} spoiled)"
                sent = f"raw value {place}; {each.spoiled[place]}"
                found.append(_finding(what, batch, number, each.name, str(each.type), sent, comparison))
                comparison.campaign.raws += 1
                comparison.campaign.spoiled[each.spoiled[place].partition(":")[0]] += 1
    return found


def _finding(
    what: str, batch: Batch, number: int, name: str, type: str, sent: str, comparison: Comparison
) -> Finding | None:
    if not what:
        return None
    one, other = comparison.answers
    return Finding(number, name, what, type, batch.encodings, _cut(sent), _cut(one), _cut(other))


class Comparison:
    """Calls the same on both sides. `answers` are those of the last call, in words."""

    def __init__(self, one: Ours, other: Reference, campaign: Campaign) -> None:
        self.sides = (one, other)
        self.campaign = campaign
        self.answers = ("", "")

    def differs(self, instance: str, name: str, values: tuple[Any, ...], sent: tuple[Any, ...] | None) -> str:
        """What differs, or an empty text; with `sent`, both sides must have received just that."""
        results: list[Any] = []
        for side in self.sides:
            try:
                results.append(side.call(instance, name, values))
            except Trapped as trap:
                results.append(trap)
            except Exception as error:  # nothing else may come of a call
                results.append(error)
                side.reset()
        one, other = results
        self.answers = _said(one), _said(other)
        bug = next((each for each in results if isinstance(each, Exception) and not isinstance(each, Trapped)), None)
        if bug is not None:
            return f"{name[0]}: {_bug(bug)}"
        if isinstance(one, Trapped) or isinstance(other, Trapped):
            return self._trapped(name[0], one, other, sent is not None)
        received = [side.received for side in self.sides]
        if not same(one, other):
            return f"{name[0]}: the results differ"
        if not same(*received) or (sent is not None and not same(received[0], list(sent))):
            self.answers = repr(received[0]), repr(received[1])
            return f"{name[0]}: the host has received something else"
        return ""

    def _trapped(self, kind: str, one: Any, other: Any, sound: bool) -> str:
        reasons = [each.reason if isinstance(each, Trapped) else "no trap" for each in (one, other)]
        if sound or reasons[0] != reasons[1]:
            return f"{kind}: {_cut(reasons[0])} | {_cut(reasons[1])}"
        self.campaign.traps[reasons[0]] += 1
        return ""


def _small(batch: Batch, finding: Finding, engines: Engines) -> Batch | None:
    """The batch with the one function that differs, if it does so alone."""
    if finding.name == COMPONENT:
        names = [each.name for part in (batch.echoes, batch.returned, batch.given) for each in part]
        alone = [batch.only(name, 0) for name in names]
    else:
        count = max([len(each.values) for each in batch.echoes if each.name == finding.name], default=1)
        alone = [batch.only(finding.name, number) for number in range(count)]
    for each in alone:
        if any(found.what == finding.what for found in compare(each, engines, Campaign(0))):
            return each
    return None


def _said(result: Any) -> str:
    return f"trap: {_line(str(result))}" if isinstance(result, Trapped) else repr(result)


def _bug(error: Exception) -> str:
    return f"{type(error).__name__}: {_line(str(error))}"


def _line(text: str) -> str:
    """A message in one line."""
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
