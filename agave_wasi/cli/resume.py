"""`agave-wasi resume`: a program goes on that `run --snapshot-at` has stopped; and what `run` does for that."""

from __future__ import annotations

from agave_wasi.binary.reader import kind_of
from agave_wasi.cli.failures import Failure, note
from agave_wasi.cli.options import HELP, RUN_OPTIONS, UsageError, parse
from agave_wasi.cli.run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from agave_wasi.cli.options import Option, Settings
    from agave_wasi.loader import Program
    from agave_wasi.result import Result
    from agave_wasi.snapshots import Snapshot
    from agave_wasi.snapshots.snapshot import Kept
    from agave_wasi.snapshots.webassembly import Invocation

_OPTIONS = ("dir", "stdin", "timeout", "max-memory", "listen", "trace", "snapshot-at", "save")
RESUME_OPTIONS: tuple[Option, ...] = (*(option for option in RUN_OPTIONS if option.name in _OPTIONS), HELP)


def main(arguments: list[str]) -> int:
    """Go on; the program's exit code, or one of ours."""
    settings, rest = parse("resume", arguments, RESUME_OPTIONS)
    if settings.get("help"):
        from agave_wasi.cli.help import command_help

        return command_help("resume")
    return Resumed(settings, file_of("resume", rest)).to_its_end()


def file_of(command: str, rest: list[str]) -> str:
    """The file of the snapshot; UsageError."""
    if len(rest) != 1:
        raise UsageError(f"{command}: which snapshot? Name one file, after the options: agave-wasi {command} FILE.agave")
    return rest[0]


class Resumed(Run):
    """The rest of a run; `changes` are what a fork does otherwise, options of `agave_wasi.snapshots.resume`."""

    def __init__(self, settings: Settings, path: str, changes: Mapping[str, Any] | None = None) -> None:
        self.settings = settings
        self.path = path
        self.arguments = []
        self.sink = None
        self.nested = False
        self.program = None
        self.libraries = {}
        self.invocation = None
        self.changes = changes or {}
        self.kept: list[Kept] = []

    def programs(self) -> Sequence[Kept]:
        """As they are in the snapshot, once it is read."""
        return [] if self.kept and self.kept[0].is_machine_code else self.kept

    def result(self) -> Result:
        """What the rest showed."""
        require_both(self.settings)
        try:
            from agave_wasi.saving import settings_of
            from agave_wasi.snapshots import Snapshot, SnapshotError, resume
        except ModuleNotFoundError as error:
            if error.name != "unicorn":
                raise
            from agave_wasi.engines.x86.engine import NEEDS_MODEL

            raise Failure(NEEDS_MODEL) from None
        settings = self.settings
        try:
            snapshot = Snapshot.load(self.path, settings.get("max-memory"))
            self.kept = snapshot.programs
            settings["tty"] = settings_of(snapshot.world).tty
            stdin, stdout, stderr = self.streams()
            result = resume(
                snapshot,
                stdin=stdin if snapshot.stdin is None or "stdin" in settings else None,
                stdout=stdout, stderr=stderr, trace=self.sink or False, at=settings.get("snapshot-at"),
                mounts=_mounts(settings), listen=settings.get("listen", ()), max_memory=settings.get("max-memory"),
                timeout=settings.get("timeout"), **self.changes,
            )  # fmt: skip
        except SnapshotError as error:
            raise Failure(f"{self.path}: {error}") from None
        except LookupError as error:
            raise Failure(f"--snapshot-at: {error.args[0]}") from None
        except OSError as error:
            raise Failure(f"{error.filename or self.path}: {error.strerror or error}") from None
        except ValueError as error:
            raise Failure(f"{self.path}: {error}") from None
        self.path = self.kept[0].name  # what an end is told of
        if result.ended_by == "exit":
            _print_values(self.kept[0], snapshot.state.get("invoke"), result.values)
        return kept(self, result)


def _print_values(program: Kept, invoke: Any, values: tuple[Any, ...]) -> None:
    """What a call gave that --invoke had asked for."""
    if invoke is None:
        return
    if kind_of(program.wasm) == "module":
        from agave_wasi.cli.invoke import invocation, shown

        name, arguments = invoke
        values = tuple(shown(values, invocation(program, name, list(map(str, arguments))).results))
    for each in values:
        print(each)


def run_until_point(run: Run, source: Program | bytes, invoke: Invocation | None = None) -> Result:
    """What a run of a program, or of an ELF file's bytes, with --snapshot-at showed, with its snapshot in the file that --save
    names."""
    settings = run.settings
    require_both(settings)
    if settings.get("engine") != "x86":
        raise UsageError("run: --snapshot-at needs the CPU model: add --engine x86")
    from agave_wasi.snapshots import SnapshotError, run_until

    stdin, stdout, stderr = run.streams()
    try:
        result = run_until(
            run.world, source, settings["snapshot-at"], run.arguments, stdin, arg0=run.arg0(), name=run.path, stdout=stdout,
            stderr=stderr, invoke=invoke, libraries=run.libraries or None, trace=run.sink or False, trace_syscalls=run.nested,
        )  # fmt: skip
    except ValueError as error:
        raise UsageError(f"run: --snapshot-at {settings['snapshot-at']}: {error}") from None
    except LookupError as error:
        raise Failure(f"--snapshot-at: {error.args[0]}") from None
    except SnapshotError as error:
        raise Failure(f"--snapshot-at: {error}") from None
    return kept(run, result)


def require_both(settings: Settings) -> None:
    """UsageError unless --snapshot-at and --save are there together, or neither is."""
    for one, other in (("snapshot-at", "save"), ("save", "snapshot-at")):
        if one in settings and other not in settings:
            example = next(option.example for option in RUN_OPTIONS if option.name == other)
            raise UsageError(f"--{one} goes with --{other}, for example {example}")


def kept(run: Run, result: Result) -> Result:
    """The result, with its snapshot in the file; where there is none although there should be, that is a Failure."""
    at = run.settings.get("snapshot-at")
    if at is None or result.ended_by not in ("exit", "snapshot"):
        return result
    if result.snapshot is None:
        raise Failure(f"the program ended with exit code {result.exit_code} before {at}, so there is no snapshot")
    _save(run.settings["save"], result.snapshot)
    kind, _, number = at.partition(":")
    if kind == "icount" and result.snapshot.count != int(number):
        note(f"--snapshot-at {at}: that is within what can't be stopped, so it was taken at icount:{result.snapshot.count}")
    return result


def _save(path: str, snapshot: Snapshot) -> None:
    try:
        snapshot.save(path)
    except OSError as error:
        raise Failure(f"--save {path}: {error.strerror}") from None


def _mounts(settings: Settings) -> list[Any]:
    from agave_wasi.settings import Mount

    return [Mount(guest, host, mode) for guest, host, mode in settings.get("dir", ())]
