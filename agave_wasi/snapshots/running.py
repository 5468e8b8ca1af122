"""Running a program up to a point, and going on from there.

Going on means: the world comes back with its process, the same programs are linked without being run, the guest is put where
it was. What of the host the snapshot had is not opened because a file says so: whoever goes on gives folders and sockets again.
"""

from __future__ import annotations

from hashlib import sha256

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.interrupt import look_up
from agave_wasi.files import KeptFiles
from agave_wasi.loader import BadProgram, Loader, Program, engine_for
from agave_wasi.result import Result
from agave_wasi.running import load_program, outcome, run_program
from agave_wasi.saving import load_world, with_processes
from agave_wasi.settings import Mount
from agave_wasi.snapshots.guest import SnapshotGuest
from agave_wasi.snapshots.points import Point, Reached
from agave_wasi.snapshots.snapshot import MOST, SHIPPED, Kept, Snapshot
from agave_wasi.streams import argument, standard_streams
from kernel_sim.clock import InstructionClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.kernel import STANDARD_STREAMS
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from agave_wasi.functions import HostModule
    from agave_wasi.settings import Settings
    from agave_wasi.streams import Input, Output
    from agave_wasi.world import Source, World
    from kernel_sim.devices import StreamDevice
    from kernel_sim.process import Process
    from kernel_sim.trace import Event

    Invocation = tuple[str, tuple[int | float, ...]]
    Trace = bool | Callable[[Event], None]
    Streams = tuple[StreamDevice, StreamDevice, StreamDevice]

SNAPSHOT = "snapshot"
"""What has ended a run that was stopped at its point."""
X86 = "x86"


def run_until(
    world: World,
    program: Source | Program,
    at: str,
    args: Sequence[str | bytes] = (),
    stdin: Input = b"",
    *,
    arg0: str | None = None,
    stdout: Output = None,
    stderr: Output = None,
    invoke: Invocation | None = None,
    libraries: Mapping[str, Source | Program] | None = None,
    trace: Trace = False,
    trace_syscalls: bool = False,
    before: Snapshot | None = None,
) -> Result:
    """Run a program as `World.run` does, but stop at a point (`points.Point`); the result's `snapshot` goes on from there.

    It is None if the program ended before. Output and trace of the result are what was there so far. `world` needs the engine
    "x86"; its files stay as they are at the point. With the snapshot `before`, memory that hasn't changed is shared with that.

    Raises ValueError for a point or world that can't be, LookupError if the program has no such function, SnapshotError for a
    component and for what can't be kept, and what `World.run` raises.
    """
    point = Point(at)
    if world.settings.engine != X86:
        raise ValueError("only what runs on the CPU model can be stopped at a point: make the world with engine='x86'")
    devices = standard_streams(stdin, stdout, stderr, world.settings.tty)
    loaded = world.loaded(program)
    libs = {name: world.loaded(source) for name, source in (libraries or {}).items()}
    first = arg0 if arg0 is not None else loaded.name.rpartition("/")[2]
    process = world.new_process([first, *args], *devices)
    run = _Run(world, process, devices, trace, trace_syscalls)
    return run.until(point, loaded, libs, invoke, before)


def resume(
    snapshot: Snapshot,
    *,
    stdin: Input | None = None,
    stdout: Output = None,
    stderr: Output = None,
    trace: Trace = False,
    trace_syscalls: bool = False,
    at: str | None = None,
    seed: int | None = None,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
    mounts: Sequence[Mount] = (),
    listen: Sequence[str] = (),
    modules: Sequence[HostModule] = (),
    max_memory: int | None = None,
    timeout: float | None = None,
    cache: bool | str = True,
) -> Result:
    """Go on from a snapshot to the program's end, or to another point (`at`); the result is about what came behind it.

    Without more it is what the run would have done. `stdin` takes the place of what was left to be read. A fork has another
    future: `seed` begins other random numbers, `env` sets variables, which a guest sees that asks for them later, and `files`
    are written before it goes on. `mounts` and `listen` give the folders and sockets of the host that the program had, in their
    order; `modules` the host functions (`World.modules`). `max_memory` and `timeout` take the place of the world's own.

    Raises SnapshotError for what isn't a whole snapshot or doesn't fit to this machine, ValueError and LookupError as
    `run_until`.
    """
    point = Point(at) if at is not None else None
    world = load_world(snapshot.world, lambda settings: _change(settings, mounts, listen, max_memory, timeout), cache)
    with world:
        process = _process(world, snapshot)
        left = snapshot.stdin if stdin is None else stdin
        devices = standard_streams(left if left is not None else b"", stdout, stderr, world.settings.tty)
        for name, device in zip(STANDARD_STREAMS, devices):
            world.kernel.attach(f"{name} of {process.pid}", device)
        world.kernel.look_up = look_up
        world._attach_waiter()
        world.modules.extend(modules)
        _fork(world, process, seed, env or {}, files or {})
        return _Run(world, process, devices, trace, trace_syscalls).again(snapshot, point)


class _Run:
    """One guest, from a point or to one."""

    def __init__(self, world: World, process: Process, devices: Streams, trace: Trace, trace_syscalls: bool) -> None:
        self.world = world
        self.process = process
        self.devices = devices
        self.events: list[Event] = []
        self.sink = self.events.append if trace is True else trace or None
        self.trace_syscalls = trace_syscalls
        self.programs: list[tuple[str, Program]] = []
        self.invoke: Invocation | None = None

    def guest(self, counting: bool) -> SnapshotGuest:
        """The process' guest, which has no program yet."""
        world = self.world
        engine = engine_for(world.loader.engine.config, X86, counting or world.settings.counts)
        loader = self.loader = Loader(engine, world.loader.cache, world.loader.progress)
        custom = {key: make for module in world.modules for key, make in module.makers().items()}
        return SnapshotGuest(
            world.kernel, self.process, loader, world.limits, None, self.sink, self.trace_syscalls, custom, world.interfaces
        )

    def until(
        self, point: Point, program: Program, libraries: dict[str, Program], invoke: Invocation | None, before: Snapshot | None
    ) -> Result:
        """From the beginning to the point."""
        self.invoke = invoke
        guest = self.guest(point.counts)
        guest.stop_at(point)
        try:
            if program.is_component or any(each.is_component for each in libraries.values()):
                raise SnapshotError(f"{program.name} is a component: only a core module can be kept in the middle of a run")
            program = self._adapted(program)
            libraries = {name: self._adapted(each) for name, each in libraries.items()}
            self.programs = [("", program), *libraries.items()]
            timeout = self.world.settings.timeout
            return self._told(guest, before, lambda: run_program(guest, program, libraries, invoke, timeout))
        finally:
            guest.close()

    def again(self, snapshot: Snapshot, point: Point | None) -> Result:
        """From the snapshot on."""
        counting = (point is not None and point.counts) or bool(snapshot.state.get("counting"))
        guest = self.guest(counting)
        if point is not None:
            guest.stop_at(point)
        try:
            self.invoke = _invocation(snapshot.state.get("invoke"))
            self.programs = [(each.module, self._program(number, each)) for number, each in enumerate(snapshot.programs)]
            program, libraries = self.programs[0][1], dict(self.programs[1:])

            def run() -> tuple[int | float, ...]:
                guest.store.starts = False
                load_program(guest, program, libraries)
                guest.store.starts = True
                call = guest.restore(snapshot.state, snapshot.pages)
                self._set_clock(snapshot.state.get("retired"))
                try:
                    guest.finish(call)
                except EngineError as error:
                    raise SnapshotError(f"the program can't go on from here: {error}") from None
                main = self.invoke or ("_start", ())
                return guest.call(*main) if guest.calling == "_initialize" != main[0] else call.results

            return self._told(guest, snapshot, lambda: outcome(guest, program.name, self.world.settings.timeout, run))
        finally:
            guest.close()

    def _set_clock(self, retired: object) -> None:
        """A clock that goes by instructions counts the machine's own, and those of machines that were gone already."""
        clock = self.world.kernel.clock
        if isinstance(clock, InstructionClock):
            if type(retired) is not int or not 0 <= retired < 1 << 63:
                raise SnapshotError("state: it doesn't say how many instructions have moved the clock")
            clock.retired = retired

    def _adapted(self, program: Program) -> Program:
        """The program for this guest's engine: counting needs no other code."""
        engine = self.loader.engine
        if program.engine.key == engine.key:
            return Program(program.name, program.wasm, program.outline, program.module, engine)
        return self.loader.adapt(program)

    def _program(self, number: int, kept: Kept) -> Program:
        """A program of the snapshot, compiled or found here; with the snapshot's own code where that can't be."""
        try:
            program = self.loader.load(kept.wasm, kept.name)
        except BadProgram as error:
            if not kept.image:
                raise SnapshotError(f"program {number}: {error}") from None
        else:
            if program.is_component:
                raise SnapshotError(f"program {number}: it is a component")
            if sha256(program.module.data).hexdigest() == kept.code:
                return program
        if sha256(kept.image).hexdigest() != kept.code:
            raise SnapshotError(f"program {number}: compiled here, its code is another, and the snapshot has none")
        from agave_wasi.binary.outline import outline
        from agave_wasi.binary.reader import MalformedModule

        engine = self.loader.engine
        try:
            return Program(kept.name, kept.wasm, outline(kept.wasm), engine.load(kept.image, kept.wasm), engine)  # type: ignore[attr-defined]
        except (EngineError, MalformedModule, LookupError, ValueError) as error:
            raise SnapshotError(f"image {number}: {error}") from None

    def _told(self, guest: SnapshotGuest, before: Snapshot | None, run: Callable[[], Result]) -> Result:
        """The result of a run that ends, or is stopped at its point."""
        try:
            result = run()
        except Reached:
            result = Result(0, SNAPSHOT, f"stopped at {guest.pause.point.text if guest.pause else ''}")
            result.snapshot = self._take(guest, before)
        if guest.store.engine.config.fuel:
            result.fuel = guest.store.fuel_left()
        if self.world.settings.counts:
            result.instructions = guest.retired()
        result.stdout, result.stderr = (getattr(device, "data", b"") for device in self.devices[1:])
        result.trace = self.events
        result.files = KeptFiles(self.world._top())
        return result

    def _take(self, guest: SnapshotGuest, before: Snapshot | None) -> Snapshot:
        world = self.world
        if list(world.kernel.processes.values()) != [self.process]:
            raise SnapshotError("other programs run in this world: a snapshot has one alone")
        kept, pages = guest.capture(before.pages if before is not None else {})
        state = kept | {
            "point": guest.pause.point.text if guest.pause else "",
            "retired": getattr(world.kernel.clock, "retired", None),
            "counting": guest.store.machine.counting,
            "invoke": None if self.invoke is None else [self.invoke[0], list(self.invoke[1])],
        }
        rest = getattr(self.devices[0], "rest", None)
        programs = []
        for module, program in self.programs:
            data = program.module.data
            image = bytes(data) if len(data) <= SHIPPED else b""
            programs.append(Kept(module, program.name, program.wasm, sha256(data).hexdigest(), image))
        return Snapshot(state, with_processes(world), rest(MOST) if rest is not None else None, programs, pages)


def _change(
    settings: Settings, mounts: Sequence[Mount], listen: Sequence[str], max_memory: int | None, timeout: float | None
) -> None:
    """What whoever goes on says in place of the snapshot."""
    if settings.engine != X86:
        raise SnapshotError(f"world: it is one of the engine {settings.engine}")
    given = {mount.guest: mount for mount in mounts}
    for at, mount in enumerate(settings.mounts):
        if mount.host is not None:
            if mount.guest not in given:
                again = f"give it one again: --dir HOST::{mount.guest}:{mount.mode}"
                raise SnapshotError(f"the program has a folder of the host as {mount.guest}; {again}")
            folder = given.pop(mount.guest)
            if folder.mode != mount.mode:
                raise SnapshotError(f"the program has {mount.guest} as {mount.mode}, not as {folder.mode}")
            settings.mounts[at] = folder
    for name in given:
        raise SnapshotError(f"the program has no folder of the host as {name}: a folder can't be added to what runs")
    if len(listen) != len(settings.listen):
        raise SnapshotError(f"the program listens at {len(settings.listen)} addresses; give it as many: --listen ADDR:PORT")
    settings.listen = list(listen)
    if max_memory is not None:
        settings.max_memory = max_memory
    settings.timeout = timeout if timeout is not None else settings.timeout


def _process(world: World, snapshot: Snapshot) -> Process:
    if len(world.kernel.processes) != 1:
        raise SnapshotError(f"world: there should be one process, not {len(world.kernel.processes)}")
    return next(iter(world.kernel.processes.values()))


def _fork(world: World, process: Process, seed: int | None, env: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """Give the process another future."""
    if seed is not None:
        entropy = world.kernel.entropy
        if not isinstance(entropy, SeededEntropy):
            raise ValueError("this run has the host's entropy, so a seed changes nothing")
        entropy.begin(seed)
    if env:
        variables = dict(each.partition(b"=")[::2] for each in process.environ)
        variables |= {argument(name): argument(value) for name, value in env.items()}
        process.environ[:] = [b"%s=%s" % each for each in variables.items()]
    for path, content in files.items():
        world.files[path] = content


def _invocation(kept: Any) -> Invocation | None:
    if kept is None:
        return None
    sound = isinstance(kept, list) and len(kept) == 2 and isinstance(kept[0], str) and isinstance(kept[1], list)
    if sound and all(type(each) in (int, float) for each in kept[1]):
        return kept[0], tuple(kept[1])
    raise SnapshotError("state: the call that was asked for can't be")
