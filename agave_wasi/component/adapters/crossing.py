"""The leaf host functions of adapters: what has to be known of instances, tasks and handles when a call crosses.

All of them return at once and call no guest, so no Python frame is ever below code of a guest that may wait.
"""

from __future__ import annotations

from agave_wasi.component.adapters.traps import trap
from agave_wasi.engines.base import HostFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from agave_wasi.component.adapters.fuse import Adapter
    from agave_wasi.component.types import ResourceType
    from agave_wasi.engines.base import Callback
    from agave_wasi.hostcall import HostCalls

    class Crossing(Protocol):
        """What happens when a call goes from one instance to another. Each may raise Trap."""

        def enter(self) -> None:
            """The caller calls: may it leave, and may the callee be entered? A task begins."""

        def begin(self) -> None:
            """The arguments are there; until now the callee could allocate, and nothing else."""

        def returned(self) -> None:
            """The callee has returned; from now on the caller can allocate, and nothing else."""

        def post(self) -> None:
            """The result is there, and the callee may clean up, and do nothing else."""

        def leave(self) -> None:
            """The call is over: what was lent comes back."""

        def give(self, resource: ResourceType, handle: int) -> int:
            """An owned handle goes from the caller to the callee: its number there."""

        def take(self, resource: ResourceType, handle: int) -> int:
            """An owned handle goes from the callee to the caller: its number there."""

        def lend(self, resource: ResourceType, handle: int) -> int:
            """A handle of the caller is lent to the callee: its number there, or the representation if the callee made it."""


STEPS = ("enter", "begin", "returned", "post", "leave")
MOVES = ("give", "take", "lend")


def leaves(name: str, adapter: Adapter, crossing: Crossing, calls: HostCalls) -> dict[tuple[str, str], HostFunction]:
    """The leaf functions that the module of `adapter` imports, for calls of the function `name`."""
    made = {}
    for space, leaf in adapter.imports:
        if space != "host":
            continue
        if leaf in STEPS:
            found = HostFunction("", "", _step(getattr(crossing, leaf), calls))
        elif leaf in MOVES:
            found = HostFunction("ii", "i", _move(getattr(crossing, leaf), adapter.resources, calls))
        else:
            found = HostFunction("iiIII", "", _trap(name, adapter, calls))
        made[space, leaf] = found
    return made


def _step(function: Callable[[], None], calls: HostCalls) -> Callback:
    def callback(env: int, caller: int, args: int) -> int:
        try:
            function()
            return 0
        except BaseException as error:
            store = calls.store
            store.pending = error
            spare: int = store.spare
            store.spare = 0
            return spare

    return callback


def _move(function: Callable[[ResourceType, int], int], resources: list[ResourceType], calls: HostCalls) -> Callback:
    frames = calls.frames

    def callback(env: int, caller: int, args: int) -> int:
        try:
            try:
                slots = frames[args]
            except KeyError:
                slots = calls.frame(args)
            slots[0] = function(resources[slots[4]], slots[0])
            return 0
        except BaseException as error:
            store = calls.store
            store.pending = error
            spare: int = store.spare
            store.spare = 0
            return spare

    return callback


def _trap(name: str, adapter: Adapter, calls: HostCalls) -> Callback:
    def callback(env: int, caller: int, args: int) -> int:
        try:
            slots = calls.frame(args)
            a, b, c = (slots[at] | slots[at + 1] << 32 for at in (8, 12, 16))
            site = slots[4]
            raise trap(name, slots[0], adapter.sites[site] if site < len(adapter.sites) else None, a, b, c)
        except BaseException as error:
            store = calls.store
            store.pending = error
            spare: int = store.spare
            store.spare = 0
            return spare

    return callback
