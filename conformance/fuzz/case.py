"""A program of the fuzzer's as a case of a suite: a guest that makes the same calls, asserts what they show, and exits with 0.

The guest is text, in the first edition of WebAssembly, so that any runtime can load it and people can read it. Before a call
its whole memory is filled and laid out as the fuzzer does; behind it errno must be right, and a sum over the whole memory, in
which what may be otherwise elsewhere has been laid over. A step that isn't as it should be is told on stderr, with both errnos.
The last byte of memory is NUL: node:wasi looks for one behind each path, and dies beyond memory (docs/FINDINGS.md).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from struct import unpack
from typing import Any

from agave_wasi import Mount, World
from agave_wasi.engines.capi import to_wasm
from agave_wasi.preview1.compiled import SIGNATURES
from agave_wasi.preview1.interface import MODULE
from conformance.calls.trees import contents
from conformance.fuzz.expected import CLOSED, Expected, NoCase, Place, expected
from conformance.fuzz.layout import DATA, MEMORY, PATTERN, RESULTS, shown, slot_letters
from conformance.fuzz.ours import ARGS, ENV
from conformance.fuzz.steps import FIRST, Step
from kernel_sim.fs.inode import Directory

PRIME = 0x100000001B3
BASIS = 0xCBF29CE484222325
_MASK = (1 << 64) - 1
_TYPES = {"i": "i32", "I": "i64"}
LEAST_PATTERN = 32
"""A piece of data that is shorter is stored as it is, and needn't be a pattern."""

_COMPLAINT = b"step 0000: errno 0000 0000\n"
COMPLAINT = "\n".join(
    f"  (i64.store (i32.const {16 + at}) (i64.const {int.from_bytes(_COMPLAINT[at : at + 8], 'little'):#x}))"
    for at in range(0, len(_COMPLAINT), 8)
)
HELPERS = f"""
 (func $fill (param $word i64) (local $at i32)
  (loop $more
   (i64.store (local.get $at) (local.get $word))
   (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const {MEMORY}))))
  (i32.store8 (i32.const {MEMORY - 1}) (i32.const 0)))
 (func $count_up (param $at i32) (param $size i32) (param $byte i32)
  (block $done (loop $more
   (br_if $done (i32.eqz (local.get $size)))
   (i32.store8 (local.get $at) (local.get $byte))
   (local.set $at (i32.add (local.get $at) (i32.const 1)))
   (local.set $byte (i32.add (local.get $byte) (i32.const 1)))
   (local.set $size (i32.sub (local.get $size) (i32.const 1)))
   (br $more))))
 (func $clear (param $at i32) (param $size i32)
  (block $done (loop $more
   (br_if $done (i32.eqz (local.get $size)))
   (i32.store8 (local.get $at) (i32.const 0))
   (local.set $at (i32.add (local.get $at) (i32.const 1)))
   (local.set $size (i32.sub (local.get $size) (i32.const 1)))
   (br $more))))
 (func $sum (result i64) (local $at i32) (local $sum i64)
  (local.set $sum (i64.const {BASIS}))
  (loop $more
   (local.set $sum (i64.mul (i64.xor (local.get $sum) (i64.load (local.get $at))) (i64.const {PRIME})))
   (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const {MEMORY}))))
  (local.get $sum))
 (func $digits (param $at i32) (param $number i32)
  (i32.store8 (local.get $at)
   (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $number) (i32.const 1000)) (i32.const 10))))
  (i32.store8 offset=1 (local.get $at)
   (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $number) (i32.const 100)) (i32.const 10))))
  (i32.store8 offset=2 (local.get $at)
   (i32.add (i32.const 48) (i32.rem_u (i32.div_u (local.get $number) (i32.const 10)) (i32.const 10))))
  (i32.store8 offset=3 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10)))))
 ;; "step 0004: errno 0008 0000\\n": the errno that was answered, and the one that is right; the same where memory is wrong
 (func $fail (param $step i32) (param $errno i32) (param $right i32)
{COMPLAINT}
  (call $digits (i32.const 21) (local.get $step))
  (call $digits (i32.const 33) (local.get $errno))
  (call $digits (i32.const 38) (local.get $right))
  (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 27))
  (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
  (call $proc_exit (i32.const 1)))
 (func $check (param $step i32) (param $errno i32) (param $right i32)
  (if (i32.ne (local.get $errno) (local.get $right))
   (then (call $fail (local.get $step) (local.get $errno) (local.get $right)))))
 (func $check_memory (param $step i32) (param $errno i32) (param $right i64)
  (if (i64.ne (call $sum) (local.get $right))
   (then (call $fail (local.get $step) (local.get $errno) (local.get $errno)))))
 ;; a directory listed to its end: a sum over its entries, in whatever order they come
 (func $walk (param $fd i32) (param $room i32) (result i32)
  (local $cookie i64) (local $at i32) (local $end i32) (local $name i32) (local $size i32) (local $hash i64) (local $errno i32)
  (global.set $listed (i64.const 0))
  (block $done (loop $more
   (local.set $errno
    (call $fd_readdir (local.get $fd) (i32.const {DATA}) (local.get $room) (local.get $cookie) (i32.const {RESULTS})))
   (br_if $done (local.get $errno))
   (local.set $at (i32.const {DATA}))
   (local.set $end (i32.add (i32.const {DATA}) (i32.load (i32.const {RESULTS}))))
   (block $cut (loop $entries
    (br_if $cut (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
    (local.set $size (i32.load offset=16 (local.get $at)))
    (local.set $name (i32.add (local.get $at) (i32.const 24)))
    (br_if $cut (i32.gt_u (i32.add (local.get $name) (local.get $size)) (local.get $end)))
    (local.set $cookie (i64.load (local.get $at)))
    (local.set $hash (i64.xor (i64.const {BASIS}) (i64.load8_u offset=20 (local.get $at))))
    (local.set $at (i32.add (local.get $name) (local.get $size)))
    (block $named (loop $bytes
     (br_if $named (i32.eq (local.get $name) (local.get $at)))
     (local.set $hash (i64.mul (i64.xor (local.get $hash) (i64.load8_u (local.get $name))) (i64.const {PRIME})))
     (local.set $name (i32.add (local.get $name) (i32.const 1)))
     (br $bytes)))
    (global.set $listed (i64.add (global.get $listed) (local.get $hash)))
    (br $entries)))
   (br_if $more (i32.eq (i32.load (i32.const {RESULTS})) (local.get $room)))))
  (local.get $errno))
"""


def make(steps: Sequence[Step], about: Sequence[str] = ()) -> tuple[str, dict[str, Any]]:
    """The guest as text, and its manifest; `about` stands at the guest's top. NoCase."""
    found, code = expected(steps)
    text = "\n".join(_module(found, about))
    return text, _manifest(text, code)


def write(folder: Path, name: str, steps: Sequence[Step], about: Sequence[str] = ()) -> list[Path]:
    """Put a case into a suite's folder, which becomes one if it isn't: source, guest, manifest; NoCase, OSError."""
    text, manifest = make(steps, about)
    folder.mkdir(parents=True, exist_ok=True)
    suite = folder / "manifest.json"
    if not suite.exists():
        suite.write_text(json.dumps({"name": folder.resolve().name, "empty_root": True}, indent=2) + "\n", encoding="utf-8")
    paths = [folder / f"{name}{ending}" for ending in (".wat", ".wasm", ".json")]
    paths[0].write_text(text, encoding="utf-8")
    paths[1].write_bytes(to_wasm(text.encode()))
    paths[2].write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return paths


def _manifest(text: str, code: int) -> dict[str, Any]:
    """What the guest shows here; its files are to be the same everywhere."""
    with World(env=ENV, mounts=[Mount("/", mode="memory")]) as world:
        result = world.run(to_wasm(text.encode()), ARGS)
        tree = dict(world.preopens)[b"/"]
        assert isinstance(tree, Directory)
        after = {f"/{path}": _entry(kind, data) for path, (kind, data) in contents(tree).items()}
    if result.exit_code != code:
        raise NoCase(f"the guest doesn't show the same again: {result.stderr.decode('utf-8', 'replace') or result.exit_code}")
    try:
        out, err = result.stdout.decode(), result.stderr.decode()
    except UnicodeDecodeError:
        raise NoCase("it writes bytes to stdout or stderr that are no text, and a manifest holds texts") from None
    return {
        "args": list(ARGS), "root": None, "env": ENV, "exit_code": code, "stdout": out, "stderr": err, "after": after,
        "after_exact": True,
    }  # fmt: skip


def _entry(kind: str, data: bytes) -> Any:
    if kind == "directory":
        return {"directory": True}
    if kind == "symbolic-link":
        return {"link": data.decode()}
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}


def _module(found: Sequence[Expected], about: Sequence[str]) -> Iterator[str]:
    yield from (f";; {line}" for line in about)
    yield "(module"
    used = sorted({each.step.name for each in found} | {"fd_write", "proc_exit", "fd_readdir"})
    for name in used:
        parameters, results, _ = SIGNATURES[name]
        kind = f"(param {' '.join(_TYPES[letter] for letter in parameters)})" if parameters else ""
        yield f' (import "{MODULE}" "{name}" (func ${name} {kind}{" (result i32)" if results else ""}))'
    yield ' (memory (export "memory") 1 1)'
    yield " (global $listed (mut i64) (i64.const 0))"
    opened = (each.step.number for each in found if each.step.name == "path_open")
    yield from (f" (global $fd{number} (mut i32) (i32.const {CLOSED}))" for number in opened)
    yield HELPERS.strip("\n")
    yield ' (func (export "_start") (local $errno i32)'
    for each in found:
        yield f"  ;; {_comment(each.step)}"
        yield from _step(each)
    yield " ))"
    yield ""


def _comment(step: Step) -> str:
    text = shown(step).encode("ascii", "backslashreplace").decode().replace("\n", " ")
    return text if len(text) < 200 else f"{text[:200]}..."


def _descriptor(number: int | None) -> str:
    if number is None:
        return f"(i32.const {CLOSED})"
    return f"(global.get $fd{number})" if number >= FIRST else f"(i32.const {number})"


def _step(each: Expected) -> Iterator[str]:
    step, number = each.step, each.step.number
    word = int.from_bytes(bytes([each.fill]) * 8, "little")
    yield f"  (call $fill (i64.const {word:#x}))"
    if step.walk:
        first = _descriptor(each.descriptors[0]) if 0 in each.descriptors else f"(i32.const {each.laid.slots[0]})"
        listed = f"(call $walk {first} (i32.const {step.values['buf']}))"
        yield f"  (call $check (i32.const {number}) {listed} (i32.const {each.answer}))"
        if each.answer == 0:
            yield f"  (if (i64.ne (global.get $listed) (i64.const {_listed(each):#x}))"
            yield f"   (then (call $fail (i32.const {number}) (i32.const 0) (i32.const 0))))"
        return
    for at, piece in each.laid.pieces:
        yield from _stored(at, piece)
    for at, descriptor in each.placed.items():
        yield f"  (i32.store (i32.const {at}) {_descriptor(descriptor)})"
    slots = [
        _descriptor(each.descriptors[place]) if place in each.descriptors else f"({_TYPES[letter]}.const {slot})"
        for place, (letter, slot) in enumerate(zip(slot_letters(step.name), each.laid.slots))
    ]
    call = f"(call ${step.name} {' '.join(slots)})"
    if not SIGNATURES[step.name][1]:
        yield f"  {call}"
        return
    yield f"  (local.set $errno {call})"
    yield f"  (call $check (i32.const {number}) (local.get $errno) (i32.const {each.answer}))"
    if step.name == "path_open" and each.answer == 0:
        yield f"  (global.set $fd{number} (i32.load (i32.const {each.laid.slots[-1]})))"
    if each.memory and (0, MEMORY) not in each.masked:
        yield from (f"  (call $clear (i32.const {at}) (i32.const {size}))" for at, size in each.masked)
        yield f"  (call $check_memory (i32.const {number}) (local.get $errno) (i64.const {_sum(each.memory, each.masked):#x}))"


def _stored(at: int, piece: bytes) -> Iterator[str]:
    if len(piece) >= LEAST_PATTERN and piece == PATTERN[piece[0] : piece[0] + len(piece)]:
        yield f"  (call $count_up (i32.const {at}) (i32.const {len(piece)}) (i32.const {piece[0]}))"
        return
    for start in range(0, len(piece), 8):
        part = piece[start : start + 8]
        if len(part) == 8:
            yield f"  (i64.store (i32.const {at + start}) (i64.const {int.from_bytes(part, 'little'):#x}))"
        else:
            yield from (f"  (i32.store8 (i32.const {at + start + more}) (i32.const {byte}))" for more, byte in enumerate(part))


def _sum(memory: bytes, masked: Sequence[Place]) -> int:
    found = bytearray(memory)
    for at, size in masked:
        found[at : at + size] = bytes(size)
    total = BASIS
    for word in unpack(f"<{MEMORY // 8}Q", found):
        total = (total ^ word) * PRIME & _MASK
    return total


def _listed(each: Expected) -> int:
    total = 0
    for entry in each.entries:
        found = BASIS ^ entry.kind
        for byte in entry.name:
            found = (found ^ byte) * PRIME & _MASK
        total += found
    return total & _MASK
