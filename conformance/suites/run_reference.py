"""Run the Preview 1 suite on wasmtime, the reference it was measured on, and print what fails.

    python conformance/suites/run_reference.py [CASE...]

Each case runs in a store of its own, on a fresh copy of its files, with an empty stdin. wasmtime's C interface serves
only wasi_snapshot_preview1, so a program of wasi_unstable runs through a bridge: a second module wraps the newer
functions round the guest's memory, and the four whose layouts differ are translated here.
"""

from __future__ import annotations

import json
import shutil
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


def run(case: Path, folder: Path, on: wasmtime.Engine) -> Result:
    """Run the program of manifest `case`, with `folder` for its files and outputs."""
    manifest = json.loads(case.read_text(encoding="utf-8"))
    files, stdin, stdout, stderr = (folder / name for name in ("root", "stdin", "stdout", "stderr"))
    if manifest["root"]:
        shutil.copytree(case.parent / manifest["root"], files, symlinks=True)
    else:
        files.mkdir()
    for stream in (stdin, stdout, stderr):
        stream.write_bytes(b"")
    config = wasmtime.WasiConfig()
    config.argv = [case.stem + ".wasm", *manifest["args"]]
    config.env = list(manifest["env"].items())
    config.stdin_file, config.stdout_file, config.stderr_file = str(stdin), str(stdout), str(stderr)
    config.preopen_dir(str(files), "/")
    store = wasmtime.Store(on)
    store.set_wasi(config)
    store.set_epoch_deadline(1)
    module = wasmtime.Module.from_file(on, str(case.with_suffix(".wasm")))
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


def faults(case: Path, result: Result) -> list[str]:
    """What differs from the manifest, a line each; none when the case passed."""
    manifest = json.loads(case.read_text(encoding="utf-8"))
    lines = []
    if result.exit_code != manifest["exit_code"]:
        lines.append(f"exit code {result.exit_code}, expected {manifest['exit_code']}")
    for name, got in (("stdout", result.stdout), ("stderr", result.stderr)):
        if got != manifest[name]:
            lines.append(f"{name} {got!r}, expected {manifest[name]!r}")
    return lines + ([result.trap] if result.trap else [])


def main(names: list[str]) -> int:
    """Run the named cases, or all; 0 when every one passed."""
    cases = sorted(path for path in SUITE.glob("*.json") if path.name != "manifest.json")
    cases = [path for path in cases if not names or path.stem in names]
    failed = 0
    on = engine()
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            lines = faults(case, run(case, Path(folder), on))
        if lines:
            failed += 1
            print(f"FAIL {case.stem}", *lines, sep="\n    ")
    print(f"{len(cases) - failed} of {len(cases)} cases pass on wasmtime {wasmtime_version()}")
    return 1 if failed else 0


def wasmtime_version() -> str:
    """The installed wasmtime's version."""
    from importlib.metadata import version

    return version("wasmtime")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
