"""Canonical functions: what guests call of the host (`lowered`), what the host calls of guests (`lifted`), resource built-ins.

Everything that depends on a type alone is made once (`_Plan`); a call does what the type needs, and looks at no type. Each
returned HostFunction is a raw callback as `agave_wasi.hostcall` has them: what goes wrong is kept, and nothing leaves it.
Source: Component Model, CanonicalABI.md, "Canonical definitions".
"""

from __future__ import annotations

from struct import Struct

from agave_wasi.abi.memory import Trap
from agave_wasi.component.calls import Calls
from agave_wasi.component.context import ROOM, Context, Options, Showing
from agave_wasi.component.layout import MANY, MAX_FLAT_PARAMS, core_type, layout
from agave_wasi.component.lift import lifter
from agave_wasi.component.lower import lowerer
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.state import CANNOT_LEAVE, Task
from agave_wasi.component.types import Err, Ok, Result, Tuple, WitError
from agave_wasi.engines.base import BadCall, HostFunction, LinkError
from kernel_sim.errors import KernelError, WouldBlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.state import InstanceState
    from agave_wasi.component.types import FuncType, ResourceType

__all__ = ("Calls", "Options", "core_type", "lifted", "lowered", "resource_drop", "resource_new", "resource_rep")

_SLOTS = {"i": "I12x", "I": "Q8x", "f": "f12x", "F": "d8x"}
_PADDING = {"i": 12, "I": 8, "f": 12, "F": 8}


def _unpacker(letters: str) -> Callable[[Any], tuple[Any, ...]]:
    """What takes core values of those types out of slots."""
    if not letters:
        return lambda slots: ()
    form = "<" + "".join([_SLOTS[letter] for letter in letters])
    return Struct(form.removesuffix(f"{_PADDING[letters[-1]]}x")).unpack_from


class _Plan:
    """All that follows from a function's type."""

    __slots__ = (
        "names", "lowered", "lifted", "unpack", "lift", "lower", "tuple", "result", "value", "pack", "unspilled",
    )  # fmt: skip

    def __init__(self, type: FuncType) -> None:
        self.names = [name for name, _ in type.parameters]
        self.lifted = core_type(type, "lift")
        self.lowered = core_type(type, "lower")
        self.unpack = _unpacker(self.lowered[0])
        types = [each for _, each in type.parameters]
        flat = sum([len(layout(each).flat) for each in types])
        self.unspilled = flat <= MAX_FLAT_PARAMS
        self.tuple = None if self.unspilled else layout(Tuple(tuple(types)))
        self.lift = _lift_flat(types) if self.unspilled else _lift_spilled(Tuple(tuple(types)))
        self.lower = [lowerer(each) for each in types]
        self.result = type.result
        self.value = None if type.result is None else lowerer(type.result)
        letter = self.lowered[1]
        self.pack = Struct("<" + {"i": "I", "I": "Q", "f": "f", "F": "d"}[letter]).pack_into if letter else None


_plans: dict[FuncType, _Plan] = {}


def _plan(type: FuncType) -> _Plan:
    found = _plans.get(type)
    if found is None:
        if len(_plans) >= MANY:
            _plans.clear()
        found = _plans[type] = _Plan(type)
    return found


def _lift_flat(types: Sequence[Any]) -> Callable[[Context, tuple[Any, ...]], Sequence[Any]]:
    parts = [lifter(each) for each in types]
    count = len(parts)
    if all(part.unchanged for part in parts):
        return lambda cx, flat: flat[:count]
    if count == 1:
        only = parts[0].flat
        return lambda cx, flat: (only(cx, flat, 0),)
    steps, at = [], 0
    for part, each in zip(parts, types):
        steps.append((part.flat, at))
        at += len(layout(each).flat)
    return lambda cx, flat: [lift(cx, flat, at) for lift, at in steps]


def _lift_spilled(type: Tuple) -> Callable[[Context, tuple[Any, ...]], Sequence[Any]]:
    load, size, align = lifter(type).load, layout(type).size, layout(type).align

    def lift(cx: Context, flat: tuple[Any, ...]) -> Sequence[Any]:
        at = flat[0]
        if at & (align - 1) or at + size > cx.size:
            cx.require(at, size, align)
        found: Sequence[Any] = load(cx, at)
        return found

    return lift


def lowered(
    name: str,
    type: FuncType,
    options: Options,
    state: InstanceState,
    calls: Calls,
    function: Callable[..., Any],
    failure: Callable[[KernelError], Any] | None = None,
    blocking: bool = False,
) -> HostFunction:
    """The core function by which the guest in `state` calls `function(*values) -> value` of the host.

    A WitError that it raises is the result's error; of a KernelError `failure` makes one. WouldBlock parks the call, if
    `blocking`. A value that isn't of the type, and any other exception, end the guest. LinkError if the type can't be called.
    """
    plan = _plan(type)
    parameters, results = plan.lowered
    if blocking and results:
        raise LinkError(f"{name} may wait, so its result must lie in memory; a single core value can't be waited for")
    cx = Context(options, state)
    root, frames, frame, unpack, lift, pack = state.root, calls.frames, calls.frame, plan.unpack, plan.lift, plan.pack
    place = None if type.result is None else layout(type.result)
    spilled = place is not None and not results
    size, mask = (place.size, place.align - 1) if place is not None and spilled else (0, 0)
    is_result = isinstance(type.result, Result)
    lower, store = (None, None) if plan.value is None else (plan.value.flat, plan.value.store)
    tracer = _Tracer(name, plan, options, state, calls) if calls.traced else None

    def run(values: Sequence[Any], at: int, slots: Any) -> int:
        """Call the function and lower what it gives; 0 or RETRY."""
        try:
            value = function(*values)
            if is_result:
                value = Ok(value)
        except WouldBlock as blocked:
            if not blocking:
                raise TypeError(f"{name} waits, and isn't marked as one that may") from None
            return calls.park(key, tuple(values), (at,), blocked.wait)
        except WitError as error:
            if not is_result:
                raise TypeError(f"{name} raised {error!r}, and its type has no error") from None
            value = Err(error.value)
        except KernelError as error:
            value = _failure(name, type, failure, error)
        try:
            if spilled:
                store(cx, value, at)  # type: ignore[misc]
            elif results:
                flat: list[Any] = []
                lower(cx, value, flat)  # type: ignore[misc]
                pack(slots, 0, flat[0])  # type: ignore[misc]
            elif value is not None:
                raise TypeError(f"{name} returned {value!r}, and its type has no result")
        except Misfit as misfit:
            raise TypeError(f"{name} returned {_returned(value, is_result)!r:.80}: {misfit}") from None
        task = root.task
        assert task is not None
        for handle in task.lent:
            handle.lends -= 1
        root.task = task.caller
        if tracer is not None:
            tracer.leave(at, slots)
        return 0

    key = calls.name_parked(name, lambda values, outputs: run(values, outputs[0], None)) if blocking else name

    def callback(env: int, caller: int, args: int) -> int:
        try:
            try:
                slots = frames[args]
            except KeyError:
                slots = frame(args)
            flat = unpack(slots)
            try:
                if not state.may_leave:
                    raise Trap(f"{CANNOT_LEAVE} {state.name}")
                if tracer is not None:
                    tracer.enter(flat)
                task = cx.task = Task(type, state, root.task)
                cx.room = ROOM
                values = lift(cx, flat)
                at = 0
                if spilled:
                    at = flat[-1]
                    if at & mask or at + size > cx.size:
                        cx.require(at, size, mask + 1)
            except Trap as error:
                raise Trap(f"{name}: {error}") from None
            root.task = task
            status = run(values, at, slots)
            if blocking:
                slots[0] = status
            return 0
        except BaseException as error:
            keeper = calls.store
            keeper.pending = error
            trap: int = keeper.spare
            keeper.spare = 0
            return trap

    return HostFunction(parameters, results, callback, blocking, name)


def _returned(value: Any, is_result: bool) -> Any:
    return value.value if is_result else value


def _failure(name: str, type: FuncType, failure: Callable[[KernelError], Any] | None, error: KernelError) -> Any:
    """The result of a function that met a KernelError."""
    if isinstance(type.result, Result):
        if type.result.err is None:
            return Err()
        if failure is not None:
            return Err(failure(error))
    raise TypeError(f"{name} failed with {error.errno}, and its type has no error to say so")


class _Tracer:
    """Tells what a call was given and what it gave, as the guest sees them: handles by number."""

    __slots__ = ("name", "plan", "cx", "calls")

    def __init__(self, name: str, plan: _Plan, options: Options, state: InstanceState, calls: Calls) -> None:
        self.name = name
        self.plan = plan
        self.cx = Showing(options, state)
        self.calls = calls

    def enter(self, flat: tuple[Any, ...]) -> None:
        self.cx.room = ROOM
        try:
            values = self.plan.lift(self.cx, flat)
        except Trap:
            self.calls.enter(self.name, {"flat": list(flat)})
        else:
            self.calls.enter(self.name, dict(zip(self.plan.names, values)))

    def leave(self, at: int, slots: Any) -> None:
        shown: dict[str, object] = {}
        if self.plan.result is not None:
            self.cx.room = ROOM
            self.cx.require(at, 0)
            each = lifter(self.plan.result)
            results = self.plan.lowered[1]
            shown["result"] = each.flat(self.cx, _unpacker(results)(slots), 0) if results else each.load(self.cx, at)
        self.calls.leave(shown)


def lifted(
    name: str, type: FuncType, options: Options, state: InstanceState, core: Callable[..., Any]
) -> Callable[..., Any]:
    """A guest's core function `core(*flat) -> core value or None` for Python: `call(*values) -> value`.

    Of a function whose result is a `result`, the ok value is returned and the error raised as a WitError. BadCall if the values
    don't fit, Trap if the guest broke the ABI or can't be entered now; after a trap it can't be entered any more.
    """
    plan = _plan(type)
    cx = Context(options, state)
    lowerers, names, spill = plan.lower, plan.names, plan.tuple
    results, after = plan.lifted[1], options.post_return
    is_result = isinstance(type.result, Result)
    place = None if type.result is None else layout(type.result)
    result = None if type.result is None else lifter(type.result)
    in_memory = place is not None and plan.lowered[1] == ""

    def lower(values: tuple[Any, ...]) -> list[Any]:
        flat: list[Any] = []
        at = 0
        if spill is not None:
            at = cx.allocate(spill.align, spill.size)
            flat.append(at)
        for number, (each, value) in enumerate(zip(lowerers, values)):
            try:
                if spill is not None:
                    each.store(cx, value, at + spill.offsets[number])
                else:
                    each.flat(cx, value, flat)
            except Misfit as misfit:
                raise BadCall(f"{name}: {names[number]}: {misfit}") from None
        return flat

    def lift(found: Any) -> Any:
        cx.room = ROOM
        if place is None or result is None:
            return None
        if in_memory:
            cx.require(found, place.size, place.align)
            return result.load(cx, found)
        return result.flat(cx, (found,), 0)

    def call(*values: Any) -> Any:
        if len(values) != len(names):
            raise BadCall(f"{name} takes {len(names)} arguments ({', '.join(names)}), not {len(values)}")
        try:
            task = cx.task = state.enter(type)
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        try:
            flat = lower(values)
        except BadCall:
            task.borrows = 0
            state.leave(task)
            raise
        found = core(*flat)
        try:
            value = lift(found)
            if after is not None:
                state.may_leave = False
                after(*([found] if results else []))
                state.may_leave = True
            state.leave(task)
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        if is_result:
            if isinstance(value, Err):
                raise WitError(value.value)
            return value.value
        return value

    return call


def _builtin(
    name: str, parameters: str, results: str, state: InstanceState, calls: Calls, act: Callable[[int], int | None]
) -> HostFunction:
    """A core function of one i32."""

    def callback(env: int, caller: int, args: int) -> int:
        try:
            try:
                slots = calls.frames[args]
            except KeyError:
                slots = calls.frame(args)
            try:
                found = act(slots[0])
            except Trap as error:
                raise Trap(f"{name}: {error}") from None
            if found is not None:
                slots[0] = found
            return 0
        except BaseException as error:
            keeper = calls.store
            keeper.pending = error
            trap: int = keeper.spare
            keeper.spare = 0
            return trap

    return HostFunction(parameters, results, callback, False, name)


def _require_leave(state: InstanceState) -> None:
    if not state.may_leave:
        raise Trap(f"{CANNOT_LEAVE} {state.name}")


def resource_new(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that makes an owned handle of a representation: (i32) -> i32."""

    def act(representation: int) -> int:
        _require_leave(state)
        return state.handles.add(resource, representation)

    return _builtin(f"resource.new {name}", "i", "i", state, calls, act)


def resource_rep(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that gives the representation of a handle: (i32) -> i32."""

    def act(number: int) -> int:
        found: int = state.handles.get(number, resource).representation
        return found

    return _builtin(f"resource.rep {name}", "i", "i", state, calls, act)


def resource_drop(name: str, resource: ResourceType, state: InstanceState, calls: Calls) -> HostFunction:
    """The core function that drops a handle: (i32) -> (). An owned resource of the host is dropped: its `drop()` is called.

    Of a guest's resource only the handle goes; its destructor is called by an adapter.
    """
    of_host = resource.implementer is None

    def act(number: int) -> None:
        _require_leave(state)
        if calls.traced:
            calls.enter(f"resource.drop {name}", {"self": number})
        handle = state.handles.drop(number, resource)
        if of_host and handle.own:
            drop = getattr(handle.representation, "drop", None)
            if drop is not None:
                drop()
        if calls.traced:
            calls.leave({})

    return _builtin(f"resource.drop {name}", "i", "", state, calls, act)
