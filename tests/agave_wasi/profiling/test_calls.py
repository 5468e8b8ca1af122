"""The tree of calls, from events as machines have them, and from those that none has."""

from __future__ import annotations

from agave_wasi.engines.x86.space import STUBS
from agave_wasi.profiling import calls
from agave_wasi.profiling.calls import CallTree
from agave_wasi.profiling.places import Place
from kernel_sim.cpu.recorder import CALL, ENTRY, JUMP, RETURN, SHIFT
from tests.agave_wasi.profiling.measured import CALLS, calling, profiled

THROWS = """(module (tag $e)
  (func $deep (param i32) (if (i32.eqz (local.get 0)) (then (throw $e)))
    (call $deep (i32.sub (local.get 0) (i32.const 1))))
  (func $catch (block $h (try_table (catch $e $h) (call $deep (i32.const 4)))))
  (func $after)
  (func (export "main") (call $catch) (call $catch) (call $catch) (call $after)))"""
A, B, C = (Place("function", name) for name in "ABC")
PLACES = {1: A, 2: B, 3: C}


def tree_of(*events: tuple[int, int, int], end: int = 0) -> CallTree:
    """Of (kind, address, where it returns to), an instruction apart; places begin at multiples of 100."""
    tree = CallTree(lambda address: PLACES.get(address // 100))
    for total, (kind, address, back) in enumerate(events):
        tree.take([total, kind << SHIFT | address, back])
    tree.settle(end or len(events))
    return tree


def shown(tree: CallTree) -> list[tuple[int, str, int, int]]:
    return [(node.depth, node.place.name if node.place else "", node.calls, node.own) for node in tree.walk()]


def test_every_kind_of_call_in_a_real_run() -> None:
    profiler, result = profiled(CALLS, name="main", world=calling())
    assert result.ok
    tree = [(depth, name, calls) for depth, name, calls, _ in shown(profiler.tree)]
    assert tree == [
        (0, "", 0), (1, "main", 1), (2, "leaf", 3), (2, "even", 6), (2, "odd", 5), (2, "switch", 1), (2, "host.again", 2),
        (3, "inner", 2), (4, "leaf", 2), (4, "host.fail", 1),
    ]  # fmt: skip
    assert sum(own for *_, own in shown(profiler.tree)) == profiler.total


def test_a_return_takes_off_what_was_unwound() -> None:
    tree = tree_of((CALL, 100, 9), (CALL, 200, 150), (CALL, 300, 250), (RETURN, 150, 0), (CALL, 300, 160), (RETURN, 777, 0))
    assert shown(tree) == [(0, "", 0, 0), (1, "A", 1, 2), (2, "B", 1, 1), (3, "C", 1, 1), (2, "C", 1, 2)]


def test_what_is_thrown_lands_in_the_nearest_frame_of_its_function() -> None:
    tree = tree_of((CALL, 100, 9), (CALL, 200, 150), (CALL, 300, 250), (CALL, 900, 350), (JUMP, 170, STUBS), (RETURN, 9, 0))
    assert shown(tree) == [(0, "", 0, 1), (1, "A", 1, 2), (2, "B", 1, 1), (3, "C", 1, 2)]
    nobody = tree_of((CALL, 100, 9), (JUMP, 250, STUBS), (JUMP, 999, STUBS))
    assert shown(nobody) == [(0, "", 0, 0), (1, "A", 1, 3)]


def test_code_that_begins_without_a_call_and_asks_its_kernel() -> None:
    tree = CallTree(lambda address: PLACES.get(address // 100))
    tree.begin(999)
    tree.begin(100)
    tree.take([3, CALL << SHIFT | 900, 150])
    tree.ask(C, True)
    tree.take([5, RETURN << SHIFT | 150, 900])
    tree.ask(C, False)
    tree.settle(6)
    assert shown(tree) == [(0, "", 0, 0), (1, "A", 1, 4), (2, "C", 2, 2)]


def test_a_real_throw() -> None:
    profiler, result = profiled(THROWS, name="main")
    assert result.ok
    tree = [(node.depth, node.place.name, node.calls) for node in profiler.tree.walk() if node.place is not None]
    deep = [(3 + level, "deep", 3) for level in range(5)]
    assert [each for each in tree if "_" not in each[1]] == [(1, "main", 1), (2, "catch", 3), *deep, (2, "after", 1)]
    assert (8, "throw_ref", 3) in tree and sum(own for *_, own in shown(profiler.tree)) == profiler.total


def test_tail_calls_and_glue() -> None:
    tree = tree_of((JUMP, 100, 0), (JUMP, 120, 0), (JUMP, 200, 0), (CALL, 900, 250), (JUMP, 300, 0), (RETURN, 250, 0))
    assert shown(tree) == [(0, "", 0, 0), (1, "A", 1, 2), (1, "B", 1, 3), (2, "C", 1, 1)]


def test_what_lies_within_a_host_function_is_gone_with_it() -> None:
    tree = tree_of((ENTRY, 900, 0), (CALL, 100, 9))
    tree.nest(True)
    tree.take([2, ENTRY << SHIFT | 900, 0, 3, CALL << SHIFT | 200, 9, 4, RETURN << SHIFT | 9, 0, 5, RETURN << SHIFT | 9, 0])
    tree.take([6, CALL << SHIFT | 300, 9])
    tree.settle(7)
    tree.nest(False)
    tree.settle(10)
    assert shown(tree) == [(0, "", 0, 1), (1, "A", 1, 7), (2, "B", 1, 1), (2, "C", 1, 1)]


def test_depth_and_size_have_ends(monkeypatch: object) -> None:
    deep = tree_of(*[(CALL, 100 + 100 * (each % 2), each) for each in range(3 * calls.DEEPEST)])
    assert max(node.depth for node in deep.walk()) == calls.DEEPEST
    assert sum(node.calls for node in deep.walk()) == 3 * calls.DEEPEST == sum(node.own for node in deep.walk())
    tree = CallTree(lambda address: Place("function", str(address)))
    tree.nodes = calls.MOST_NODES
    tree.take([0, CALL << SHIFT | 5, 0, 1, CALL << SHIFT | 6, 0, 2, CALL << SHIFT | 7, 0])
    assert [node.depth for node in tree.walk()] == [0, 1, 1, 1]
