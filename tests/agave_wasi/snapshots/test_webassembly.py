"""Going on with WebAssembly: what is linked again, and the machine code that came along."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from agave_wasi import World
from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.compile import compile_module
from agave_wasi.engines.x86.image import read_image
from agave_wasi.loader import BadProgram
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from agave_wasi.snapshots.snapshot import Image
from agave_wasi.snapshots.webassembly import ShippedLoader
from tests.agave_wasi.guests import wat
from tests.agave_wasi.snapshots.test_component import composed

MODULE = wat('(module (func (export "f") (result i32) (i32.const 5)))')


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def test_a_component_brings_its_modules_and_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = composed("func:life")
    assert stopped.snapshot is not None
    monkeypatch.setattr("sys.platform", "plan9")
    again = Snapshot.from_bytes(stopped.snapshot.to_bytes())
    assert len(again.images) > 4 and all(each.data for each in again.images)
    assert again.resume(cache=False).values == ("77077",)
    again.images.pop()
    with pytest.raises((SnapshotError, BadProgram)):
        again.resume(cache=False)


def test_code_that_came_along_is_used_where_none_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(engine="x86", cache=False)
    code = compile_module(MODULE, world.loader.engine.config)
    whole = Image(digest(MODULE), digest(code), code)
    assert ShippedLoader(world.loader, [whole]).compile(MODULE).core.exports == {"f": ("func", 0)}
    foreign = Image(digest(MODULE), digest(b"other"), b"")
    with pytest.raises(SnapshotError, match=r"^image 0: compiled here, its code is another"):
        ShippedLoader(world.loader, [foreign]).compile(MODULE)
    other = wat("(module)")
    assert ShippedLoader(world.loader, [whole]).compile(other).core.exports == {}
    monkeypatch.setattr("sys.platform", "plan9")
    assert ShippedLoader(world.loader, [whole]).compile(MODULE).core.exports == {"f": ("func", 0)}
    for data in (b"\x7fELF", code[:-50]):
        with pytest.raises(SnapshotError, match=r"^image 0: "):
            ShippedLoader(world.loader, [Image(digest(MODULE), digest(data), data)]).compile(MODULE)
    with pytest.raises(BadProgram):
        ShippedLoader(world.loader, [foreign]).compile(MODULE)


def test_code_that_came_along_brings_no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    program = wat(
        """(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32))) (memory (export "memory") 1)
        (func $late (result i32) (i32.const 5))
        (func (export "_start") (drop (call $yield)) (drop (call $late))))"""
    )
    snapshot = run_until(World(engine="x86", cache=False), program, "call:sched_yield").snapshot
    assert snapshot is not None
    (shipped,) = snapshot.images
    code, image = bytearray(shipped.data), read_image(shipped.data)
    at = shipped.data.index(bytes(image.text)) + image.functions[1]
    monkeypatch.setattr("sys.platform", "plan9")
    assert snapshot.resume(cache=False).exit_code == 0
    code[at : at + 4] = b"\x48\x0f\xc7\xf0"  # rdrand rax
    snapshot.images[:] = [Image(shipped.source, digest(bytes(code)), bytes(code))]
    snapshot.state = json.loads(json.dumps(snapshot.state).replace(shipped.code, digest(bytes(code))))
    with pytest.raises((SnapshotError, EngineError), match="undefined instruction"):
        Snapshot.from_bytes(snapshot.to_bytes()).resume(cache=False)


START = """(module (memory (export "memory") 1) (data (i32.const 0) "abcdefgh") (global $n (mut i32) (i32.const 0))
    (func $loop (loop $l
      (global.set $n (i32.add (global.get $n) (i32.const 1))) (br_if $l (i32.lt_u (global.get $n) (i32.const 9)))))
    (start $loop) (func (export "f") (result i32) (i32.add (global.get $n) (i32.load8_u (i32.const 7)))))"""


def test_at_many_instructions_of_what_instances_begin_with() -> None:
    """A library begins before the program does, both with a start function."""
    program = wat(
        """(module (import "lib" "f" (func $f (result i32)))
        (memory 1) (data (i32.const 3) "x") (global $k (mut i32) (i32.const 0))
        (start $s) (func $s (global.set $k (call $f))) (func (export "g") (result i32)
        (i32.add (i32.load8_u (i32.const 3)) (i32.add (call $f) (global.get $k)))))"""
    )
    libraries = {"lib": wat(START)}
    whole = World(engine="x86", icount=True).run(program, invoke=("g", ()), libraries=libraries)
    assert whole.values == (ord("x") + 2 * (9 + ord("h")),) and whole.instructions
    numbers = set()
    snapshot = None
    for at in range(1, whole.instructions, 23):
        snapshot = run_until(
            World(engine="x86", icount=True), program, f"icount:{at}", invoke=("g", ()), libraries=libraries
        ).snapshot
        assert snapshot is not None and snapshot.count == at
        numbers.add(snapshot.state["calling"])
        again = Snapshot.from_bytes(snapshot.to_bytes()).resume()
        assert (again.values, again.instructions) == (whole.values, whole.instructions)
    assert {0, 1, "g"} <= numbers
    assert snapshot is not None
    state = snapshot.state | {"calling": 9}
    wrong = Snapshot(state, snapshot.world, b"", snapshot.programs, snapshot.pages, snapshot.images)
    with pytest.raises(SnapshotError, match="there is no instance 9 that begins with anything"):
        wrong.resume()
