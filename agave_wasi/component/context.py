"""What lifting and lowering of one function stand on: guest memory as it is now, realloc, handles, strings.

Views of memory stay good when it grows, but end where it ended; so whoever finds a region beyond the end asks `require`, which
looks again. Source: Component Model, CanonicalABI.md, "Lifting and Lowering Context".
"""

from __future__ import annotations

from collections import namedtuple

from agave_wasi.abi.memory import Trap, bad_region
from agave_wasi.component import strings
from agave_wasi.component.handles import Resource
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.types import Borrow, Own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.state import InstanceState, Task
    from agave_wasi.component.types import ResourceType

Options = namedtuple("Options", "encoding memory realloc post_return", defaults=("utf8", None, None, None))
"""Canonical options: `memory()` gives a view of all memory as it is now; `realloc(old, old_size, align, size)` and
`post_return(*flat)` call the guest. None where an option isn't given."""

ROOM = 128 << 20
"""Bytes that lists and strings of one call may have: a guest could say that one region of memory is in many lists."""

NumberedHandle = namedtuple("NumberedHandle", "resource number")
"""A handle as a trace shows it: the name of its resource, and its number in the guest."""


class Context:
    """The state of one function's lifting and lowering. `task` is the call that it is done for."""

    __slots__ = ("memory", "size", "room", "task", "state", "handles", "read_text", "write_text", "_whole", "_realloc")

    def __init__(self, options: Any, state: InstanceState) -> None:
        self.memory = memoryview(b"")
        self.size = 0
        self.room = ROOM
        self.task: Task | None = None
        self.state = state
        self.handles = state.handles
        self.read_text, self.write_text = strings.CODECS[options.encoding]
        self._whole: Callable[[], memoryview] = options.memory or _no_memory
        self._realloc: Callable[[int, int, int, int], int] = options.realloc or _no_realloc

    def require(self, at: int, length: int, align: int = 1) -> None:
        """Trap unless `length` bytes at `at` are within memory, and `at` is aligned."""
        if at & (align - 1) or at + length > self.size:
            self.memory = self._whole()
            self.size = len(self.memory)
            if at & (align - 1) or at + length > self.size:
                raise bad_region(at, length, align, self.size)

    def charge(self, size: int) -> None:
        """Count `size` bytes that are lifted; Trap if a call has too many."""
        self.room -= size
        if self.room < 0:
            raise Trap(f"lists and strings of one call have more than {ROOM >> 20} MiB")

    def allocate(self, align: int, size: int) -> int:
        """Memory from the guest; Trap if what it gives is misaligned or isn't there."""
        state = self.state
        state.may_leave = False
        at = self._realloc(0, 0, align, size)
        state.may_leave = True
        if at & (align - 1) or at + size > self.size:
            try:
                self.require(at, size, align)
            except Trap as error:
                raise Trap(f"realloc returned a bad pointer: {error}") from None
        return at

    def take(self, number: int, resource: ResourceType) -> Any:
        """The value of an owned handle, which the guest has no more."""
        found = self.handles.take(number, resource)
        return found if resource.implementer is None else (resource.host or Resource)(resource, found, True)

    def borrow(self, number: int, resource: ResourceType) -> Any:
        """The value of a handle that the guest lends to the call."""
        task = self.task
        assert task is not None
        found = self.handles.lend(number, resource, task)
        return found if resource.implementer is None else (resource.host or Resource)(resource, found, False)

    def give(self, value: Any, resource: ResourceType) -> int:
        """The number of a handle that the guest owns from now on."""
        if resource.implementer is None:
            if resource.host is not None and not isinstance(value, resource.host):
                raise Misfit(Own(resource), value)
            return self.handles.add(resource, value)
        if not isinstance(value, Resource) or value.type is not resource or not value.own:
            raise Misfit(Own(resource), value)
        value.own = False
        representation, value.representation = value.representation, None
        return self.handles.add(resource, representation)

    def lend(self, value: Any, resource: ResourceType) -> int:
        """The number of a handle that the guest has for the time of the call; its own resource's representation."""
        found = value
        if resource.implementer is not None:
            if not isinstance(value, Resource) or value.type is not resource or value.representation is None:
                raise Misfit(Borrow(resource), value)
            found = value.representation
            if resource.implementer is self.state:
                return found
        elif resource.host is not None and not isinstance(value, resource.host):
            raise Misfit(Borrow(resource), value)
        return self.handles.add(resource, found, False, self.task)


class Showing(Context):
    """Lifts for a trace: handles stay where they are, and are shown by number."""

    __slots__ = ()

    def take(self, number: int, resource: ResourceType) -> Any:
        return NumberedHandle(resource.name, number)

    borrow = take


def _no_memory() -> memoryview:
    return memoryview(b"")


def _no_realloc(*_: int) -> int:
    raise Trap("a value needs memory in the guest, whose canonical options have no realloc")
