"""What a component guest is beside its machine and its process: what the canonical ABI remembers of its instances, the host's
resources that it holds, and the call from outside, which stands in its core function and is lifted when that has returned."""

from __future__ import annotations

from agave_wasi.component import saving
from agave_wasi.component.layout import core_type
from agave_wasi.engines.x86.core import X86Core
from agave_wasi.preview2 import INTERFACES
from agave_wasi.preview2.saving import Resources
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from agave_wasi.component.linker import GuestFunc
    from agave_wasi.component.state import Task
    from agave_wasi.components import LiveComponent
    from kernel_sim.syscalls import Syscalls


def capture(live: LiveComponent, door: Syscalls) -> dict[str, object]:
    """That state as plain data; SnapshotError names what can't be kept."""
    resources = Resources(door)
    try:
        return {"instances": saving.capture(live.calls, resources.write), "resources": resources.data()}
    except ValueError as error:
        raise SnapshotError(f"{error}: that can't be kept in the middle of a run") from None


def restore(live: LiveComponent, door: Syscalls, kept: Mapping[str, Any], function: GuestFunc | None) -> Task | None:
    """Give a component that has just been linked that state: the task of the call of `function`, if one is under way;
    SnapshotError."""
    state = kept.get("component")
    if not isinstance(state, dict):
        raise SnapshotError("state: something is missing in it")
    resources = Resources(door)
    type = function.type if function is not None else None
    try:
        resources.load(state.get("resources"))
        task = saving.restore(live.calls, state.get("instances"), type, resources.read, INTERFACES)
    except ValueError as error:
        raise SnapshotError(f"state: {error}") from None
    if function is not None and (task is None or task.state is not function.instance.state):
        raise SnapshotError(f"state: no call of {function.name} from outside is under way")
    return task


def rest(live: LiveComponent, function: GuestFunc, task: Task) -> Any:
    """Run the rest of the call of `function`, in which the machine stands: its value."""
    engine = function.instance.linker.engine
    assert isinstance(engine, X86Core)
    found = core_type(function.type, "lift")[1]
    return live.within(function, lambda: function.returned()(task, engine.rest(function.core, found)))
