"""Results that differ on any two hosts, seen without decoding the calls: in a microsecond, where the whole way takes fifty.

These are numbers of files and descriptors, times, and what clocks and entropy have told. They are held to the same rules as
everywhere (`conformance.calls.rules`); what doesn't hold here is decided there, so this can only save time.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

from conformance.calls.rules import DIRENT, Correspondence, within

DIRECTORY = 3
"""The number of that kind of file."""
STAT = 64
_used = Struct("<I").unpack_from
_named = Struct("<IB").unpack_from
_stat = Struct("<QQB7xQQQQQ").unpack_from
FIXED = {"path_open": 4, "clock_time_get": 8, "clock_res_get": 8}
"""Bytes that may be anything, by function. What a descriptor's number corresponds to is kept by the lockstep."""
STATS = {"fd_filestat_get", "path_filestat_get"}


def lay_over(name: str, slots: Sequence[int], ours: memoryview, theirs: memoryview, state: Correspondence) -> bool:
    """Put what may differ in the results of a call that succeeded over the reference's memory; False if it isn't clear."""
    size = FIXED.get(name)
    at = slots[-1] if slots else 0
    if name == "random_get":
        at, size = slots
    elif name == "fd_readdir":
        at, size = slots[1], _same_listing(slots, ours, theirs, state)
        if size is None:
            return False
    elif name in STATS:
        if not alike(ours, theirs, at, state):
            return False
        size = STAT
    elif size is None:
        return False
    theirs[at : at + size] = ours[at : at + size]
    return True


def alike(ours: memoryview, theirs: memoryview, at: int, state: Correspondence) -> bool:
    """Do two filestats differ only in what may differ?"""
    device, inode, kind, links, size, _, modified, changed = _stat(ours, at)
    _, other_inode, other_kind, other_links, other_size, _, other_modified, other_changed = _stat(theirs, at)
    if kind != other_kind or (kind != DIRECTORY and (links != other_links or size != other_size)):
        return False
    here, there = state.spans
    for one, other in ((modified, other_modified), (changed, other_changed)):
        if one != other and not (within(one, here) and within(other, there)):
            return False
    return state.same_file((device, inode), other_inode)


def kinds(data: bytes) -> dict[bytes, int]:
    """The kinds of a listing's entries by name; the last one may be cut off, and doesn't count then."""
    found = {}
    at, end = 0, len(data)
    while (start := at + DIRENT) <= end:
        length, kind = _named(data, at + 16)
        at = start + length
        if at > end:
            break
        found[data[start:at]] = kind
    return found


def _same_listing(slots: Sequence[int], ours: memoryview, theirs: memoryview, state: Correspondence) -> int | None:
    """How many bytes of a listing may differ; None if that isn't clear.

    A whole one must have the same entries. Of one that is cut off nothing can be said but how much there is, for any may be
    first; the walks (`listing`) follow such to their end.
    """
    _, at, room, cookie, result = slots
    used = _used(ours, result)[0]
    if used != _used(theirs, result)[0] or used > room or (used < room and cookie):
        return None
    if used < room and kinds(bytes(ours[at : at + used])) != kinds(bytes(theirs[at : at + used])):
        return None
    for listings in state.listings:
        listings.clear()  # what has been seen of this one isn't kept
    return int(used)
