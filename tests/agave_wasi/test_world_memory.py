"""The limit of memory: for everything together that a guest can make grow."""

from __future__ import annotations

import pytest

from agave_wasi import World
from tests.agave_wasi.guests import imported, wat
from tests.waiting import HANG


@pytest.mark.parametrize(
    ("brought", "grow", "refused"),
    [
        ("(memory $m 1)", "memory.grow $m (i32.const 15)", 0),
        ("(memory $m 1)", "memory.grow $m (i32.const 16)", 1),
        ("(memory $m 1) (memory 1)", "memory.grow $m (i32.const 7)", 0),
        ("(memory $m 1) (memory 1)", "memory.grow $m (i32.const 8)", 1),
        ("(table $t 1 funcref)", "table.grow $t (ref.null func) (i32.const 60000)", 0),
        ("(table $t 1 funcref)", "table.grow $t (ref.null func) (i32.const 66000)", 1),
        ("(table $t 1 funcref) (table 1 externref)", "table.grow $t (ref.null func) (i32.const 60000)", 1),
    ],
)
def test_all_memories_and_all_tables_share_the_limit(brought: str, grow: str, refused: int) -> None:
    text = f"""(module {imported("proc_exit")} {brought} (func (export "_start")
      (call $proc_exit (i32.eq ({grow}) (i32.const -1)))))"""
    assert World(max_memory=1 << 20).run(wat(text)).exit_code == refused


def test_libraries_count_for_the_limit_too() -> None:
    library = b'(module (memory (export "m") 1) (func (export "f")))'
    text = f"""(module {imported("proc_exit")} (import "lib" "f" (func)) (memory 1) (func (export "_start")
      (call $proc_exit (i32.eq (memory.grow (i32.const 8)) (i32.const -1)))))"""
    world = World(max_memory=1 << 20)
    assert world.run(wat(text), libraries={"lib": library}).exit_code == 1


def test_what_the_guest_s_garbage_collector_holds_is_memory() -> None:
    text = """(module (type $node (struct (field (ref null $node)))) (func (export "_start") (local $all (ref null $node))
      (loop $on (local.set $all (struct.new $node (local.get $all))) (br $on))))"""
    result = World(max_memory=1 << 20, timeout=HANG).run(wat(text))
    assert result.ended_by == "trap" and "GC heap out of memory" in result.message
