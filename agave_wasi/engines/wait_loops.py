"""The little wasm loop around a host function that may have to wait.

A guest can be suspended only between wasm and an asynchronous host function, never with a Python frame on its stack. So a
host function that may wait is a plain callback that answers RETRY, and this loop, which is wasm, then calls `wait` (where
the guest is suspended until the scheduler resumes it) and `resume` (which starts the parked call again).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}


def loops(functions: Mapping[str, str]) -> bytes:
    """A module in text that wraps `functions` (name -> parameter letters), each with an i32 result.

    It imports try.NAME, host.wait and host.resume, and exports NAME.
    """
    lines = ["(module", ' (import "host" "wait" (func $wait))', ' (import "host" "resume" (func $resume (result i32)))']
    for name, parameters in functions.items():
        types = " ".join(_TYPES[letter] for letter in parameters)
        lines.append(f' (import "try" "{name}" (func $try_{name} (param {types}) (result i32)))')
    lines += [
        " (func $again (result i32) (local $code i32)",
        "  (loop $more (call $wait) (local.tee $code (call $resume)) (i32.const -1) (i32.eq) (br_if $more))",
        "  (local.get $code))",
    ]
    for name, parameters in functions.items():
        types = " ".join(_TYPES[letter] for letter in parameters)
        arguments = " ".join(f"(local.get {index})" for index in range(len(parameters)))
        lines += [
            f' (func (export "{name}") (param {types}) (result i32) (local $code i32)',
            f"  (if (result i32) (i32.eq (local.tee $code (call $try_{name} {arguments})) (i32.const -1))",
            "   (then (call $again)) (else (local.get $code))))",
        ]
    return ("\n".join(lines) + ")\n").encode()
