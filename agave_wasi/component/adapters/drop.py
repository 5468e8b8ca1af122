"""resource.drop of a guest's resource that has a destructor: the handle goes, then the destructor is called, from wasm.

Source: Component Model, Canonical ABI, "canon resource.drop".
"""

from __future__ import annotations

from agave_wasi.component.adapters.crossing import step, trapping
from agave_wasi.component.adapters.fuse import guarded
from agave_wasi.component.adapters.module import Module
from agave_wasi.component.resources import DESTRUCTOR
from agave_wasi.engines.base import HostFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.calls import Calls
    from agave_wasi.component.state import InstanceState, Task
    from agave_wasi.component.types import ResourceType


def _module() -> Module:
    module = Module()
    drop, dropped = module.host("drop", "i", "I"), module.host("dropped")
    module.imports["callee", "destructor"] = "(func $destructor (param i32))"
    module.functions += [
        f""" (func $adapter (param $p0 i32) (local $answer i64)
  local.get $p0 {drop} local.tee $answer i64.const 0 i64.ge_s
  if local.get $answer i32.wrap_i64 call $destructor {dropped} end)""",
        guarded("i", "", module),
    ]
    return module


_made = _module()
DROP, DROP_IMPORTS = _made.text(), tuple(_made.imports)
"""The module, in text: imports callee.destructor and what `drop_leaves` makes, exports `call`: (handle: i32)."""


class Dropping:
    """Drops of `resource` by the instance `state`."""

    __slots__ = ("resource", "state", "task")

    type = DESTRUCTOR

    def __init__(self, resource: ResourceType, state: InstanceState) -> None:
        self.resource = resource
        self.state = state
        self.task: Task | None = None

    def drop(self, handle: int) -> int:
        """Remove the handle: the representation if the destructor is to be called with it, else -1."""
        state = self.state
        state.require_leave()
        found = state.handles.drop(handle, self.resource)
        if not found.own:
            return -1
        implementer = self.resource.implementer
        if implementer is not state:  # a call to another instance, of which there may be one at a time
            self.task = implementer.enter(DESTRUCTOR, state)  # type: ignore[attr-defined]
        representation: int = found.representation
        return representation

    def dropped(self) -> None:
        """The destructor has returned."""
        task, self.task = self.task, None
        if task is not None:
            task.state.leave(task)


def drop_leaves(
    name: str, resource: ResourceType, state: InstanceState, calls: Calls
) -> dict[tuple[str, str], HostFunction]:
    """The leaf functions that the module `DROP` imports, for drops of `resource` by the guest in `state`."""
    dropping = Dropping(resource, state)
    calls.crossings.append(dropping)
    title = f"resource.drop {name}"

    def drop(slots: memoryview) -> None:
        answer = dropping.drop(slots[0])
        slots[0], slots[1] = answer & 0xFFFF_FFFF, 0xFFFF_FFFF if answer < 0 else 0

    return {
        ("host", "drop"): HostFunction("i", "I", calls.leaf(title, drop)),
        ("host", "dropped"): HostFunction("", "", calls.leaf(title, step(dropping.dropped))),
        ("host", "trap"): trapping(title, calls, ()),
    }
