"""A guest that can be stopped at a point and captured there, or be put where another was captured.

That is its store and, of a core module, the export that is being called; of a component what `component` has beside it.
"""

from __future__ import annotations

from agave_wasi.engines.base import RESUME, EngineError, HostFunction
from agave_wasi.engines.x86 import state
from agave_wasi.engines.x86.call import Call
from agave_wasi.engines.x86.core import X86Core
from agave_wasi.engines.x86.instance import run_start
from agave_wasi.engines.x86.items import Function
from agave_wasi.nearest import unknown
from agave_wasi.program import Guest
from agave_wasi.snapshots.points import CALL, FUNC, Pause, Reached, function_index, index_within, names
from kernel_sim.cpu.checkpoint import read_pages, write_pages
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from agave_wasi.component.linker import GuestFunc
    from agave_wasi.component.state import Task
    from agave_wasi.engines.base import Callback, CoreEngine
    from agave_wasi.engines.x86.store import Store
    from agave_wasi.hostcall import HostCalls
    from agave_wasi.loader import Program
    from agave_wasi.program import Imports
    from agave_wasi.snapshots.points import Point
    from kernel_sim.cpu.checkpoint import Piece

IMPORTED = "agave-wasi inspect lists what it imports"


class SnapshotGuest(Guest):
    """`calling` is the export of a core module that is called from outside; while linking, `starting` is the number of the
    instance that runs what it begins with."""

    store: Store
    pause: Pause | None = None
    calling = ""
    starting: int | None = None
    skipping: tuple[int | None, Callable[[], object]] | None = None

    def stop_at(self, point: Point) -> None:
        """Stop there, by raising Reached; LookupError, once the program has been linked, if there is no such thing."""
        self.pause = self.store.pause = Pause(point)
        self.store.starter = self._start

    def skip_to(self, number: int | None, put: Callable[[], object]) -> None:
        """Run nothing of what instances begin with, up to the one of that number: there, `put` the guest where it was."""
        self.skipping = number, put
        self.store.starter = self._start

    def _link(self, program: Program) -> tuple[Imports, HostCalls | None]:
        imports, host = super()._link(program)
        for key, item in imports.items():
            if isinstance(item, HostFunction) and key != RESUME:
                imports[key] = watched(self.pause, self.store, key[1], item)
        return imports, host

    def core_engine(self, compile: Callable[..., Any], resume: Callback) -> CoreEngine:
        return WatchedCore(self.pause, self.store, compile, self.finish, resume)

    def call(self, name: str, arguments: tuple[Any, ...] = ()) -> tuple[int | float, ...]:
        if not self.store.depth:
            self.calling = name
        return super().call(name, arguments)

    def finish(self, call: Any) -> None:
        """As of any guest; Reached."""
        self._arm()
        self._stoppable(lambda: super(SnapshotGuest, self).finish(call))

    def _stoppable(self, run: Callable[[], None]) -> None:
        """Run; where that stops before a host call, stand there."""
        try:
            run()
        except Reached:
            if self.pause is not None and self.pause.point.kind == CALL:
                self.store.machine.take_back()
            raise

    def _start(self, number: int, function: Function) -> None:
        """What the instance of that number begins with."""
        if self.skipping is None:
            call = Call(self.store, function, ())
        elif self.skipping[0] == number:
            put, self.skipping = self.skipping[1], None
            put()
            call = Call.under_way(self.store, function)
        else:
            return
        self.starting = number
        if self.pause is not None:
            self.pause.armed = self.pause.point.kind != FUNC
        self._stoppable(lambda: run_start(call))
        self.starting = None

    def _arm(self) -> None:
        """From now on, if the program itself is being called, and no realloc or post-return before or after it."""
        pause = self.pause
        if pause is None:
            return
        live = self.component
        if live is not None:
            pause.armed = live.calling is not None and live.calling.instance.state.may_leave
        else:
            pause.armed = self.instance is not None
        program = live.program if live is not None else self.program
        if not pause.armed or program is None:
            return
        if pause.point.kind == CALL and not pause.found:
            known = [min(names(each), key=len) for each in pause.others]
            raise LookupError(unknown(f"{program.name} imports no function", pause.point.name, known, IMPORTED))
        if pause.point.kind == FUNC:
            if live is not None:
                module, index = index_within(live.program, self.loader.engine, pause.point.name)
            else:
                module, index = program.module, function_index(program, pause.point.name)
            text = next((text for text, _, known in self.store.images if known is module), None)
            if text is None:
                raise LookupError(f"the module of {pause.point.name!r} within {program.name} has no instance")
            self.store.machine.break_at(text + module.image.functions[index])

    # Where a guest stands

    def capture(self, before: Mapping[str, Sequence[Piece]]) -> tuple[dict[str, Any], dict[str, list[Piece]]]:
        """What makes up the guest, beside its process: plain data, and memory in pieces, shared with those of `before`.

        SnapshotError for what can't be kept.
        """
        kept: dict[str, Any] = {
            "calling": self.calling if self.starting is None else self.starting,
            "store": state.capture(self.store),
            "layout": state.layout(self.store),
        }
        if self.component is not None:
            from agave_wasi.snapshots import component

            kept["component"] = component.capture(self.component, self._door)
        return kept, read_pages(self.store.machine, before, state.used(self.store))

    def put(self, kept: dict[str, Any], pages: Mapping[str, Sequence[Piece]], function: GuestFunc | None = None) -> Task | None:
        """Be where another guest was captured, which had linked as much. SnapshotError.

        Of a component, whose `function` is being called, the task of that call.
        """
        found = state.layout(self.store)
        wanted = kept.get("layout")
        if not isinstance(wanted, dict) or not isinstance(kept.get("store"), dict):
            raise SnapshotError("state: something is missing in it")
        for part, value in found.items():
            if value != wanted.get(part):
                raise SnapshotError(f"state: the programs, linked here, have other {part} than where the snapshot was taken")
        try:
            state.restore(self.store, kept["store"])
        except EngineError as error:
            raise SnapshotError(f"state: {error}") from None
        check_pages(pages, state.sizes(self.store))
        write_pages(self.store.machine, pages, state.used(self.store))
        if self.component is None:
            return None
        from agave_wasi.snapshots import component

        return component.restore(self.component, self._door, kept, function)

    def under_way(self, name: object) -> Call:
        """The call of an export that the machine is in the middle of; SnapshotError."""
        try:
            call = Call.under_way(self.store, self._function(name))
        except EngineError as error:
            raise SnapshotError(f"state: {error}") from None
        self.calling = str(name)
        return call

    def _function(self, name: object) -> Function:
        assert self.instance is not None
        found: Any = self.instance.get_export(name) if isinstance(name, str) else None
        if not isinstance(found, Function):
            raise EngineError(f"the program exports no function {str(name)[:60]!r}, which was being called")
        return found


class WatchedCore(X86Core):
    """Tells a pause of the host functions that a component calls."""

    __slots__ = ("pause",)

    def __init__(
        self, pause: Pause | None, store: Store, compile: Callable[..., Any], run: Callable[..., None], resume: Callback
    ) -> None:
        super().__init__(store, compile, run, resume)
        self.pause = pause

    def function(self, function: HostFunction) -> Function:
        return super().function(watched(self.pause, self.store, function.name, function))


def watched(pause: Pause | None, store: Store, name: str, function: HostFunction) -> HostFunction:
    """A host function that tells `pause` of its calls before it looks at anything, if the point means it by that `name`."""
    if pause is None:
        return function
    if not pause.means(name):
        pause.others.append(name)
        return function
    callback = function.callback
    pause.found = True

    def call(environment: int, caller: int, address: int) -> int:
        pause.called(store, name)
        return callback(environment, caller, address)

    return function.calling(call)


def check_pages(pages: Mapping[str, Sequence[Piece]], sizes: Mapping[str, int]) -> None:
    """Are these the guest's regions? SnapshotError names one that isn't."""
    wrong = min(pages.keys() ^ sizes.keys(), default=None)
    if wrong is not None:
        raise SnapshotError(f"region {wrong}: {'it is missing' if wrong in sizes else 'the guest has no such region'}")
    for name, pieces in pages.items():
        length = sum(map(len, pieces))
        if length != sizes[name]:
            raise SnapshotError(f"region {name}: it has {length} bytes, where the guest has {sizes[name]}")
