"""Checkpoints of a machine: the CPU's context, and memory as pages, of which those that haven't changed are shared.

A checkpoint made `after` another one keeps the other's pages where they are equal, so a chain of them costs what has
changed. Of large regions only a part may be in use (`used`): the rest is all zero, and isn't looked at. Restoring writes whole
regions; the kernel's state is not in here (`kernel_sim.snapshot`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from kernel_sim.cpu.machine import Machine
    from kernel_sim.cpu.memory import Region

PIECE = 1 << 16
"""Bytes that are kept or shared together."""
ZEROS = bytes(PIECE)
"""A piece in which nothing is; there is one of them."""


class Checkpoint:
    """A machine's state: `pages` are the writable regions' bytes in pieces, by the region's name.

    `used` says of a region that only so many of its bytes are in use; it is whole where that says nothing.
    """

    __slots__ = ("pages", "context")

    def __init__(self, machine: Machine, after: Checkpoint | None = None, used: Mapping[str, int] | None = None) -> None:
        self.context: Any = machine.save_context()
        self.pages: dict[str, list[bytes]] = read_pages(machine, after.pages if after is not None else {}, used or {})

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


def read_pages(machine: Machine, before: Mapping[str, list[bytes]], used: Mapping[str, int]) -> dict[str, list[bytes]]:
    """The bytes of all writable regions, sharing pieces with those of `before`."""
    return {
        region.name: _pieces(region, before.get(region.name, []), used.get(region.name, region.size))
        for region in machine.memory.regions
        if region.access == "rw"
    }


def write_pages(machine: Machine, pages: Mapping[str, list[bytes]], used: Mapping[str, int]) -> None:
    """Give regions these bytes, and zeros behind them as far as the machine has `used` them."""
    for name, pieces in pages.items():
        region = machine.memory.named(name)
        view = region.view
        end = 0
        for at, piece in enumerate(pieces):
            end = at * PIECE + len(piece)
            if piece is not ZEROS or bytes(view[at * PIECE : end]) != ZEROS:  # what was never touched stays so
                view[at * PIECE : end] = piece
        for at in range(end, used.get(name, region.size), PIECE):
            last = min(at + PIECE, used.get(name, region.size))
            view[at:last] = ZEROS[: last - at]


def _pieces(region: Region, before: list[bytes], size: int) -> list[bytes]:
    found = []
    for number, start in enumerate(range(0, size, PIECE)):
        piece = bytes(region.view[start : min(start + PIECE, size)])
        if number < len(before) and before[number] == piece:
            piece = before[number]
        elif piece == ZEROS:
            piece = ZEROS
        found.append(piece)
    return found
