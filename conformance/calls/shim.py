"""The WebAssembly between a guest and the reference's own WASI: a function round each that the guest imports.

WASI looks for the memory in the instance that calls it, under the name `memory`; so the shim, which calls in the guest's
stead, imports the guest's memory and exports it under that name. Each function stores its arguments as slots in a memory of
the shim's own, as an engine lays them out for a host function, tells `enter`, calls the real function, and tells `leave`.
A function that never returns is never left. Without a memory the reference has none either, and says so as ever.

A guest of the older interface gets the functions of `conformance.calls.older` in the place of those that differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from agave_wasi.preview1.compiled import SIGNATURES
from agave_wasi.preview1.interface import MODULE
from conformance.calls import older
from conformance.calls.sections import NAMESPACE

_TYPES = {"i": "i32", "I": "i64"}
LAST = "agave-wasi slots"
"""What the shim's own memory is exported as."""


def shim(names: Sequence[str], memory: int | None, of_older: bool = False) -> str:
    """The shim for these functions, in text; `memory` is the number of the guest's that WASI uses."""
    lines = ["(module"]
    if memory is not None:
        lines.append(f' (import "{NAMESPACE}" "{memory}" (memory $guest 0)) (export "memory" (memory $guest))')
    for name in names:
        lines.append(f' (import "{MODULE}" "{name}" (func $real_{name} {_type(name)}))')
    lines.append(' (import "trace" "enter" (func $enter (param i32)))')
    lines.append(' (import "trace" "leave" (func $leave (param i32 i32)))')
    lines.append(f' (memory $slots 1) (export "{LAST}" (memory $slots))')
    others = [name for name in names if name in older.FUNCTIONS] if of_older and memory is not None else []
    if others:
        lines += [older.SUPPORT, *(older.FUNCTIONS[name] for name in others)]
    for number, name in enumerate(names):
        lines += _function(number, name, "older" if name in others else "real")
    return "\n".join([*lines, ")"])


def _type(name: str) -> str:
    parameters, results, _ = SIGNATURES[name]
    shown = " ".join(_TYPES[letter] for letter in parameters)
    return f"(param {shown})" + (" (result i32)" if results else "")


def _function(number: int, name: str, which: str) -> list[str]:
    parameters, results, _ = SIGNATURES[name]
    count = len(parameters)
    arguments = " ".join(f"(local.get {place})" for place in range(count))
    lines = [f' (func (export "{name}") {_type(name)}' + (" (local $errno i32)" if results else "")]
    lines += [
        f"  ({_TYPES[letter]}.store $slots (i32.const {16 * place}) (local.get {place}))"
        for place, letter in enumerate(parameters)
    ]
    lines.append(f"  (call $enter (i32.const {number}))")
    real = f"(call ${which}_{name} {arguments})"
    if not results:
        return [*lines, f"  {real})"]
    lines.append(f"  (local.set $errno {real})")
    return [*lines, f"  (call $leave (i32.const {number}) (local.get $errno)) (local.get $errno))"]
