"""Functions, memories, tables and globals: limits, growth, and sharing them between instances."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import LinkError, World
from agave_wasi.engines.base import EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.items import FAILED, LinearMemory, Table
from agave_wasi.engines.x86.module import TableType
from tests.agave_wasi.engines.x86.both import calls, instance

GROWS = """(module (memory (export "memory") {memory}) (table {table} funcref)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "more") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
  (func (export "sizes") (result i32 i32) (memory.size) (table.size)))"""


def grows(memory: str = "1", table: str = "1") -> str:
    return GROWS.format(memory=memory, table=table)


def test_growing_to_a_maximum() -> None:
    made = [("grow", 1), ("grow", 2), ("grow", 1), ("grow", 1), ("grow", 0), ("more", 4), ("more", 5), ("more", 1), ("sizes",)]
    assert calls(grows("1 4", "1 6"), *made) == [1, 2, -1, -1, 4, 1, -1, 5, (4, 6)]


def test_growing_by_far_too_much() -> None:
    made = [("grow", 65536), ("grow", -1), ("grow", 65535), ("grow", 1), ("more", -1), ("sizes",)]
    assert calls(grows(), *made) == [-1, -1, 1, -1, -1, (65536, 1)]


def test_limits_are_shared_by_memories_and_tables() -> None:
    made = [("grow", 1), ("grow", 1), ("more", 8191), ("more", 1), ("sizes",)]
    assert calls(grows(), *made, max_memory=2 << 16) == [1, -1, 1, -1, (2, 8192)]
    text = grows().replace('(table', "(memory 1) (memory 1) (table 1 funcref) (table", 1)
    found = calls(text, *made, max_memory=6 << 16)
    assert found[-1][0] == 2


@pytest.mark.parametrize(("fields", "what"), [("(memory 3)", "memory minimum size of 3"), ("(table 9000 funcref)", "9000")])
def test_what_is_larger_than_the_limit_from_the_start(fields: str, what: str) -> None:
    texts = []
    for engine in ("wasmtime", "x86"):
        with pytest.raises(LinkError, match=what) as error, World(engine=engine, max_memory=2 << 16) as world:
            instance(world, f"(module {fields})")
        texts.append(str(error.value))
    assert texts[0] == texts[1]


def test_a_hundred_memories() -> None:
    many = " ".join("(memory 1)" for _ in range(100))
    text = f"""(module {many} (func (export "grow") (param i32) (result i32) (memory.grow 99 (local.get 0)))
      (func (export "keep") (result i32 i32) (i32.store 57 (i32.const 65532) (i32.const 7))
        (i32.load 57 (i32.const 65532)) (i32.load 58 (i32.const 65532))))"""
    assert calls(text, ("grow", 1), ("grow", 65535), ("keep",)) == [1, -1, (7, 0)]


def test_all_four_gibibytes() -> None:
    text = """(module (memory 65536) (func (export "last") (result i32) (i32.store (i32.const -4) (i32.const 5))
      (i32.load (i32.const -4))) (func (export "beyond") (result i32) (i32.load (i32.const -3))))"""
    found = calls(text, ("last",), ("beyond",))
    assert found[0] == 5 and found[1][0] == "out of bounds memory access"


def test_shared_memories_tables_and_globals() -> None:
    library = """(module (memory (export "m") 1 3) (table (export "t") 2 9 funcref)
      (global (export "g") (mut i64) (i64.const 1)) (func $one (result i32) (i32.const 1)) (elem (i32.const 0) $one)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "more") (param i32) (result i32) (table.grow (ref.func $one) (local.get 0)))
      (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
      (func (export "indirect") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
      (func (export "global") (result i64) (global.get 0)))"""
    imports = " ".join(
        f'(import "lib" "{name}" {what})'
        for name, what in (
            ("m", "(memory 1 3)"), ("t", "(table 1 9 funcref)"), ("g", "(global (mut i64))"),
            ("grow", "(func $grow (param i32) (result i32))"), ("more", "(func $more (param i32) (result i32))"),
            ("peek", "(func $peek (param i32) (result i32))"), ("indirect", "(func $indirect (param i32) (result i32))"),
            ("global", "(func $global (result i64))"),
        )
    )  # fmt: skip
    text = f"""(module {imports} (func $two (result i32) (i32.const 2)) (elem (i32.const 1) $two)
      (func (export "memory_of_both") (result i32 i32 i32) (drop (call $grow (i32.const 1)))
        (i32.store (i32.const 100000) (i32.const 77)) (call $peek (i32.const 100000)) (memory.size) (memory.grow (i32.const 1)))
      (func (export "table_of_both") (result i32 i32 i32 i32) (drop (call $more (i32.const 3)))
        (table.size) (call_indirect (result i32) (i32.const 4)) (call $indirect (i32.const 1)) (call $indirect (i32.const 0)))
      (func (export "null") (result i32) (drop (table.grow (ref.null func) (i32.const 1))) (call $indirect (i32.const 5)))
      (func (export "global_of_both") (result i64) (global.set 0 (i64.const -5)) (call $global)))"""
    names = ("memory_of_both", "table_of_both", "null", "global_of_both")
    found: Any = calls(text, *[(name,) for name in names], libraries={"lib": library})
    assert found[0] == (77, 2, 2) and found[1] == (5, 1, 2, 1) and found[2][0] == "indirect call to null" and found[3] == -5


@pytest.fixture
def store() -> Any:
    made = X86Engine(EngineConfig()).store(StoreLimits(memory=1 << 20))
    yield made
    made.close()


def test_a_memory_keeps_its_place_and_its_view_until_it_grows(store: Any) -> None:
    memory = LinearMemory(store, 0, 0, store.arena.take(16), 1, 4)
    view, base = memory.view(), memory.base
    assert memory.view() is view and len(view) == 65536
    assert memory.grow(4) == FAILED and memory.view() is view
    assert memory.grow(3) == 1 and len(memory.view()) == 4 * 65536
    view[5] = 9
    assert memory.view()[5] == 9 and memory.base == base
    assert (store.arena.words(memory.definition), store.arena.words(memory.definition + 8)) == (base, 4 * 65536)


def test_a_table_that_moves_takes_its_elements_along(store: Any) -> None:
    table = Table(store, 0, 0, store.arena.take(16), TableType("r", 2, None))
    store.arena.set_word(table.base + 8, 0x1234)
    before = table.base
    assert table.grow(100) == 2 and table.base != before
    assert store.arena.words(table.base + 8) == 0x1234
    assert (store.arena.words(table.definition), store.arena.words(table.definition + 8)) == (table.base, 102)
    assert table.place(101) == table.base + 808 and table.place(102) is None
    assert table.grow(1 << 63) == FAILED


def test_tables_have_an_end_even_without_limits() -> None:
    engine = X86Engine(EngineConfig())
    store = engine.store(StoreLimits())
    with pytest.raises(EngineError, match="take more than"):
        Table(store, 0, 0, store.arena.take(16), TableType("r", 0xFFFF_FFFF, None))
    table = Table(store, 0, 0, store.arena.take(16), TableType("r", 1, None))
    assert table.grow(0x7FFF_FFFF) == FAILED and table.size == 1
    store.close()


def test_memories_have_an_end_too(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError("memory 0: the host has no 65536 bytes left")

    monkeypatch.setattr(type(store.memory), "add", full)
    with pytest.raises(EngineError, match="the host has no 65536 bytes left"):
        LinearMemory(store, 0, 0, store.arena.take(16), 1, 1)


def test_references_to_functions() -> None:
    text = """(module (table $t 4 funcref) (func $f (export "f") (result i32) (i32.const 11)) (global $g funcref (ref.func $f))
      (func (export "through") (result i32) (table.set $t (i32.const 3) (global.get $g))
        (call_indirect $t (result i32) (i32.const 3)))
      (func (export "null") (result i32) (ref.is_null (table.get $t (i32.const 2))))
      (func (export "set") (result i32) (table.fill $t (i32.const 0) (ref.func $f) (i32.const 3))
        (call_indirect $t (result i32) (i32.const 2))))"""
    assert calls(text, ("through",), ("null",), ("set",), ("null",)) == [11, 1, 11, 0]
