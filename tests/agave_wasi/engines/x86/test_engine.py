"""The CPU model as an engine: compiling, loading, damaged images; and that wasmtime executes nothing there."""

from __future__ import annotations

import json
import mmap
import os
import random
import subprocess
import sys
from pathlib import Path
from signal import SIGABRT
from typing import Any

import pytest

from agave_wasi import Caller, GuestTrap, LinkError, World
from agave_wasi.engines.base import EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.engine import Module, X86Engine
from agave_wasi.loader import Loader, Program
from kernel_sim.cpu import blocks, hooks
from kernel_sim.cpu.memory import Memory
from tests.agave_wasi.component.examples import CALC
from tests.agave_wasi.guests import ROOT, imported, prints, slow, wat
from tests.descriptors import open_descriptors
from tests.waiting import HANG

ADDS = '(module (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'


def mapped(code: bytes) -> memoryview:
    view = memoryview(mmap.mmap(-1, len(code)))
    view[:] = code
    return view


def added(engine: X86Engine, module: Module) -> Any:
    store = engine.store(StoreLimits())
    call = store.instantiate(module, {}).start_call("add", (2, 3))
    call.resume()
    store.close()
    return call.results


def test_text_or_binary_compiled_or_loaded(tmp_path: Path) -> None:
    engine = X86Engine(EngineConfig())
    module = engine.compile(ADDS.encode())
    assert added(engine, module) == added(engine, engine.compile(wat(ADDS))) == (5,)
    path = tmp_path / "image"
    path.write_bytes(module.serialize())
    for source in (wat(ADDS), ADDS.encode()):
        for loaded in (engine.load_file(str(path), source), engine.load(path.read_bytes(), source)):
            assert added(engine, loaded) == (5,)


def test_what_is_no_image(tmp_path: Path) -> None:
    engine = X86Engine(EngineConfig())
    for content in (b"", b"\x7fELF", b"x" * 5000, engine.compile(wat(ADDS)).serialize()[:3000]):
        path = tmp_path / "image"
        path.write_bytes(content)
        with pytest.raises(EngineError):
            engine.load_file(str(path), wat(ADDS))
    with pytest.raises(EngineError, match="can't be mapped"):
        engine.load_file(str(tmp_path / "nothing"), wat(ADDS))


def test_a_loaded_image_is_let_go_of(tmp_path: Path) -> None:
    """At once: its file is open as long as it is mapped."""
    engine = X86Engine(EngineConfig())
    path = tmp_path / "image"
    path.write_bytes(engine.compile(wat(ADDS)).serialize())
    before = open_descriptors()
    for _ in range(5):
        assert added(engine, engine.load_file(str(path), wat(ADDS))) == (5,)
    assert open_descriptors(collect=False) == before


def test_a_module_that_is_invalid() -> None:
    with pytest.raises(EngineError, match="type mismatch"):
        X86Engine(EngineConfig()).compile(wat("(module (func (result i32) (nop)))"))


def test_frames_of_instructions() -> None:
    module = X86Engine(EngineConfig()).compile(wat(ADDS))
    frame = module.frame(module.image.functions[0] + 1)
    assert frame is not None and (frame.function, frame.name) == (0, "add")
    assert module.frame(len(module.image.text) - 1) is None


def test_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    monkeypatch.delitem(sys.modules, "agave_wasi.engines.x86.store", raising=False)
    monkeypatch.delitem(sys.modules, "kernel_sim.cpu.machine", raising=False)
    with pytest.raises(EngineError, match="needs the CPU model, which isn't installed: pip install"):
        X86Engine(EngineConfig()).store(StoreLimits())


def test_without_what_reads_machine_code(tmp_path: Path) -> None:
    """Where the extra isn't installed the self-test can't run, which comes first; what else is missing is told as it is."""
    (tmp_path / "prog.wat").write_text(ADDS)
    for gone, end in (("capstone", "isn't installed: pip install 'agave-wasi[metal]'"), ("bisect", "this is a bug")):
        program = f"import sys; sys.modules[{gone!r}] = None; from agave_wasi.__main__ import main; main()"
        command = [sys.executable, "-c", program, "run", "--engine", "x86", str(tmp_path / "prog.wat")]
        environment = {**os.environ, "AGAVE_WASI_CACHE": str(tmp_path / "cache")}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=HANG)
        assert ran.returncode == 125 and end in ran.stderr, ran.stderr


def test_without_address_space(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError("arena: the host has no 5 bytes left")

    engine = X86Engine(EngineConfig())
    engine.store(StoreLimits()).close()
    monkeypatch.setattr(Memory, "add", full)
    with pytest.raises(EngineError, match=r"the host has no 5 bytes left \(see ulimit -v\)"):
        engine.store(StoreLimits())


def test_without_address_space_for_what_is_not_the_guest_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model's own, where it would end the process; and the table of a counter."""
    for module, name in ((hooks, "TRANSLATED"), (blocks, "_ENTRY")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, 1 << 61)
            with pytest.raises(EngineError, match=r"needs address space, and the host has no \d+ bytes left"):
                X86Engine(EngineConfig(), counting=True).store(StoreLimits())


def test_a_cached_image_that_is_damaged_is_compiled_again(tmp_path: Path) -> None:
    world = World(engine="x86", cache=str(tmp_path))
    assert world.run(prints("once")).stdout == b"once"
    images = [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]
    assert images
    for path in images:
        path.write_bytes(path.read_bytes()[:200])
    assert World(engine="x86", cache=str(tmp_path)).run(prints("once")).stdout == b"once"
    world.close()


# Damaged code may do anything within its machine. Python says what has gone wrong, or that the guest trapped or was stopped.

RICH = f"""(module {imported("fd_write", "random_get")} (import "env" "back" (func $back (param i32) (result i32)))
  (memory (export "memory") 1 10) (table $t 10 100 funcref) (elem (i32.const 0) $a $b) (elem $p func $a $b) (data $d "hello")
  (tag $e (param i32)) (type $s (func (result i32))) (func $a (type $s) (i32.const 1))
  (func $b (type $s) (memory.grow (i32.const 1)))
  (func (export "inner") (param i32) (result i32) (i32.add (local.get 0) (call_indirect $t (type $s) (i32.const 0))))
  (func (export "_start") (local $i i32)
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 5))
    (memory.init $d (i32.const 64) (i32.const 0) (i32.const 5))
    (loop $l
      (drop (call_indirect $t (type $s) (i32.const 1))) (table.init $t $p (i32.const 3) (i32.const 0) (i32.const 2))
      (drop (table.grow $t (ref.func $a) (i32.const 2))) (memory.fill (i32.const 100) (i32.const 3) (i32.const 1000))
      (memory.copy (i32.const 200) (i32.const 100) (i32.const 500)) (drop (call $random_get (i32.const 300) (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (drop (call $back (i32.const 3)))
      (drop (block $h (result i32) (try_table (catch $e $h) (throw $e (i32.const 7))) (i32.const 0)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
    (elem.drop $p) (data.drop $d)))"""


def damaged(seeds: range, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Run images with some bytes of their code changed; how they ended, by kind."""
    wasm = wat(RICH)
    module = X86Engine(EngineConfig()).compile(wasm)
    good = module.serialize()
    start, size = good.index(bytes(module.image.text[:64])), len(module.image.text)
    found: dict[str, int] = {}
    for seed in seeds:
        chance = random.Random(seed)
        code = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 5, 20))):
            code[start + chance.randrange(size)] = chance.randrange(256)
        monkeypatch.setattr(Loader, "compile", lambda self, data, *_, code=code: Module(mapped(bytes(code)), data))
        with World(engine="x86", timeout=5, cache=False, max_memory=64 << 20) as world:

            @world.function("env")
            def back(caller: Caller, number: int) -> int:
                return int(caller.call("inner", number))

            program = Program("damaged", wasm, world.load(wasm).outline, Module(mapped(bytes(code)), wasm), world.loader.engine)
            try:
                end = world.run(program).ended_by
            except (EngineError, LinkError) as error:
                end = type(error).__name__
                assert "damaged" in str(error)
        found[end] = found.get(end, 0) + 1
    return found


def test_damaged_code(monkeypatch: pytest.MonkeyPatch) -> None:
    found = damaged(range(60), monkeypatch)
    assert found.keys() <= {"exit", "trap", "timeout", "limit", "EngineError", "LinkError"}
    assert found.get("EngineError", 0) > 5


@slow
def test_much_damaged_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(damaged(range(1000, 3000), monkeypatch).values()) == 2000


HONEST = """
import json, os, sys
from agave_wasi.engines import capi
allowed = {"wat2wasm", "bytes_delete"}
forbidden = [name for name, each in vars(capi).items() if type(each).__name__ == "_FuncPtr" and name not in allowed]
for name in forbidden:
    setattr(capi, name, lambda *_: os.abort())
from agave_wasi import World
program, component, library = json.load(sys.stdin)
engine = sys.argv[1]
world = World(engine=engine)
shown = [world.run(bytes.fromhex(program)).stdout.decode(), world.run(component, ["x"]).exit_code]
with World(engine=engine).instantiate(bytes.fromhex(library)) as live:
    shown.append(live.call("add", 2, 3))
needed = {"func_call_async", "func_call_unchecked", "instance_new", "linker_instantiate_async", "store_new", "future_poll"}
print(json.dumps([shown, needed <= set(forbidden)]))
"""


def honest(engine: str) -> subprocess.CompletedProcess[str]:
    given = [prints("hello").hex(), str(ROOT / "conformance" / "suites" / "preview2" / "advise_all.wasm"), wat(ADDS).hex()]
    command = [sys.executable, "-X", "faulthandler=0", "-c", HONEST, engine]
    return subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=HANG, cwd=ROOT, check=False)


def test_wasmtime_executes_nothing() -> None:
    """Every function of its library but the translator of text ends the process, and all runs as ever."""
    done = honest("x86")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [["hello", 0, 5], True]
    assert honest("wasmtime").returncode == -SIGABRT  # so the test can fail


def test_a_component_of_calls() -> None:
    with World(engine="x86").instantiate(CALC) as live:
        ops: Any = live.exports["local:calc/ops"]
        assert ops.add(1, 2) == 3 and ops.echo("héllo") == "héllo"
        first = ops.counter(5)
        assert first.get() == 5


def test_adapters_between_components_come_from_the_cache(tmp_path: Path) -> None:
    def entries() -> int:
        return sum(1 for each in tmp_path.rglob("*") if each.is_file())

    counts = []
    for _ in range(2):
        with World(engine="x86", cache=str(tmp_path)).instantiate(BETWEEN) as live:
            assert live.exports["go"](5) == 6
        counts.append(entries())
    assert counts[0] == counts[1] > 2


BETWEEN = b"""(component
  (component $callee
    (core module $main (func (export "run") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
    (core instance $main (instantiate $main))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $main "run"))))
  (component $caller
    (import "run" (func $run (param "n" u32) (result u32)))
    (core func $run (canon lower (func $run)))
    (core module $main (import "host" "run" (func $run (param i32) (result i32)))
      (func (export "go") (param i32) (result i32) (call $run (local.get 0))))
    (core instance $main (instantiate $main (with "host" (instance (export "run" (func $run))))))
    (func (export "go") (param "n" u32) (result u32) (canon lift (core func $main "go"))))
  (instance $callee (instantiate $callee))
  (instance $caller (instantiate $caller (with "run" (func $callee "run"))))
  (export "go" (func $caller "go")))"""


def test_many_worlds_leave_nothing_behind() -> None:
    with World(engine="x86") as world:
        loaded = world.load(prints("hello"))

    def runs(count: int) -> None:
        for _ in range(count):
            with World(engine="x86") as world:
                assert world.run(loaded).stdout == b"hello"
                with pytest.raises(GuestTrap):
                    world.instantiate(wat('(module (func (export "f") unreachable))')).call("f")

    runs(3)
    before, size = open_descriptors(), resident()
    runs(40)
    assert open_descriptors() == before
    assert resident() - size < 12 << 20


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
