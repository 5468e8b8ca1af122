"""Two recordings side by side: pairs of calls that belong together, and what differs in each.

Calls are paired in order. As long as every answer is the same, a guest must ask the same next; where it doesn't, that is a
difference by itself. Behind a known divergence the guest may rightly go another way (it asks again after a short write):
then the shortest way back to calls that are alike is taken, and what lies between is a consequence of the known one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agave_wasi.strace import joined
from conformance.calls.call import NEVER, Call
from conformance.calls.known import Known
from conformance.calls.recorder import Recording
from conformance.calls.rules import Correspondence, Difference, Names
from conformance.calls.trees import differences

Question = tuple[Any, ...]
WINDOW = 5000
"""So many calls of either side may lie between two that are alike."""
ALIKE = 3
"""So many calls in a row, or all that are left, must be alike to count as the way back."""
MOST_FILES = 50
VISIBLE = {"readdir-order", "event-order", "descriptor-number", "permit", "short-read", "readiness"}
"""Rules that allow what a guest may act upon: it may rightly go another way afterwards."""
FIRST = "the first difference"


@dataclass
class Pair:
    """Calls that belong together, or one that has no counterpart; their numbers count from 0."""

    ours: Call | None
    theirs: Call | None
    our_number: int
    their_number: int
    allowed: list[Difference] = field(default_factory=list)
    unknown: list[Difference] = field(default_factory=list)
    known: list[tuple[Difference, Known]] = field(default_factory=list)
    follows: str = ""
    """The known divergence that this is a consequence of."""

    @property
    def call(self) -> Call:
        """One of the two."""
        found = self.ours or self.theirs
        assert found is not None
        return found


@dataclass
class Comparison:
    """Everything that two recordings show: pairs of calls, how the programs ended, and the files that they left."""

    ours: Recording
    theirs: Recording
    pairs: list[Pair]
    ending: list[Difference] = field(default_factory=list)
    known_ending: list[tuple[Difference, Known]] = field(default_factory=list)
    files: list[tuple[str, str, str]] = field(default_factory=list)
    files_following: list[tuple[str, str, str]] = field(default_factory=list)
    """Files that differ as a consequence of a known divergence."""

    def first(self, strict: bool = False) -> Pair | None:
        """The first pair with a difference that isn't known; with `strict`, known ones count."""
        for pair in self.pairs:
            if pair.unknown or (strict and pair.known):
                return pair
        return None

    @property
    def known(self) -> dict[str, list[Pair]]:
        """The known divergences that were met, by id, with the pairs."""
        found: dict[str, list[Pair]] = {}
        for pair in self.pairs:
            for id in {each.id: None for _, each in pair.known}:
                found.setdefault(id, []).append(pair)
        return found

    @property
    def allowed(self) -> dict[str, int]:
        """How often each rule allowed a difference."""
        counts: dict[str, int] = {}
        for pair in self.pairs:
            for each in pair.allowed:
                counts[each.rule] = counts.get(each.rule, 0) + 1
        return counts

    def allowed_before(self, last: Pair) -> list[Difference]:
        """What rules have allowed to differ before a pair."""
        found: list[Difference] = []
        for pair in self.pairs:
            if pair is last:
                break
            found += pair.allowed
        return found

    def same(self, strict: bool = False) -> bool:
        """Is there nothing but what rules allow and what is known? With `strict`, what is known counts as well."""
        if self.first(strict) or self.ending or self.files:
            return False
        return not (strict and (self.known_ending or self.files_following))


def compare(
    ours: Recording, theirs: Recording, known: Sequence[Known] = (), state: Correspondence | None = None
) -> Comparison:
    """Compare two recordings of a program in equal worlds; `state` knows how calls of its kind are compared."""
    walk = _Walk(ours, theirs, known, state)
    comparison = Comparison(ours, theirs, walk.pairs())
    pairs = comparison.pairs
    astray = bool(pairs) and bool(pairs[-1].follows or (pairs[-1].known and NEVER in _errnos(pairs[-1])))
    wrote = any(each.follows and walk.state.writes(each.call) for each in pairs)
    for each in _endings(ours, theirs):
        found = next((entry for entry in known if entry.explains(each, None)), None)
        if found is not None:
            comparison.known_ending.append((each, found))
        elif not (wrote if each.what in ("stdout", "stderr") else astray):
            comparison.ending.append(each)
    moved = {
        str(each.call.args.get("path", "")).rpartition("/")[2]
        for each in pairs
        if each.follows or (each.known and walk.state.by_name)
    } - {""}
    for row in file_differences(ours, theirs):
        follows = row[0] in walk.touched or row[0].rpartition("/")[2] in moved
        (comparison.files_following if follows else comparison.files).append(row)
    return comparison


def _errnos(pair: Pair) -> set[str]:
    return {each.errno for each in (pair.ours, pair.theirs) if each is not None}


class _Walk:
    """One walk along two lists of calls."""

    def __init__(
        self, ours: Recording, theirs: Recording, known: Sequence[Known], state: Correspondence | None = None
    ) -> None:
        self.ours = ours.calls
        self.theirs = theirs.calls
        self.known = known
        spans = tuple(ours.spans), tuple(theirs.spans)
        self.state = state or Correspondence(spans)
        self.state.spans = spans
        self.last = ""
        self.found: list[Pair] = []
        self.touched: dict[str, str] = {}
        self.names = self.state.names_of(ours.calls, list(ours.trees)), self.state.names_of(theirs.calls, list(theirs.trees))
        self.questions = tuple(
            [_question(call, names) for call, names in zip(each.calls, side)] for each, side in zip((ours, theirs), self.names)
        )

    def pairs(self) -> list[Pair]:
        """All pairs, in order."""
        here = there = 0
        while here < len(self.ours) and there < len(self.theirs):
            ours, theirs = self.ours[here], self.theirs[there]
            asked = self._asked(here, there)
            if not asked:
                self.found.append(self._answered(Pair(ours, theirs, here, there)))
                here, there = here + 1, there + 1
                continue
            skips = self._way_back(here, there)
            if not self.last:
                pair = Pair(ours, theirs, here, there, unknown=asked)
                self.found.append(pair)
                here, there = here + 1, there + 1
                self.last = FIRST
                continue
            self._skip(here, there, *skips)
            here, there = here + skips[0], there + skips[1]
        self._skip(here, there, len(self.ours) - here, len(self.theirs) - there)
        return self._reunited()

    def _reunited(self) -> list[Pair]:
        """The pairs, calls without a counterpart joined with those that ask the same elsewhere, and answer the same."""
        alone: dict[Question, deque[Pair]] = defaultdict(deque)
        for pair in self.found:
            if pair.ours is None and pair.follows:
                alone[self.questions[1][pair.their_number]].append(pair)
        joined_to = set()
        for pair in self.found:
            others = alone.get(self.questions[0][pair.our_number]) if pair.theirs is None and pair.follows else None
            if not others or pair.ours is None or others[0].theirs is None:
                continue
            state = type(self.state)(self.state.spans)
            found = state.answers(pair.ours, others[0].theirs)
            if all(each.rule for each in found):
                other = others.popleft()
                pair.theirs, pair.their_number = other.theirs, other.their_number
                pair.follows, pair.allowed = "", [*found, Difference("order of calls", None, None, "call-order")]
                joined_to.add(id(other))
        return [pair for pair in self.found if id(pair) not in joined_to]

    def _answered(self, pair: Pair) -> Pair:
        ours, theirs = pair.ours, pair.theirs
        assert ours is not None and theirs is not None
        about = self._about(ours, pair.our_number)
        for each in self.state.answers(ours, theirs):
            entry = next((entry for entry in self.known if entry.explains(*self.state.told(each, ours))), None)
            if entry is None and pair.known and each.what.startswith("memory "):
                entry = pair.known[-1][1]  # less was read: the result says so, and the memory shows it
            touched = next((self.touched[path] for path in about if path in self.touched), "")
            if each.rule:
                pair.allowed.append(each)
                if each.rule in VISIBLE:
                    self.last = each.rule
            elif entry is not None:
                pair.known.append((each, entry))
                self.last = entry.id
                if entry.spreads:
                    self.touched.update(dict.fromkeys(about, entry.id))
            elif touched:
                pair.follows = touched
                self.last = touched
            else:
                pair.unknown.append(each)
                self.last = self.last or FIRST
        return pair

    def _about(self, call: Call, number: int) -> list[str]:
        """The paths that a call is about: of its descriptors, and of names below them."""
        found = []
        names = self.names[0][number] or {}
        for fd, path in (("fd", "path"), ("old_fd", "old_path"), ("new_fd", "new_path")):
            if fd in names:
                above = names[fd] or f"descriptor {call.args[fd]}"
                found.append(joined(above, call.args[path]) if isinstance(call.args.get(path), str) else above)
        return found

    def _skip(self, here: int, there: int, ours: int, theirs: int) -> None:
        """Calls that don't come in the same order. Those that ask the same are still held side by side."""
        waiting: dict[Question, deque[int]] = defaultdict(deque)
        for number in range(there, there + theirs):
            waiting[self.questions[1][number]].append(number)
        taken = set()
        for number in range(here, here + ours):
            same = waiting[self.questions[0][number]]
            if not same:
                self._alone(Pair(self.ours[number], None, number, there, follows=self.last))
                continue
            other = same.popleft()
            taken.add(other)
            pair = self._answered(Pair(self.ours[number], self.theirs[other], number, other))
            if pair.unknown:  # in another order an answer may rightly be another one
                pair.unknown, pair.follows = [], self.last
            self.found.append(pair)
        for number in range(there, there + theirs):
            if number not in taken:
                self._alone(Pair(None, self.theirs[number], here + ours, number, follows=self.last))

    def _alone(self, pair: Pair) -> None:
        if not self.last:
            names = [each.name if each is not None else "no more calls" for each in (pair.ours, pair.theirs)]
            pair.unknown.append(Difference("call", *names))
            self.last = FIRST
        self.found.append(pair)

    def _way_back(self, here: int, there: int) -> tuple[int, int]:
        """How many calls of each side to leave out until they are alike again; all of the window if they never are."""
        left = min(WINDOW, len(self.ours) - here), min(WINDOW, len(self.theirs) - there)
        places: dict[tuple[Question, ...], int] = {}
        for skip in range(left[1] - 1, -1, -1):
            places[tuple(self.questions[1][there + skip : there + skip + ALIKE])] = skip
        best = left
        for skip in range(left[0]):  # where nothing is left out, the calls are known not to be alike
            if skip >= sum(best):
                break
            other = places.get(tuple(self.questions[0][here + skip : here + skip + ALIKE]))
            if other is not None and 0 < skip + other < sum(best):
                best = skip, other
        return best

    def _asked(self, here: int, there: int) -> list[Difference]:
        """How two calls differ in what is asked."""
        names = self.names[0][here], self.names[1][there]
        return self.state.arguments(self.ours[here], self.theirs[there], *names)


def _question(call: Call, names: Names) -> Question:
    """What a call asks, so that two can be told to be the same wherever they stand."""
    args = {key: value for key, value in call.args.items() if key != "cookie"}
    given = tuple((each.size, each.digest or each.data) for each in call.given)
    return call.name, repr([(key, (names or {}).get(key) or value) for key, value in sorted(args.items())]), given


def _endings(ours: Recording, theirs: Recording) -> list[Difference]:
    """How the programs ended, and what they had written."""
    found = []
    if (ours.ended_by, _reason(ours)) != (theirs.ended_by, _reason(theirs)):
        found.append(Difference("ending", ended(ours), ended(theirs)))
    elif ours.exit_code != theirs.exit_code:
        found.append(Difference("exit code", ours.exit_code, theirs.exit_code))
    elif [repr(each) for each in ours.values] != [repr(each) for each in theirs.values]:
        found.append(Difference("results", _listed(ours.values), _listed(theirs.values)))
    for name in ("stdout", "stderr"):
        here, there = getattr(ours, name), getattr(theirs, name)
        if here != there:
            at = next((at for at, pair in enumerate(zip(here, there)) if pair[0] != pair[1]), min(len(here), len(there)))
            found.append(Difference(name, _piece(here, at), _piece(there, at)))
    return found


def _listed(values: Sequence[int | float]) -> str:
    return ", ".join(map(repr, values)) or "none"


def _piece(data: bytes, at: int) -> str:
    return f"{len(data)} bytes, from byte {at}: {data[at : at + 40]!r}"


def ended(recording: Recording) -> str:
    """How a run ended, in a few words."""
    if recording.ended_by == "exit":
        results = f", result {_listed(recording.values)}" if recording.values else ""
        return f"exit code {recording.exit_code}{results}"
    return f"{recording.ended_by}: {_reason(recording)}" if _reason(recording) else recording.ended_by


def _reason(recording: Recording) -> str:
    """What a trap is called by both; a trap of a host call is one of ours or theirs, whose words differ."""
    if recording.ended_by != "trap":
        return ""
    if recording.calls and recording.calls[-1].errno == NEVER:
        return f"in {recording.calls[-1].name}"
    return recording.trap or recording.message.strip().rpartition("\n")[2].strip()


def file_differences(ours: Recording, theirs: Recording) -> list[tuple[str, str, str]]:
    """(path, here, there) for what the two worlds' files differ in, by preopened name."""
    found = []
    for guest in ours.trees.keys() & theirs.trees.keys():
        here, there = ours.trees[guest], theirs.trees[guest]
        if isinstance(here, str) or isinstance(there, str):
            found += [(guest, str(here)[:200], str(there)[:200])] if here != there else []
            continue
        below = differences(here, there)
        found += [(f"{guest.rstrip('/')}/{path}", one, other) for path, one, other in below[:MOST_FILES]]
        if len(below) > MOST_FILES:
            found.append((guest, f"{len(below) - MOST_FILES} more differences", ""))
    return sorted(found)
