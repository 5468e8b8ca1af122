"""What a guest makes the host keep for it: bytes on their way, and messages. A process may hold so much and no more."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.process import Process

HELD_MAX = 64 << 20
"""Bytes; a guest has handles by the million, and each could stand for something large."""


def hold(process: Process, change: int) -> bool:
    """Count `change` bytes more, or less; False, and nothing is counted, where that is too much."""
    if change > 0 and process.held + change > HELD_MAX:
        return False
    process.held += change
    return True
