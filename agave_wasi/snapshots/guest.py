"""A guest that can be stopped at a point and captured there, or be put where another was captured."""

from __future__ import annotations

from agave_wasi.engines.base import RESUME, EngineError, HostFunction
from agave_wasi.engines.x86 import state
from agave_wasi.engines.x86.call import Call
from agave_wasi.engines.x86.items import Function
from agave_wasi.program import Guest
from agave_wasi.snapshots.points import CALL, Pause, Reached
from kernel_sim.cpu.checkpoint import read_pages, write_pages
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from agave_wasi.engines.x86.store import Store
    from agave_wasi.hostcall import HostCalls
    from agave_wasi.loader import Program
    from agave_wasi.program import Imports
    from agave_wasi.snapshots.points import Point
    from kernel_sim.cpu.checkpoint import Piece


class SnapshotGuest(Guest):
    """`calling` is the export that is called from outside."""

    store: Store
    pause: Pause | None = None
    calling = ""

    def stop_at(self, point: Point) -> None:
        """Stop there, by raising Reached, once the program has been loaded; LookupError then if there is no such thing."""
        self.pause = self.store.pause = Pause(point)

    def _link(self, program: Program) -> tuple[Imports, HostCalls | None]:
        imports, host = super()._link(program)
        pause = self.pause
        if pause is not None and pause.point.kind == CALL:
            for key, item in imports.items():
                if key[1] == pause.point.name and key != RESUME and isinstance(item, HostFunction):
                    imports[key] = self._watched(pause, item)
        return imports, host

    def _watched(self, pause: Pause, function: HostFunction) -> HostFunction:
        callback, store = function.callback, self.store
        pause.found = True

        def call(environment: int, caller: int, address: int) -> int:
            pause.called(store)
            return callback(environment, caller, address)

        return function.calling(call)

    def call(self, name: str, arguments: tuple[Any, ...] = ()) -> tuple[int | float, ...]:
        if not self.store.depth:
            self.calling = name
            self._arm()
        return super().call(name, arguments)

    def _arm(self) -> None:
        if self.pause is not None:
            assert self.program is not None
            self.pause.arm(self.store, self.program)

    def finish(self, call: Any) -> None:
        """As of any guest; Reached."""
        try:
            super().finish(call)
        except Reached:
            if self.pause is not None and self.pause.point.kind == CALL:
                self.store.machine.take_back()
            raise

    # Where a guest stands

    def capture(self, before: Mapping[str, Sequence[Piece]]) -> tuple[dict[str, Any], dict[str, list[Piece]]]:
        """What makes up the guest, beside its process: plain data, and memory in pieces, shared with those of `before`."""
        kept = {
            "calling": self.calling,
            "store": state.capture(self.store),
            "layout": state.layout(self.store),
        }
        return kept, read_pages(self.store.machine, before, state.used(self.store))

    def restore(self, kept: dict[str, Any], pages: Mapping[str, Sequence[Piece]]) -> Call:
        """Be where another was captured: the call that is under way. The program is loaded, without having run."""
        found = state.layout(self.store)
        wanted = kept.get("layout")
        if not isinstance(wanted, dict) or not isinstance(kept.get("store"), dict):
            raise SnapshotError("state: something is missing in it")
        for part, value in found.items():
            if value != wanted.get(part):
                raise SnapshotError(f"state: the programs, linked here, have other {part} than where the snapshot was taken")
        try:
            state.restore(self.store, kept["store"])
            self._check(pages)
            write_pages(self.store.machine, pages, state.used(self.store))
            call = Call.under_way(self.store, self._function(kept.get("calling")))
        except EngineError as error:
            raise SnapshotError(f"state: {error}") from None
        self.calling = kept["calling"]
        self._arm()
        return call

    def _check(self, pages: Mapping[str, Sequence[Piece]]) -> None:
        sizes = state.sizes(self.store)
        wrong = min(pages.keys() ^ sizes.keys(), default=None)
        if wrong is not None:
            raise SnapshotError(f"region {wrong}: {'it is missing' if wrong in sizes else 'the guest has no such region'}")
        for name, pieces in pages.items():
            length = sum(map(len, pieces))
            if length != sizes[name]:
                raise SnapshotError(f"region {name}: it has {length} bytes, where the guest has {sizes[name]}")

    def _function(self, name: object) -> Function:
        assert self.instance is not None
        found: Any = self.instance.get_export(name) if isinstance(name, str) else None
        if not isinstance(found, Function):
            raise EngineError(f"the program exports no function {str(name)[:60]!r}, which was being called")
        return found
