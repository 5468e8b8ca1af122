"""Run the Preview 1 suites on wasmtime, the reference they were measured on, and print what fails.

    python -m conformance.suites.run_reference [CASE...]

Each case runs in a store of its own, on a fresh copy of its files, with an empty stdin. A case that needs a world which
wasmtime can't be given is skipped, and what it needs is printed. wasmtime's C interface serves only
wasi_snapshot_preview1, so a program of wasi_unstable runs through a bridge: a second module wraps the newer functions
round the guest's memory, and the four whose layouts differ are translated here.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import wasmtime

from conformance.suites.cases import Case, cases, copy_of

SUITE = Path(__file__).parent / "preview1"
OLD = "wasi_unstable"
SECONDS = 30


@dataclass(frozen=True)
class Result:
    """What one run showed; `exit_code` is None after a trap, whose text is then in `trap`."""

    exit_code: int | None
    stdout: str
    stderr: str
    trap: str


def engine() -> wasmtime.Engine:
    """An engine whose guests can be stopped from outside."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    return wasmtime.Engine(config)


def call(start: Callable[[], Any]) -> tuple[int | None, str]:
    """Run a guest's entry point; its exit code, or None and the trap's text."""
    try:
        start()
    except wasmtime.ExitTrap as error:
        return error.code, ""
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        return None, str(error)
    return 0, ""


def bridge(
    store: wasmtime.Store, linker: wasmtime.Linker, module: wasmtime.Module
) -> Callable[[wasmtime.Memory], None]:
    """Define the guest's wasi_unstable imports; returns what to call once its memory exists."""
    text = (SUITE / "raw_calls.wat").read_text(encoding="utf-8")
    text = text.replace(
        '(memory (export "memory") 2 2)', '(import "guest" "memory" (memory 0)) (export "memory" (memory 0))'
    )
    wrapped: dict[str, Any] = {}
    memories: list[wasmtime.Memory] = []

    def later(memory: wasmtime.Memory) -> None:
        inner = wasmtime.Linker(store.engine)
        inner.define_wasi()
        inner.define(store, "guest", "memory", memory)
        exports = inner.instantiate(store, wasmtime.Module(store.engine, text)).exports(store)
        wrapped.update({name: exports[name] for name in exports if name != "memory"})
        memories.append(memory)

    def filestat(name: str, *args: int) -> int:
        memory, out = memories[0], args[-1]
        after = memory.read(store, out + 56, out + 64)  # the newer record is 8 bytes longer: keep what lies behind
        error = int(wrapped[name](store, *args))
        if not error:
            dev, ino, kind, nlink, *rest = struct.unpack("<QQB7xQQQQQ", memory.read(store, out, out + 64))
            memory.write(store, struct.pack("<QQB3xIQQQQ", dev, ino, kind, nlink, *rest), out)
        memory.write(store, after, out + 56)
        return error

    def seek(_: str, fd: int, offset: int, whence: int, out: int) -> int:
        return int(wrapped["fd_seek"](store, fd, offset, {0: 1, 1: 2, 2: 0}.get(whence, whence), out))

    def poll(_: str, subscriptions: int, events: int, count: int, out: int) -> int:
        memory, size = memories[0], 56 * count
        kept = memory.read(store, subscriptions, subscriptions + size)
        newer = b"".join(  # drop the clock identifier of each clock subscription, and 8 bytes of padding of the others
            kept[at : at + 16] + (kept[at + 24 : at + 56] if kept[at + 8] == 0 else kept[at + 16 : at + 48])
            for at in range(0, size, 56)
        )
        memory.write(store, newer, subscriptions)
        error = int(wrapped["poll_oneoff"](store, subscriptions, events, count, out))
        memory.write(store, kept, subscriptions)
        return error

    def plain(name: str, *args: int) -> Any:
        return wrapped[name](store, *args)

    special: dict[str, Callable[..., Any]] = {
        "fd_filestat_get": filestat,
        "path_filestat_get": filestat,
        "fd_seek": seek,
        "poll_oneoff": poll,
    }
    for item in module.imports:
        if item.module == OLD and item.name and isinstance(item.type, wasmtime.FuncType):
            linker.define_func(OLD, item.name, item.type, partial(special.get(item.name, plain), item.name))
    return later


def provides(world: dict[str, Any]) -> bool:
    """Can wasmtime be given such a world? Only read-only folders, and a stdin that ends."""
    mounts, stdin = world.get("mounts", []), world.get("stdin", {})
    return world.keys() <= {"mounts", "stdin"} and all(each["mode"] == "ro" for each in mounts) and "then" not in stdin


def run(case: Case, folder: Path, on: wasmtime.Engine) -> Result:
    """Run a case's program, with `folder` for its files and outputs."""
    stdin, stdout, stderr = (folder / name for name in ("stdin", "stdout", "stderr"))
    for stream in (stdin, stdout, stderr):
        stream.write_bytes(b"")
    stdin.write_text(case.world.get("stdin", {}).get("data", ""), encoding="utf-8")
    config = wasmtime.WasiConfig()
    config.argv = [case.program.name, *case.manifest["args"]]
    config.env = list(case.manifest["env"].items())
    config.stdin_file, config.stdout_file, config.stderr_file = str(stdin), str(stdout), str(stderr)
    config.preopen_dir(str(copy_of(case.root, folder / "root")), "/")
    for number, each in enumerate(case.world.get("mounts", [])):
        config.preopen_dir(str(copy_of(case.folder(each["root"]), folder / f"mount{number}")), each["guest"], False)
    store = wasmtime.Store(on)
    store.set_wasi(config)
    store.set_epoch_deadline(1)
    module = wasmtime.Module.from_file(on, str(case.program))
    linker = wasmtime.Linker(on)
    linker.define_wasi()
    old = any(item.module == OLD for item in module.imports)
    later = bridge(store, linker, module) if old else None
    exports = linker.instantiate(store, module).exports(store)
    memory, start = exports["memory"], exports["_start"]
    assert isinstance(memory, wasmtime.Memory) and isinstance(start, wasmtime.Func)
    if later:
        later(memory)
    timer = threading.Timer(SECONDS, on.increment_epoch)
    timer.start()
    code, trap = call(lambda: start(store))
    timer.cancel()
    store.close()
    return Result(code, stdout.read_text(encoding="utf-8"), stderr.read_text(encoding="utf-8"), trap)


def main(names: list[str]) -> int:
    """Run the named cases, or all; 0 when every one passed."""
    chosen = cases(*names)
    failed = skipped = 0
    on = engine()
    for case in chosen:
        if not provides(case.world):
            skipped += 1
            print(f"skip {case.name}: needs {case.manifest['needs']}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            result = run(case, Path(folder), on)
        lines = case.faults(result.exit_code, result.stdout, result.stderr) + ([result.trap] if result.trap else [])
        if lines:
            failed += 1
            print(f"FAIL {case.name}", *lines, sep="\n    ")
    passed = len(chosen) - failed - skipped
    print(f"{passed} of {len(chosen)} cases pass on wasmtime {wasmtime_version()}, {skipped} are skipped")
    return 1 if failed else 0


def wasmtime_version() -> str:
    """The installed wasmtime's version."""
    from importlib.metadata import version

    return version("wasmtime")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
