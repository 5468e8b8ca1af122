"""Both sides in step: a call is made on one, then on the other, and what differs may (`judge`), is known, or is new.

Known divergences are those of conformance/expectations/wasmtime-preview2.toml; MENDED says how both sides go on behind one.
What the reference does in the background is waited for, so that the next call meets the same files on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from agave_wasi.witparse import types as t
from conformance.calls.call import Call
from conformance.calls.known import FOLDER, NAME_MAX, Known, read
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
ENTRIES, ROUND = 120, 12
"""So many entries of a listing are read at the most, and at once."""
SPLICES = {"output-stream.splice", "output-stream.blocking-splice"}
BACKGROUND = {"output-stream.write", "output-stream.write-zeroes", *SPLICES}
OFFSETS = ("offset", "size", "length", "len")
DISTANT = 1 << 62
TAKES = {"input-stream.read", "input-stream.skip", "input-stream.blocking-read", "input-stream.blocking-skip", *SPLICES}
WAITED = 3
"""So many calls before a splice begins the wait for its source."""
LATER = "ok; later "
NEAR, FAR = 100_000, 20_000_000_000
"""Nanoseconds: what is due within NEAR may be waited for; what is FAR away or farther isn't."""
MENDED = {
    "mutate-directory": "on", "hash-of-what-changes": "on", "streams-for-nothing": "made", "pieces-of-files": "offset",
    "read-of-no-bytes": "self", "splice-of-no-bytes": "src", "files-ready": "self", "read-ahead": "stream",
    "no-times-to-set": "on", "far-offsets": "offset", "synchronous-descriptors": "made", "failed-writes": "self",
}  # fmt: skip
"""Behind a known divergence both sides go on as they are ("on"), without the handle that was made, without that of a parameter
or of the stream that is read, or without the one of which the offset may differ. Behind any other the chain is over."""


@dataclass(slots=True)
class Outcome:
    """What a step came to: both answers in words, what is new, what is known; `over` if nothing more can be compared."""

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
    """Two fresh sides. `within`: the folder for the reference's files; `engine`: executes our guest."""

    def __init__(self, within: str | None = None, engine: str = "wasmtime") -> None:
        self.ours = Ours(engine)
        try:
            self.theirs = Reference(self.ours.argv, within)
        except BaseException:
            self.ours.close()
            raise
        self.judge = Judge((self.ours.span, self.theirs.span))
        self.pollables: dict[int, bool] = {}
        """Whether a pollable comes true at all, soon enough."""
        self.ahead: dict[int, int] = {}
        """Input streams of which the reference may have read more than it was asked for, and the step since which it has."""
        self.dropped: list[int] = []
        """Handles that were dropped because the sides wouldn't go on alike with them."""
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
        """What the two file systems differ in; nothing is told once there is a file that nobody could read to its end."""
        if not self.theirs.can_be_read():
            return []
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
        if step.name in SPLICES and not self._spliced_fresh(step):
            outcome.over = True
            return outcome
        here, there = self.ours.call(step), self.theirs.call(step)
        if isinstance(here, Ended) or isinstance(there, Ended):
            self._ended(outcome, here, there)
            return outcome
        mine, its = here[0], there[0]
        if mine.skipped and its.skipped:
            outcome.ours = outcome.theirs = "skipped"
            outcome.calls = 0
            return outcome
        if mine.skipped or its.skipped:
            outcome.unknown.append(Difference("handle", "none" if mine.skipped else "one", "none" if its.skipped else "one"))
            return outcome
        self._compare(outcome, mine, its)
        if outcome.succeeded and not outcome.unknown:
            self._follow(step, outcome.value)
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
            errors = {each.ours, each.theirs} - {"ok"} if each.what == "errno" else set()
            if len(errors) == 2 and errors & set(mistakes(step)):
                call.args["mistake"] = "true"
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
        begins_far = isinstance(stream, dict) and stream.get("of") in self.far
        if begins_far or any(step.values.get(each, 0) > DISTANT for each in OFFSETS):
            found["far"] = "true"
        return found

    def _mend(self, step: Step, id: str) -> bool:
        """Bring both sides together behind a known divergence; False if that can't be done."""
        how = MENDED.get(id, "over")
        if how == "offset":
            how = "self" if "-stream." in step.name else "on"
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
        self.dropped.append(place)
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
            plain = Difference("ending", outcome.ours, outcome.theirs)
            entry = next((each for each in known() if each.explains(plain, call)), None)
            if entry is not None:
                outcome.known.append(entry)
            else:
                outcome.unknown.append(difference)

    def _follow(self, step: Step, value: Any) -> None:
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
            self.ahead.setdefault(step.values["self"]["of"], step.number)
        elif step.values.get("offset", 0) > DISTANT:
            self.far.add(step.number)
        elif step.name in TAKES:
            stream = step.values["src" if step.name in SPLICES else "self"]["of"]
            taken = value["ok"] if isinstance(value["ok"], int) else len(value["ok"])
            if taken < step.values["len"]:  # all that was read ahead has been taken
                self.ahead.pop(stream, None)
            elif step.name in SPLICES:
                self.ahead.setdefault(stream, step.number)

    def _spliced_fresh(self, step: Step) -> bool:
        """Drop a splice's source if the reference has read ahead in it, for it would move other bytes; False if it can't be."""
        stream = step.values["src"]["of"]
        since = self.ahead.get(stream)
        if since is None or (step.name == "output-stream.splice" and step.number - since <= WAITED):
            return True
        type = callees()[step.name].params["src"]
        assert isinstance(type, t.Borrow)
        return self._drop(type.resource, stream)

    def _endless(self, step: Step) -> bool:
        """Would nothing that is waited for come true soon?"""
        if step.name == "pollable.block":
            waited = [step.values["self"]]
        elif step.name == "poll.poll":
            waited = step.values["in"]
        else:
            return False
        soon = [self.pollables[each["of"]] for each in waited if each["of"] in self.pollables]
        return bool(soon) and not any(soon)

    def _walk(self, outcome: Outcome) -> None:
        """List a directory to its end."""
        both = [_listing(side, outcome.step) for side in (self.ours, self.theirs)]
        if any(isinstance(each, Ended) for each in both):
            outcome.over = True
            outcome.unknown.append(Difference("ending", *map(str, both)))
            return
        ours, theirs = ([] if isinstance(each, Ended) else each for each in both)
        outcome.calls = min(len(ours), len(theirs))
        if not ours or not theirs:
            outcome.ours = outcome.theirs = "skipped"
            return
        outcome.ours, outcome.theirs = answer(ours[-1]), answer(theirs[-1])
        if outcome.ours != outcome.theirs:
            self._sort(outcome, [Difference("errno", outcome.ours, outcome.theirs)])
        elif outcome.succeeded and max(len(ours), len(theirs)) < ENTRIES:
            here, there = ([each["ok"][0] for each in values[1:-1]] for values in (ours, theirs))
            if found := self.judge.listings(here, there):
                self._sort(outcome, found)


def _listing(side: Ours | Reference, step: Step) -> list[Any] | Ended:
    """What the calls of a listing answer: the stream, the entries, and the end or an error."""
    stream = {"self": {"of": step.number}}
    entry = Step(0, "directory-entry-stream.read-directory-entry", stream)
    values: list[Any] = []
    steps = [step]
    while steps and len(values) < ENTRIES:
        told = side.call(*steps)
        if isinstance(told, Ended):
            return told
        for made, each in zip(steps, told):
            if each.skipped:
                break
            values.append(each.value(made.name))
            if made is entry and answer(values[-1]) == "ok" and values[-1]["ok"] is None:
                break
        else:
            steps = [entry] * ROUND if answer(values[-1]) == "ok" else []
            continue
        break
    dropped = side.call(Step(0, "directory-entry-stream.drop", stream))
    return dropped if isinstance(dropped, Ended) else values


def mistakes(step: Step) -> Iterator[str]:
    """The errors that the texts of a call's paths show; of two paths, also what may be met on the way of one with a slash."""
    paths = [value for name, value in step.values.items() if name.endswith("path")]
    for path in paths:
        if "\0" in path:
            yield "invalid"
        if path.startswith("/") or ".." in path.split("/"):
            yield "not-permitted"
        if not path:
            yield "no-entry"
        if any(len(part.encode()) > NAME_MAX for part in path.split("/")):
            yield "name-too-long"
        if path.endswith("/"):
            yield "not-directory"
        if len(paths) > 1 and "/" in path:
            yield from ("not-directory", "not-permitted", "loop")


def _ending(ending: Ended) -> str:
    return ending.how if ending.how != "exit" else f"exit {ending.code}"
