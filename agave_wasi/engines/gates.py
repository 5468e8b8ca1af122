"""The wasm between a guest and its host calls: loops for those that may have to wait, a switch for those that may be hot.

A guest can be suspended only between wasm and an asynchronous host function, never with a Python frame on its stack. So a
host function that may wait is a plain callback that answers RETRY, and a loop, which is wasm, then calls `wait` (where
the guest is suspended until the scheduler resumes it) and `resume` (which starts the parked call again).

A hot function goes through a table. At first its place there counts; with the call number `AWAKE_AT`, `awake` may put a faster
function there, which gets at the host's own as `kernel NAME`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

AWAKE_AT = 256
"""So many calls of hot functions a guest makes before it pays to make them faster."""
_TYPES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}


def gates(functions: Mapping[str, str], blocking: Collection[str], hot: Collection[str]) -> bytes:
    """A module in text round `functions` (name -> parameter letters), each with an i32 result and exported as NAME.

    It imports try.NAME, host.wait and host.resume if one is blocking, host.awake if one is hot; it exports the table as `hot`.
    """
    lines = ["(module"]
    if blocking:
        lines += [' (import "host" "wait" (func $wait))', ' (import "host" "resume" (func $resume (result i32)))']
    if hot:
        lines.append(' (import "host" "awake" (func $awake))')
    for name, parameters in functions.items():
        lines.append(f' (import "try" "{name}" (func $try_{name} {_type(parameters)}))')
    if blocking:
        lines += [
            " (func $again (result i32) (local $code i32)",
            "  (loop $more (call $wait) (local.tee $code (call $resume)) (i32.const -1) (i32.eq) (br_if $more))",
            "  (local.get $code))",
        ]
    for name, parameters in functions.items():
        if name in blocking:
            lines += _loop(name, parameters, name not in hot)
    if hot:
        lines += [" (global $calls (mut i32) (i32.const 0))", f' (table (export "hot") {len(hot)} funcref)']
        lines.append(f" (elem (i32.const 0) {' '.join(f'$count_{name}' for name in hot)})")
        for place, name in enumerate(hot):
            lines += _switch(name, functions[name], place, f"${'kernel' if name in blocking else 'try'}_{name}")
    return ("\n".join(lines) + ")\n").encode()


def switched(functions: Mapping[str, str], hot: Collection[str]) -> bytes:
    """A module in text that imports vdso.NAME and gates.hot, and puts the functions into the table."""
    lines = ["(module", f' (import "gates" "hot" (table {len(hot)} funcref))']
    lines += [f' (import "vdso" "{name}" (func ${name} {_type(functions[name])}))' for name in hot]
    lines.append(f" (elem (i32.const 0) {' '.join(f'${name}' for name in hot)}))")
    return "\n".join(lines).encode()


AGAIN = b"""(module
 (import "host" "wait" (func $wait)) (import "host" "resume" (func $resume (result i32)))
 (import "host" "again" (table 1 funcref)) (elem (i32.const 0) $again)
 (func $again (result i32) (local $code i32)
  (loop $more (call $wait) (local.tee $code (call $resume)) (i32.const -1) (i32.eq) (br_if $more))
  (local.get $code)))
"""
"""A module in text that puts what waits until a parked call has an answer into host.again, for all gates of `single`."""
AGAIN_TABLE = b'(module (table (export "again") 1 1 funcref))'
"""Where those gates find it. It comes late, since nothing can be linked quickly once something in a store can wait."""


def single(parameters: str) -> bytes:
    """A module in text with one gate, exported as `gate`, round host.try, which says RETRY or that it is done; no results."""
    types = " ".join(_TYPES[letter] for letter in parameters)
    return f"""(module (type $again (func (result i32)))
 (import "host" "again" (table 1 funcref)) (import "host" "try" (func $try {_type(parameters)}))
 (func (export "gate") (param {types})
  (if (i32.eq (call $try {_arguments(parameters)}) (i32.const -1))
   (then (drop (call_indirect (type $again) (i32.const 0)))))))
""".encode()


def _type(parameters: str) -> str:
    types = " ".join(_TYPES[letter] for letter in parameters)
    return f"(param {types}) (result i32)" if types else "(result i32)"


def _arguments(parameters: str) -> str:
    return " ".join(f"(local.get {index})" for index in range(len(parameters)))


def _loop(name: str, parameters: str, exported: bool) -> list[str]:
    export = f' (export "{name}")' if exported else ""
    return [
        f" (func $kernel_{name}{export} {_type(parameters)} (local $code i32)",
        f"  (if (result i32) (i32.eq (local.tee $code (call $try_{name} {_arguments(parameters)})) (i32.const -1))",
        "   (then (call $again)) (else (local.get $code))))",
    ]


def _switch(name: str, parameters: str, place: int, kernel: str) -> list[str]:
    arguments = _arguments(parameters)
    return [
        f' (export "kernel {name}" (func {kernel}))',
        f" (type $type_{name} (func {_type(parameters)}))",
        f" (func $count_{name} {_type(parameters)}",
        "  (global.set $calls (i32.add (global.get $calls) (i32.const 1)))",
        f"  (if (i32.eq (global.get $calls) (i32.const {AWAKE_AT})) (then (call $awake)))",
        f"  (call {kernel} {arguments}))",
        f' (func (export "{name}") {_type(parameters)}',
        f"  (call_indirect (type $type_{name}) {arguments} (i32.const {place})))",
    ]
