"""Peers that are late: outside of the machine, where something happens only while the guest waits for it.

They stand behind the devices that the host's sockets stand behind. Each wait of the whole machine lets those that are waited
for take one step: the next one connects, sends a few bytes more, or reads what it has been sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kernel_sim.errors import Errno, KernelError

NAME = "peers"
"""The name of the listening device; a connection's has its number behind it."""
PIECE = 3
"""So many bytes come at a time."""


class LateConnection:
    """A connection device: the peer sends `text` in pieces, and has room for `room` bytes until it reads them."""

    terminal = False
    live = True

    def __init__(self, text: str, room: int, closes: bool) -> None:
        self.left = text.encode()
        self.room = room
        self.closes = closes
        self.arrived = b""
        self.sent = 0
        self.read_shut = self.write_shut = self.closed = False

    def read(self, limit: int) -> bytes | None:
        """What has arrived."""
        piece = self.peek(limit)
        self.arrived = self.arrived[len(piece or b"") :]
        return piece

    def peek(self, limit: int) -> bytes | None:
        """What has arrived, and stays."""
        return self.arrived[:limit] if self.arrived or self._over() else None

    def write(self, data: memoryview) -> int | None:
        """Take what there is room for."""
        if self.write_shut:
            raise KernelError(Errno.PIPE)
        count = min(len(data), self.room - self.sent)
        self.sent += count
        return count if count or not data else None

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """As of `StreamDevice`."""
        if write:
            return self.sent < self.room or self.write_shut, self.room - self.sent, self.write_shut
        return bool(self.arrived) or self._over(), len(self.arrived), self._over()

    def _over(self) -> bool:
        return self.read_shut or (self.closes and not self.left)

    def shutdown(self, read: bool, write: bool) -> None:
        """Shut one or both directions."""
        self.read_shut |= read
        self.write_shut |= write

    def close(self) -> None:
        """The guest has closed it."""
        assert not self.closed, "closed twice"
        self.closed = True

    def step(self, write: bool) -> bool:
        """The peer reads what it was sent, or sends a piece; False if it has nothing to do."""
        if write:
            done, self.sent = bool(self.sent), 0
            return done
        piece, self.left = self.left[:PIECE], self.left[PIECE:]
        self.arrived += piece
        return bool(piece)


class LatePeers:
    """The listening device, and who waits for what happens outside."""

    live = True

    def __init__(self, coming: Sequence[LateConnection]) -> None:
        self.coming = list(coming)
        self.queue: list[LateConnection] = []
        self.accepted: list[LateConnection] = []
        self.closed = False

    def accept(self) -> LateConnection | None:
        """The next one that has connected."""
        if not self.queue:
            return None
        self.accepted.append(self.queue.pop(0))
        return self.accepted[-1]

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        """As of `ListenerDevice`."""
        return bool(self.queue) and not write, len(self.queue), False

    def close(self) -> None:
        """Nobody may connect any more."""
        self.closed = True
        self.coming.clear()

    @property
    def left_open(self) -> list[str]:
        """What the machine hasn't closed."""
        return [NAME] * (not self.closed) + [f"{NAME}#{at}" for at, each in enumerate(self.accepted, 1) if not each.closed]

    def wait(self, devices: Sequence[tuple[str, bool]], timeout: int | None, least: Mapping[str, int]) -> bool:
        """One step of everybody who is waited for; False if nothing has happened, which must not be waited for without end."""
        steps = [self._step(name, write) for name, write in devices]
        if not any(steps) and timeout is None:
            raise RuntimeError("nothing will ever happen outside")
        return any(steps)

    def _step(self, name: str, write: bool) -> bool:
        if name != NAME:
            return self.accepted[int(name.removeprefix(f"{NAME}#")) - 1].step(write)
        if self.coming:
            self.queue.append(self.coming.pop(0))
        return bool(self.queue)
