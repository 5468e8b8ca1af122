"""What the host functions of one component guest share: the funnel of `agave_wasi.hostcall`, with calls that park by name."""

from __future__ import annotations

from ctypes import c_char

from agave_wasi.abi.memory import Trap
from agave_wasi.component.layout import MAX_FLAT_PARAMS
from agave_wasi.hostcall import MAX_FRAMES, RETRY, HostCalls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.component.adapters.crossing import Crossing
    from agave_wasi.component.adapters.drop import Dropping
    from agave_wasi.component.state import InstanceState
    from agave_wasi.component.types import ResourceType
    from agave_wasi.engines.base import Callback
    from kernel_sim.process import Process

_SlotArray = c_char * (16 * (MAX_FLAT_PARAMS + 1))


class Calls(HostCalls):
    """The funnel of a component guest. With `traced`, functions lowered from now on tell `enter` and `leave` of each call.

    `enter(name, arguments by parameter)` has handles as `NumberedHandle`, and arguments that can't be lifted as {"flat":
    numbers}; `leave({"result": value})` has what the guest got, or {} where there is no result. Neither is called again when
    a parked call starts again; `leave` comes when it is over.

    In the order of linking it knows what has state in the guest: `instances` of components, `crossings` from one to another;
    and what `resources` the guest defines.
    """

    __slots__ = ("traced", "parkable", "instances", "crossings", "resources")

    def __init__(self, process: Process, traced: bool = False) -> None:
        super().__init__(process, {}, {})
        self.traced = traced
        self.parkable: dict[str, Callable[[tuple[Any, ...], tuple[int, ...]], int]] = {}
        self.instances: list[InstanceState] = []
        self.crossings: list[Crossing | Dropping] = []
        self.resources: list[ResourceType] = []

    def frame(self, address: int) -> memoryview:
        """The slots at `address`, as many as a function of a component can have."""
        if len(self.frames) >= MAX_FRAMES:
            self.frames.clear()
        view = self.frames[address] = memoryview(_SlotArray.from_address(address)).cast("B").cast("I")
        return view

    def name_parked(self, name: str, again: Callable[[tuple[Any, ...], tuple[int, ...]], int]) -> str:
        """Under which name the calls of a function are parked, which `again(values, outputs)` starts again.

        The function's own, with a number after it if it is there already.
        """
        key = name if name not in self.parkable else f"{name} {len(self.parkable) + 1}"
        self.parkable[key] = again
        return key

    def resume(self, env: int, caller: int, args: int) -> int:
        """The raw callback that starts the parked call again: () -> i32, RETRY or 0."""
        try:
            try:
                slots = self.frames[args]
            except KeyError:
                slots = self.frame(args)
            parked = self.process.parked
            if parked is None:
                raise RuntimeError("no call is parked")
            name, values, outputs = parked
            status = self.parkable[name](values, outputs)
            if status != RETRY:
                self.process.parked = None
            slots[0] = status
            return 0
        except BaseException as error:
            store = self.store
            store.pending = error
            trap: int = store.spare
            store.spare = 0
            return trap

    def leaf(self, name: str, function: Callable[[memoryview], object]) -> Callback:
        """A raw callback of a function that returns at once, and gets the slots: 32-bit numbers, of which four are a slot.

        What it raises ends the guest; a Trap says in which function it was.
        """
        frames = self.frames

        def callback(env: int, caller: int, args: int) -> int:
            try:
                try:
                    slots = frames[args]
                except KeyError:
                    slots = self.frame(args)
                try:
                    function(slots)
                except Trap as error:
                    raise Trap(f"{name}: {error}") from None
                return 0
            except BaseException as error:
                store = self.store
                store.pending = error
                trap: int = store.spare
                store.spare = 0
                return trap

        return callback
