"""Running a program up to a point, and going on from there.

Going on means: the world comes back with its process, the same programs are linked without being run, the guest is put where
it was (`webassembly`, `machine_code`). What of the host the snapshot had is not opened because a file says so: whoever goes on
gives folders and sockets again.
"""

from __future__ import annotations

from agave_wasi.engines.interrupt import look_up
from agave_wasi.loader import ELF, Program, read_elf
from agave_wasi.saving import load_world
from agave_wasi.settings import Mount
from agave_wasi.snapshots.points import Point
from agave_wasi.snapshots.snapshot import Snapshot
from agave_wasi.snapshots.webassembly import X86, WebAssembly
from agave_wasi.streams import argument, standard_streams
from kernel_sim.entropy import SeededEntropy
from kernel_sim.kernel import STANDARD_STREAMS
from kernel_sim.snapshot import SnapshotError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agave_wasi.functions import HostModule
    from agave_wasi.result import Result
    from agave_wasi.settings import Settings
    from agave_wasi.snapshots.runs import Trace
    from agave_wasi.snapshots.webassembly import Invocation
    from agave_wasi.streams import Input, Output
    from agave_wasi.world import Source, World
    from kernel_sim.process import Process


def run_until(
    world: World,
    program: Source | Program,
    at: str,
    args: Sequence[str | bytes] = (),
    stdin: Input = b"",
    *,
    arg0: str | None = None,
    name: str | None = None,
    stdout: Output = None,
    stderr: Output = None,
    invoke: Invocation | None = None,
    libraries: Mapping[str, Source | Program] | None = None,
    trace: Trace = False,
    trace_syscalls: bool = False,
    before: Snapshot | None = None,
) -> Result:
    """Run a program as `World.run` does, or an ELF program, but stop at a point (`points.Point`); the result's `snapshot` goes
    on from there.

    It is None if the program ended before. Output and trace of the result are what was there so far. `world` needs the engine
    "x86"; its files stay as they are at the point. With the snapshot `before`, memory that hasn't changed is shared with that.

    `name` is what an ELF program in bytes is called.

    Raises ValueError for a point or world that can't be, LookupError if the program has no such function, SnapshotError for
    what can't be kept, and what `World.run` raises.
    """
    point = Point(at)
    if world.settings.engine != X86:
        raise ValueError("only what runs on the CPU model can be stopped at a point: make the world with engine='x86'")
    devices = standard_streams(stdin, stdout, stderr, world.settings.tty)
    elf = _machine_code(program, name or "the program")
    if elf is not None:
        if invoke is not None or libraries:
            raise ValueError("a program of machine code has neither exports nor libraries")
        from agave_wasi.snapshots.machine_code import MachineCode

        process = world.new_process([arg0 if arg0 is not None else elf[0].rpartition("/")[2], *args], *devices)
        return MachineCode(world, process, devices, trace, trace_syscalls, point).until(elf, before)
    loaded = world.loaded(program)
    libs = {name: world.loaded(source) for name, source in (libraries or {}).items()}
    first = arg0 if arg0 is not None else loaded.name.rpartition("/")[2]
    process = world.new_process([first, *args], *devices)
    run = WebAssembly(world, process, devices, trace, trace_syscalls, point)
    return run.until(loaded, libs, invoke, before)


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
    interfaces: Mapping[str, type] | None = None,
    max_memory: int | None = None,
    timeout: float | None = None,
    cache: bool | str = True,
) -> Result:
    """Go on from a snapshot to the program's end, or to another point (`at`); the result is about what came behind it.

    Without more it is what the run would have done. `stdin` takes the place of what was left to be read. A fork has another
    future: `seed` begins other random numbers, `env` sets variables, which a guest sees that asks for them later, and `files`
    are written before it goes on. `mounts` and `listen` give the folders and sockets of the host that the program had, in their
    order; `modules` the host functions (`World.modules`), `interfaces` what was provided to a component (`World.interfaces`),
    of which new instances are made. `max_memory` and `timeout` take the place of the world's own.

    Raises SnapshotError for what isn't a whole snapshot or doesn't fit to this machine, ValueError and LookupError as
    `run_until`.
    """
    point = Point(at) if at is not None else None
    most = None if snapshot.programs[0].is_machine_code else max_memory  # which such a program's heap is made by
    world = load_world(snapshot.world, lambda settings: _change(settings, mounts, listen, most, timeout), cache)
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
        world.interfaces.update(interfaces or {})
        if snapshot.programs[0].is_machine_code:
            from agave_wasi.snapshots.machine_code import MachineCode

            return MachineCode(world, process, devices, trace, trace_syscalls, point).again(snapshot)
        return WebAssembly(world, process, devices, trace, trace_syscalls, point).again(snapshot)


def _machine_code(program: Source | Program, name: str) -> tuple[str, bytes] | None:
    """The name of an ELF program, that of its file if it has one, and its bytes; None for anything else."""
    if isinstance(program, bytes):
        return (name, program) if program[: len(ELF)] == ELF else None
    return None if isinstance(program, Program) else read_elf(program)


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
