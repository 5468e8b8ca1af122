"""A world that remembers its last runs and can tell about them: what the pytest fixture gives to tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agave_wasi.engines.base import GuestTrap
from agave_wasi.terminal import printable
from agave_wasi.world import World

if TYPE_CHECKING:
    from agave_wasi.engines.base import Frame
    from agave_wasi.loader import Program
    from agave_wasi.result import Result
    from kernel_sim.trace import Event

KEPT_RUNS = 3
KEPT_EVENTS = 1000
"""Host calls that are remembered of a run, unless it asks for its whole trace: the last ones."""
SHOWN_CALLS = 15
SHOWN_LINES = 20


class Observation:
    """One run: the program and its libraries, its arguments, and its result."""

    __slots__ = ("program", "libraries", "args", "result")

    def __init__(
        self, program: Program, libraries: Sequence[Program], args: Sequence[str | bytes], result: Result
    ) -> None:
        self.program = program
        self.libraries = libraries
        self.args = args
        self.result = result


class ObservedWorld(World):
    """A `World` whose runs are traced unless they say otherwise: without `trace`, a result has the last host calls."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.observed: deque[Observation] = deque(maxlen=KEPT_RUNS)
        self.programs: deque[Program] = deque(maxlen=KEPT_RUNS)
        super().__init__(*arguments, **options)

    def run(self, program: Any, args: Sequence[str | bytes] = (), stdin: Any = b"", **options: Any) -> Result:
        """As `World.run`."""
        loaded = self.loaded(program)
        libraries = {name: self.loaded(each) for name, each in (options.pop("libraries", None) or {}).items()}
        last: deque[Event] | None = None
        if "trace" not in options:
            last = deque(maxlen=KEPT_EVENTS)
            options["trace"] = last.append
        result = super().run(loaded, args, stdin, libraries=libraries, **options)
        if last is not None:
            result.trace = list(last)
        self.observed.append(Observation(loaded, list(libraries.values()), args, result))
        return result

    def loaded(self, program: Any) -> Program:
        """As `World.loaded`."""
        loaded = super().loaded(program)
        if loaded not in self.programs:
            self.programs.append(loaded)
        return loaded

    def observations(self, error: BaseException | None = None) -> list[tuple[str, str]]:
        """(title, text) of each run that is remembered, the last one last, and of a trap that `error` is."""
        found = []
        for each in self.observed:
            shown = " ".join(printable(arg if isinstance(arg, str) else repr(arg)) for arg in each.args)
            found.append((f"wasi: {each.program.name.rpartition('/')[2]} {shown}".rstrip(), "\n".join(self._lines(each))))
        if isinstance(error, GuestTrap):
            found.append((f"wasi: trap: {error}", "\n".join(_backtrace(error.frames, list(self.programs)))))
        return found

    def _lines(self, observation: Observation) -> list[str]:
        from agave_wasi.strace import ended

        result = observation.result
        found = [ended(result)]
        if result.frames:
            found += _backtrace(result.frames, [observation.program, *observation.libraries])
        for name, data in (("stdout", result.stdout), ("stderr", result.stderr)):
            found += _tail(name, data)
        return found + self._calls(result.trace)

    def _calls(self, events: Sequence[Event]) -> list[str]:
        from agave_wasi.strace import Lines

        written: deque[str] = deque(maxlen=SHOWN_CALLS)
        lines = Lines(written.append, [name.decode("utf-8", "replace") for name, _ in self.preopens])
        for event in events:
            lines.event(event)
        if not written:
            return []
        title = "host calls:" if len(events) <= SHOWN_CALLS else f"last {SHOWN_CALLS} host calls:"
        return [title, *(f"    {line}" for line in written)]


def _backtrace(frames: Sequence[Frame], programs: Sequence[Program]) -> list[str]:
    from agave_wasi.backtrace import backtrace, lines

    return lines(backtrace(frames, programs))


def _tail(name: str, data: bytes) -> list[str]:
    """The last lines of an output."""
    if not data:
        return [f"{name}: empty"]
    lines = [printable(line) for line in data.decode("utf-8", "backslashreplace").splitlines()]
    more = [f"    ... {len(lines) - SHOWN_LINES} lines before"] if len(lines) > SHOWN_LINES else []
    return [f"{name}:", *more, *(f"    {line}" for line in lines[-SHOWN_LINES:])]
