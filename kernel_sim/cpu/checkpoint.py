"""Checkpoints of a machine: the CPU's context, and memory as pages, of which those that haven't changed are shared.

A checkpoint made `after` another one keeps the other's pages where they are equal, so a chain of them costs what has
changed. Of large regions only a part may be in use (`used`): the rest is all zero, and isn't looked at. Restoring writes whole
regions; the kernel's state is not in here (`kernel_sim.snapshot`).

What a first checkpoint costs is mostly the host's giving it memory. So all pieces are compared first, and then those that are
new are copied to large pages.
"""

from __future__ import annotations

from kernel_sim.cpu.memory import filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from kernel_sim.cpu.machine import Machine
    from kernel_sim.cpu.memory import Region

    Piece = bytes | memoryview
    """Of a memory that is kept; it can't be written to."""
    New = list[tuple[list[Piece], int]]
    """Lists with a place in them where a piece is still the machine's own."""

PIECE = 1 << 16
"""Bytes that are kept or shared together."""
ZEROS = bytes(PIECE)
"""A piece in which nothing is; there is one of them."""
ROOM = 64 * PIECE
"""Bytes that are taken from the host for new pieces, and given back, together: two large pages."""
_NOTHING = bytearray(PIECE)


class Checkpoint:
    """A machine's state: `pages` are the writable regions' bytes in pieces, by the region's name.

    `used` says of a region that only so many of its bytes are in use; it is whole where that says nothing.
    """

    __slots__ = ("pages", "context")

    def __init__(self, machine: Machine, after: Checkpoint | None = None, used: Mapping[str, int] | None = None) -> None:
        self.context: Any = machine.save_context()
        self.pages: dict[str, list[Piece]] = read_pages(machine, after.pages if after is not None else {}, used or {})

    def restore(self, machine: Machine, used: Mapping[str, int] | None = None) -> None:
        """Put the machine that it was made of back into this state; `used` as it is now."""
        machine.restore_context(self.context)
        write_pages(machine, self.pages, used or {})

    def changed(self, other: Checkpoint) -> int:
        """Bytes of pieces that aren't shared with the other one."""
        return sum(
            len(mine)
            for name, pieces in self.pages.items()
            for mine, theirs in zip(pieces, other.pages[name])
            if mine is not theirs
        )


def read_pages(machine: Machine, before: Mapping[str, Sequence[Piece]], used: Mapping[str, int]) -> dict[str, list[Piece]]:
    """The bytes of all writable regions, sharing pieces with those of `before`."""
    new: New = []
    pages = {
        region.name: _pieces(region, before.get(region.name, ()), used.get(region.name, region.size), new)
        for region in machine.memory.regions
        if region.access == "rw"
    }
    _copy(new)
    return pages


def write_pages(machine: Machine, pages: Mapping[str, Sequence[Piece]], used: Mapping[str, int]) -> None:
    """Give regions these bytes, and zeros behind them as far as the machine has `used` them."""
    for name, pieces in pages.items():
        region = machine.memory.named(name)
        view = region.view
        end = 0
        for at, piece in enumerate(pieces):
            end = at * PIECE + len(piece)
            if piece is not ZEROS or not _equal(_NOTHING, view[at * PIECE : end]):  # what was never touched stays so
                view[at * PIECE : end] = piece
        for at in range(end, used.get(name, region.size), PIECE):
            last = min(at + PIECE, used.get(name, region.size))
            view[at:last] = ZEROS[: last - at]


def _pieces(region: Region, before: Sequence[Piece], size: int, new: New) -> list[Piece]:
    """The pieces of a region as far as they are known, and those that are `new`, which are told."""
    found: list[Piece] = []
    for number, start in enumerate(range(0, size, PIECE)):
        piece: Piece = region.view[start : min(start + PIECE, size)]
        if _equal(_NOTHING, piece):
            piece = ZEROS
        elif number < len(before) and _equal(bytearray(piece), before[number]):
            piece = before[number]
        else:
            new.append((found, number))
        found.append(piece)
    return found


def _equal(one: bytearray, other: object) -> bool:
    """A bytearray compares with any buffer at once; a memoryview would do so item by item, and take ten times as long."""
    return one == other


def _copy(new: New) -> None:
    """Take copies of new pieces."""
    left = sum(len(pieces[number]) for pieces, number in new)
    room, end = memoryview(b""), 0
    for pieces, number in new:
        piece = pieces[number]
        start, end = end, end + len(piece)
        if end > len(room):
            room, start, end = memoryview(filled(min(left, ROOM))), 0, len(piece)
        room[start:end] = piece
        pieces[number] = room[start:end].toreadonly()
        left -= len(piece)
