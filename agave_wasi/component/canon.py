"""Canonical functions: what guests call of the host (`lowered`), and what the host calls of guests (`lifted`).

Everything that depends on a type alone is made once (`plan`); a call does what the type needs, and looks at no type. Each
HostFunction is a raw callback as `agave_wasi.hostcall` has them: what goes wrong is kept, and nothing leaves it.
Source: Component Model, CanonicalABI.md, "Canonical definitions".
"""

from __future__ import annotations

from agave_wasi.abi.memory import Trap
from agave_wasi.component.calls import Calls
from agave_wasi.component.context import ROOM, Context, Options
from agave_wasi.component.layout import core_type
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.plan import plan
from agave_wasi.component.resources import resource_drop, resource_new, resource_rep
from agave_wasi.component.state import Task
from agave_wasi.component.tracing import Tracer
from agave_wasi.component.types import Err, Result, WitError
from agave_wasi.engines.base import BadCall, HostFunction, LinkError
from kernel_sim.errors import KernelError, WouldBlock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from agave_wasi.component.plan import Plan
    from agave_wasi.component.state import InstanceState
    from agave_wasi.component.types import FuncType

__all__ = ("Calls", "Options", "core_type", "lifted", "lowered", "resource_drop", "resource_new", "resource_rep", "returned")


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
    known = plan(type)
    parameters, results = known.lowered
    if blocking and results:
        raise LinkError(f"{name} may wait, so its result must lie in memory; a single core value can't be waited for")
    cx = Context(options, state)
    root, frames, frame = state.root, calls.frames, calls.frame
    unpack, lift, pack = known.unpack, known.lift_parameters, known.pack
    in_memory, fallible = known.in_memory, known.fallible
    size, mask = (known.result.size, known.result.align - 1) if known.result is not None else (0, 0)
    lower = known.lower_result
    fine, failed = lower.cases if lower is not None and fallible else (lower, lower)
    tracer = Tracer(name, known, options, state, calls) if calls.traced else None
    task = cx.task = Task(type, state, None)  # of all calls: while one runs or waits, the guest makes no other of this function

    def run(values: Sequence[Any], at: int, slots: Any) -> int:
        """Call the function and lower what it gives; 0 or RETRY."""
        case = fine
        try:
            value = function(*values)
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        except WouldBlock as blocked:
            if not blocking:
                raise TypeError(f"{name} waits, and isn't marked as one that may") from None
            return calls.park(key, tuple(values), (at,), blocked.wait)
        except WitError as error:
            if not fallible:
                raise TypeError(f"{name} raised {error!r}, and its type has no error") from None
            case, value = failed, error.value
        except KernelError as error:
            case, value = failed, _failure(name, type, failure, error)
        try:
            if in_memory:
                case.store(cx, value, at)  # type: ignore[union-attr]
            elif case is not None:
                flat: list[Any] = []
                case.flat(cx, value, flat)
                pack(slots, 0, flat[0])
            elif value is not None:
                raise TypeError(f"{name} returned {value!r:.80}, and its type has no result")
        except Misfit as misfit:
            raise TypeError(f"{name} gave a wrong result: {misfit}") from None
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        if task.lent is not None:
            task.give_back()
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
                    state.require_leave()
                if tracer is not None:
                    tracer.enter(flat)
                task.caller = root.task
                cx.room = ROOM
                values = lift(cx, flat)
                at = 0
                if in_memory:
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


def _failure(name: str, type: FuncType, failure: Callable[[KernelError], Any] | None, error: KernelError) -> Any:
    """The error value of a function that met a KernelError."""
    if isinstance(type.result, Result):
        if type.result.err is None:
            return None
        if failure is not None:
            return failure(error)
    raise TypeError(f"{name} failed with {error.errno}, and its type has no error to say so") from None


def lifted(
    name: str, type: FuncType, options: Options, state: InstanceState, core: Callable[..., Any]
) -> Callable[..., Any]:
    """A guest's core function `core(*flat) -> core value or None` for Python: `call(*values) -> value`.

    Of a function whose result is a `result`, the ok value is returned and the error raised as a WitError. BadCall if the values
    don't fit, Trap if the guest broke the ABI or can't be entered now; after a trap it can't be entered any more.
    """
    known = plan(type)
    cx = Context(options, state)
    names = known.names
    rest = _rest(name, known, options, state, cx)

    def lower(values: tuple[Any, ...]) -> list[Any]:
        flat: list[Any] = []
        spilled, at = known.spilled, 0
        if spilled is not None:
            at = cx.allocate(spilled.align, spilled.size)
            flat.append(at)
        for number, (each, value) in enumerate(zip(known.lower_parameters, values)):
            try:
                if spilled is not None:
                    each.store(cx, value, at + spilled.offsets[number])
                else:
                    each.flat(cx, value, flat)
            except Misfit as misfit:
                raise BadCall(f"{name}: {names[number]}: {misfit}") from None
        return flat

    def call(*values: Any) -> Any:
        if len(values) != len(names):
            raise BadCall(f"{name} takes {len(names)} arguments ({', '.join(names)}), not {len(values)}")
        try:
            task = cx.task = state.enter(type)
            try:
                flat = lower(values)
            except BadCall:
                state.handles.forget(task)  # the mistake is the caller's: the guest is as it was
                state.leave(task)
                raise
            found = core(*flat)
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        return rest(task, found)

    return call


def returned(name: str, type: FuncType, options: Options, state: InstanceState) -> Callable[[Task, Any], Any]:
    """What follows when its core function has returned: `rest(task, core value or None) -> value`, as its call."""
    return _rest(name, plan(type), options, state, Context(options, state))


def _rest(name: str, known: Plan, options: Options, state: InstanceState, cx: Context) -> Callable[[Task, Any], Any]:
    after, result, place = options.post_return, known.lift_result, known.result

    def lift(found: Any) -> Any:
        if place is None or result is None:
            return None
        cx.room = ROOM
        if known.in_memory:
            cx.require(found, place.size, place.align)
            return result.load(cx, found)
        return result.flat(cx, (found,), 0)

    def rest(task: Task, found: Any) -> Any:
        try:
            if task.borrows:
                state.leave(task)  # which traps, before anything else does
            value = lift(found)
            if after is not None:
                state.may_leave = False
                after(*([] if place is None else [found]))
                state.may_leave = True
            state.leave(task)
        except Trap as error:
            raise Trap(f"{name}: {error}") from None
        if known.fallible:
            if isinstance(value, Err):
                raise WitError(value.value)
            return value.value
        return value

    return rest
