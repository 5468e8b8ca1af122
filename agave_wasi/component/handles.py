"""Handles: the numbers by which a component instance knows resources, and what they stand for.

Source: Component Model, CanonicalABI.md, "Table State", "Resource State".
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from agave_wasi.component.state import Task
    from agave_wasi.component.types import ResourceType

MAX_HANDLES = (1 << 28) - 1
MAX_TOTAL = 1 << 20
"""So many handles the instances of one component may have at a time, all together: each takes memory of the host."""


class Handle:
    """An entry of a table. `representation` is a number for a guest's resource, the object itself for the host's.

    `own` or borrowed; a borrowed one belongs to `scope`, the call that must give it back. `lends` counts calls that it is lent
    to, while it must stay.
    """

    __slots__ = ("resource", "representation", "own", "lends", "scope")

    def __init__(self, resource: ResourceType, representation: Any, own: bool, scope: Task | None = None) -> None:
        self.resource = resource
        self.representation = representation
        self.own = own
        self.lends = 0
        self.scope = scope


class HandleTable:
    """The handles of one component instance, by numbers from 1; the last number that became free is the next one.

    `room` has how many more numbers this table and those that share it may make.
    """

    __slots__ = ("entries", "free", "limit", "room")

    def __init__(self, limit: int = MAX_HANDLES, room: list[int] | None = None) -> None:
        self.entries: list[Handle | None] = [None]
        self.free: list[int] = []
        self.limit = min(limit, MAX_HANDLES)
        self.room = [MAX_TOTAL] if room is None else room

    def __iter__(self) -> Iterator[int]:
        return iter([number for number, entry in enumerate(self.entries) if entry is not None])

    def __len__(self) -> int:
        return len(self.entries) - 1 - len(self.free)

    def add(self, resource: ResourceType, representation: Any, own: bool = True, scope: Task | None = None) -> int:
        """A number for a resource; Trap if the table is full. A borrowed one counts in its `scope`."""
        handle = Handle(resource, representation, own, scope)
        if self.free:
            number = self.free.pop()
            self.entries[number] = handle
        else:
            number = len(self.entries)
            if number > self.limit:
                raise Trap(f"too many handles: a component may have {self.limit}")
            if not self.room[0]:
                raise Trap(f"too many handles: the instances of a component may have {MAX_TOTAL} together")
            self.room[0] -= 1
            self.entries.append(handle)
        if scope is not None:
            scope.borrows += 1
        return number

    def get(self, number: int, resource: ResourceType) -> Handle:
        """The handle of that number; Trap if there is none, or it is of another type."""
        entries = self.entries
        handle = entries[number] if number < len(entries) else None
        if handle is None:
            raise Trap(f"unknown handle {number}, where a {resource} is expected")
        if handle.resource is not resource:
            raise Trap(f"handle {number} is a {handle.resource}, where a {resource} is expected")
        return handle

    def remove(self, number: int, resource: ResourceType) -> Handle:
        """Take a handle out; Trap as `get` has it, and if it is lent."""
        handle = self.get(number, resource)
        if handle.lends:
            raise Trap(f"handle {number} ({resource}) is lent to a call that is still running")
        self.entries[number] = None
        self.free.append(number)
        return handle

    def take(self, number: int, resource: ResourceType) -> Any:
        """The representation of an owned handle, which leaves the table; Trap if it is borrowed, and as `remove` has it."""
        handle = self.get(number, resource)
        if not handle.own:
            raise Trap(f"handle {number} ({resource}) is borrowed, where an owned one is expected")
        return self.remove(number, resource).representation

    def lend(self, number: int, resource: ResourceType, task: Task) -> Any:
        """The representation of a handle that must stay until `task` has ended."""
        entries = self.entries
        handle = entries[number] if number < len(entries) else None
        if handle is None or handle.resource is not resource:
            handle = self.get(number, resource)  # which traps
        handle.lends += 1
        if task.lent is None:
            task.lent = [handle]
        else:
            task.lent.append(handle)
        return handle.representation

    def drop(self, number: int, resource: ResourceType) -> Handle:
        """Remove a handle for good: its owner must destroy what it stands for, a borrower has given it back."""
        handle = self.remove(number, resource)
        if handle.scope is not None:
            handle.scope.borrows -= 1
        return handle

    def forget(self, task: Task) -> None:
        """Remove what was lent to a guest for a call that never came about."""
        for number, handle in enumerate(self.entries):
            if handle is not None and handle.scope is task:
                self.entries[number] = None
                self.free.append(number)
        task.borrows = 0


class Resource:
    """A guest's resource in the hands of the host. Owned until it is passed on or dropped; then `representation` is None."""

    __slots__ = ("type", "representation", "own")

    def __init__(self, type: ResourceType, representation: int, own: bool) -> None:
        self.type = type
        self.representation: int | None = representation
        self.own = own

    def __repr__(self) -> str:
        if self.representation is None:
            return f"<{self.type} that is gone>"
        return f"<{'' if self.own else 'borrowed '}{self.type} {self.representation:#x}>"

    def drop(self) -> None:
        """Call the destructor, if this is the owner. Done once only."""
        if self.own:
            self.own = False
            representation, self.representation = self.representation, None
            if self.type.destructor is not None:
                self.type.destructor(representation)
