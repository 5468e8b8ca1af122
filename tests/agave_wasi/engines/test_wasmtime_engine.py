"""One configuration of the engine: what it computes everywhere alike, compiles, refuses, and is keyed by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agave_wasi import LinkError
from agave_wasi.engines.base import EngineConfig, EngineError, HostFunction, StoreLimits
from agave_wasi.engines.wasmtime_engine import Module, WasmtimeEngine, settings_of
from agave_wasi.engines.wasmtime_store import Store
from tests.agave_wasi.guests import live, wat


def test_nans_are_canonical_and_relaxed_simd_is_deterministic() -> None:
    text = """(module
      (func (export "nan") (param f32) (result i32) (i32.reinterpret_f32 (f32.sub (local.get 0) (local.get 0))))
      (func (export "nan64") (param f64) (result i64) (i64.reinterpret_f64 (f64.mul (local.get 0) (f64.const 0))))
      (func (export "swizzle") (result i32) (i32x4.extract_lane 0 (i8x16.relaxed_swizzle
        (v128.const i32x4 0x03020100 0 0 0) (v128.const i8x16 0x90 1 0x10 3 0 0 0 0 0 0 0 0 0 0 0 0))))
      (func (export "trunc") (result i32) (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 nan 0 0 0)))))"""
    guest = live(text)
    infinity = float("inf")
    assert int(guest.call("nan", infinity)) & 0xFFFF_FFFF == 0x7FC0_0000  # type: ignore[arg-type]
    assert int(guest.call("nan64", -infinity)) == 0x7FF8_0000_0000_0000  # type: ignore[arg-type]
    assert guest.call("swizzle") == 0x03000100  # an index with its upper bit, and one beyond, give 0
    assert guest.call("trunc") == 0


def test_exceptions_of_webassembly() -> None:
    text = """(module (tag $t (param i32))
      (func $thrower (param i32) (throw $t (local.get 0)))
      (func (export "catch") (param i32) (result i32)
        (block $caught (result i32) (try_table (catch $t $caught) (call $thrower (local.get 0))) (i32.const -1)))
      (func (export "let go") (call $thrower (i32.const 1))))"""
    guest = live(text)
    assert guest.call("catch", 42) == 42
    with pytest.raises(Exception, match="exception"):
        guest.call("let go")


def test_shared_memory_is_not_enabled_by_default_in_this_release() -> None:
    with pytest.raises(LinkError, match="shared memor"):
        live('(module (memory (export "memory") 1 4 shared))')


def test_errors_of_the_engine() -> None:
    engine = WasmtimeEngine(EngineConfig())
    with pytest.raises(EngineError, match="offset"):
        engine.compile(b"\0asm\1\0\0\0\xff")
    with pytest.raises(EngineError):
        engine.load_file("/nowhere")
    module = engine.compile(b"(module)")
    assert engine.compile(wat("(module)")).serialize() == module.serialize()
    with pytest.raises(EngineError):
        WasmtimeEngine(EngineConfig(fuel=False)).load_file(os.devnull)


def test_every_setting_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from agave_wasi.engines import wasmtime_engine

    settings = wasmtime_engine.settings_of(EngineConfig())
    keys = {WasmtimeEngine(EngineConfig()).key}
    for name in ("wasm_exceptions", "wasm_relaxed_simd_deterministic", "cranelift_nan_canonicalization", "epoch_interruption"):
        monkeypatch.setattr(wasmtime_engine, "settings_of", lambda config, off=name: settings | {off: False})
        keys.add(WasmtimeEngine(EngineConfig()).key)
    assert len(keys) == 5


def answer(engine: WasmtimeEngine, module: Module, imports: dict[tuple[str, str], HostFunction]) -> object:
    call = Store(engine, StoreLimits()).instantiate(module, dict(imports)).start_call("f")
    assert call.resume() is None
    return call.results


def test_a_module_that_was_kept_in_a_file_is_the_same(tmp_path: Path) -> None:
    engine = WasmtimeEngine(EngineConfig())
    (tmp_path / "kept").write_bytes(engine.compile(wat('(module (func (export "f") (result i32) (i32.const 9)))')).serialize())
    assert answer(engine, engine.load_file(str(tmp_path / "kept")), {}) == (9,)


def test_host_functions_have_the_type_that_they_say() -> None:
    engine = WasmtimeEngine(EngineConfig())
    module = engine.compile(b"""(module (import "e" "h" (func $h (param i32 i64) (result f32)))
      (func (export "f") (result f32) (call $h (i32.const 1) (i64.const 2))))""")
    for parameters, results in (("iI", "f"), ("Ii", "f"), ("iI", "F"), ("iI", ""), ("f", "iI")):
        imports = {("e", "h"): HostFunction(parameters, results, lambda env, caller, slots: 0)}
        if (parameters, results) == ("iI", "f"):
            assert answer(engine, module, imports) != ()
        else:
            with pytest.raises(EngineError, match="incompatible import type"):
                answer(engine, module, imports)
    assert engine.functype("iI", "f") == engine.functype("iI", "f") != engine.functype("Ii", "f")


def test_gates_are_compiled_once_for_the_same_functions() -> None:
    engine = WasmtimeEngine(EngineConfig())
    compiled: list[bytes] = []

    def compile(text: bytes) -> Module:
        compiled.append(text)
        return engine.compile(text)

    first = engine.gate_module({"a": "i", "b": ""}, ("a", "b"), (), compile)
    assert engine.gate_module({"b": "", "a": "i"}, ("b", "a"), (), compile) is first
    assert engine.gate_module({"a": "I", "b": ""}, ("a", "b"), (), compile) is not first
    assert len(compiled) == 2


def test_host_functions_have_room_beyond_the_guests_stack() -> None:
    settings = settings_of(EngineConfig(max_stack=1 << 20))
    assert settings["max_wasm_stack"] == 1 << 20
    assert settings["async_stack_size"] >= (1 << 20) + (4 << 20)
    assert list(settings).index("async_stack_size") < list(settings).index("max_wasm_stack")


NESTED = """
import sys
from agave_wasi import Caller, World
world = World(max_stack=int(sys.argv[1]))

@world.function("env")
def back(caller: Caller) -> None:
    caller.call("down", int(sys.argv[2]))

world.run(sys.argv[3].encode())
"""


@pytest.mark.parametrize(("stack", "depth", "calls"), [(1 << 19, 5000, 100), (64 << 20, 200_000, 16), (1 << 30, 10, 1)])
def test_calls_within_calls_that_use_up_their_stacks_do_not_end_the_process(stack: int, depth: int, calls: int) -> None:
    text = f"""(module (import "env" "back" (func $back)) (memory (export "memory") 1)
      (func $down (export "down") (param i32)
        (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (call $back))))
      (func (export "_start") (call $down (i32.const {depth}))))"""
    command = [sys.executable, "-c", NESTED, str(stack), str(depth), text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stderr.endswith(f"host functions called back into the guest {calls} times, one inside the other\n"), done
    assert done.returncode == 1
