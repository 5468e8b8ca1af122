"""What all stores share, on both engines: who may call, who must wait, and how much there may be of anything."""

from __future__ import annotations

import pytest

from agave_wasi.engines import store as room
from agave_wasi.engines.base import EngineConfig, EngineError, Interrupted, StoreLimits
from agave_wasi.engines.interrupt import Watch
from agave_wasi.engines.store import GuestStore
from agave_wasi.loader import engine_for
from kernel_sim.wait import Wait

KINDS = ("wasmtime", "x86")


def make(kind: str, memory: int | None = None) -> GuestStore:
    return engine_for(EngineConfig(), kind).store(StoreLimits(memory=memory))


@pytest.mark.parametrize("kind", KINDS)
def test_memories_and_tables_share_what_there_is(kind: str) -> None:
    store = make(kind, 1 << 20)
    assert (store.memory_room, store.table_room) == (1 << 20, 1 << 16)
    store.reserve(3, 1)
    store.reserve(1, 1)
    assert (store.memory_room, store.table_room) == (1 << 18, 1 << 15)
    assert (make(kind).memory_room, make(kind).table_room) == (1 << 32, 1 << 32)


@pytest.mark.parametrize("kind", KINDS)
def test_a_running_guest_is_its_thread_s_and_stays(kind: str) -> None:
    store = make(kind)
    store.depth, store.thread = 1, 5
    store.require_thread(5)
    with pytest.raises(EngineError, match="running in another thread"):
        store.require_thread(6)
    with pytest.raises(EngineError, match="close it once its call is over"):
        store.close()
    store.require_open()
    store.depth = 0
    store.close()
    with pytest.raises(EngineError, match="the guest is closed"):
        store.require_open()


@pytest.mark.parametrize("kind", KINDS)
def test_who_can_be_suspended_isn_t_kept_waiting(kind: str) -> None:
    store, waited = make(kind), list[Wait]()
    store.inline_wait = waited.append
    wait = Wait(deadline=5)
    store.depth = 1
    store.suspend(wait)
    assert (store.wait, waited) == (wait, [])
    store.depth = 2
    store.suspend(wait)
    assert waited == [wait]
    store.depth = 0


@pytest.mark.parametrize("kind", KINDS)
def test_host_functions_are_counted_and_making_them_can_be_stopped(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_FUNCTIONS", 2)
    store = make(kind)
    with Watch(store):
        store.count_function()
        store.request_stop(Interrupted("enough"))
        with pytest.raises(Interrupted):
            store.count_function()
        store.count_function()
        with pytest.raises(EngineError, match="more than 2 host functions"):
            store.count_function()


def test_only_a_counting_machine_knows_how_much_it_did() -> None:
    assert make("wasmtime").retired() == make("x86").retired() == 0
