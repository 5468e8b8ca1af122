"""wasmtime-py's own WASI as a command: `python -m conformance.corpus.reference_runner [options] PROG.wasm [ARGS...]`.

It takes the options of `agave-wasi run` that the corpus uses, so that both runtimes are started by the same argv:
`--dir HOST::GUEST[:ro]`, `--env K=V`, `--arg0 NAME`. stdin, stdout and stderr are the caller's. Compiled code is kept
in the folder that AGAVE_CORPUS_COMPILED names, under the hash of the module and wasmtime's version; `--compile` fills
it and runs nothing. The exit code is the guest's, 134 after a trap, 125 when the module can't be loaded.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from argparse import REMAINDER, ArgumentParser
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import wasmtime
from wasmtime.component import Component

from conformance.adapters.job import GuestRefused, GuestTrapped, Job
from conformance.adapters.wasmtime_child import is_component, run_module, world
from conformance.adapters.wasmtime_component import run_component

TRAPPED = 134
UNUSABLE = 125


def parse_directory(text: str) -> dict[str, str]:
    """Split `HOST::GUEST[:ro]` into a folder of a job's."""
    host, separator, guest = text.partition("::")
    read_only = bool(separator) and guest.endswith(":ro")
    return {"host": host, "guest": guest.removesuffix(":ro") or host, "mode": "ro" if read_only else "rw"}


def make_engine() -> wasmtime.Engine:
    """An engine with wasmtime's defaults and exceptions, which some of the programs are compiled with."""
    config = wasmtime.Config()
    config.wasm_exceptions = True
    return wasmtime.Engine(config)


Program = TypeVar("Program", wasmtime.Module, Component)


def load(kind: type[Program], engine: wasmtime.Engine, path: Path) -> Program:
    """The module or component at `path`, from its compiled code when that is kept already; errors: WasmtimeError, OSError."""
    folder = os.environ.get("AGAVE_CORPUS_COMPILED")
    if not folder:
        return kind.from_file(engine, str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = Path(folder) / f"{digest}-{version('wasmtime')}.cwasm"
    if kept.exists():
        return kind.deserialize_file(engine, str(kept))
    module = kind.from_file(engine, str(path))
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as unfinished:
        unfinished.write(module.serialize())
    os.replace(unfinished.name, kept)  # two processes at once each rename a whole file
    return module


def run(job: Job, compile_only: bool = False) -> int:
    """Run one command to its end and return the exit code; with `compile_only`, only keep its compiled code."""
    engine = make_engine()
    try:
        if is_component(job.program):
            component = load(Component, engine, Path(job.program))
            return 0 if compile_only else run_component(component, engine, world(job))
        module = load(wasmtime.Module, engine, Path(job.program))
        return 0 if compile_only else run_module(job, module, engine)
    except GuestTrapped as error:
        return complain(error, TRAPPED)
    except (GuestRefused, wasmtime.WasmtimeError, OSError) as error:
        return complain(error, UNUSABLE)


def complain(error: Exception, code: int) -> int:
    """Say what happened; the exit code."""
    print(f"reference runner: {error}", file=sys.stderr)
    return code


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = ArgumentParser(prog="reference_runner", description="run a Preview 1 command on wasmtime's own WASI")
    parser.add_argument("--dir", action="append", default=[], metavar="HOST::GUEST[:ro]")
    parser.add_argument("--env", action="append", default=[], metavar="K=V")
    parser.add_argument("--arg0", help="argv[0] for the guest; else the program's file name")
    parser.add_argument("--compile", action="store_true", help="keep the compiled code, run nothing")
    parser.add_argument("program", type=Path)
    parser.add_argument("arguments", nargs=REMAINDER)
    options = parser.parse_args(arguments)
    environment = dict(setting.partition("=")[::2] for setting in options.env)
    argv = [options.arg0 or options.program.name, *options.arguments]
    folders = [parse_directory(text) for text in options.dir]
    return run(Job(str(options.program), argv, environment, folders, report=""), options.compile)


if __name__ == "__main__":
    sys.exit(main())
