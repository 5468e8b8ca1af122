"""One run is like another: after so many instructions the same state, however a run is sliced, in every process.

A state is the registers and every byte that the guest can have written: memories, stack, contexts, the trap frame.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from ctypes import c_uint64
from itertools import count
from typing import Any

import pytest

from agave_wasi.engines.base import RESUME, EngineConfig, HostFunction, StoreLimits
from agave_wasi.engines.x86.call import go_on
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.store import Store
from agave_wasi.hostcall import RETRY
from kernel_sim.cpu.machine import Machine
from kernel_sim.wait import Wait
from tests.agave_wasi.guests import ROOT

ROUNDS = 40
EVERY = 2_000
"""Instructions from one look at the state to the next."""
GUEST = f"""(module
  (import "m" "ask" (func $ask (param i64)))
  (memory (export "memory") 1 8) (table 2 funcref) (elem (i32.const 0) $mix $turn)
  (type $step (func (param i64) (result i64)))
  (global $state (mut i64) (i64.const 88172645463325252)) (global $sum (mut f64) (f64.const 0.1))
  (func $mix (type $step)
    (local.set 0 (i64.xor (local.get 0) (i64.shl (local.get 0) (i64.const 13))))
    (local.set 0 (i64.xor (local.get 0) (i64.shr_u (local.get 0) (i64.const 7))))
    (i64.xor (local.get 0) (i64.shl (local.get 0) (i64.const 17))))
  (func $turn (type $step) (i64.add (call $mix (local.get 0)) (i64.rotl (local.get 0) (i64.const 5))))
  (func (export "go") (result i64) (local $round i32) (local $at i32)
    (loop $rounds
      (if (i32.eqz (i32.rem_u (local.get $round) (i32.const 15))) (then (drop (memory.grow (i32.const 1)))))
      (local.set $at (i32.const 0))
      (loop $fill
        (global.set $state (call_indirect (type $step) (global.get $state) (i32.and (local.get $at) (i32.const 1))))
        (i64.store (i32.and (i32.wrap_i64 (global.get $state)) (i32.const 0xfff8)) (global.get $state))
        (global.set $sum (f64.div (f64.add (global.get $sum) (f64.convert_i64_s (global.get $state))) (f64.const 3)))
        (f64.store (i32.shl (local.get $round) (i32.const 3)) (global.get $sum))
        (br_if $fill (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 30))))
      (memory.copy (i32.const 0x8000) (i32.and (i32.wrap_i64 (global.get $state)) (i32.const 0x3fff)) (i32.const 777))
      (call $ask (global.get $state))
      (br_if $rounds (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const {ROUNDS}))))
    (global.get $state)))"""
RUN = Machine.run


class Bench:
    """The guest on a machine that counts; `ask` waits every third time, and changes the guest's memory."""

    def __init__(self, fuel: int | None = None) -> None:
        engine = X86Engine(EngineConfig(fuel=fuel is not None), counting=True)
        self.store = Store(engine, StoreLimits(fuel), counting=True)
        self.asked: list[int] = []
        self.waits = 0
        imports: Any = {
            ("m", "ask"): HostFunction("I", "", self._ask, True, "ask"),
            RESUME: HostFunction("", "i", self._resume),
        }
        module = engine.compile(GUEST.encode())
        self.instance = self.store.instantiate(module, imports)
        self.call = self.instance.start_call("go", ())

    def _ask(self, env: int, caller: int, args: int) -> int:
        slot = c_uint64.from_address(args)
        self.asked.append(slot.value)
        if len(self.asked) % 3 == 0:
            self.store.suspend(Wait(deadline=len(self.asked)))
            slot.value = RETRY
        else:
            self._answer()
            slot.value = 0
        return 0

    def _resume(self, env: int, caller: int, args: int) -> int:
        self._answer()
        c_uint64.from_address(args).value = 0
        return 0

    def _answer(self) -> None:
        self.memory[8:16] = len(self.asked).to_bytes(8, "little")

    @property
    def memory(self) -> memoryview:
        return self.instance.memories[0].view()

    def parts(self) -> list[memoryview]:
        """Everything that a guest can write to."""
        store = self.store
        return [self.memory, store.stack.view, store.arena.view[: store.arena.used], store.memory.named("frame").view]

    def state(self) -> str:
        """What the guest is now, as a hash."""
        hashed = hashlib.sha256(repr(sorted(self.store.machine.registers().items())).encode())
        for part in self.parts():
            hashed.update(part)
        return hashed.hexdigest()

    def end(self) -> tuple[int | float, ...]:
        """Go on to the end; what the guest answers."""
        while not self.call.finished:
            self.waits += self.call.resume() is not None
        return self.call.results


def states(monkeypatch: pytest.MonkeyPatch, slice: int, fuel: int | None = None) -> list[object]:
    """(instructions, state) every so many of them, and at the end; slices have so many instructions."""
    bench = Bench(fuel)
    found: list[object] = []

    def run(machine: Machine, limit: int = 0, exact: bool = True) -> str:
        target = (machine.count // EVERY + 1) * EVERY
        stop = RUN(machine, min(slice, target - machine.count), True)
        if machine.count == target:
            found.append((target, bench.state()))
        return stop

    monkeypatch.setattr(Machine, "run", run)
    results = bench.end()
    left = bench.store.fuel_left() if fuel is not None else None
    found.append((bench.store.machine.count, bench.state(), results, bench.waits, bench.asked, left))
    return found


@pytest.mark.parametrize("fuel", [None, 1_000_000])
def test_slices_change_nothing(fuel: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = states(monkeypatch, EVERY, fuel)
    assert whole[-1][3] == ROUNDS // 3  # type: ignore[index]  # it has waited
    assert len(whole) > 20 and len(set(map(repr, whole))) == len(whole)
    for slice in (EVERY // 2 + 1, 61):
        assert states(monkeypatch, slice, fuel) == whole


def test_the_same_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    program = """
import pytest
from tests.agave_wasi.engines.x86.test_determinism import states
print(states(pytest.MonkeyPatch(), 1_500))
"""
    environment = {**os.environ, "PYTHONHASHSEED": "5", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{states(monkeypatch, EVERY)}\n"


class Saved:
    """A guest put aside in the middle of its call, with what waits."""

    def __init__(self, bench: Bench) -> None:
        store = bench.store
        self.context = store.machine.save_context()
        self.parts = [bytes(part) for part in bench.parts()]
        self.host = bench.instance.memories[0].pages, store.parked, store.wait, list(bench.asked), bench.waits

    def restore(self, bench: Bench) -> None:
        store, memory = bench.store, bench.instance.memories[0]
        memory.view()[:] = bytes(len(memory.view()))
        memory.pages, store.parked, store.wait, bench.asked, bench.waits = self.host
        bench.asked = list(bench.asked)
        memory._view = memory._all[: memory.pages << 16]
        for part, content in zip(bench.parts(), self.parts):
            part[:] = content
        store.machine.restore_context(self.context)


def test_a_guest_that_was_put_aside_while_it_waits_runs_again_the_same() -> None:
    bench = Bench()
    while len(bench.asked) < 18:
        assert bench.call.resume() is not None
    saved, begin = Saved(bench), bench.state()
    for _ in range(2):
        assert bench.call.resume() is not None
    later = bench.state(), bench.store.machine.count, list(bench.asked)
    saved.restore(bench)
    assert bench.state() == begin != later[0]
    for _ in range(2):
        assert bench.call.resume() is not None
    assert (bench.state(), bench.store.machine.count, bench.asked) == later


def test_a_guest_that_was_put_aside_between_two_instructions_runs_again_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    waiting = bench.call.resume()
    assert waiting is not None
    kept: list[Saved] = []
    ends: list[object] = []
    passed = count(1)

    def run(machine: Machine, limit: int = 0, exact: bool = True) -> str:
        if next(passed) == 4:
            kept.append(Saved(bench))
        return RUN(machine, 333, True)

    monkeypatch.setattr(Machine, "run", run)
    bench.call.resume()
    ends.append((bench.state(), bench.store.machine.count, list(bench.asked)))
    kept[0].restore(bench)
    assert bench.state() != ends[0]
    bench.store.depth = 1
    assert not go_on(bench.store)
    bench.store.depth = 0
    ends.append((bench.state(), bench.store.machine.count, list(bench.asked)))
    assert ends[0] == ends[1]
    assert bench.end() == Bench().end()
