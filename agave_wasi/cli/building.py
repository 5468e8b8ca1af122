"""From the options of `run` to a world, its inputs and its outputs; imported when there are options.

Everything that a user can get wrong here becomes a Failure that names the option.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager

from agave_wasi.cli.failures import Failure, note
from agave_wasi.cli.options import UsageError
from agave_wasi.cli.run import compiling
from agave_wasi.world import Mount, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

    from agave_wasi.cli.options import Settings
    from agave_wasi.cli.run import Run
    from agave_wasi.loader import Program
    from agave_wasi.result import Result

_PLAIN = (
    "seed", "realtime", "cwd", "fs_quota", "max_fds", "max_output", "max_memory", "fuel", "max_stack", "timeout", "tty",
    "engine", "instructions", "clock_ips", "icount",
)  # fmt: skip
"""Options whose values a World takes as they are, under the same names."""


def world(settings: Settings) -> World:
    """The world that the options describe; Failure, UsageError."""
    if settings.get("commit") and all(mode != "overlay" for _, _, mode in settings.get("dir", ())):
        raise UsageError(
            "--commit writes back what changed in overlays, and there is none; give the guest a folder as an overlay, "
            "for example --dir .::/work:overlay"
        )
    wanted: dict[str, Any] = {}
    _require_counting(settings)
    for name in (*_PLAIN, "clock_start", "clock_step", "listen"):
        value = settings.get(name.replace("_", "-"))
        if value is not None:
            wanted[name] = value
    mounts = [Mount(guest, _folder(host), mode) for guest, host, mode in settings.get("dir", ())]
    mounts += [Mount(guest, None, "memory") for guest in settings.get("mem", ())]
    try:
        made = World(
            env=environment(settings),
            mounts=mounts,
            strict_rights=settings.get("rights") == "strict",
            progress=compiling,
            **wanted,
        )
    except OSError as error:
        raise Failure(f"{_cause(settings, error)}: {error.strerror or error}") from None
    except ValueError as error:
        option = "--max-fds" if "max_fds" in str(error) else f"--cwd {settings['cwd']}" if "cwd" in settings else "run"
        raise Failure(f"{option}: {error}") from None
    for asked, address in zip(settings.get("listen", ()), made.addresses):
        if asked != address:
            note(f"listening at {address}")
    if "fs" in settings:
        _load_image(made, settings["fs"])
    return made


def _require_counting(settings: Settings) -> None:
    """UsageError for options about instructions that don't go with others."""
    for name in ("instructions", "clock-ips", "icount"):
        if settings.get(name) and settings.get("engine") != "x86":
            raise UsageError(f"--{name} is about instructions of the CPU model; say --engine x86 as well")
    if "clock-ips" in settings:
        for name in ("realtime", "clock-step"):
            if settings.get(name):
                raise UsageError(f"--clock-ips lets instructions move the clock, and --{name} something else; leave one out")


def _folder(path: str) -> str:
    """A folder of the host that is there and is one."""
    try:
        with os.scandir(path):
            return path
    except OSError as error:
        raise Failure(f"--dir {path}: {error.strerror}") from None


def _cause(settings: Settings, error: OSError) -> str:
    """The option that an error of the host belongs to."""
    if error.filename is None and "listen" in settings:
        return f"--listen {' '.join(settings['listen'])}"
    return f"--dir {os.fsdecode(error.filename)}" if isinstance(error.filename, (str, bytes)) else "--dir"


def environment(settings: Settings) -> dict[str, str]:
    """The guest's variables: those of the files, in order, then those that were given one by one."""
    found: dict[str, str] = {}
    for path in settings.get("env-file", ()):
        for number, line in enumerate(_lines(path), 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            name, equals, value = text.partition("=")
            if not name or not equals or "\0" in text:
                raise Failure(f"--env-file {path}, line {number}: {text!r} isn't NAME=VALUE")
            found[name.strip()] = value
    for name, given in settings.get("env", ()):
        if given is not None:
            found[name] = given
    return found


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError as error:
        raise Failure(f"--env-file {path}: {error.strerror}") from None


def libraries(settings: Settings, world: World) -> dict[str, Program]:
    """The modules of --preload and the components of --link, loaded."""
    found = {}
    for option, kind in (("preload", "module"), ("link", "component")):
        for name, path in settings.get(option, ()):
            program = found[name] = world.load(path)
            if program.is_component != (option == "link"):
                other = "--link" if option == "preload" else "--preload"
                raise Failure(f"--{option} {name}={path}: it is no {kind}; use {other} for it")
    return found


def open_input(path: str) -> int:
    """A descriptor of the file that is to be stdin."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Failure(f"--stdin {path}: {error.strerror}") from None


def _load_image(world: World, path: str) -> None:
    from agave_wasi.images import ImageError, load_image

    try:
        warnings = load_image(world.kernel.root, path)
    except ImageError as error:
        raise Failure(f"--fs {error}") from None
    for warning in warnings:
        note(f"--fs {path}: {warning}")


@contextmanager
def outputs(run: Run) -> Iterator[None]:
    """Open the files that a run writes to, so that it doesn't run in vain; close them behind it."""
    with ExitStack() as open_files:
        if "trace" in run.settings:
            open_files.enter_context(_tracing(run, run.settings["trace"]))
        for name in ("save-fs", "coredump", "save", "result"):
            if name in run.settings:
                check_writable(f"--{name}", run.settings[name])
        yield


@contextmanager
def _tracing(run: Run, path: str) -> Iterator[None]:
    """Send trace events to a file, beside where they go already."""
    from json import JSONEncoder

    encode = JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    file = create("--trace", path)
    further = run.sink

    def write(event: dict[str, Any]) -> None:
        line = encode(event).encode("utf-8", "backslashreplace") + b"\n"
        try:
            file.write(line)
        except OSError as error:
            raise Failure(f"--trace {path}: {error.strerror}") from None
        if further is not None:
            further(event)

    run.sink = write
    try:
        yield
    finally:
        _close("--trace", path, file)


def create(option: str, path: str) -> BinaryIO:
    """A new file of the host's; Failure names the option."""
    try:
        return open(path, "wb")
    except OSError as error:
        raise Failure(f"{option} {path}: {error.strerror}") from None


def _close(option: str, path: str, file: BinaryIO) -> None:
    try:
        file.close()
    except OSError as error:
        raise Failure(f"{option} {path}: {error.strerror}") from None


def check_writable(option: str, path: str) -> None:
    """Complain now about a file that couldn't be written later; nothing is changed."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise Failure(f"{option} {path}: it is a directory")
    if not os.path.isdir(folder):
        raise Failure(f"{option} {path}: there is no folder {folder}")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise Failure(f"{option} {path}: it may not be written")


def write_file(option: str, path: str, data: bytes) -> None:
    """Write a file of the host's; Failure names the option."""
    file = create(option, path)
    try:
        file.write(data)
    except OSError as error:
        raise Failure(f"{option} {path}: {error.strerror}") from None
    finally:
        _close(option, path, file)


def keep_files(run: Run, result: Result) -> None:
    """--save-fs, whatever the end, and --commit after a clean one."""
    settings = run.settings
    if "save-fs" in settings:
        _save_image(run.world, settings["save-fs"])
    if settings.get("commit"):
        if result.ended_by == "exit" and result.exit_code == 0:
            _commit(run.world)
        else:
            note("--commit: the guest didn't end with exit code 0, so nothing is written back")


def _save_image(world: World, path: str) -> None:
    from agave_wasi.images import ImageError, save_image

    file = create("--save-fs", path)
    try:
        save_image(world.kernel.root, file)
    except ImageError as error:
        raise Failure(f"--save-fs {path}: {error}") from None
    except OSError as error:
        raise Failure(f"--save-fs {path}: {error.strerror or error}") from None
    finally:
        _close("--save-fs", path, file)


def _commit(world: World) -> None:
    from agave_wasi.host.commit import CommitError

    try:
        world.commit()
    except (CommitError, OSError) as error:
        raise Failure(f"--commit: {error}") from None


def tell_count(run: Run, result: Result) -> None:
    """--icount: how many instructions were executed."""
    if run.settings.get("icount"):
        note(f"{result.instructions} instructions")


def keep_result(run: Run, result: Result) -> None:
    """--result: how it ended, as JSON."""
    if "result" in run.settings:
        from json import dumps

        told = {
            "program": run.path, "exit_code": result.exit_code & 0xFF, "ended_by": result.ended_by, "message": result.message,
            "instructions": result.instructions if run.settings.get("icount") else None,
        }  # fmt: skip
        write_file("--result", run.settings["result"], dumps(told, indent=2).encode() + b"\n")
