"""The small language in which the tests of Preview 2 are written: what a call ends in, as plain words.

    outcome(stream.read, 4) == b"abcd"
    outcome(stream.read, 4) == "closed"           an err, by the name of its case
    outcome(stream.write, b"x") == "TRAP"         the guest broke the rules
    outcome(stream.blocking_read, 4) == "WAITS"

Whatever a function of WIT gives, its value must be of the type that WIT says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from agave_wasi.abi.memory import Trap
from agave_wasi.component.bind import HostSupplier
from agave_wasi.component.host import functions
from agave_wasi.component.lower import lowerer
from agave_wasi.component.types import Case, Err, FuncType, Ok, Result, WitError
from agave_wasi.preview2 import INTERFACES
from agave_wasi.preview2.filesystem import OPEN_FLAGS, Descriptor, Filesystem
from agave_wasi.preview2.preopens import Preopens
from agave_wasi.witparse import wasi
from kernel_sim.errors import KernelError, WouldBlock
from tests.agave_wasi.component.fake import Guest
from tests.kernel_sim.scripts import World, populated, world

TRAP, WAITS = "TRAP", "WAITS"
FOLLOW, NO_FOLLOW = frozenset({"symlink-follow"}), frozenset[str]()


def outcome(call: Callable[..., Any], *values: Any, host: Any = None) -> Any:
    """What `call(*values)` ends in; `host` is the interface that knows what its kernel errors mean."""
    try:
        result = call(*values)
    except WitError as error:
        require_fit(call, Err(error.value))
        return plain(error.value)
    except KernelError as error:
        if host is None:
            raise
        require_fit(call, Err(host.failure(error)))
        return plain(host.failure(error))
    except WouldBlock:
        return WAITS
    except Trap:
        return TRAP
    require_fit(call, Ok(result))
    return bytes(result) if isinstance(result, bytearray) else result


@cache
def types() -> dict[Any, FuncType]:
    """The types of WIT by the functions that implement them."""
    supplier = HostSupplier((INTERFACES,), lambda kind: None)
    found: dict[Any, FuncType] = {}
    for name, kind in INTERFACES.items():
        declared = wasi.interface(name)
        assert declared is not None
        for label, function in functions(kind).items():
            found.setdefault(function, supplier.types.function(declared.functions[label]))
    return found


def require_fit(call: Callable[..., Any], value: Ok | Err) -> None:
    """A result must be a value of the function's type: lowering it into memory finds out."""
    type = types().get(getattr(call, "__func__", call))
    if type is None or isinstance(value.value, bytearray):
        return  # no function of WIT's, or bytes, of which there may be many
    guest = Guest()
    if type.result is None:
        assert value == Ok(None)
    elif isinstance(type.result, Result):
        lowerer(type.result).store(guest.context(), value, 0)
    else:
        assert isinstance(value, Ok)
        lowerer(type.result).store(guest.context(), value.value, 0)


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
