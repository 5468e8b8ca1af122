"""What a trace learns of a component's host calls: arguments and results as the guest sees them, handles by number."""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.context import ROOM, Showing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agave_wasi.component.calls import Calls
    from agave_wasi.component.context import Options
    from agave_wasi.component.plan import Plan
    from agave_wasi.component.state import InstanceState


class Tracer:
    """Tells `calls` of each call of one function. It lifts once more, without moving any handle."""

    __slots__ = ("name", "plan", "cx", "calls")

    def __init__(self, name: str, plan: Plan, options: Options, state: InstanceState, calls: Calls) -> None:
        self.name = name
        self.plan = plan
        self.cx = Showing(options, state)
        self.calls = calls

    def enter(self, flat: tuple[Any, ...]) -> None:
        """A call begins, with these core values; what can't be lifted is shown as it is."""
        self.cx.room = ROOM
        try:
            values = self.plan.lift_parameters(self.cx, flat)
        except Trap:
            self.calls.enter(self.name, {"flat": list(flat)})
        else:
            self.calls.enter(self.name, dict(zip(self.plan.names, values)))

    def leave(self, at: int, slots: Any) -> None:
        """A call is over, its result at `at` or in `slots`; one that is too large isn't shown."""
        place, lifter = self.plan.result, self.plan.lift_result
        shown: dict[str, object] = {}
        if place is not None and lifter is not None:
            self.cx.room = ROOM
            try:
                if self.plan.in_memory:
                    self.cx.require(at, place.size)
                    shown["result"] = lifter.load(self.cx, at)
                else:
                    shown["result"] = lifter.flat(self.cx, self.plan.unpack_result(slots), 0)
            except Trap:
                pass
        self.calls.leave(shown)
