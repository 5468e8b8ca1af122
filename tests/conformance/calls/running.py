"""Recorded runs on both sides within the test's own process, for tests that do many."""

from __future__ import annotations

from dataclasses import astuple
from functools import cache
from pathlib import Path
from time import time_ns

import wasmtime

from agave_wasi.binary.outline import outline
from agave_wasi.engines.capi import to_wasm
from agave_wasi.preview1.interface import UNSTABLE_MODULE
from conformance.calls import ours, process
from conformance.calls.call import Call
from conformance.calls.equal import Equal, of_case
from conformance.calls.recorder import Recording
from conformance.calls.reference import Reference, engine
from conformance.suites.cases import Case, cases
from conformance.suites.run_reference import provides


def speaks_the_newer_interface(case: Case) -> bool:
    return all(item.module != UNSTABLE_MODULE for item in outline(case.program.read_bytes()).imports)


def comparable() -> list[Case]:
    """The cases whose worlds the reference can have, and whose interface it serves."""
    return [case for case in cases() if provides(case.world) and speaks_the_newer_interface(case)]


@cache
def shared_engine() -> wasmtime.Engine:
    return engine()


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


__all__ = ["both", "comparable", "module", "of_case", "on_reference"]
