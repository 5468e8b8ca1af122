"""`agave-wasi run`: a program, from its file to its exit code.

The path of a plain run is here, and imports nothing for what wasn't asked: options lead to `building`, an end that isn't
the guest's own to `endings`.
"""

from __future__ import annotations

import gc
import os

from agave_wasi.cli.options import RUN_OPTIONS, UsageError, parse
from agave_wasi.engines.interrupt import exposed, state
from agave_wasi.host.stdio import HostStream
from agave_wasi.world import World
from kernel_sim.errors import Errno, KernelError, ProcessExit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager

    from agave_wasi.backtrace import Described
    from agave_wasi.cli.invoke import Invocation
    from agave_wasi.cli.options import Settings
    from agave_wasi.loader import Program
    from agave_wasi.program import Guest
    from agave_wasi.result import Result
    from kernel_sim.trace import Event

PATIENCE = 100
"""So often a guest may be told that nobody reads its output; then it ends, as a program does that SIGPIPE kills."""
EXIT_NO_READER = 141


def main(arguments: list[str]) -> int:
    """Run a program; its exit code, or one of ours."""
    settings, rest = parse("run", arguments, RUN_OPTIONS)
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("run")
    if "config" in settings:
        from agave_wasi.cli.config import with_file

        settings = with_file(settings)
    return Run(settings, program_of("run", rest), rest[1:]).to_its_end()


def program_of(command: str, rest: list[str]) -> str:
    """The program among the arguments that are left; UsageError."""
    if not rest:
        raise UsageError(f"{command}: which program? Name a .wasm or .wat file: agave-wasi {command} PROG.wasm [ARGS...]")
    return rest[0]


class Output(HostStream):
    """Standard output or error: Ctrl-C and the timeout end a write that waits for its reader, and so does having none.

    A guest that won't hear that nobody reads any more is ended, as SIGPIPE would.
    """

    __slots__ = ("refused",)

    def __init__(self, fd: int, terminal: bool) -> None:
        super().__init__(fd, terminal)
        self.refused = 0

    @exposed
    def write(self, data: memoryview) -> int:
        """As HostStream.write; ProcessExit after too many errors that nobody heeded, KeyboardInterrupt, Interrupted."""
        try:
            if state.deadline is not None and self.live:
                from agave_wasi.patience import write_patiently

                return write_patiently(self._fd, os.isatty(self._fd), super().write, data)
            return super().write(data)
        except KernelError as error:
            if error.errno == Errno.PIPE:
                self.refused += 1
                if self.refused > PATIENCE:
                    raise ProcessExit(EXIT_NO_READER) from None
            raise


class Run:
    """One run by the options of the command line.

    `sink` gets trace events, `nested` adds the syscalls to them. `world` is made at once, so wrong options are told
    before anything runs.
    """

    def __init__(
        self,
        settings: Settings,
        path: str,
        arguments: list[str],
        sink: Callable[[Event], None] | None = None,
        nested: bool = False,
    ) -> None:
        self.settings = settings
        self.arguments = arguments
        self.sink = sink
        self.nested = nested
        self.program: Program | None = None
        self.libraries: dict[str, Program] = {}
        self.invocation: Invocation | None = None
        if settings:
            from agave_wasi.cli import building

            self.world = building.world(settings)
        else:
            self.world = World(progress=compiling)
        self.path = path

    def to_its_end(self) -> int:
        """Run, tell how it ended if it isn't the guest's own end; the exit code."""
        if self.settings:
            from agave_wasi.cli import building
            from agave_wasi.cli.stopping import stoppable

            with building.outputs(self), stoppable():
                result = self.result()
                building.keep_files(self, result)
                building.tell_count(self, result)
                building.keep_result(self, result)
        else:
            result = self.result()
        if result.ended_by in ("exit", "snapshot"):
            return result.exit_code & 0xFF
        from agave_wasi.cli.endings import tell_ending

        return tell_ending(self, result)

    def result(self) -> Result:
        """What a run showed."""
        settings, world = self.settings, self.world
        if settings.get("engine") == "x86":
            from agave_wasi.cli import metal

            if metal.is_machine_code(self.path):
                return metal.result(self)
        program = self.program = world.load(self.path)
        invoke: tuple[str, tuple[int | float, ...]] | None = None
        if settings:
            from agave_wasi.cli import building

            self.libraries = building.libraries(settings, world)
            if "invoke" in settings:
                if program.is_component:
                    invoke = settings["invoke"], ()
                else:
                    from agave_wasi.cli.invoke import invocation

                    self.invocation = invocation(program, settings["invoke"], self.arguments)
                    invoke = self.invocation.name, self.invocation.arguments
            if "snapshot-at" in settings or "save" in settings:
                from agave_wasi.cli.resume import run_until_point

                return run_until_point(self, program, invoke)
        guest = world.start([self.arg0(), *self.arguments], *self.streams(), self.sink, self.nested)
        self.begin(guest)
        if not gc.isenabled():  # as `main` leaves it while modules are loaded, none of which will ever be garbage
            gc.freeze()
            gc.enable()
        try:
            result = world.run_guest(guest, program, self.libraries or None, invoke)
            if settings:
                self._afterwards(guest, result)
        finally:
            guest.close()
        return result

    def programs(self) -> Sequence[Described]:
        """The WebAssembly that an end is told of, the main program first; none if that is machine code."""
        return [self.program, *self.libraries.values()] if self.program is not None else []

    def begin(self, guest: Guest) -> None:
        """The guest is there, and has no program yet."""

    def arg0(self) -> str:
        """What the program is told that its name is."""
        name: str = self.settings.get("arg0") or os.path.basename(self.path)
        return name

    def streams(self) -> tuple[HostStream, HostStream, HostStream]:
        """Standard input, output and error."""
        tty = self.settings.get("tty", False)
        stdin = 0
        if "stdin" in self.settings:
            from agave_wasi.cli import building

            stdin = building.open_input(self.settings["stdin"])
        return (
            HostStream(stdin, tty and os.isatty(stdin), owned=stdin != 0),
            Output(1, tty and os.isatty(1)),
            Output(2, tty and os.isatty(2)),
        )

    def _afterwards(self, guest: Guest, result: Result) -> None:
        """What must be done while the guest's memory is still there."""
        if result.ended_by == "trap" and "coredump" in self.settings and self.program is not None:
            if self.program.is_component:
                from agave_wasi.cli.failures import note

                note("--coredump: none is written, since a core dump is of one module, and this is a component")
                return
            from agave_wasi.cli.building import write_file
            from agave_wasi.dump import dump

            write_file("--coredump", self.settings["coredump"], dump(guest, result.frames))
        if result.ended_by == "exit" and "invoke" in self.settings:
            lines: Iterable[object] = result.values  # a component's are text already
            if self.invocation is not None:
                from agave_wasi.cli.invoke import shown

                lines = shown(result.values, self.invocation.results)
            for line in lines:
                print(line)


def compiling(name: str, size: int) -> AbstractContextManager[object]:
    """What a world enters while it compiles: on a terminal it shows that something goes on."""
    from agave_wasi.cli.spinner import spinner

    return spinner(name, size)
