"""The small language in which the tests of Preview 2 are written: what a call ends in, as plain words.

    outcome(stream.read, 4) == b"abcd"
    outcome(stream.read, 4) == "closed"           an err, by the name of its case
    outcome(stream.write, b"x") == "TRAP"         the guest broke the rules
    outcome(stream.blocking_read, 4) == "WAITS"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agave_wasi.abi.memory import Trap
from agave_wasi.component.types import Case, WitError
from agave_wasi.preview2.filesystem import OPEN_FLAGS, Descriptor, Filesystem
from agave_wasi.preview2.preopens import Preopens
from kernel_sim.errors import KernelError, WouldBlock
from tests.kernel_sim.scripts import World, populated, world

TRAP, WAITS = "TRAP", "WAITS"
FOLLOW, NO_FOLLOW = frozenset({"symlink-follow"}), frozenset[str]()


def outcome(call: Callable[..., Any], *values: Any, host: Any = None) -> Any:
    """What `call(*values)` ends in; `host` is the interface that knows what its kernel errors mean."""
    try:
        result = call(*values)
    except WitError as error:
        return plain(error.value)
    except KernelError as error:
        if host is None:
            raise
        return plain(host.failure(error))
    except WouldBlock:
        return WAITS
    except Trap:
        return TRAP
    return bytes(result) if isinstance(result, bytearray) else result


def plain(value: Any) -> Any:
    """The payload of an err as a word; what a failed operation failed with stands behind it."""
    if isinstance(value, Case):
        return value.name if value.value is None else f"{value.name}: {value.value.to_debug_string()}"
    return value


class Files:
    """The root directory of a world as a descriptor, and shorthands for what tests do most; errors are words."""

    def __init__(self, k: World) -> None:
        self.k = k
        self.host = Filesystem(k.sys)
        self.root = Preopens(k.sys).get_directories()[0][0]

    def did(self, call: Callable[..., Any], *values: Any) -> Any:
        """What a call of the filesystem ends in."""
        return outcome(call, *values, host=self.host)

    def open(self, path: str, how: str = "read", follow: bool = True, at: Descriptor | None = None) -> Any:
        """A descriptor, or the error; `how` has words of open-flags and descriptor-flags."""
        words = frozenset(how.split())
        flags = frozenset({"symlink-follow"}) if follow else frozenset()
        return self.did((at or self.root).open_at, flags, path, words & OPEN_FLAGS.keys(), words - OPEN_FLAGS.keys())

    def names(self, directory: Descriptor | None = None) -> list[str]:
        """What a directory lists."""
        listing = (directory or self.root).read_directory()
        return [entry.name for entry in iter(listing.read_directory_entry, None)]


def files(max_bytes: int = 1 << 20) -> Files:
    """A world with one of everything, see `populated`."""
    return Files(populated(world(max_bytes=max_bytes)))
