"""Running WebAssembly, modules and components, to a point; and going on: linking without running, and putting the guest where
it was."""

from __future__ import annotations

from hashlib import sha256

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.store import SHIPPED
from agave_wasi.loader import BadProgram, Loader, Program, engine_for
from agave_wasi.running import load_program, outcome, run_module, run_program
from agave_wasi.snapshots.guest import SnapshotGuest
from agave_wasi.snapshots.runs import Run
from agave_wasi.snapshots.snapshot import Image, Kept
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from agave_wasi.component.linker import GuestFunc
    from agave_wasi.component.state import Task
    from agave_wasi.result import Result
    from agave_wasi.snapshots.snapshot import Snapshot

    Invocation = tuple[str, tuple[int | float, ...]]

X86 = "x86"


class WebAssembly(Run):
    """A program with its libraries; `invoke` is called instead of what programs begin with."""

    invoke: Invocation | None = None
    program: Program
    libraries: dict[str, Program]
    loader: Loader

    def until(
        self, program: Program, libraries: dict[str, Program], invoke: Invocation | None, before: Snapshot | None
    ) -> Result:
        """From the beginning to the point."""
        self.invoke = invoke
        guest = self._guest(self.counts(None), ())
        try:
            self.program = self._adapted(program)
            self.libraries = {name: self._adapted(each) for name, each in libraries.items()}
            timeout = self.world.settings.timeout
            return self._finished(guest, before, lambda: run_program(guest, self.program, self.libraries, invoke, timeout))
        finally:
            guest.close()

    def again(self, snapshot: Snapshot) -> Result:
        """From the snapshot on."""
        guest = self._guest(self.counts(snapshot), snapshot.images)
        try:
            self.invoke = _invocation(snapshot.state.get("invoke"))
            loaded = [(each.module, self._load(number, each)) for number, each in enumerate(snapshot.programs)]
            self.program, self.libraries = loaded[0][1], dict(loaded[1:])

            def run() -> tuple[Any, ...]:
                rest = self._component if self.program.is_component else self._module
                return rest(guest, snapshot)

            name, timeout = self.program.name, self.world.settings.timeout
            return self._finished(guest, snapshot, lambda: outcome(guest, name, timeout, run))
        finally:
            guest.close()

    def _module(self, guest: SnapshotGuest, snapshot: Snapshot) -> tuple[int | float, ...]:
        if self._began(guest, snapshot, lambda: load_program(guest, self.program, self.libraries)):
            return run_module(guest, self.program, self.invoke)
        self._put(guest, snapshot)
        call = guest.under_way(snapshot.state.get("calling"))
        _going_on(lambda: guest.finish(call))
        main = self.invoke or ("_start", ())
        return guest.call(*main) if guest.calling == "_initialize" != main[0] else call.results

    def _component(self, guest: SnapshotGuest, snapshot: Snapshot) -> tuple[Any, ...]:
        from agave_wasi.components import LiveComponent, called, run_live, told
        from agave_wasi.snapshots.component import rest

        began = self._began(guest, snapshot, lambda: LiveComponent(guest, self.program, self.libraries))
        live = guest.component
        assert live is not None
        if began:
            return run_live(live, self.invoke)
        function, _ = called(live, self.invoke)
        task = self._put(guest, snapshot, function)
        assert task is not None
        return told(function, self.invoke is not None, lambda: _going_on(lambda: rest(live, function, task)))

    def _began(self, guest: SnapshotGuest, snapshot: Snapshot, link: Callable[[], object]) -> bool:
        """Link, without running anything that has run; was the snapshot taken while that was done, and is it over now?"""
        number = snapshot.state.get("calling")
        began = type(number) is int
        guest.skip_to(number if began else None, lambda: self._put(guest, snapshot))
        link()
        if began and guest.skipping is not None:
            raise SnapshotError(f"state: there is no instance {number} that begins with anything")
        guest.skipping = None
        return began

    def _put(self, guest: SnapshotGuest, snapshot: Snapshot, function: GuestFunc | None = None) -> Task | None:
        task = guest.put(snapshot.state, snapshot.pages, function)
        self.set_clock(snapshot.state.get("retired"))
        return task

    def _guest(self, counting: bool, images: tuple[Image, ...] | list[Image]) -> SnapshotGuest:
        """The process' guest, which has no program yet."""
        world = self.world
        engine = engine_for(world.loader.engine.config, X86, counting)
        loader = self.loader = Loader(engine, world.loader.cache, world.loader.progress)
        if images:
            loader = self.loader = ShippedLoader(loader, images)
        custom = {key: make for module in world.modules for key, make in module.makers().items()}
        guest = SnapshotGuest(
            world.kernel, self.process, loader, world.limits, None, self.sink, self.trace_syscalls, custom, world.interfaces
        )
        if self.at is not None:
            guest.stop_at(self.at)
        return guest

    def _adapted(self, program: Program) -> Program:
        """The program for this guest's engine: counting needs no other code."""
        engine = self.loader.engine
        if not program.is_component and program.engine.key == engine.key:
            return Program(program.name, program.wasm, program.outline, program.module, engine)
        return self.loader.adapt(program)

    def _load(self, number: int, kept: Kept) -> Program:
        try:
            return self.loader.load(kept.wasm, kept.name)
        except BadProgram as error:
            raise SnapshotError(f"program {number}: {error}") from None

    def _finished(self, guest: SnapshotGuest, before: Snapshot | None, run: Callable[[], Result]) -> Result:
        result = self.told(run, lambda: self._take(guest, before))
        if guest.store.engine.config.fuel:
            result.fuel = guest.store.fuel_left()
        if self.world.settings.counts:
            result.instructions = guest.retired()
        return result

    def _take(self, guest: SnapshotGuest, before: Snapshot | None) -> Snapshot:
        self.require_alone()
        kept, pages = guest.capture(before.pages if before is not None else {})
        kept["invoke"] = None if self.invoke is None else [self.invoke[0], list(self.invoke[1])]
        programs = {"": self.program, **self.libraries}
        images = []
        for each in programs.values():
            for source, module in _compiled(each, self.loader):
                data = module.data
                shipped = bytes(data) if len(data) <= SHIPPED else b""
                images.append(Image(sha256(source).hexdigest(), module.digest, shipped))
        rows = [Kept(module, each.name, each.wasm) for module, each in programs.items()]
        return self.snapshot(kept, pages, guest.store.machine.counting, rows, images)


class ShippedLoader(Loader):
    """Has the machine code that came with a snapshot, for where none can be made; what is made must come out the same."""

    __slots__ = ("images",)

    def __init__(self, loader: Loader, images: tuple[Image, ...] | list[Image]) -> None:
        super().__init__(loader.engine, loader.cache, loader.progress)
        self.images: Mapping[str, tuple[int, Image]] = {each.source: (at, each) for at, each in enumerate(images)}

    def compile(self, data: bytes | memoryview, name: str = "", key: str = "") -> Any:
        """As any loader; SnapshotError for other code than where the snapshot was taken."""
        number, image = self.images.get(sha256(data).hexdigest(), (0, None))
        if image is None:
            return super().compile(data, name, key)
        try:
            module = super().compile(data, name, key)
        except BadProgram:
            if not image.data:
                raise
        else:
            if module.digest == image.code:
                return module
        if sha256(image.data).hexdigest() != image.code:
            raise SnapshotError(f"image {number}: compiled here, its code is another, and the snapshot has none")
        assert isinstance(self.engine, X86Engine)
        try:
            return self.engine.load(image.data, data)
        except (EngineError, LookupError, ValueError) as error:
            raise SnapshotError(f"image {number}: {error}") from None


def _compiled(program: Program, loader: Loader) -> Iterator[tuple[bytes, Any]]:
    """What was compiled of a program, with what it was made of."""
    from agave_wasi.components import ComponentProgram

    if isinstance(program, ComponentProgram):
        yield from ((source, module) for _, source, module in program.compiled(loader.engine))
    else:
        yield program.wasm, program.module


def _going_on(rest: Callable[[], Any]) -> Any:
    try:
        return rest()
    except EngineError as error:
        raise SnapshotError(f"the program can't go on from here: {error}") from None


def _invocation(kept: Any) -> Invocation | None:
    if kept is None:
        return None
    sound = isinstance(kept, list) and len(kept) == 2 and isinstance(kept[0], str) and isinstance(kept[1], list)
    if sound and all(type(each) in (int, float) for each in kept[1]):
        return kept[0], tuple(kept[1])
    raise SnapshotError("state: the call that was asked for can't be")
