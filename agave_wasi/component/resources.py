"""The built-in functions about resources: resource.new, resource.rep and resource.drop, as host functions.

Source: Component Model, CanonicalABI.md, "canon resource.new" and those after it.
"""

from __future__ import annotations

from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import U32, FuncType
from agave_wasi.engines.base import HostFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from agave_wasi.component.calls import Calls
    from agave_wasi.component.handles import Handle
    from agave_wasi.component.types import ResourceType

DESTRUCTOR = FuncType((("rep", U32),))
"""The type of every destructor."""


def resource_new(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that makes an owned handle of a representation: (i32) -> i32."""

    def act(representation: int) -> int:
        state.require_leave()
        return state.handles.add(resource, representation)

    return _function(f"resource.new {name}", "i", calls, act)


def resource_rep(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that gives the representation of a handle: (i32) -> i32."""

    def act(number: int) -> int:
        found: int = state.handles.get(number, resource).representation
        return found

    return _function(f"resource.rep {name}", "i", calls, act)


def resource_drop(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that drops a handle: (i32) -> (). An owned resource of the host is dropped: its `drop()` is called.

    Of a guest's resource only the handle goes. If it has a destructor, use `dropped` in an adapter that calls it.
    """
    full = f"resource.drop {name}"
    traced = calls.traced

    def act(number: int) -> None:
        if traced:
            calls.enter(full, {"self": NumberedHandle(resource.name, number)})
        handle = dropped(number, resource, state)
        if handle.own and resource.implementer is None:
            drop = getattr(handle.representation, "drop", None)
            if drop is not None:
                drop()
        if traced:
            calls.leave({})

    return _function(full, "", calls, act)


def dropped(number: int, resource: ResourceType, state: InstanceState) -> Handle:
    """Take a handle out of an instance for good. If it is `own`, the destructor gets its `representation`.

    Trap if the instance may not leave, there is no such handle, it is lent, or the resource belongs to an instance that can't
    be entered now (whether or not it has a destructor).
    """
    state.require_leave()
    handle = state.handles.drop(number, resource)
    owner = resource.implementer
    if handle.own and isinstance(owner, InstanceState) and owner is not state:
        owner.leave(owner.enter(DESTRUCTOR, state))
    return handle


def _function(name: str, results: str, calls: Calls, act: Callable[[int], int | None]) -> HostFunction:
    """A core function of one i32."""

    def call(slots: memoryview) -> None:
        found = act(slots[0])
        if found is not None:
            slots[0] = found

    return HostFunction("i", results, calls.leaf(name, call), False, name)
