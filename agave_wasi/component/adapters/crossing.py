"""The leaf host functions of adapters: what has to be known of instances, tasks and handles when a call crosses.

All of them return at once and call no guest, so no Python frame is ever below code of a guest that may wait.
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.adapters.traps import trap_of
from agave_wasi.engines.base import HostFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agave_wasi.component.adapters.fuse import Adapter
    from agave_wasi.component.adapters.traps import Site
    from agave_wasi.component.calls import Calls
    from agave_wasi.component.state import InstanceState, Task
    from agave_wasi.component.types import ResourceType
    from agave_wasi.engines.base import Callback


class Crossing:
    """What happens to two instances when calls of `adapter` go from one to the other. Each step may raise Trap.

    While one side's realloc or post-return runs it may not leave, which is to say call anything that it imports. A callee can't
    be entered again while a call runs, so there is one task at a time.
    """

    __slots__ = ("adapter", "type", "caller", "callee", "task", "allocates")

    def __init__(self, adapter: Adapter, caller: InstanceState, callee: InstanceState) -> None:
        self.adapter = adapter
        self.type = adapter.type
        self.caller = caller
        self.callee = callee
        self.task: Task | None = None
        self.allocates = ("host", "begin") in adapter.imports

    def enter(self) -> None:
        """The caller calls: may it leave, and may the callee be entered? A task begins."""
        self.caller.require_leave()
        self.task = self.callee.enter(self.type, self.caller)
        if self.allocates:
            self.callee.may_leave = False

    def begin(self) -> None:
        """The arguments are there."""
        self.callee.may_leave = True

    def returned(self) -> None:
        """The callee has returned, and the caller may be asked for memory."""
        self._require_no_borrows()
        self.caller.may_leave = False

    def post(self) -> None:
        """The result is there, and the callee may clean up."""
        self._require_no_borrows()
        self.caller.may_leave = True
        self.callee.may_leave = False

    def leave(self) -> None:
        """The call is over: what was lent comes back."""
        self.caller.may_leave = self.callee.may_leave = True
        task, self.task = self._running(), None
        self.callee.leave(task)

    def _running(self) -> Task:
        """The task; Trap where damaged code has left out `enter`."""
        if self.task is None:
            raise Trap(f"no call from {self.caller.name} to {self.callee.name} is running")
        return self.task

    def _require_no_borrows(self) -> None:
        if self.task is not None and self.task.borrows:
            self.callee.leave(self.task)  # which is what traps then

    def give(self, resource: ResourceType, handle: int) -> int:
        """An owned handle goes from the caller to the callee: its number there."""
        return self.callee.handles.add(resource, self.caller.handles.take(handle, resource))

    def take(self, resource: ResourceType, handle: int) -> int:
        """An owned handle goes from the callee to the caller: its number there."""
        return self.caller.handles.add(resource, self.callee.handles.take(handle, resource))

    def lend(self, resource: ResourceType, handle: int) -> int:
        """A handle of the caller is lent to the callee: its number there, or the representation where the callee made it."""
        task = self._running()
        representation = self.caller.handles.lend(handle, resource, task)
        if resource.implementer is self.callee:
            found: int = representation
            return found
        return self.callee.handles.add(resource, representation, False, task)


STEPS = ("enter", "begin", "returned", "post", "leave")
MOVES = ("give", "take", "lend")


def leaves(name: str, crossing: Crossing, calls: Calls) -> dict[tuple[str, str], HostFunction]:
    """The leaf functions that the adapter's module imports, for calls of the function `name`."""
    adapter = crossing.adapter
    calls.crossings.append(crossing)
    made = {}
    for space, leaf in adapter.imports:
        if space != "host":
            continue
        if leaf in STEPS:
            found = HostFunction("", "", calls.leaf(name, step(getattr(crossing, leaf))))
        elif leaf in MOVES:
            found = HostFunction("ii", "i", _move(name, calls, adapter.resources, getattr(crossing, leaf)))
        else:
            found = trapping(name, calls, adapter.sites)
        made[space, leaf] = found
    return made


def step(function: Callable[[], None]) -> Callable[[memoryview], None]:
    """A step of a crossing as a leaf function, which needs no slots."""
    return lambda slots: function()


def _move(
    name: str, calls: Calls, resources: Sequence[ResourceType], function: Callable[[ResourceType, int], int]
) -> Callback:
    def move(slots: memoryview) -> None:
        slots[0] = function(resources[slots[4]], slots[0])

    return calls.leaf(name, move)


def trapping(name: str, calls: Calls, sites: Sequence[Site]) -> HostFunction:
    """What an adapter calls when it has found something wrong: (kind, site: i32; a, b, c: i64), and the guest ends."""

    def trap(slots: memoryview) -> None:
        a, b, c = [slots[at] | slots[at + 1] << 32 for at in (8, 12, 16)]
        raise trap_of(slots[0], sites[slots[4]] if slots[4] < len(sites) else None, a, b, c)

    return HostFunction("iiIII", "", calls.leaf(name, trap))
