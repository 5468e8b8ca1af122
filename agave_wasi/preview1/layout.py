"""How Preview 1's structs lie in guest memory, and what a trace shows of them; used by generated code.

Padding between fields is left as the guest has it, so a call writes what it is asked for and nothing else.
Layouts after wasi_snapshot_preview1.witx, and wasi_unstable.witx for the older ones.
"""

from __future__ import annotations

import struct
from struct import Struct

from kernel_sim.clock import CLOCK_IDS
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import FileType
from kernel_sim.syscalls.polling import Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kernel_sim.fs.inode import Entry, Stat
    from kernel_sim.openfile import OpenFile
    from kernel_sim.syscalls.polling import Ready

    Region = Callable[[int, int, int], memoryview]

FILETYPES = {
    FileType.UNKNOWN: 0,
    FileType.BLOCK_DEVICE: 1,
    FileType.CHARACTER_DEVICE: 2,
    FileType.DIRECTORY: 3,
    FileType.REGULAR_FILE: 4,
    FileType.SOCKET_DGRAM: 5,
    FileType.SOCKET_STREAM: 6,
    FileType.SYMBOLIC_LINK: 7,
    FileType.FIFO: 0,  # Preview 1 has no number for it
}
EVENT_CLOCK, EVENT_FD_READ, EVENT_FD_WRITE = range(3)
HANGUP = 1
TIME_MAX = (1 << 64) - 1

_rights = Struct("<QQ").pack_into
_u16 = Struct("<H").pack_into
_u32 = Struct("<I").pack_into
_identity = Struct("<QQB").pack_into
_attributes = Struct("<QQQQQ").pack_into
_unstable_attributes = Struct("<IQQQQ").pack_into
_dirent = Struct("<QQIB3x").pack
_subscription = Struct("<QB7xI4xQQH6x")
_unstable_subscription = Struct("<QB7xQI4xQQH6x")
_event = Struct("<QHB").pack_into
_readwrite = Struct("<QH").pack_into
_dirent_name_length = Struct("<I").unpack_from
_shown_event = Struct("<QHB5xQH").unpack_from
DIRENT_SIZE = 24
EVENT_SIZE = 32
POLL_MAX = 1 << 16
"""More subscriptions than this are INVAL: no guest could have so many descriptors to wait for."""


def lower_fdstat(memory: memoryview, pointer: int, file: OpenFile) -> None:
    """fdstat: type, flags, rights."""
    memory[pointer] = FILETYPES[file.inode.type]
    _u16(memory, pointer + 2, file.status)
    _rights(memory, pointer + 8, file.rights, file.inheriting)


def lower_filestat(memory: memoryview, pointer: int, stat: Stat) -> None:
    """filestat of wasi_snapshot_preview1."""
    _identity(memory, pointer, stat.device, stat.inode, FILETYPES[stat.type])
    try:
        _attributes(memory, pointer + 24, stat.nlink, stat.size, stat.atime, stat.mtime, stat.ctime)
    except struct.error:  # a time of the host that the ABI can't hold
        _attributes(memory, pointer + 24, stat.nlink, stat.size, *_stamps(stat))


def lower_unstable_filestat(memory: memoryview, pointer: int, stat: Stat) -> None:
    """filestat of wasi_unstable, whose link count has 32 bits."""
    _identity(memory, pointer, stat.device, stat.inode, FILETYPES[stat.type])
    _unstable_attributes(memory, pointer + 20, min(stat.nlink, 0xFFFF_FFFF), stat.size, *_stamps(stat))


def _stamps(stat: Stat) -> tuple[int, ...]:
    """Times as the unsigned numbers that the ABI has; what they can't hold becomes the nearest."""
    return tuple(min(max(time, 0), TIME_MAX) for time in (stat.atime, stat.mtime, stat.ctime))


def lower_prestat(memory: memoryview, pointer: int, length: int) -> None:
    """prestat of a directory whose name has `length` bytes."""
    memory[pointer] = 0
    _u32(memory, pointer + 4, length)


def dirents(entries: Sequence[Entry]) -> bytes:
    """Directory entries as they follow each other in fd_readdir's buffer."""
    return b"".join([each.encoded or _encode(each) for each in entries])


def _encode(entry: Entry) -> bytes:
    """One entry's bytes, which it keeps: a listing is often read in several pieces."""
    head = _dirent(entry.cookie, entry.inode, len(entry.name), FILETYPES[entry.type])
    encoded = entry.encoded = head + entry.name
    return encoded


class PollBuffer:
    """A lifted poll_oneoff: subscriptions for the kernel, their userdata, and where events go."""

    __slots__ = ("subscriptions", "userdata", "events")

    def __init__(self, subscriptions: list[Subscription], userdata: list[int], events: memoryview) -> None:
        self.subscriptions = subscriptions
        self.userdata = userdata
        self.events = events

    def store(self, ready: Sequence[Ready]) -> int:
        """Write an event for each ready subscription; how many."""
        for number, each in enumerate(ready):
            subscription = self.subscriptions[each.index]
            kind = EVENT_CLOCK if subscription.fd is None else EVENT_FD_READ + subscription.write
            at = number * EVENT_SIZE
            _event(self.events, at, self.userdata[each.index], 0, kind)
            _readwrite(self.events, at + 16, each.nbytes, HANGUP if each.hangup else 0)
        return len(ready)


def lift_poll(region: Region, source: int, out: int, count: int) -> PollBuffer:
    """poll_oneoff's three parameters; an unknown tag, clock or flag in a subscription is INVAL (as wasmtime has it)."""
    return _lift_poll(region, source, out, count, _subscription, False)


def lift_unstable_poll(region: Region, source: int, out: int, count: int) -> PollBuffer:
    """As `lift_poll`, with wasi_unstable's subscriptions: a clock there has an identifier first."""
    return _lift_poll(region, source, out, count, _unstable_subscription, True)


def _lift_poll(region: Region, source: int, out: int, count: int, layout: Struct, identified: bool) -> PollBuffer:
    given = region(source, layout.size * count, 8)
    events = region(out, EVENT_SIZE * count, 8)
    if count > POLL_MAX:
        raise KernelError(Errno.INVAL)
    subscriptions = []
    userdata = []
    for fields in layout.iter_unpack(given):
        if identified:
            user, tag, identifier, clock, timeout, _, flags = fields
            fd = identifier & 0xFFFF_FFFF
        else:
            user, tag, clock, timeout, _, flags = fields
            fd = clock
        userdata.append(user)
        if tag == EVENT_CLOCK:
            if clock >= len(CLOCK_IDS) or flags > 1:
                raise KernelError(Errno.INVAL)
            subscriptions.append(Subscription(None, False, CLOCK_IDS[clock], timeout, flags == 1))
        elif tag <= EVENT_FD_WRITE:
            subscriptions.append(Subscription(fd, tag == EVENT_FD_WRITE))
        else:
            raise KernelError(Errno.INVAL)
    return PollBuffer(subscriptions, userdata, events)


# What a trace shows

SHOWN_BYTES = 32


def text(value: bytes) -> str:
    """A path or argument as text that JSON can hold."""
    return value.decode("utf-8", "backslashreplace")


def flag_names(names: Sequence[str], value: int) -> list[str]:
    """The names of the set bits."""
    return [name for bit, name in enumerate(names) if value >> bit & 1]


def shown_data(buffers: Sequence[memoryview]) -> dict[str, object]:
    """Data that goes out: its length and its beginning."""
    start = b"".join([bytes(view[:SHOWN_BYTES]) for view in buffers[:4]])[:SHOWN_BYTES]
    return {"bytes": sum(map(len, buffers)), "data": start.decode("latin-1")}


def shown_filled(buffers: Sequence[memoryview], count: int) -> str:
    """The beginning of the `count` bytes that have arrived in buffers."""
    start = b"".join([bytes(view[:SHOWN_BYTES]) for view in buffers[:4]])
    return start[: min(count, SHOWN_BYTES)].decode("latin-1")


def shown_lengths(buffers: Sequence[memoryview]) -> list[int]:
    """Buffers to be filled, by their lengths."""
    return [len(view) for view in buffers]


def shown_fdstat(file: OpenFile) -> dict[str, object]:
    """An fdstat, by names."""
    return {"filetype": file.inode.type, "flags": file.status, "rights": file.rights, "inheriting": file.inheriting}


def shown_stat(stat: Stat) -> dict[str, object]:
    """A filestat, by names."""
    return {name: getattr(stat, name) for name in stat.__slots__}


def shown_poll(poll: PollBuffer) -> list[dict[str, object]]:
    """The subscriptions of a poll."""
    shown: list[dict[str, object]] = []
    for each in poll.subscriptions:
        if each.fd is None:
            shown.append({"clock": each.clock, "timeout": each.timeout, "absolute": each.absolute})
        else:
            shown.append({"fd": each.fd, "for": "write" if each.write else "read"})
    return shown


def shown_dirents(buffer: memoryview, count: int) -> list[str]:
    """The names of the directory entries in the `count` bytes that have been filled; a last one may be cut off."""
    data = bytes(buffer[:count])  # slices of it cost less than those of a view
    names = []
    at = DIRENT_SIZE
    while at <= count:
        end = at + _dirent_name_length(data, at - 8)[0]
        names.append(data[at:end].decode("utf-8", "backslashreplace"))
        at = end + DIRENT_SIZE
    if names and at - DIRENT_SIZE > count:
        names[-1] += "..."
    return names


def shown_events(poll: PollBuffer, count: int) -> list[dict[str, object]]:
    """The events that a poll has written."""
    shown: list[dict[str, object]] = []
    for at in range(0, count * EVENT_SIZE, EVENT_SIZE):
        userdata, _, kind, nbytes, flags = _shown_event(poll.events, at)
        event: dict[str, object] = {"type": ("clock", "fd_read", "fd_write")[kind], "userdata": userdata}
        if kind != EVENT_CLOCK:
            event |= {"nbytes": nbytes, "hangup": bool(flags & HANGUP)}
        shown.append(event)
    return shown
