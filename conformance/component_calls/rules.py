"""How two calls of components are compared, under the table of what may differ (`conformance.calls.rules.RULES`).

Handles are compared by number: the canonical ABI says which is the next. Bytes are compared to the last, everything else field
by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agave_wasi.component.shown import short
from conformance.calls.call import NEVER, Call
from conformance.calls.rules import Correspondence, Difference, Names, within
from conformance.component_calls.answers import STATS
from conformance.component_calls.values import brief

ENTRY = "directory-entry-stream.read-directory-entry"
READS = frozenset(("input-stream.read", "input-stream.blocking-read", "descriptor.read"))
READY = frozenset(("pollable.ready", "poll.poll"))
HASHES = frozenset(("descriptor.metadata-hash", "descriptor.metadata-hash-at"))
CHANGES = frozenset((
    "descriptor.unlink-file-at", "descriptor.remove-directory-at", "descriptor.rename-at", "descriptor.drop",
    "descriptor.write", "descriptor.set-size", "descriptor.set-times", "descriptor.set-times-at", "output-stream.drop",
))  # fmt: skip
"""What may end a file, or change what its hash is made of."""


FAR = 1 << 62
"""Offsets and sizes from here on are near the end of what 63 bits can hold."""
_ANSWERS = {"SUCCESS": "ok", NEVER: "trap"}


class Listing:
    """What a stream of a directory's entries told from its first to its last; `over` if that was all."""

    def __init__(self) -> None:
        self.entries: list[Any] = []
        self.over = False

    def add(self, call: Call) -> None:
        """What one read of it told."""
        entry = call.result.get("result")
        if entry is not None:
            self.entries.append(entry)
        elif call.errno == "SUCCESS":
            self.over = True

    def same(self, other: Listing) -> bool:
        """Did both tell the same, in any order?"""
        return sorted(map(repr, self.entries)) == sorted(map(repr, other.entries))


class Values(Correspondence):
    """What corresponds to what on the two sides of a component so far."""

    by_name = True

    def __init__(self, spans: Any = ((), ())) -> None:
        super().__init__(spans)
        self.listings_of: dict[int, Listing] = {}

    def told(self, difference: Difference, call: Call) -> tuple[Difference, Call]:
        """In the words of random programs: calls by their short names, answers as ok, errors and trap, flags as a list."""
        what = difference.what
        here, there = (
            _ANSWERS.get(each, each.strip("{}").replace("|", ", ")) if isinstance(each, str) else each
            for each in (difference.ours, difference.theirs)
        )
        if what == "errno" and "trap" in (here, there):
            what = "ending"
        args = {
            key: value["flags"] if isinstance(value, dict) and "flags" in value else value for key, value in call.args.items()
        }
        if any(type(value) is int and value >= FAR for value in args.values()):
            args["far"] = "true"
        return Difference(what, here, there, difference.rule), replace(call, name=short(call.name), args=args)

    def writes(self, call: Call) -> bool:
        return short(call.name).startswith("output-stream.")

    def names_of(self, calls: Sequence[Call], preopens: Sequence[str]) -> list[Names]:
        """Handles have no names here. What each listing of a side has told in the end is noted, by its calls."""
        streams: dict[str, Listing] = {}
        for call in calls:
            name, stream = short(call.name), repr(call.args.get("self"))
            if name == ENTRY:
                told = self.listings_of[id(call)] = streams.setdefault(stream, Listing())
                told.add(call)
            elif name == "directory-entry-stream.drop":
                streams.pop(stream, None)
        return [None] * len(calls)

    def arguments(self, ours: Call, theirs: Call, our_names: Names = None, their_names: Names = None) -> list[Difference]:
        if ours.name != theirs.name:
            return [Difference("call", short(ours.name), short(theirs.name))]
        found = []
        for key in sorted(ours.args.keys() | theirs.args.keys()):
            here, there = ours.args.get(key), theirs.args.get(key)
            if here != there:
                found += [Difference(f"argument {what}", *pair) for what, *pair in _differences(key, here, there)]
        return found

    def answers(self, ours: Call, theirs: Call) -> list[Difference]:
        name = short(ours.name)
        if name in CHANGES:
            self.forget_files()
        if name == ENTRY:
            return self._entry(ours, theirs)
        if name in READS and (short_read := _short_read(ours, theirs)) is not None:
            return short_read
        if ours.errno != theirs.errno:
            return [_errnos(ours, theirs)]
        here, there = ours.result.get("result"), theirs.result.get("result")
        if here == there:
            return []
        if name in HASHES and self.same_file((None, _number(here)), _number(there)):
            return [Difference("result", brief(here), brief(there), "metadata-hash")]
        return [
            Difference(what, one, other, self._rule(name, what, here, there))
            for what, one, other in _differences("result", here, there)
        ]

    def _rule(self, name: str, what: str, ours: Any, theirs: Any) -> str:
        """The rule that allows a difference in a result; "" if none does."""
        if name in READY:
            return "readiness"
        if name == "error.to-debug-string":
            return "debug-string"
        if name == "output-stream.check-write":
            return "permit"
        if name not in STATS:
            return ""
        field = what.split()[1] if " " in what else ""
        if field == "data_access_timestamp":
            return "access-time"
        if field.endswith("_timestamp"):
            times = [_nanoseconds(each.get(field)) for each in (ours, theirs)]
            fine = all(time is not None and within(time, span) for time, span in zip(times, self.spans))
            return "times" if fine else ""
        if ours.get("type") == theirs.get("type") == "directory":
            return {"size": "directory-size", "link_count": "directory-links"}.get(field, "")
        return ""

    def _entry(self, ours: Call, theirs: Call) -> list[Difference]:
        """An entry of a listing: the order is free, and at the end all must have been told."""
        if ours.errno != theirs.errno:
            return [_errnos(ours, theirs)]
        here, there = ours.result.get("result"), theirs.result.get("result")
        one, other = (self.listings_of.get(id(call), Listing()) for call in (ours, theirs))
        if here == there and here is not None:
            return []
        if one.over and other.over and not one.same(other) and (here is None or there is None):
            only = [each for each in one.entries if each not in other.entries]
            return [Difference("entries", only, [each for each in other.entries if each not in one.entries])]
        if here == there:
            return []
        free = (here is not None and there is not None) or (one.over and other.over)
        return [Difference("order of entries", brief(here), brief(there), "readdir-order" if free else "")]


def _errnos(ours: Call, theirs: Call) -> Difference:
    """That two calls answer differently; what belongs to an error is shown where the error is the same."""
    names = [each.errno.partition("(")[0] for each in (ours, theirs)]
    pair = names if names[0] != names[1] else [ours.errno, theirs.errno]
    return Difference("errno", *pair)


def _differences(what: str, ours: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
    """(what, here, there) for what two values differ in, as deep as they are alike."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() == theirs.keys() == {"bytes", "data"}:
            yield _bytes_differ(what, ours, theirs)
            return
        if ours.keys() == theirs.keys() and not ours.keys() & {"resource", "flags", "digest"}:
            for key in ours:
                if ours[key] != theirs[key]:
                    yield from _differences(f"{what} {key}", ours[key], theirs[key])
            return
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs)):
            if one != other:
                yield from _differences(f"{what} [{place}]", one, other)
        return
    yield what, _shown(ours), _shown(theirs)


def _shown(data: Any) -> Any:
    """A value in a few words; handles as a line has them."""
    match data:
        case {"resource": str(resource), "handle": int(number)}:
            return f"{resource}#{number}"
        case {"flags": list(names)}:
            return f"{{{'|'.join(names)}}}"
        case None:
            return "none"
    return brief(data)


def _bytes_differ(what: str, ours: Any, theirs: Any) -> tuple[str, str, str]:
    one, other = (each["data"].encode("latin-1") for each in (ours, theirs))
    at = next((at for at, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    here, there = (
        f"{each['bytes']} bytes, there {data[at : at + 16].hex(' ') or 'no more'}"
        for each, data in ((ours, one), (theirs, other))
    )
    return f"{what}, from byte {at}", here, there


def _short_read(ours: Call, theirs: Call) -> list[Difference] | None:
    """The difference between two reads of which one has got less; None if it isn't that."""
    if not ours.errno == theirs.errno == "SUCCESS":
        return None
    found = []
    for call in (ours, theirs):
        result = call.result.get("result")
        data = result[0] if isinstance(result, list) and result and isinstance(result[0], dict) else result
        if not isinstance(data, dict) or "digest" in data:
            return None
        found.append(str(data["data"]))
    one, other = found
    if len(one) == len(other) or not (one.startswith(other) or other.startswith(one)):
        return None
    return [Difference("result", f"{len(one)} bytes", f"{len(other)} bytes", "short-read")]


def _nanoseconds(moment: Any) -> int | None:
    """A datetime of a result in nanoseconds."""
    if not isinstance(moment, dict):
        return None
    return int(moment["seconds"]) * 1_000_000_000 + int(moment["nanoseconds"])


def _number(value: Any) -> int:
    """A metadata-hash-value as one number."""
    return (int(value["upper"]) << 64 | int(value["lower"])) if isinstance(value, dict) and "upper" in value else 0
