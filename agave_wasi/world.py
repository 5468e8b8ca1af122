"""The public API: a world in which WASI programs run.

    from agave_wasi import World

    world = World(files={"/in.txt": b"hello"}, env={"LANG": "C"}, seed=1)
    result = world.run("prog.wasm", ["in.txt"], stdin=b"")
    assert result.exit_code == 0 and world.files["/out.txt"] == b"HELLO"

A world is a simulated machine: its files, clock and entropy go on from run to run. Nothing of the host is in it unless it
is mounted or asked for.
"""

from __future__ import annotations

import os
from _operator import index

from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import DEFAULT_MAX_STACK, BadCall, EngineConfig, StoreLimits
from agave_wasi.engines.interrupt import look_up
from agave_wasi.loader import BadProgram, Loader, Program, engine_for
from agave_wasi.program import Guest
from agave_wasi.result import Result
from agave_wasi.running import load_program, run_program
from agave_wasi.settings import Mount, Settings, inodes_for, require_possible
from agave_wasi.streams import argument, standard_streams
from kernel_sim.clock import DEFAULT_START, DEFAULT_STEP, InstructionClock, VirtualClock
from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import ProcessExit
from kernel_sim.fs.inode import Directory
from kernel_sim.fs.memfs import MemDirectory
from kernel_sim.kernel import DEFAULT_FS_BYTES, STANDARD_STREAMS, Kernel
from kernel_sim.process import DEFAULT_MAX_FDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

    from agave_wasi.files import Files
    from agave_wasi.functions import HostModule
    from agave_wasi.instance import LiveInstance
    from agave_wasi.loader import Progress
    from kernel_sim.devices import StreamDevice
    from kernel_sim.net.stream import DeviceListener
    from kernel_sim.process import Process
    from kernel_sim.trace import Event

    Source = str | os.PathLike[str] | bytes

class World:
    """A simulated machine. `with World(...) as world:` gives back at its end what it holds of the host.

    files            path -> content of what `/` holds at the start
    env              environment of every run
    seed             of the entropy; the same seed gives the same run
    clock_start      where virtual time begins, ns since 1970; clock_step: how far a reading moves it, in ns
    realtime         the host's clock and entropy instead
    mounts           preopened trees, in order; `/` is preopened behind them unless one is of the host
    cwd              a folder of `/` that is also preopened as "."; wasi-libc then begins absolute paths there as well
    strict_rights    enforce Preview 1's rights instead of only showing them
    listen           "ADDR:PORT" of sockets to listen on, preopened before the folders
    fs_quota, max_fds, max_output, max_memory (bytes), fuel, max_stack (bytes), timeout (s)   limits
    tty              standard streams look like terminals
    engine           "wasmtime", or "x86": the guest's machine code runs on a simulated CPU (docs/METAL.md)
    instructions     how many instructions the CPU model may execute; clock_ips: so many are a second of virtual time
    icount           count them for the result; those three are for the engine "x86"
    cache            keep compiled code in the user's cache folder, or in the one that is given
    """

    def __init__(
        self,
        files: Mapping[str, bytes | str] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        seed: int = 0,
        clock_start: int = DEFAULT_START,
        clock_step: int = DEFAULT_STEP,
        realtime: bool = False,
        mounts: Sequence[Mount] = (),
        cwd: str | None = None,
        strict_rights: bool = False,
        listen: Sequence[str] = (),
        fs_quota: int = DEFAULT_FS_BYTES,
        max_fds: int = DEFAULT_MAX_FDS,
        max_output: int | None = None,
        max_memory: int | None = None,
        fuel: int | None = None,
        max_stack: int = DEFAULT_MAX_STACK,
        timeout: float | None = None,
        tty: bool = False,
        engine: str = "wasmtime",
        instructions: int | None = None, clock_ips: int | None = None, icount: bool = False,
        cache: bool | str = True,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self.configure(
            Settings(
                env=dict(env or {}), realtime=realtime, mounts=list(mounts), listen=list(listen),
                strict_rights=strict_rights, fs_quota=fs_quota, max_fds=max_fds, max_memory=max_memory, fuel=fuel,
                max_stack=max_stack, timeout=timeout, tty=tty, engine=engine, instructions=instructions,
                clock_ips=clock_ips, icount=icount,
            ),
            cache,
            progress,
        )  # fmt: skip
        require_possible("max_output", max_output)
        if realtime:
            from agave_wasi.host.entropy import HostEntropy
            from agave_wasi.patience import PatientClock

            self.kernel = Kernel(PatientClock(), HostEntropy(), fs_quota, inodes_for(fs_quota), max_output)
        else:
            require_possible("clock_start", clock_start)
            require_possible("clock_step", clock_step)
            clock = VirtualClock(clock_start, clock_step) if clock_ips is None else InstructionClock(clock_start, clock_ips)
            self.kernel = Kernel(clock, SeededEntropy(index(seed)), fs_quota, inodes_for(fs_quota), max_output)
        self._lay_out()
        try:
            self._open_host(cwd)
        except BaseException:
            self.close()
            raise
        for path, content in (files or {}).items():
            self.files[path] = content.encode() if isinstance(content, str) else content

    def configure(self, settings: Settings, cache: bool | str = True, progress: Progress | None = None) -> None:
        """Everything but the kernel and what is in it."""
        self.settings = settings
        self.limits = StoreLimits(settings.fuel, settings.max_memory, settings.instructions)
        self.modules: list[HostModule] = []
        self.interfaces: dict[str, type] = {}
        folder = cache if isinstance(cache, str) else None if cache else ""
        engine = engine_for(EngineConfig(settings.fuel is not None, settings.max_stack), settings.engine, settings.counts)
        self.loader = Loader(engine, CodeCache(folder), progress)
        self.preopens: list[tuple[bytes, Directory]] = []
        self.listeners: list[DeviceListener] = []
        self.addresses: list[str] = []
        self.host_devices: list[Any] = []

    def _open_host(self, cwd: str | None) -> None:
        """Mounts, the working folder and sockets, in that order."""
        mounts = self.settings.mounts
        if mounts:
            from agave_wasi.mounting import mount

            for number, each in enumerate(mounts):
                self.preopens.append((each.guest.encode(), mount(self, number, each)))
        if all(each.host is None and each.guest != "/" for each in mounts):
            self.preopens.append((b"/", self.kernel.root))
        if cwd is not None:
            self.preopens.append((b".", self._make_folder(cwd)))
        if self.settings.listen:
            from agave_wasi.mounting import listen_on

            self.listeners = [listen_on(self, number, address) for number, address in enumerate(self.settings.listen)]

        needed = len(STANDARD_STREAMS) + len(self.preopens) + len(self.listeners)
        if self.settings.max_fds < needed:
            raise ValueError(f"max_fds must be at least {needed}, for the standard streams and what is preopened")

    def _lay_out(self) -> None:
        """What every world has: /dev and /tmp."""
        kernel = self.kernel
        kernel.root.make_directory(b"tmp")
        kernel.make_dev(kernel.root.make_directory(b"dev"))

    def _make_folder(self, path: str) -> Directory:
        """A folder of the guest's, from its `/` on; made if it isn't there and lies in memory."""
        directory = self._top()
        for name in path.encode().split(b"/"):
            if name in (b"", b"."):
                continue
            found = directory.find(name)
            if found is None and isinstance(directory, MemDirectory):
                found = directory.make_directory(name)
            found = found and (found.mounted or found)
            if not isinstance(found, Directory):
                raise ValueError(f"{path!r} is no folder of the guest's")
            directory = found
        return directory

    @property
    def files(self) -> Files:
        """The files of the guest's `/` as a mapping from path to content; assigning writes, deleting removes.

        Where `/` is a mount itself, what is preopened beside it isn't in it.
        """
        from agave_wasi.files import Files

        return Files(self._top())

    def _top(self) -> Directory:
        """What the guest finds at `/`, or the root tree if that is not preopened."""
        self.kernel.settle()
        return next((top for guest, top in self.preopens if guest == b"/"), self.kernel.root)

    # Host functions

    def function(self, module: str, name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate a Python function that satisfies a guest's import from `module`, typed by its annotations.

        int is i32, float is f64; `I64`, `F32` and the like in `agave_wasi.functions` name the others. A first parameter
        annotated with `Caller` gets access to the guest's memory and exports.
        """
        from agave_wasi.functions import HostModule

        found = next((each for each in self.modules if each.name == module), None)
        if found is None:
            found = HostModule(module)
            self.modules.append(found)
        return found.function(name)

    def interface(self, name: str, wit: str | os.PathLike[str] | None = None) -> Callable[[type], type]:
        """Decorate a class that provides the interface `name` to components, by its WIT: a file, folder or text, or WASI's own.

        `agave_wasi.provided` says how; WrongInterface if the class isn't what WIT has.
        """
        from agave_wasi.provided import declared

        return declared(self.interfaces, name, wit)

    # Running

    def load(self, source: Source, name: str | None = None) -> Program:
        """Load and compile a program from a file, or from bytes. BadProgram says why it can't be."""
        if isinstance(source, bytes):
            return self.loader.load(source, name or "the module")
        path = os.fspath(source)
        return self.loader.load_file(path, name or path)

    def start(
        self, args: Sequence[str | bytes], stdin: StreamDevice, stdout: StreamDevice, stderr: StreamDevice,
        sink: Callable[[Event], None] | None = None, trace_syscalls: bool = False,
    ) -> Guest:  # fmt: skip
        """A process with its descriptors, and a guest for it that has no program yet."""
        process = self.new_process(args, stdin, stdout, stderr)
        custom = {key: make for module in self.modules for key, make in module.makers().items()}
        return Guest(self.kernel, process, self.loader, self.limits, None, sink, trace_syscalls, custom, self.interfaces)

    def new_process(self, args: Sequence[str | bytes], *standard: StreamDevice) -> Process:
        """A process with its descriptors: standard streams, sockets, folders."""
        kernel, settings = self.kernel, self.settings
        environ = [argument(f"{name}={value}") for name, value in settings.env.items()]
        kernel.look_up = look_up
        process = kernel.new_process([argument(each) for each in args], environ, settings.max_fds, settings.strict_rights)
        for name, device in zip(STANDARD_STREAMS, standard):
            own, write = f"{name} of {process.pid}", name != "stdin"
            kernel.attach(own, device)
            kernel.open_stream(process, kernel.new_stream(own, write), write)
        for listener in self.listeners:  # first, as wasmtime has it: programs expect them at 3
            kernel.open_listener(process, listener)
        for guest, directory in self.preopens:
            kernel.preopen(process, directory, guest)
        self._attach_waiter()
        return process

    def _attach_waiter(self) -> None:
        """Waiting for the host is possible once a live device is there."""
        if self.kernel.waiter is None and any(getattr(each, "live", False) for each in self.kernel.devices.values()):
            from agave_wasi.patience import PatientWait

            self.kernel.waiter = PatientWait(self.kernel.devices)

    def run(
        self,
        program: Source | Program,
        args: Sequence[str | bytes] = (),
        stdin: bytes | str | StreamDevice = b"",
        *,
        arg0: str | None = None,
        stdout: Callable[[bytes], object] | StreamDevice | None = None,
        stderr: Callable[[bytes], object] | StreamDevice | None = None,
        invoke: tuple[str, tuple[int | float, ...]] | None = None,
        libraries: Mapping[str, Source | Program] | None = None,
        trace: bool | Callable[[Event], None] = False,
        trace_syscalls: bool = False,
    ) -> Result:
        """Run a program from its start to its end.

        `args` come after the program's name, which is `arg0` or the file's name. `stdout` and `stderr` may be functions
        that get each piece as it is written; it is collected in the result as well. `libraries` are modules whose exports
        satisfy imports from their names. `invoke` calls an export instead of `_start`. With `trace`, the result has every
        host call, or a function that is given gets them.

        Raises BadProgram, LinkError (nothing has run then), and what host functions raise.
        """
        from agave_wasi.files import KeptFiles

        if isinstance(args, str | bytes):
            raise TypeError(f"args is a list of arguments, not {args!r}")
        loaded = self.loaded(program)
        first = arg0 if arg0 is not None else os.path.basename(loaded.name)
        devices = standard_streams(stdin, stdout, stderr, self.settings.tty)
        events: list[Event] = []
        sink = events.append if trace is True else trace or None
        guest = self.start([first, *args], *devices, sink, trace_syscalls)
        try:
            result = self.run_guest(guest, loaded, libraries, invoke)
            if guest.store.engine.config.fuel:
                result.fuel = guest.store.fuel_left()
        finally:
            guest.close()
        result.stdout, result.stderr = (getattr(device, "data", b"") for device in devices[1:])
        result.trace = events
        result.files = KeptFiles(self._top())
        return result

    def loaded(self, program: Source | Program) -> Program:
        """What `load` makes of a source, or the program itself, which another world may have loaded."""
        return self.loader.adapt(program) if isinstance(program, Program) else self.load(program)

    def run_guest(
        self, guest: Guest, program: Program, libraries: Mapping[str, Source | Program] | None = None,
        invoke: tuple[str, tuple[int | float, ...]] | None = None,
    ) -> Result:  # fmt: skip
        """Link a program into a guest and run it to its end."""
        loaded = self.loader.adapt(program), self._libraries(libraries)
        result = run_program(guest, *loaded, invoke, self.settings.timeout)
        if self.settings.counts:
            result.instructions = guest.retired()
        return result

    def _libraries(self, libraries: Mapping[str, Source | Program] | None) -> dict[str, Program]:
        return {name: self.loaded(source) for name, source in (libraries or {}).items()}

    def instantiate(
        self, program: Source | Program, args: Sequence[str | bytes] = (), stdin: bytes | str | StreamDevice = b"", *,
        stdout: Callable[[bytes], object] | StreamDevice | None = None,
        stderr: Callable[[bytes], object] | StreamDevice | None = None,
        libraries: Mapping[str, Source | Program] | None = None, trace: bool | Callable[[Event], None] = False,
    ) -> LiveInstance:  # fmt: skip
        """A live instance whose exports are called one after the other; `_initialize` has run, if there is one.

        Raises BadProgram, LinkError, RuntimeError if the program exits already, and GuestTrap and the other endings; nothing
        is left of it then.
        """
        from agave_wasi.instance import LiveInstance

        loaded = self.loaded(program)
        devices = standard_streams(stdin, stdout, stderr, self.settings.tty)
        events: list[Event] = []
        guest = self.start([os.path.basename(loaded.name), *args], *devices, events.append if trace is True else trace or None)
        if loaded.is_component:
            from agave_wasi.exported import live_component

            return live_component(self, guest, loaded, self._libraries(libraries), devices, events)
        try:
            with guest.watch(self.settings.timeout):
                load_program(guest, loaded, self._libraries(libraries))
                if loaded.outline.exports_function("_initialize"):
                    guest.call("_initialize")
        except BaseException as error:
            guest.close()
            if isinstance(error, BadCall):
                raise BadProgram(f"{loaded.name}: {error}") from None
            if isinstance(error, ProcessExit):
                raise RuntimeError(f"the program exited with code {error.code}") from None
            raise
        return LiveInstance(self, guest, devices, events)

    # Keeping

    def commit(self) -> int:
        """Write what overlays have kept in memory back to their folders, file by file; how many changes that were.

        Raises CommitError (`agave_wasi.host.commit`) for a change that can't be made: every file is old or new then.
        """
        from agave_wasi.mounting import commit_overlays

        return commit_overlays(self)

    def snapshot(self) -> bytes:
        """The whole world between runs, as bytes that `World.restore` takes, in this process or another."""
        from agave_wasi.saving import save_world

        return save_world(self)

    @classmethod
    def restore(cls, data: bytes) -> World:
        """A world from a snapshot; SnapshotError if it isn't one. Host functions must be declared again."""
        from agave_wasi.saving import load_world

        return load_world(data)

    def close(self) -> None:
        """Give back what the world holds of the host, folders and sockets, at once: it is given back in any case when
        nothing refers to them any more."""
        for device in self.host_devices:
            (device.close_all if hasattr(device, "close_all") else device.close)()
        self.host_devices.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


__all__ = ["Mount", "World"]
