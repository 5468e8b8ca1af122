"""The one guest of all programs: a memory, and a function round each of Preview 1's, argument for argument.

An import that is exported again would be called by nobody with a memory; so each has a function of the guest's own round it.
"""

from __future__ import annotations

from functools import cache

from agave_wasi.engines.capi import to_wasm
from agave_wasi.preview1.compiled import SIGNATURES
from agave_wasi.preview1.interface import MODULE

_TYPES = {"i": "i32", "I": "i64"}


def text() -> str:
    """The guest as text."""
    imports, functions = [], []
    for name, (parameters, results, _) in SIGNATURES.items():
        kind = f"(param {' '.join(_TYPES[letter] for letter in parameters)})" + (" (result i32)" if results else "")
        given = " ".join(f"(local.get {place})" for place in range(len(parameters)))
        imports.append(f' (import "{MODULE}" "{name}" (func ${name} {kind}))')
        functions.append(f' (func (export "{name}") {kind} (call ${name} {given}))')
    return "\n".join(["(module", *imports, ' (memory (export "memory") 1 1)', *functions, ")"])


@cache
def wasm() -> bytes:
    """The guest as a module."""
    return to_wasm(text().encode())
