"""Recorded runs on both sides within the test's own process, for tests that do many."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from time import time_ns

import wasmtime

from agave_wasi.binary.outline import outline
from agave_wasi.engines.capi import to_wasm
from agave_wasi.preview1.interface import UNSTABLE_MODULE
from conformance.adapters.base import lay_out
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.calls import ours, process
from conformance.calls.call import Call
from conformance.calls.equal import Equal, of_case
from conformance.calls.recorded import engine
from conformance.calls.recorder import Recording
from conformance.calls.reference import Reference
from conformance.case import Case
from conformance.expectations import ours as ours_expected
from conformance.suites.cases import cases


def speaks_the_newer_interface(case: Case) -> bool:
    return all(item.module != UNSTABLE_MODULE for item in outline(case.program.read_bytes()).imports)


def comparable() -> list[Case]:
    """The cases whose worlds the reference can have, and that aren't known to fail there."""
    reference, known = WasmtimePy(), ours_expected()
    found = [case for case in cases() if not reference.refuses(case)]
    return [case for case in found if known.of(case.suite, case.name, reference.name) is None]


@cache
def shared_engine() -> wasmtime.Engine:
    return engine()


@dataclass(frozen=True)
class Plain:
    """What an unrecorded run showed; `exit_code` is None after a trap, whose text is then in `trap`."""

    exit_code: int | None
    stdout: str
    stderr: str
    trap: str


def plainly(case: Case, folder: Path, on: wasmtime.Engine) -> Plain:
    """A case on the reference as it is, with `folder` for its files and outputs."""
    stdin, stdout, stderr = (folder / name for name in ("stdin", "stdout", "stderr"))
    stdin.write_text(case.stdin, encoding="utf-8")
    config = wasmtime.WasiConfig()
    config.argv = [case.program.name, *case.args]
    config.env = list(case.env.items())
    config.stdin_file, config.stdout_file, config.stderr_file = str(stdin), str(stdout), str(stderr)
    for guest, host, mode in lay_out(case, folder):
        config.preopen_dir(str(host), guest, mode != "ro")
    store = wasmtime.Store(on)
    store.set_wasi(config)
    store.set_epoch_deadline(1)
    linker = wasmtime.Linker(on)
    linker.define_wasi()
    module = wasmtime.Module.from_file(on, str(case.program))
    code, trap = 0, ""
    try:
        start = linker.instantiate(store, module).exports(store)["_start"]  # where a start section runs, which may exit
        assert isinstance(start, wasmtime.Func)
        start(store)
    except wasmtime.ExitTrap as error:
        code = error.code
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        trap = str(error)
    store.close()
    return Plain(None if trap else code, stdout.read_text(encoding="utf-8"), stderr.read_text(encoding="utf-8"), trap)


def on_reference(equal: Equal, told: list[Call] | None = None, stop_after: int | None = None) -> Recording:
    """As `process.record`, in this process; with no calls `told`, clocks and entropy are the reference's own."""
    wasm = Path(equal.program).read_bytes()
    with process.order(equal, wasm, told or [], stop_after) as order:
        order.cache = None
        calls: list[Call] = []
        reference = Reference(order, calls.append, shared_engine())
        reference.compile(wasm)
        began = time_ns()
        ending = reference.run()
        reference.store.close()
        recording = process.collect(order, list(astuple(ending)), began)
    recording.calls = calls
    return recording


def both(equal: Equal) -> tuple[Recording, Recording]:
    """A program on both sides, in equal worlds."""
    here = ours.record(equal)
    return here, on_reference(equal, here.calls)


def module(tmp_path: Path, text: str) -> str:
    """A module from text, as a file."""
    path = tmp_path / "guest.wasm"
    path.write_bytes(to_wasm(text.encode()))
    return str(path)


__all__ = ["both", "comparable", "module", "of_case", "on_reference", "plainly", "speaks_the_newer_interface"]
