"""Both sides in step: each call is made on one, then on the other, and everything that can be seen of it is compared.

Before a call both memories are filled with the same byte and given the same pieces; afterwards errno and the whole memory
must be the same. Where they aren't, both calls are decoded and compared under the table of `conformance.calls.rules`; what a
rule covers is laid over, and then the memories must be the same after all. What is left is known
(`conformance/expectations`) or new.
"""

from __future__ import annotations

import re
from ctypes import addressof
from dataclasses import dataclass, field
from functools import cache
from struct import Struct
from typing import Any

from agave_wasi.abi.types import IoVecs
from agave_wasi.preview1.errno import NAMES
from conformance.calls.answers import GIVEN
from conformance.calls.call import Call
from conformance.calls.decode import Decoder
from conformance.calls.known import Known, concerning
from conformance.calls.rules import Correspondence, Difference
from conformance.calls.trees import differences
from conformance.fuzz.blame import earned
from conformance.fuzz.layout import MEMORY, Laid, functions, lay
from conformance.fuzz.listing import Listing, compare, tails, walk
from conformance.fuzz.mend import Mending
from conformance.fuzz.node import Node
from conformance.fuzz.ours import ENGINES
from conformance.fuzz.quick import lay_over
from conformance.fuzz.reference import Reference
from conformance.fuzz.side import WHOLE, Answer, Ended, memcmp
from conformance.fuzz.steps import NEVER_OPEN, Step

EFFECTS = {"fd_read", "fd_write", "fd_pwrite", "fd_seek", "path_open", "fd_readdir"}
"""The reference traps behind these calls' effect, where the result's pointer is bad (`result-pointer-first`)."""
FORGETS = {"fd_close", "fd_renumber", "path_unlink_file", "path_remove_directory", "path_rename"}
"""Behind these a file may be gone, and its number be given to another."""
CLOSED = NEVER_OPEN + 1, NEVER_OPEN + 1
"""The numbers of a descriptor that isn't open."""
BEFORE = re.compile(r"\d+: (Invalid (flag|enum) value|number too)")
"""How the reference's traps begin that it meets before a call has any effect."""
_u32 = Struct("<I").unpack_from


@dataclass(slots=True)
class Outcome:
    """What a step came to: both answers, what is new, what is known; `over` if the sides can't be compared any longer."""

    step: Step
    ours: Answer = 0
    theirs: Answer = 0
    unknown: list[Difference] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    over: bool = False
    entries: int = 0

    @property
    def succeeded(self) -> bool:
        """Did both succeed?"""
        return self.ours == self.theirs == 0

    def answers(self) -> tuple[str, str]:
        """Both answers in words."""
        return named(self.ours), named(self.theirs)


def named(answer: Answer) -> str:
    """An answer in words."""
    return NAMES[answer] if isinstance(answer, int) and answer < len(NAMES) else str(answer)


@cache
def _decoder() -> tuple[Decoder, memoryview]:
    """A decoder, and the memory that it looks into: it stays the same, since lifted values are views of it."""
    memory = memoryview(bytearray(MEMORY))
    return Decoder(lambda: memory), memory


REFERENCES: dict[str, type[Reference] | type[Node]] = {"wasmtime": Reference, "node": Node}
"""What can be compared with, by the name that the command has for it."""


class Lockstep:
    """Two fresh sides. `within`: the folder for the reference's files; `against`: one of REFERENCES; `engine`: runs ours."""

    def __init__(self, within: str | None = None, against: str = "wasmtime", engine: str = "wasmtime") -> None:
        self.ours = ENGINES[engine](REFERENCES[against].has_rights)
        try:
            self.theirs: Reference | Node = REFERENCES[against](self.ours.argv, within)
        except BaseException:
            self.ours.close()
            raise
        self.fds: dict[int, tuple[int, int]] = {number: (number, number) for number in range(4)}
        self.state = Correspondence(((self.ours.span,), (self.theirs.span,)))
        self.listings: dict[int, tuple[Listing, Listing]] = {}
        self.device = self.ours.top.stat().device
        self.against = against
        self._differ = memcmp()

    def __enter__(self) -> Lockstep:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free both sides."""
        try:
            self.ours.close()
        finally:
            self.theirs.close()

    def files(self) -> list[Difference]:
        """What the two file systems differ in."""
        found = differences(self.ours.tree(), self.theirs.tree())
        return [Difference(f"file {path}", here, there) for path, here, there in found]

    def numbers(self, descriptor: int) -> tuple[int, int]:
        """A descriptor's numbers on both sides."""
        return self.fds.get(descriptor, CLOSED)

    def step(self, step: Step) -> Outcome:
        """Make a call on both sides."""
        if step.walk:
            return self._walk(step)
        laid = lay(step)
        ours, theirs, name = self.ours, self.theirs, step.name
        if theirs.also:
            laid.pieces[:0] = theirs.also
        fill = 0x80 | step.number & 0x7F
        one = other = laid.slots
        if laid.slot_descriptors:
            other, fds = one.copy(), self.fds
            for slot, descriptor in laid.slot_descriptors:
                one[slot], other[slot] = fds.get(descriptor, CLOSED)
        theirs.prepare(fill, laid.pieces)
        for at, descriptor in laid.placed_descriptors:
            theirs.put(at, self.numbers(descriptor)[1])
        ours.prepare(fill, laid.pieces)
        for at, descriptor in laid.placed_descriptors:
            ours.put(at, self.numbers(descriptor)[0])
        here = ours.call(name, one)
        there = theirs.call(name, other)
        outcome = Outcome(step, here, there)
        succeeded = here == there == 0
        if name == "path_open" and succeeded:  # before what may differ is laid over
            at = one[-1]
            self.fds[step.number] = _u32(ours.memory, at)[0], _u32(theirs.memory, at)[0]
        if (
            here != there
            or here.__class__ is not int
            or (self._differ(ours.base, theirs.base, WHOLE) and self._differ_still(name, one, succeeded))
            or laid.placed_descriptors
        ):
            self._explain(outcome, laid, fill, [one, other])
        if succeeded and name in FORGETS:
            self._follow(step)
        return outcome

    def _differ_still(self, name: str, slots: list[int], succeeded: bool) -> bool:
        """Do the memories differ in more than a result that differs everywhere?"""
        ours, theirs = self.ours, self.theirs
        if not (succeeded and lay_over(name, slots, ours.memory, theirs.memory, self.state)):
            return True
        return bool(self._differ(ours.base, theirs.base, WHOLE))

    # What differs

    def _explain(self, outcome: Outcome, laid: Laid, fill: int, slots: list[list[int]]) -> None:
        """Say of all that differs whether it may, is known, or is new."""
        ours, theirs, step = outcome.ours, outcome.theirs, outcome.step
        if isinstance(ours, Ended) and isinstance(theirs, Ended):
            if (ours.how, ours.code) != (theirs.how, theirs.code):
                outcome.unknown.append(Difference("ending", str(ours), str(theirs)))
            outcome.over = ours.how != "trap" or (step.name in EFFECTS and not BEFORE.match(theirs.text))
            return
        if isinstance(ours, Ended) and ours.how == "bug":
            outcome.unknown.append(Difference("ending", str(ours), named(theirs)))
            return
        here = self._decoded(0, outcome, laid, fill, slots[0])
        if isinstance(theirs, Ended) and theirs.how == "crash":
            self._sort(outcome, [Difference("ending", named(ours), str(theirs))], here)
            outcome.over = True
            return
        if isinstance(ours, Ended) and ours.how == "trap" and not earned(step.name, slots[0], _decoder()[1]):
            outcome.unknown.append(Difference("ending", f"{ours}, and the call has no such mistake", named(theirs)))
            return
        there = self._decoded(1, outcome, laid, fill, slots[1])
        found = self._judge(here, there)
        for each in found:
            if each.rule:
                continue
            entry = self._entry(each, here)
            if entry is not None:
                outcome.known.append(entry)
            elif not (outcome.known and each.what.startswith("memory ")):  # less was read, and the memory shows it
                outcome.unknown.append(each)
        if outcome.succeeded:
            self._lay_over(step.name, here, there)
            if not (outcome.known or outcome.unknown):
                self._sort(outcome, self._memory(laid.placed_descriptors), here)
        elif ours == theirs:
            self._sort(outcome, self._memory(laid.placed_descriptors), here)
        if outcome.known and not outcome.unknown:
            mending = Mending((self.ours, self.theirs), step.name, laid, fill, slots, (ours, theirs))
            outcome.over = not mending.mend({each.id for each in outcome.known})
            self.listings.clear()  # a folder may have changed, and the generator doesn't know

    def _sort(self, outcome: Outcome, found: list[Difference], call: Call | None) -> None:
        """Say of each difference whether it is known or new."""
        for each in found:
            entry = self._entry(each, call)
            if entry is not None:
                outcome.known.append(entry)
            else:
                outcome.unknown.append(each)

    def _entry(self, difference: Difference, call: Call | None) -> Known | None:
        """The known divergence that a difference is."""
        entries = concerning(call.name if call is not None else "", self.against)
        return next((entry for entry in entries if entry.explains(difference, call)), None)

    def _decoded(self, place: int, outcome: Outcome, laid: Laid, fill: int, slots: list[int]) -> Call:
        """A call that has been made, decoded from the memory before it and behind it."""
        decoder, memory = _decoder()
        side, name = (self.ours, self.theirs)[place], outcome.step.name
        memory[:] = bytes([fill]) * MEMORY
        for at, piece in laid.pieces:
            memory[at : at + len(piece)] = piece
        for at, descriptor in laid.placed_descriptors:
            memory[at : at + 4] = self.numbers(descriptor)[place].to_bytes(4, "little")
        side.pack(name, slots)
        entered = decoder.enter(name, addressof(side.slots))
        answer = (outcome.ours, outcome.theirs)[place]
        if isinstance(answer, Ended):
            return entered.call
        memory[:] = side.memory
        return decoder.leave(entered, named(answer))

    def _judge(self, here: Call, there: Call) -> list[Difference]:
        if here.errno == there.errno == "SUCCESS":
            if here.name == "fd_readdir":
                used = here.result["result"], there.result["result"]
                return [Difference("result", *used)] if used[0] != used[1] else self.state.answers(here, there)
            if here.name in GIVEN and here.name != "poll_oneoff":
                return []
        return self.state.answers(here, there)

    def _lay_over(self, name: str, here: Call, there: Call) -> None:
        """Put what has been compared, or may differ, over the reference's memory."""
        vectors = {each.name for each in functions()[name].parameters if isinstance(each.abi, IoVecs)}
        for one, other in zip(here.written, there.written):
            if one.name not in vectors:
                end = one.address + max(one.size, other.size)
                self.theirs.memory[one.address : end] = self.ours.memory[one.address : end]

    def _memory(self, places: list[tuple[int, int]]) -> list[Difference]:
        """What the two memories differ in, besides the numbers of descriptors that a step put there."""
        for at, _ in places:
            self.theirs.memory[at : at + 4] = self.ours.memory[at : at + 4]
        if not self._differ(self.ours.base, self.theirs.base, WHOLE):
            return []
        here, there = bytes(self.ours.memory), bytes(self.theirs.memory)
        at = next(at for at in range(MEMORY) if here[at] != there[at])
        return [Difference(f"memory from {at:#x} on", here[at : at + 16].hex(" "), there[at : at + 16].hex(" "))]

    # What corresponds

    def _follow(self, step: Step) -> None:
        """Keep up with descriptors and files behind a call that succeeded on both sides, one of FORGETS."""
        if step.name == "fd_close" and 0 not in step.raw:
            self.fds.pop(_of(step.values["fd"]), None)
        elif step.name == "fd_renumber" and not step.raw:
            one, other = (_of(step.values[key]) for key in ("fd", "to"))
            if one != other:
                self.fds.pop(one, None)
                self.listings.pop(other, None)
        self.state.forget_files()

    # Listings

    def _walk(self, step: Step) -> Outcome:
        fd, cookie = step.values["fd"], step.values["cookie"]
        descriptor = _of(fd)
        before = self.listings.get(descriptor)
        behind = cookie["entry"] if isinstance(cookie, dict) and before is not None else None
        if behind is not None and (before is None or behind >= min(len(each.entries) for each in before)):
            behind = None
        both = []
        for place, side in enumerate((self.ours, self.theirs)):
            start = before[place].entries[behind].cookie if before is not None and behind is not None else 0
            number = self.numbers(descriptor)[place] if isinstance(fd, dict) else fd
            both.append(walk(side, number, step.values["buf"], start, 0x80 | step.number & 0x7F))
        now = both[0], both[1]
        outcome = Outcome(step, both[0].answer, both[1].answer)
        if not outcome.succeeded:
            if outcome.ours != outcome.theirs:
                self._sort(outcome, [Difference("errno", *outcome.answers())], Call(step.name, (), {}))
        elif before is not None and behind is not None:
            outcome.unknown += tails(before, behind, now)
        else:
            self._sort(outcome, compare(*now, self.state, self.device), None)
            outcome.entries = len(both[0].entries)
            self.listings[descriptor] = now
        return outcome


def _of(fd: Any) -> int:
    return fd["of"] if isinstance(fd, dict) else -1
