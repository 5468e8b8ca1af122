"""What the canonical ABI remembers of a component instance, and of each call: plain data.

A call is a task, whether host or guest makes it. The tasks that are running in a tree of instances are a chain that hangs off
the tree's root. Source: Component Model, CanonicalABI.md, "Component Instance State", "Task State", "Subtask State".
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.handles import MAX_HANDLES, HandleTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.handles import Handle
    from agave_wasi.component.types import FuncType

CANNOT_LEAVE = "cannot leave component instance"
CANNOT_ENTER = "cannot enter component instance"
RUNNING = "a call into {} is running, or has ended in a trap"


class Task:
    """One call: of a function of type `type` in `state` (made by a guest there, or to it), made within `caller`.

    `borrows` counts the borrowed handles that were given to the guest and are still there; `lent` are the handles that the
    guest lent to the call.
    """

    __slots__ = ("type", "state", "caller", "borrows", "lent")

    def __init__(self, type: FuncType, state: InstanceState, caller: Task | None) -> None:
        self.type = type
        self.state = state
        self.caller = caller
        self.borrows = 0
        self.lent: list[Handle] | None = None

    def give_back(self) -> None:
        """The call is over: what was lent may be dropped again."""
        if self.lent is not None:
            for handle in self.lent:
                handle.lends -= 1
            self.lent = None


class InstanceState:
    """One component instance. `parent` is the one that it was instantiated in.

    `may_leave` is false while the host calls realloc or post-return, which may not call imports; `may_enter` while a call into
    the instance runs. A trap leaves both as they are: such an instance isn't entered again.
    """

    __slots__ = ("name", "parent", "root", "handles", "may_leave", "may_enter", "task")

    def __init__(self, name: str, parent: InstanceState | None = None, max_handles: int = MAX_HANDLES) -> None:
        self.name = name
        self.parent = parent
        self.root: InstanceState = parent.root if parent is not None else self
        self.handles: HandleTable = HandleTable(max_handles, parent.handles.room if parent is not None else None)
        self.may_leave = True
        self.may_enter = True
        self.task: Task | None = None
        """At the root: the innermost call that is running in any instance of its tree."""

    def __repr__(self) -> str:
        return f"<component instance {self.name}>"

    def require_leave(self) -> None:
        """Trap while the instance may not call out."""
        if not self.may_leave:
            raise Trap(f"{CANNOT_LEAVE} {self.name}")

    def enter(self, type: FuncType, caller: InstanceState | None = None) -> Task:
        """Begin a call into this instance, from another one or (None) from the host.

        Trap if it would enter again what is running: from an instance, the callee; from the host, anything in the callee's
        tree. An instance may call its parent or its child that is at rest: the specification traps there, wasmtime 50
        doesn't, so components may rely on it.
        """
        root = self.root
        if not self.may_enter or caller is self:
            raise Trap(f"{CANNOT_ENTER} {self.name}: {RUNNING.format('it')}")
        if caller is None and root.task is not None:
            raise Trap(f"{CANNOT_ENTER} {self.name}: {RUNNING.format(root.name)}")
        self.may_enter = False
        task = root.task = Task(type, self, root.task)
        return task

    def leave(self, task: Task) -> None:
        """End such a call; Trap if borrowed handles are left."""
        if task.borrows:
            raise Trap(f"borrow handles still remain at the end of the call: {task.borrows} in {self.name}")
        task.give_back()
        self.may_enter = True
        self.root.task = task.caller
