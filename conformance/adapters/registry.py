"""Every runtime that there is an adapter for, by name."""

from __future__ import annotations

from pathlib import Path

from agave_wasi.nearest import unknown
from conformance.adapters.agave import Command, InProcess, OnModel
from conformance.adapters.base import Found, Missing, Runtime
from conformance.adapters.configured import read_runtimes
from conformance.adapters.node import BrowserShim, Jco, Node
from conformance.adapters.pywasm import Pywasm
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.errors import HarnessError, WrongUse

OTHER_NAMES = {"wasmtime": "wasmtime-py", "agave": "agave-wasi", "node:wasi": "node"}
EVERY = "all"
"""The name that stands for every runtime that is found."""


def runtimes(configured: Path | None = None) -> dict[str, Runtime]:
    """The runtimes that are known, those of a runtimes.toml behind ours; HarnessError if that can't be used."""
    ours = (InProcess(), Command(), OnModel(), WasmtimePy(), Node(), BrowserShim(), Jco(), Pywasm())
    known: dict[str, Runtime] = {each.name: each for each in ours}
    for each in read_runtimes(configured) if configured else ():
        if each.name in known or each.name in (EVERY, *OTHER_NAMES):
            raise HarnessError(f"{configured}: there is a runtime {each.name} already; give it another name")
        known[each.name] = each
    return known


def choose(names: list[str], known: dict[str, Runtime]) -> dict[str, tuple[Runtime, Found]]:
    """The runtimes that are named, each found on this machine; HarnessError says how to get one that isn't."""
    chosen: dict[str, tuple[Runtime, Found]] = {}
    for name in names:
        if name == EVERY:
            found = {each.name: (each, there) for each in known.values() if isinstance(there := each.find(), Found)}
            chosen |= {each: both for each, both in found.items() if each not in chosen}
            continue
        runtime = known.get(OTHER_NAMES.get(name, name))
        if runtime is None:
            cure = "those known are " + ", ".join(known) + "; --runtimes FILE.toml adds others"
            raise WrongUse(unknown("there is no runtime", name, [*known, *OTHER_NAMES], cure))
        there = runtime.find()
        if isinstance(there, Missing):
            raise HarnessError(f"{runtime.name} is not found here: {there.cure}")
        chosen[runtime.name] = runtime, there
    return chosen
