"""Both sides in step: a call is made on one, then on the other, and what differs may (`judge`), is known, or is new.

Known divergences are those of conformance/expectations/wasmtime-preview2.toml; MENDED says how both sides go on behind one.
What the reference does in the background is waited for, so that the next call meets the same files on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from agave_wasi.witparse import types as t
from conformance.calls.call import Call
from conformance.calls.known import FOLDER, Known, read
from conformance.calls.rules import Difference
from conformance.calls.trees import differences
from conformance.components.fuzz.functions import callees
from conformance.components.fuzz.judge import Judge, answer
from conformance.components.fuzz.sides import Answer, Ours, Reference
from conformance.components.fuzz.values import BadValue, Told
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import Step

ROOT = Step(3, "preopens.get-directories")
"""The call behind which the folder's handle is kept, as `steps.TOP` has it."""
ENTRIES = 80
"""So many entries of a listing are read at the most."""
BACKGROUND = {"output-stream.write", "output-stream.write-zeroes", "output-stream.splice", "output-stream.blocking-splice"}
READS = {"input-stream.read", "input-stream.skip", "input-stream.blocking-read", "input-stream.blocking-skip"}
SPLICES = {"output-stream.splice", "output-stream.blocking-splice"}
OFFSETS = ("offset", "size", "length", "len")
DISTANT = 1 << 62
LATER = "ok; later "
NEAR, FAR = 100_000, 20_000_000_000
"""Nanoseconds: what is due within NEAR may be waited for; what is FAR away or farther isn't."""
MENDED = {
    "mutate-directory": "on", "hash-of-what-changes": "on", "streams-for-nothing": "made", "pieces-of-files": "self",
    "read-of-no-bytes": "self", "splice-of-no-bytes": "src", "files-ready": "self", "read-ahead": "stream",
    "no-times-to-set": "on", "far-offsets": "far", "synchronous-descriptors": "made", "failed-writes": "self", "remove-directory-with-slash": "over",
}  # fmt: skip
"""Behind a known divergence both sides go on as they are, or without the handle made, or that given; otherwise it is over."""


@dataclass(slots=True)
class Outcome:
    """What a step came to: both answers in words, what is new, what is known; `over` if the sides can't be compared any longer."""

    step: Step
    ours: str = ""
    theirs: str = ""
    unknown: list[Difference] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    over: bool = False
    calls: int = 1
    value: Any = None

    @property
    def succeeded(self) -> bool:
        """Did both succeed?"""
        return self.ours == self.theirs == "ok"


@cache
def known() -> tuple[Known, ...]:
    """The divergences that are known of the reference's Preview 2."""
    return tuple(read(FOLDER / "wasmtime-preview2.toml"))


class Lockstep:
    """Two fresh sides. `within`: the folder for the reference's files."""

    def __init__(self, within: str | None = None) -> None:
        self.ours = Ours()
        try:
            self.theirs = Reference(self.ours.argv, within)
        except BaseException:
            self.ours.close()
            raise
        self.judge = Judge((self.ours.span, self.theirs.span))
        self.pollables: dict[int, bool] = {}
        """Whether a pollable comes true at all, soon enough."""
        self.ahead: set[int] = set()
        """Input streams of which the reference may have read more than it was asked for."""
        self.far: set[int] = set()
        """Streams that begin near the end of what an offset can say."""
        self.ours.call(ROOT)
        self.theirs.call(ROOT)

    def __enter__(self) -> Lockstep:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.ours.close()
        finally:
            self.theirs.close()

    def files(self) -> list[Difference]:
        """What the two file systems differ in."""
        found = differences(self.ours.tree(), self.theirs.tree())
        return [Difference(f"file {path}", here, there) for path, here, there in found]

    def step(self, step: Step) -> Outcome:
        """Make a call on both sides; BadValue if it isn't one."""
        if step.name not in callees():
            raise BadValue(f"there is no function {step.name}")
        outcome = Outcome(step)
        if self._endless(step):
            outcome.over = True
            outcome.calls = 0
            return outcome
        if step.walk:
            self._walk(outcome)
            return outcome
        here, there = self.ours.call(step), self.theirs.call(step)
        if isinstance(here, Ended) or isinstance(there, Ended):
            self._ended(outcome, here, there)
            return outcome
        mine, its = here[0], there[0]
        if mine.skipped and its.skipped:
            outcome.ours = outcome.theirs = "skipped"
            return outcome
        if mine.skipped or its.skipped:
            outcome.unknown.append(Difference("handle", "none" if mine.skipped else "one", "none" if its.skipped else "one"))
            return outcome
        self._compare(outcome, mine, its)
        if outcome.succeeded and not outcome.unknown:
            self._follow(step)
        return outcome

    def _compare(self, outcome: Outcome, mine: Told, its: Told) -> None:
        step = outcome.step
        ours, theirs = mine.value(step.name), its.value(step.name)
        outcome.ours, outcome.theirs, outcome.value = answer(ours), answer(theirs), ours
        found = self.judge.differences(step, ours, theirs)
        if step.name in BACKGROUND and outcome.theirs == "ok":
            later = self._flushed(step)
            if later != "ok":
                outcome.theirs = LATER + later
                found = [Difference("errno", outcome.ours, outcome.theirs)]
        if found:
            self._sort(outcome, found)

    def _flushed(self, step: Step) -> str:
        """What becomes of what the reference has begun."""
        told = self.theirs.call(Step(step.number, "output-stream.blocking-flush", {"self": step.values["self"]}))
        return str(told) if isinstance(told, Ended) else answer(told[0].value("output-stream.blocking-flush"))

    def _sort(self, outcome: Outcome, found: list[Difference]) -> None:
        """Say of each difference whether it is known or new, and go on behind what is known."""
        step = outcome.step
        call = Call(step.name, (), self._args(step))
        for each in found:
            entry = next((entry for entry in known() if entry.explains(each, call)), None)
            if entry is None:
                outcome.unknown.append(each)
            else:
                outcome.known.append(entry)
        if outcome.known and not outcome.unknown:
            outcome.over = not all(self._mend(step, each.id) for each in outcome.known)

    def _args(self, step: Step) -> dict[str, Any]:
        """The arguments as expectations see them, and whether the reference has read ahead in the stream."""
        found = {name: list(value) if isinstance(value, dict) else value for name, value in step.values.items()}
        stream = step.values.get("src" if step.name in SPLICES else "self")
        if isinstance(stream, dict) and stream.get("of") in self.ahead:
            found["ahead"] = "true"
        if isinstance(stream, dict) and stream.get("of") in self.far or any(step.values.get(each, 0) > DISTANT for each in OFFSETS):
            found["far"] = "true"
        return found

    def _mend(self, step: Step, id: str) -> bool:
        """Bring both sides together behind a known divergence; False if that can't be done."""
        how = MENDED.get(id, "over")
        if how == "far":
            how = "self" if "stream.drop" in f"{step.name.partition('.')[0]}.drop" else "on"
        if how == "stream":
            how = "src" if step.name in SPLICES else "self"
        if how in ("on", "over"):
            return how == "on"
        if how == "made":
            result = callees()[step.name].result
            if set(step.values.get("open-flags", ())) & {"create", "truncate"}:
                return False
            assert isinstance(result, t.Result) and isinstance(result.ok, t.Own)
            return self._drop(result.ok.resource, step.number)
        type = callees()[step.name].params[how]
        assert isinstance(type, t.Borrow)
        return self._drop(type.resource, step.values[how]["of"])

    def _drop(self, resource: t.Type, place: int) -> bool:
        """Drop a handle on whichever side has it."""
        step = Step(0, f"{getattr(resource, 'name', '')}.drop", {"self": {"of": place}})
        return not any(isinstance(side.call(step), Ended) for side in (self.ours, self.theirs))

    def _ended(self, outcome: Outcome, here: Answer, there: Answer) -> None:
        """At least one side has come to its end."""
        name = outcome.step.name
        endings = [each if isinstance(each, Ended) else None for each in (here, there)]
        outcome.ours, outcome.theirs = (
            _ending(each) if isinstance(each, Ended) else answer(each[0].value(name)) for each in (here, there)
        )
        outcome.over = True
        if outcome.ours != outcome.theirs or (endings[0] is not None and endings[0].how == "bug"):
            shown = (str(end) if end is not None else text for end, text in zip(endings, (outcome.ours, outcome.theirs)))
            difference = Difference("ending", *shown)
            call = Call(name, (), self._args(outcome.step))
            entry = next((each for each in known() if each.explains(Difference("ending", outcome.ours, outcome.theirs), call)), None)
            if entry is not None:
                outcome.known.append(entry)
            else:
                outcome.unknown.append(difference)

    def _follow(self, step: Step) -> None:
        """Keep up behind a call that succeeded on both sides."""
        self.judge.after(step)
        match step.name:
            case "monotonic-clock.subscribe-duration" | "monotonic-clock.subscribe-instant":
                self.pollables[step.number] = step.values["when"] <= NEAR
                if step.values["when"] < FAR:
                    self.judge.near.add(step.number)
            case "input-stream.subscribe" | "output-stream.subscribe":
                self.pollables[step.number] = True
        if step.name == "input-stream.subscribe":
            self.ahead.add(step.values["self"]["of"])
        elif step.values.get("offset", 0) > DISTANT:
            self.far.add(step.number)
        elif step.name in SPLICES:
            self.ahead.add(step.values["src"]["of"])

    def _endless(self, step: Step) -> bool:
        """Would nothing that is waited for come true soon?"""
        if step.name == "pollable.block":
            waited = [step.values["self"]]
        elif step.name == "poll.poll":
            waited = step.values["in"]
        else:
            return False
        return bool(waited) and not any(self.pollables.get(each["of"], False) for each in waited)

    def _walk(self, outcome: Outcome) -> None:
        """List a directory to its end."""
        step = outcome.step
        stream = {"self": {"of": step.number}}
        entry = Step(0, "directory-entry-stream.read-directory-entry", stream)
        steps = [step, *[entry] * ENTRIES, Step(0, "directory-entry-stream.drop", stream)]
        both: list[list[Any]] = []
        for side in (self.ours, self.theirs):
            told = side.call(*steps)
            if isinstance(told, Ended):
                both.append([told])
            else:
                both.append([each.value(steps[place].name) for place, each in enumerate(told[:-1]) if not each.skipped])
        if any(each and isinstance(each[0], Ended) for each in both):
            outcome.over = True
            outcome.unknown.append(Difference("ending", *(str(each[0]) for each in both)))
            return
        outcome.calls = min(map(len, both)) or 1
        if not both[0] or not both[1]:
            outcome.ours = outcome.theirs = "skipped"
            return
        wrong = [next((answer(each) for each in values if answer(each) != "ok"), "ok") for values in both]
        outcome.ours, outcome.theirs = wrong
        if wrong[0] != wrong[1]:
            self._sort(outcome, [Difference("errno", *wrong)])
        elif wrong[0] == "ok":
            ours, theirs = ([each["ok"][0] for each in values[1:] if each["ok"] is not None] for values in both)
            if max(len(ours), len(theirs)) < ENTRIES and (found := self.judge.listings(ours, theirs)):
                self._sort(outcome, found)


def _ending(ending: Ended) -> str:
    return ending.how if ending.how != "exit" else f"exit {ending.code}"
