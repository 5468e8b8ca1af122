"""What is recorded of one host call: an event of the trace, with the whole of what it took from memory and put there.

`event()` is the trace's own form (`kernel_sim.trace`), so that everything that reads traces reads both sides. What a trace
shortens is kept beside it: `given` is data that went out, `written` the regions of memory that the signature names as
results, each with its beginning and a digest of the whole.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

KEPT = 1 << 16
"""Bytes of a region that are kept as they are."""
KEPT_CHANCE = 1 << 24
"""The same for random bytes, which the other side is to be given."""
NEVER = ""
"""The errno of a call that never returned."""


@dataclass(frozen=True)
class Region:
    """A piece of guest memory: what it is, where, how long, its first bytes, and a digest of all of it."""

    name: str
    address: int
    size: int
    data: bytes
    digest: str

    @classmethod
    def of(cls, name: str, address: int, content: bytes, keep: int = KEPT) -> Region:
        """The region with that content."""
        digest = blake2b(content, digest_size=16).hexdigest() if len(content) > keep else ""
        return cls(name, address, len(content), content[:keep], digest)

    def same(self, other: Region) -> bool:
        """Do two regions hold the same bytes?"""
        return (self.size, self.data, self.digest) == (other.size, other.data, other.digest)

    def plain(self) -> list[Any]:
        """As data that JSON can hold."""
        return [self.name, self.address, self.size, b64encode(self.data).decode(), self.digest]

    @classmethod
    def restore(cls, plain: list[Any]) -> Region:
        """From what `plain` made."""
        name, address, size, data, digest = plain
        return cls(name, address, size, b64decode(data), digest)


@dataclass
class Call:
    """One host call. `slots` are the raw arguments; `errno` is a name, or NEVER; `pages` the memory's size after it."""

    name: str
    slots: tuple[int, ...]
    args: dict[str, Any]
    time: int = 0
    errno: str = NEVER
    result: dict[str, Any] = field(default_factory=dict)
    given: list[Region] = field(default_factory=list)
    written: list[Region] = field(default_factory=list)
    pages: int = 0

    def event(self) -> dict[str, Any]:
        """The event of the trace."""
        return {
            "pid": 1, "call": self.name, "time": self.time, "args": self.args, "errno": self.errno, "result": self.result,
        }  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        given, written = ([each.plain() for each in regions] for regions in (self.given, self.written))
        return self.event() | {"slots": list(self.slots), "given": given, "written": written, "pages": self.pages}

    @classmethod
    def restore(cls, plain: dict[str, Any]) -> Call:
        """From what `plain` made."""
        return cls(
            plain["call"], tuple(plain["slots"]), plain["args"], plain["time"], plain["errno"], plain["result"],
            [Region.restore(each) for each in plain["given"]], [Region.restore(each) for each in plain["written"]],
            plain["pages"],
        )  # fmt: skip
