"""What may differ between two right answers, and why: the one table of it, and how two answers are compared under it.

A value that a rule covers is still held to what the rule leaves of it: numbers of files must correspond one to one,
listings must name the same entries. Everything else is compared to the byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import unpack_from
from typing import Any

from agave_wasi.strace import joined
from conformance.calls.call import Call, Region
from kernel_sim.fs.inode import FileType


@dataclass(frozen=True)
class Rule:
    """Something that may differ: where, what is compared in its stead, and the reason."""

    id: str
    where: str
    instead: str
    reason: str


RULES = {
    each.id: each
    for each in (
        Rule("inode-number", "filestat.ino, dirent.d_ino", "numbers correspond one to one as long as both files exist",
             "a file system may number its files as it likes; only equality means something"),
        Rule("device-number", "filestat.dev", "not at all",
             "the number of a file system means nothing by itself, and wasmtime answers 1 for all of them"),
        Rule("access-time", "filestat.atim", "not at all",
             "whether and when an access is noted is the host's choice (noatime, relatime)"),
        Rule("times", "filestat.mtim, ctim", "each lies within the time of its own run; a time that was set is the same",
             "files get the time of their world, which is virtual here and the host's there"),
        Rule("directory-size", "filestat.size of a directory", "not at all",
             "no text says what it counts: file systems answer 0, 60, 4096 or the number of entries"),
        Rule("directory-links", "filestat.nlink of a directory", "not at all",
             "POSIX leaves it open whether . and .. count; some file systems always answer 1"),
        Rule("padding", "bytes between the fields of a struct", "not at all",
             "the text gives fields their offsets and says nothing of the bytes between; here they stay as the guest has them"),
        Rule("readdir-order", "fd_readdir", "names and kinds, sorted, once the listing is at its end",
             "the text gives no order, and where a buffer cuts an entry off depends on it"),
        Rule("call-order", "the order of calls behind a listing or events", "calls that ask the same, wherever they stand",
             "a guest that is told names in another order goes through them in that order"),
        Rule("cookie", "fd_readdir's cookie", "each side goes on from an entry of its own",
             "a cookie means something only to the host that made it"),
        Rule("event-order", "poll_oneoff", "events sorted by what they are about",
             "the text gives no order of events that are ready at once"),
        Rule("clock-event", "nbytes and flags of a clock's event", "not at all",
             "they belong to descriptors; for a clock the text gives them no meaning"),
        Rule("descriptor-number", "new descriptors", "numbers correspond one to one while both are open",
             "WASI lets a host choose any number that isn't open"),
        Rule("readiness", "pollable.ready, poll.poll", "not at all",
             "what is ready at a moment depends on how fast the two hosts are; on the reference, who waits for a clock waits "
             "for nothing"),
        Rule("permit", "output-stream.check-write", "not at all",
             "how much may be written at once, and when, is the host's choice"),
        Rule("short-read", "input-stream.read, descriptor.read and the like", "what both have read is the same",
             "a read may give fewer bytes than there are; where it gives none, one asks again"),
        Rule("metadata-hash", "descriptor.metadata-hash, metadata-hash-at", "hashes correspond one to one until files change",
             "how it is computed is the host's choice; only equality means something"),
        Rule("debug-string", "error.to-debug-string", "not at all",
             "the text is for people, and each host has its own words"),
        Rule("time-of-files", "filestat.atim, mtim, ctim as the guest sees them on the reference",
             "the reference's own times are recorded; the guest then gets those that it got here",
             "a guest that compares a file's time with the clock would find the host's time beside the virtual one"),
        Rule("time-and-chance", "clock_time_get, clock_res_get, random_get, waits for clocks alone",
             "errors are the reference's own; what it answers is replaced by what was answered here",
             "clocks and entropy differ between any two hosts, and the guest would go its own way on each"),
    )
}  # fmt: skip

DESCRIPTORS = {"fd", "to", "old_fd", "new_fd"}
TIMES = {"mtime", "ctime"}
SLACK = 2_000_000_000
"""Nanoseconds: a host's file system keeps time less exactly than its clock."""
DIRENT = 24
EVENT = 32
CLOCK_EVENT, WRITE_EVENT = 0, 2


@dataclass(frozen=True)
class Difference:
    """Something that isn't the same: what, here, there; and the rule that allows it, if one does."""

    what: str
    ours: Any
    theirs: Any
    rule: str = ""


@dataclass
class Listing:
    """A directory that one side reads from its start: entries by name, and whether the end has been seen."""

    entries: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    order: list[bytes] = field(default_factory=list)
    next: int = 0
    """The cookie of the last entry that was whole."""
    whole: bool = True
    """Was nothing left out, by going on from elsewhere?"""
    over: bool = False

    def add(self, data: bytes, room: int, cookie: int) -> None:
        """A piece of it, read from a cookie on: the entries that are whole."""
        at = 0
        self.whole = self.whole and cookie == self.next
        while at + DIRENT <= len(data):
            cookie, inode, length, kind = unpack_from("<QQIB", data, at)
            end = at + DIRENT + length
            if end > len(data):
                break
            self.next = cookie
            name = data[at + DIRENT : end]
            if name not in self.entries:
                self.order.append(name)
            self.entries[name] = inode, kind
            at = end
        self.over = len(data) < room


Names = dict[str, str | None] | None
Spans = tuple[tuple[int, int], ...]


class Correspondence:
    """What corresponds to what on the two sides so far: descriptors, numbers of files, listings that are being read."""

    by_name = False
    """Is what follows from a known divergence found by the name that it was met with, and not by descriptors?"""

    def __init__(self, spans: tuple[Spans, Spans] = ((), ())) -> None:
        self.spans = spans
        self.fds: dict[int, int] = {}
        self.inodes: tuple[dict[tuple[Any, int], int], dict[int, tuple[Any, int]]] = {}, {}
        self.listings: tuple[dict[int, Listing], dict[int, Listing]] = {}, {}

    def told(self, difference: Difference, call: Call) -> tuple[Difference, Call]:
        """A difference in the answer to a call, in the words in which expectations have it."""
        return difference, call

    def writes(self, call: Call) -> bool:
        """Does a call write what stdout and stderr, or a file, will have?"""
        return call.name in ("fd_write", "fd_pwrite")

    def names_of(self, calls: Sequence[Call], preopens: Sequence[str]) -> list[Names]:
        """For each call what its descriptors stand for: the names that they were opened by."""
        names: dict[int, str] = {0: "stdin", 1: "stdout", 2: "stderr"}
        names |= {number + 3: guest for number, guest in enumerate(preopens)}
        found: list[Names] = []
        for call in calls:
            args = call.args
            found.append({key: names.get(args[key]) for key in DESCRIPTORS if key in args} or None)
            if call.errno != "SUCCESS":
                continue
            if call.name == "path_open":
                names[call.result["result"]] = joined(names.get(args["fd"], "?"), args["path"])
            elif call.name == "fd_close":
                names.pop(args["fd"], None)
            elif call.name == "fd_renumber" and args["fd"] != args["to"]:
                names[args["to"]] = names.pop(args["fd"], "?")
        return found

    # Arguments

    def arguments(self, ours: Call, theirs: Call, our_names: Names = None, their_names: Names = None) -> list[Difference]:
        """How two calls differ in what is asked. The names say what descriptors stand for: one for each argument of them."""
        if ours.name != theirs.name:
            return [Difference("call", ours.name, theirs.name)]
        found = []
        for key in ours.args.keys() | theirs.args.keys():
            here, there = ours.args.get(key), theirs.args.get(key)
            if key in DESCRIPTORS and isinstance(here, int) and isinstance(there, int):
                if not self._same_descriptor(here, there, (our_names or {}).get(key), (their_names or {}).get(key)):
                    found.append(Difference(f"argument {key}", here, there))
            elif here != there:
                if self._same_waits(here, there) or (key == "cookie" and here and there):
                    continue
                found.append(Difference(f"argument {key}", here, there))
        for one, other in zip(ours.given, theirs.given):
            if not one.same(other) and not found:
                found.append(_bytes_differ(f"argument {one.name}", one, other))
        return sorted(found, key=lambda each: each.what)

    def _same_descriptor(self, ours: int, theirs: int, our_name: str | None, their_name: str | None) -> bool:
        """Do two numbers stand for the same? What was opened by the same name does, unless it corresponds to another one."""
        if our_name != their_name:
            return False
        return ours == theirs or self.fds.get(ours) == theirs or (our_name is not None and ours not in self.fds)

    def _same_waits(self, ours: Any, theirs: Any) -> bool:
        """Are two lists of subscriptions the same but for the numbers of descriptors?"""
        if not (isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs)):
            return False
        if not all(isinstance(each, dict) for each in (*ours, *theirs)):
            return False
        mapped = [each | {"fd": self.fds.get(each["fd"], each["fd"])} if "fd" in each else each for each in ours]
        return mapped == theirs

    # Answers

    def answers(self, ours: Call, theirs: Call) -> list[Difference]:
        """How the answers to two like calls differ; what rules allow is among them and says so."""
        if ours.errno != theirs.errno:
            return [Difference("errno", ours.errno, theirs.errno)]
        if ours.errno != "SUCCESS":
            return []
        found = self._written(ours, theirs)
        self._follow(ours, theirs)
        return found

    def _written(self, ours: Call, theirs: Call) -> list[Difference]:
        if ours.name == "fd_readdir":
            return self._listing(ours, theirs)
        if ours.name == "poll_oneoff":
            return _events(ours, theirs)
        if ours.name in ("path_open", "sock_accept"):
            here, there = ours.result["result"], theirs.result["result"]
            return [Difference("new descriptor", here, there, "descriptor-number")] if here != there else []
        record = ours.result.get("result")
        if isinstance(record, dict):
            return self._record(record, theirs.result["result"])
        found = []
        for one, other in zip(ours.written, theirs.written):
            if ours.name == "fd_prestat_get":
                one, other = (Region.of("length", each.address, each.data[:1] + each.data[4:]) for each in (one, other))
            elif one.name == "array":
                one, other = _relative(ours, one), _relative(theirs, other)
            if not one.same(other):
                found.append(_bytes_differ(f"memory {one.name}", one, other))
        values = _values(ours.result, theirs.result)
        return values + found[len(values) :] if values else found

    def _record(self, ours: dict[str, Any], theirs: dict[str, Any]) -> list[Difference]:
        """A filestat or fdstat, field by field."""
        found = []
        directory = ours.get("type") == theirs.get("type") == FileType.DIRECTORY
        for key, here in ours.items():
            there = theirs.get(key)
            rule = ""
            if key == "inode":
                rule = "inode-number" if self.same_file((ours["device"], here), there) else ""
                if here == there and rule:
                    continue
            elif here == there:
                continue
            elif key in TIMES:
                rule = "times" if within(here, self.spans[0]) and within(there, self.spans[1]) else ""
            elif key in _ALWAYS:
                rule = _ALWAYS[key]
            elif directory and key in ("size", "nlink"):
                rule = "directory-size" if key == "size" else "directory-links"
            found.append(Difference(f"field {key}", here, there, rule))
        return found

    def same_file(self, ours: tuple[Any, int], theirs: Any) -> bool:
        """Do two numbers stand for the same file, as far as is known?"""
        forth, back = self.inodes
        if ours not in forth and theirs not in back:
            forth[ours], back[theirs] = theirs, ours
        return forth.get(ours) == theirs and back.get(theirs) == ours

    def forget_files(self) -> None:
        """A file may be gone, and its number be given to another: begin anew."""
        self.inodes = {}, {}

    def _listing(self, ours: Call, theirs: Call) -> list[Difference]:
        sides = []
        for call, listings in zip((ours, theirs), self.listings):
            fd, cookie = call.args["fd"], call.args["cookie"]
            if cookie == 0 or fd not in listings:
                listings[fd] = Listing()
            listing = listings[fd]
            listing.add(call.written[-1].data, call.args["buf"], cookie)
            sides.append(listing)
        one, other = sides
        found = []
        if ours.args["cookie"] != theirs.args["cookie"]:
            found.append(Difference("argument cookie", ours.args["cookie"], theirs.args["cookie"], "cookie"))
        if not all(each.over and each.whole for each in sides):
            return found
        kinds = [{name: kind for name, (_, kind) in each.entries.items()} for each in sides]
        for name in sorted(kinds[0].keys() | kinds[1].keys()):
            one_kind, other_kind = kinds[0].get(name), kinds[1].get(name)
            if one_kind != other_kind:
                shown = name.decode("utf-8", "backslashreplace")
                found.append(Difference(f"entry {shown}", _kind(one_kind), _kind(other_kind)))
        if one.order != other.order:
            here, there = ([name.decode("utf-8", "backslashreplace") for name in each.order] for each in sides)
            found.append(Difference("order of entries", here, there, "readdir-order"))
        return found

    def _follow(self, ours: Call, theirs: Call) -> None:
        """Keep up with what corresponds to what."""
        name = ours.name
        if name in ("path_open", "sock_accept"):
            self.fds[ours.result["result"]] = theirs.result["result"]
        elif name == "fd_renumber":
            self.fds[ours.args["to"]] = theirs.args["to"]
        if name in ("fd_close", "path_unlink_file", "path_remove_directory", "path_rename"):
            self.forget_files()


def _relative(call: Call, array: Region) -> Region:
    """The pointers of args_get and environ_get, counted from the buffer that they point into."""
    pointers = unpack_from(f"<{len(array.data) // 4}I", array.data)
    return Region.of("array", array.address, b"".join((each - call.slots[1]).to_bytes(8, "little") for each in pointers))


_ALWAYS = {"device": "device-number", "atime": "access-time"}


def within(time: Any, spans: Spans) -> bool:
    """Does a moment lie in one of some spans of time?"""
    found = False
    for start, end in spans:  # without a generator: this is asked for every filestat
        found = found or start - SLACK <= time <= end + SLACK
    return found


def _kind(number: int | None) -> str:
    return "nothing" if number is None else f"an entry of type {number}"


def _values(ours: dict[str, Any], theirs: dict[str, Any]) -> list[Difference]:
    """How shown results differ, data in buffers aside."""
    return [
        Difference("result" if key == "result" else f"result {key}", value, theirs.get(key))
        for key, value in ours.items()
        if key != "data" and value != theirs.get(key)
    ]


def _bytes_differ(what: str, ours: Region, theirs: Region) -> Difference:
    """Where two regions begin to differ, and what is there."""
    common = min(len(ours.data), len(theirs.data))
    at = next((at for at in range(common) if ours.data[at] != theirs.data[at]), common)
    where = f"{what}, from byte {at} of {max(ours.size, theirs.size)}"
    return Difference(where, _hexadecimal(ours, at), _hexadecimal(theirs, at))


def _hexadecimal(region: Region, at: int) -> str:
    """Some bytes of a region, in hexadecimal."""
    if at >= len(region.data):
        return f"digest {region.digest[:12]}" if region.digest else "nothing more"
    return region.data[at : at + 16].hex(" ")


def _events(ours: Call, theirs: Call) -> list[Difference]:
    """The events of two polls."""
    sides = [[unpack_from("<QHB5xQH", each.written[1].data, at) for at in range(0, each.written[1].size, EVENT)]
             for each in (ours, theirs)]  # fmt: skip
    found = []
    if len(sides[0]) != len(sides[1]):
        return [Difference("result nevents", len(sides[0]), len(sides[1]))]
    if [each[:3] for each in sides[0]] != [each[:3] for each in sides[1]]:
        sides = [sorted(side) for side in sides]
        found.append(Difference("order of events", None, None, "event-order"))
    for number, (one, other) in enumerate(zip(*sides)):
        for name, here, there in zip(("userdata", "error", "type", "nbytes", "flags"), one, other):
            if here != there:
                clock = one[2] == other[2] == CLOCK_EVENT and name in ("nbytes", "flags")
                room = " to write" if one[2] == other[2] == WRITE_EVENT and name == "nbytes" else ""
                found.append(Difference(f"event {number} {name}{room}", here, there, "clock-event" if clock else ""))
    return found
