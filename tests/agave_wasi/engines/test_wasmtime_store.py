"""What a store guarantees: limits, the same results on every machine, the features that programs need, nothing left behind."""

from __future__ import annotations

import gc
import os
import sys

import pytest

from agave_wasi import World
from agave_wasi.engines.base import EngineConfig, EngineError, Interrupted, StoreLimits
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine
from agave_wasi.engines.wasmtime_store import Store
from tests.agave_wasi.guests import imported, little, live, prints, wat
from tests.descriptors import open_descriptors

COUNTS = '(module (func (export "count") (param i32) (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))'


def test_fuel_counts_the_same_every_time() -> None:
    used = set()
    for _ in range(3):
        result = World(fuel=1_000_000).run(prints("hello"))
        assert result.fuel is not None and result.fuel < 1_000_000
        used.add(result.fuel)
    assert len(used) == 1


def test_fuel_is_used_by_work() -> None:
    spent = []
    for rounds in (1000, 2000, 3000):
        world = World(fuel=1_000_000)
        guest = world.instantiate(wat(COUNTS))
        guest.call("count", rounds)
        spent.append(1_000_000 - guest._guest.store.fuel_left())
    assert spent[2] - spent[1] == spent[1] - spent[0] == pytest.approx(4000, rel=0.5)


def test_fuel_runs_out_exactly_where_it_did_before() -> None:
    limits = [World(fuel=limit).run(prints("hello")).ended_by for limit in range(1, 60)]
    assert limits == [World(fuel=limit).run(prints("hello")).ended_by for limit in range(1, 60)]
    assert limits[0] == "limit" and limits[-1] == "exit"
    assert limits == sorted(limits, reverse=True)


def test_a_memory_limit_is_for_each_memory() -> None:
    text = '(module (memory (export "memory") 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))'
    guest = live(text, max_memory=4 << 16)
    assert [guest.call("grow", pages) for pages in (2, 2, 1, 1)] == [1, -1, 3, -1]


def test_a_closed_guest_says_so() -> None:
    world = World()
    guest = world.instantiate(wat(COUNTS))
    guest.close()
    guest.close()
    for use in (lambda: guest.call("count", 1), lambda: guest.read(0, 0), lambda: guest.write(0, b"")):
        with pytest.raises(EngineError, match="the guest is closed"):
            use()


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_two_thousand_runs_leave_nothing_behind() -> None:
    program = prints("hello")
    world = World()
    loaded = world.load(program)

    def runs(count: int) -> None:
        for turn in range(count):
            where = world if turn % 2 else World()
            assert where.run(loaded if turn % 4 else program).stdout == b"hello"

    runs(200)
    gc.collect()
    before, descriptors, threads = resident(), open_descriptors(), len(os.listdir("/proc/self/task"))
    objects = len(gc.get_objects())
    runs(2000)
    gc.collect()
    assert open_descriptors().keys() <= descriptors.keys()
    assert len(os.listdir("/proc/self/task")) <= threads  # some may end that others have begun
    assert len(gc.get_objects()) - objects < 2000
    assert resident() - before < 12 << 20
    assert world.kernel.processes == {}


def test_a_guest_is_freed_at_once_without_the_garbage_collector() -> None:
    data = "x" * 1000
    text = wat(f"""(module {imported("proc_exit")} (memory (export "memory") 1) (data (i32.const 0) "{data}")
      (func (export "_start") (call $proc_exit (i32.const 3))))""")
    World(cache=False).run(text)
    gc.collect()
    gc.disable()
    try:
        before = open_descriptors()  # a memory image of a module is a descriptor
        for code in (text, wat("(module (data \"y\") (func (export \"_start\") unreachable))"), prints("z")):
            World(cache=False).run(code)
        assert open_descriptors() == before
    finally:
        gc.enable()


def test_a_start_function_may_wait() -> None:
    text = f"""(module {imported("poll_oneoff", "clock_time_get")} (memory (export "memory") 1)
      (data (i32.const 16) "\\01") (data (i32.const 24) "{little(5 * 10**9, 8)}")
      (func $start (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable)))
      (start $start)
      (func (export "_start")
        (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 304)))))"""
    world = World()
    assert world.run(wat(text)).ok
    assert world.kernel.clock.monotonic() >= 5 * 10**9


def test_without_a_limit_fuel_is_only_counted() -> None:
    engine = WasmtimeEngine(EngineConfig(fuel=True))
    store = Store(engine, StoreLimits())
    assert store.fuel_left() == (1 << 64) - 1
    call = store.instantiate(engine.compile(wat(COUNTS)), {}).start_call("count", (5,))
    assert call.resume() is None and call.finished
    assert 0 < (1 << 64) - 1 - store.fuel_left() < 100
    with pytest.raises(EngineError):
        Store(WasmtimeEngine(EngineConfig()), StoreLimits()).fuel_left()


def test_a_stop_that_is_asked_for_comes_out_once() -> None:
    engine = WasmtimeEngine(EngineConfig())
    store = Store(engine, StoreLimits())
    instance = store.instantiate(engine.compile(wat(COUNTS)), {})
    engine.tick()  # which alone stops nobody
    assert instance.start_call("count", (5,)).resume() is None
    store.request_stop(Interrupted("enough"))
    with pytest.raises(Interrupted, match="enough"):
        instance.start_call("count", (0,)).resume()
    assert instance.start_call("count", (5,)).resume() is None
