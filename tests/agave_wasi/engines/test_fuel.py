"""Fuel: the guest's own instructions, counted as wasmtime counts them, with nothing of ours among them."""

from __future__ import annotations

import wasmtime

from agave_wasi import World
from tests.agave_wasi.guests import imported, sleeps, wat

PLENTY = 1_000_000
WRITES = f"""(module {imported("fd_write", "sched_yield")} (memory (export "memory") 1)
    (func (export "_start") (local i32) (local.set 0 (i32.const 10))
      (loop $more
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))
        (drop (call $sched_yield))
        (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))"""


def used(text: bytes) -> int:
    result = World(fuel=PLENTY).run(text)
    assert result.ok and result.fuel is not None
    return PLENTY - result.fuel


def on_wasmtime(text: bytes) -> int:
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(PLENTY)
    store.set_wasi(wasmtime.WasiConfig())
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    start = linker.instantiate(store, wasmtime.Module(engine, text)).exports(store)["_start"]
    assert isinstance(start, wasmtime.Func)
    start(store)
    return PLENTY - store.get_fuel()


def test_calls_that_may_wait_cost_what_they_cost_on_wasmtime() -> None:
    assert used(wat(WRITES)) == on_wasmtime(wat(WRITES))


def test_waiting_costs_nothing() -> None:
    assert used(sleeps(1)) == used(sleeps(3_600 * 10**9))
