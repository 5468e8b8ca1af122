"""Signals of any kind while a guest runs, also in long calls, in the embedder's functions, and in runs inside runs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines import wasmtime_engine, wasmtime_instance, wasmtime_store
from agave_wasi.engines.interrupt import state
from agave_wasi.host import directory, sockets
from kernel_sim.entropy import SeededEntropy
from kernel_sim.fs import hostfile, hostfs
from tests.agave_wasi.engines.stopping import LONG, PATIENCE, SOON, interrupted, soon
from tests.agave_wasi.guests import LOOP, imported, prints, sleeps, wat
from tests.waiting import within


class Alarm(Exception):
    """What an embedder's own signal handler raises."""


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    """Raise Alarm so many seconds later, by a signal that isn't Ctrl-C."""

    def ring(*_: object) -> None:
        raise Alarm

    old = signal.signal(signal.SIGALRM, ring)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert signal.getsignal(signal.SIGALRM) is ring
    signal.signal(signal.SIGALRM, old)


def test_what_any_handler_raises_ends_the_run(alarm: Callable[[float], None]) -> None:
    for text in (wat(LOOP), sleeps(LONG)):
        with pytest.raises(Alarm):
            alarm(SOON)
            World(realtime=True, timeout=PATIENCE).run(text)


def test_what_any_handler_raises_is_never_lost(alarm: Callable[[float], None]) -> None:
    text = f"""(module {imported("clock_time_get")} (memory (export "memory") 1) (func (export "_start")
      (loop $l (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0))) (br $l))))"""
    for turn in range(100):
        with pytest.raises(Alarm):  # wherever it rings, on a busy machine even before the run
            alarm(0.001 + turn * 0.00003)
            World(timeout=PATIENCE).run(wat(text))


@pytest.mark.parametrize(
    "kind",
    [
        wasmtime_engine.Module, wasmtime_store.Store, wasmtime_instance.WasmtimeCall, directory.HostDirectory,
        sockets.HostConnection, sockets.HostListener, hostfs.HostDirectory, hostfile.HostOpenFile,
    ],
)  # fmt: skip
def test_what_a_handler_raises_while_an_object_is_made_is_all_that_is_told(kind: Any) -> None:
    """An object whose __init__ hasn't begun is deleted without a word."""
    kind.__new__(kind).__del__()


def test_a_signal_at_the_very_end_is_raised_even_so() -> None:
    """The handler runs while the guest leaves: its exit doesn't swallow the signal."""
    world = World()
    text = f"""(module {imported("proc_exit")} (import "env" "last" (func $last)) (memory (export "memory") 1)
      (func (export "_start") (call $last) (call $proc_exit (i32.const 0))))"""

    @world.function("env")
    def last() -> None:
        store = state.store
        assert store is not None
        store.stop_request = Alarm()  # as a handler leaves it; the guest gets no more ticks

    with pytest.raises(Alarm):
        world.run(wat(text))


def test_ctrl_c_in_another_world_s_guest_that_a_host_function_runs() -> None:
    world = World()

    @world.function("env")
    def nap() -> None:
        World().run(wat(LOOP))

    interrupted(lambda: world.run(wat('(module (import "env" "nap" (func $f)) (func (export "_start") (call $f)))')))


def test_a_timeout_is_for_the_worlds_inside_too() -> None:
    text = '(module (import "env" "nap" (func $f)) (func (export "_start") (loop $l (call $f) (br $l))))'

    def inside(seconds: float) -> list[str]:
        world, ends = World(timeout=seconds), []

        @world.function("env")
        def nap() -> None:
            ends.append(World().run(wat(LOOP)).ended_by)

        soon(lambda: world.run(wat(text)))
        return ends

    assert set(within(inside, enough=bool)) == {"timeout"}


def test_ctrl_c_in_a_function_that_takes_output() -> None:
    interrupted(lambda: World().run(prints("x"), stdout=lambda _: time.sleep(LONG / 1e9)))


def random_gigabytes(count: int) -> bytes:
    return wat(f"""(module {imported("random_get")} (memory (export "memory") {count << 14})
      (func (export "_start") (drop (call $random_get (i32.const 0) (i32.const {(count << 30) - 1})))))""")


def taken(world: World) -> int:
    """How far it has come: all of it would take long."""
    entropy = world.kernel.entropy
    assert isinstance(entropy, SeededEntropy)
    return entropy.taken


def test_a_timeout_in_one_long_call() -> None:
    world = World(timeout=SOON)
    soon(lambda: world.run(random_gigabytes(2)))
    assert taken(world) < 1 << 30


def test_ctrl_c_in_one_long_call() -> None:
    world = World()
    interrupted(lambda: world.run(random_gigabytes(2)))
    assert taken(world) < 1 << 30


def test_an_event_loop_hears_of_signals_during_a_run() -> None:
    heard: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: heard.append("usr1"))
        world = World()

        @world.function("env")
        def nap() -> None:
            os.kill(os.getpid(), signal.SIGUSR1)

        world.run(wat('(module (import "env" "nap" (func $f)) (func (export "_start") (call $f)))'))
        for _ in range(100):
            await asyncio.sleep(0.01)
            if heard:
                return

    asyncio.run(main())
    assert heard == ["usr1"]


def test_a_handler_that_a_host_function_installs_stays() -> None:
    world = World()
    old = signal.getsignal(signal.SIGUSR1)

    def own(*_: object) -> None:
        """Nothing."""

    @world.function("env")
    def nap() -> None:
        signal.signal(signal.SIGUSR1, own)

    try:
        world.run(wat('(module (import "env" "nap" (func $f)) (func (export "_start") (call $f)))'))
        assert signal.getsignal(signal.SIGUSR1) is own
    finally:
        signal.signal(signal.SIGUSR1, old)
