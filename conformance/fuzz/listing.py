"""A directory listed from somewhere to its end, in as many calls as it takes, and two such listings compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import unpack_from
from typing import NamedTuple

from conformance.calls.rules import DIRENT, Correspondence, Difference
from conformance.fuzz.layout import DATA, RESULTS
from conformance.fuzz.side import Answer, Side

MOST_CALLS = 400
_SUCCESS = 0


class Entry(NamedTuple):
    """A directory entry, with the cookie behind it."""

    name: bytes
    kind: int
    inode: int
    cookie: int


@dataclass
class Listing:
    """What a walk has found, and the last answer."""

    answer: Answer = _SUCCESS
    entries: list[Entry] = field(default_factory=list)
    ended: bool = False
    """Was the end reached?"""


def walk(side: Side, fd: int, room: int, cookie: int, fill: int) -> Listing:
    """List a directory from a cookie to its end."""
    found = Listing()
    for _ in range(MOST_CALLS):
        side.prepare(fill, ())
        found.answer = side.call("fd_readdir", (fd, DATA, room, cookie, RESULTS))
        if found.answer != _SUCCESS:
            return found
        used = unpack_from("<I", side.memory, RESULTS)[0]
        piece = entries(bytes(side.memory[DATA : DATA + min(used, room)]))
        found.entries += piece
        if used < room:
            found.ended = True
            return found
        if not piece:
            return found
        cookie = piece[-1].cookie
    return found


def entries(data: bytes) -> list[Entry]:
    """The entries of a listing that are whole."""
    found = []
    at = 0
    while at + DIRENT <= len(data):
        cookie, inode, length, kind = unpack_from("<QQIB", data, at)
        at += DIRENT + length
        if at > len(data):
            break
        found.append(Entry(data[at - length : at], kind, inode, cookie))
    return found


def compare(ours: Listing, theirs: Listing, state: Correspondence, device: int) -> list[Difference]:
    """What differs in two whole listings: the end, names and kinds, and which numbers stand for which file."""
    if ours.ended != theirs.ended:
        return [Difference("end of the listing", ours.ended, theirs.ended)]
    found = []
    sides = [{each.name: each for each in listing.entries} for listing in (ours, theirs)]
    for listing, by_name in zip((ours, theirs), sides):
        if len(by_name) < len(listing.entries):
            found.append(Difference("entries that come twice", _twice(ours), _twice(theirs)))
            return found
    for name in sorted(sides[0].keys() | sides[1].keys()):
        here, there = (side.get(name) for side in sides)
        shown = name.decode("utf-8", "backslashreplace")
        if here is None or there is None or here.kind != there.kind:
            kinds = ["nothing" if each is None else f"type {each.kind}" for each in (here, there)]
            found.append(Difference(f"entry {shown}", kinds[0], kinds[1]))
        elif name != b".." and not state.same_file((device, here.inode), there.inode):
            found.append(Difference(f"number of entry {shown}", here.inode, there.inode))
    return found


def _twice(listing: Listing) -> list[str]:
    names = [each.name for each in listing.entries]
    return sorted({name.decode("utf-8", "backslashreplace") for name in names if names.count(name) > 1})


def tails(before: tuple[Listing, Listing], behind: int, now: tuple[Listing, Listing]) -> list[Difference]:
    """What is wrong with listings that begin behind an entry of earlier ones: each must be the rest of its own."""
    wrong = []
    for whole, rest in zip(before, now):
        expected, got = ([each.name for each in part] for part in (whole.entries[behind + 1 :], rest.entries))
        wrong.append("the rest" if expected == got else f"{len(got)} entries and not the rest, {len(expected)}")
    return [] if wrong[0] == wrong[1] == "the rest" else [Difference("entries behind a cookie", *wrong)]
