"""Checkpoints of a machine: the CPU's context, and memory as pages, of which those that haven't changed are shared.

A checkpoint made `after` another one keeps the other's pages where they are equal, so a chain of them costs what has
changed. Restoring writes whole regions; the kernel's state is not in here (`kernel_sim.snapshot`).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kernel_sim.cpu.machine import Machine
    from kernel_sim.cpu.memory import Region

PIECE = 1 << 16
"""Bytes that are kept or shared together."""
_ZEROS = bytes(PIECE)


class Checkpoint:
    """A machine's state: `pages` are the writable regions' bytes in pieces, by the region's name."""

    __slots__ = ("pages", "context")

    def __init__(self, machine: Machine, after: Checkpoint | None = None) -> None:
        self.context: Any = machine.save_context()
        self.pages: dict[str, list[bytes]] = {
            region.name: _pieces(region, after.pages[region.name] if after is not None else [])
            for region in machine.memory.regions
            if region.access == "rw"
        }

    def restore(self, machine: Machine) -> None:
        """Put the machine that it was made of back into this state."""
        machine.restore_context(self.context)
        for name, pieces in self.pages.items():
            view = machine.memory.named(name).view
            for at, piece in enumerate(pieces):
                view[at * PIECE : at * PIECE + len(piece)] = piece

    def changed(self, other: Checkpoint) -> int:
        """Bytes of pieces that aren't shared with the other one."""
        return sum(
            len(mine)
            for name, pieces in self.pages.items()
            for mine, theirs in zip(pieces, other.pages[name])
            if mine is not theirs
        )


def _pieces(region: Region, before: list[bytes]) -> list[bytes]:
    found = []
    for number, start in enumerate(range(0, region.size, PIECE)):
        piece = bytes(region.view[start : start + PIECE])
        if number < len(before) and before[number] == piece:
            piece = before[number]
        elif piece == _ZEROS:
            piece = _ZEROS
        found.append(piece)
    return found
