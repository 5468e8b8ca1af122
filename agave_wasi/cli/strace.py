"""`agave-wasi strace`: runs a program and writes a line for each of its host calls, or a table of them at its end."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import RUN_OPTIONS, WATCHING, Option, UsageError, parse
from agave_wasi.cli.run import Run, program_of
from agave_wasi.nearest import unknown
from agave_wasi.preview1.interface import Preview1, function_names
from agave_wasi.strace import Lines, Summary, ended, of_component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from agave_wasi.cli.options import Settings
    from agave_wasi.result import Result


def patterns(given: str) -> tuple[str, ...]:
    """trace=NAME,NAME,...: names of functions, with * and ?; one with ! in front leaves functions out."""
    names = given.removeprefix("trace=").split(",")
    functions: list[str] = list(function_names(Preview1))
    for name in names:
        plain = name.removeprefix("!")
        if any(each in plain for each in ".:#"):  # a function of a component, which may have imports of its own
            continue
        if not any(fnmatchcase(each, plain) for each in functions):
            raise ValueError(unknown("there is no function", plain or "''", functions, "agave-wasi explain lists them"))
    return tuple(names)


STRACE_OPTIONS = (
    Option("summary", "", None, "Write no lines, but a table at the end: calls, errors and bytes by function.",
           "-c", None, WATCHING, "c"),
    Option("expression", "trace=NAMES", patterns,
           "Show only these functions; * and ? stand for anything, ! leaves one out. A component's are called descriptor.read, "
           "monotonic-clock.now, or by interface: wasi:io/*.",
           "-e trace=fd_*,path_open,!fd_seek", None, WATCHING, "e"),
    Option("output", "FILE", str, "Write to a file instead of stderr.", "-o calls.txt", None, WATCHING, "o"),
    Option("kernel", "", None, "Show below each host call the system calls of the kernel that it leads to.",
           "--kernel", None, WATCHING),
    *RUN_OPTIONS,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run a program and show its host calls; the exit code is that of `run`."""
    settings, rest = parse("strace", arguments, STRACE_OPTIONS)
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("strace")
    own = {name: settings.pop(name, None) for name in ("summary", "expression", "output", "kernel")}
    if own["summary"] and own["kernel"]:
        raise UsageError("strace: -c counts host calls; leave out --kernel, which shows what is below them")
    if "config" in settings:
        from agave_wasi.cli.config import with_file

        settings = with_file(settings)
    with Destination(own["output"]) as output:
        return Traced(settings, program_of("strace", rest), rest[1:], own, output).to_its_end()


class Destination:
    """Where lines go: stderr, at once, or a file."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.file: BinaryIO | None = None
        if path is not None:
            from agave_wasi.cli.building import create

            self.file = create("-o", path)

    def write(self, line: str) -> None:
        """A line."""
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        try:
            if self.file is not None:
                self.file.write(data)
            else:
                os.write(2, data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Failure(f"the trace can't be written to {self.path or 'stderr'}: {error.strerror}") from None

    def __enter__(self) -> Destination:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.file is None:
            return
        try:
            self.file.close()
        except OSError as error:
            if kind is None:  # else something has been told already
                raise Failure(f"the trace can't be written to {self.path}: {error.strerror}") from None


class Traced(Run):
    """A run whose host calls are shown."""

    def __init__(
        self, settings: Settings, path: str, arguments: list[str], own: dict[str, object], output: Destination
    ) -> None:
        super().__init__(settings, path, arguments, nested=bool(own["kernel"]))
        self.output = output
        world = self.world
        preopens = [name.decode("utf-8", "replace") for name, _ in world.preopens]
        preopens += [f"listening at {address}" for address in settings.get("listen", ())]
        chosen = own["expression"]
        wanted = chooser(chosen) if isinstance(chosen, tuple) else lambda name: True
        clock = world.kernel.clock.monotonic if settings.get("realtime") else None
        self.summary = Summary(wanted, clock) if own["summary"] else None
        self.lines = Lines(output.write, preopens, wanted, bool(own["kernel"]))
        self.sink = self.summary.event if self.summary else self.lines.event

    def result(self) -> Result:
        """The run, and the last lines behind it."""
        try:
            result = super().result()
        except KeyboardInterrupt:
            self._end("interrupted by Ctrl-C")
            raise
        self._end(ended(result))
        return result

    def _end(self, how: str) -> None:
        if self.summary is None:
            self.lines.end(how)
        else:
            for line in self.summary.lines():
                self.output.write(line)


def chooser(chosen: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a function is wanted, by patterns: those without ! choose (all if there are none), those with ! leave out."""
    positive = [pattern for pattern in chosen if not pattern.startswith("!")] or ["*"]
    negative = [pattern[1:] for pattern in chosen if pattern.startswith("!")]

    def fits(name: str, patterns: list[str]) -> bool:
        names = _names(name)
        return any(fnmatchcase(each, pattern) for each in names for pattern in patterns)

    def wanted(name: str) -> bool:
        return fits(name, positive) and not fits(name, negative)

    return wanted


def _names(call: str) -> tuple[str, ...]:
    """The names that a host call may be chosen by: its own; of a component's also the short one."""
    if not of_component(call):
        return (call,)
    from agave_wasi.component.shown import short

    return call, short(call)
