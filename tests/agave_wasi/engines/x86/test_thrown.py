"""Exceptions on the CPU model: the same results, endings and frames as on the JIT engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agave_wasi import World
from agave_wasi.engines.base import EngineError, GuestTrap
from agave_wasi.engines.x86 import gcheap, thrown
from agave_wasi.functions import Caller
from agave_wasi.instance import LiveInstance
from tests.agave_wasi.engines.x86.throwing import CASES, CHAIN, CROSSING, DEEP, KEPT, LIBRARY, LOOP, UNCAUGHT, Case
from tests.agave_wasi.guests import modelled, wat

ENGINES = ("wasmtime", "x86")


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with World(engine=request.param) as made:
        yield made


def check(world: World, case: Case, most: int = 1 << 32) -> None:
    """Call it with every argument up to `most`."""
    with world.instantiate(case.module(), libraries=case.libraries()) as instance:
        for arguments, expected in case.results.items():
            if arguments and arguments[0] > most:
                continue
            if isinstance(expected, str):
                with pytest.raises(GuestTrap, match=expected):
                    instance.call(case.function, *arguments)
            else:
                results = instance.call(case.function, *arguments)
                assert (results if isinstance(results, tuple) else (results,)) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_program_that_throws_says_what_it_must(world: World, case: Case) -> None:
    check(world, case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_that_is_needed_goes_when_almost_every_allocation_collects(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcheap, "FIRST_CAPACITY", 64)
    with World(engine="x86") as world:
        check(world, case, most=2_000)


def ending(engine: str, text: str, *arguments: int, library: str = "", function: str = "run", **settings: int) -> GuestTrap:
    """How a call ends."""
    with World(engine=engine, **settings) as world, pytest.raises(GuestTrap) as raised:  # type: ignore[arg-type]
        libraries = {"l": wat(library)} if library else None
        with world.instantiate(wat(text), libraries=libraries) as instance:
            instance.call(function, *arguments)
    return raised.value


def frames(trap: GuestTrap) -> list[tuple[int, int, int, str | None]]:
    return [(each.function, each.function_offset, each.module_offset, each.name) for each in trap.frames]


THROWS = "(module (tag $e (param i32)) (func $a (param i32) (throw $e (local.get 0))) (func $b (call $a (i32.const 1)))"
ENDINGS = {
    "uncaught": (f'{THROWS} (func $run (export "run") (call $b)))', UNCAUGHT),
    "thrown again": (
        f"""{THROWS} (func $run (export "run")
          (block $h (result exnref) (try_table (catch_all_ref $h) (call $b)) unreachable) (throw_ref)))""",
        UNCAUGHT,
    ),
    "null": ('(module (func $run (export "run") (throw_ref (ref.null exn))))', "wasm trap: null reference"),
    "caught by nobody who is there": (
        f"""{THROWS} (tag $f) (func $c (block $h (try_table (catch $f $h) (call $b))))
          (func $run (export "run") (try_table (catch $f 0) (call $c))))""",
        UNCAUGHT,
    ),
    "in the start function": (f'{THROWS} (func $run (export "run")) (start $b))', UNCAUGHT),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDINGS)
def test_what_nobody_catches_ends_the_guest_as_on_the_jit_engine(name: str) -> None:
    text, message = ENDINGS[name]
    here, there = (ending(engine, text) for engine in ("x86", "wasmtime"))
    assert here.message == there.message == message
    assert frames(here) == frames(there) != []


def test_an_exception_that_crosses_instances_leaves_its_whole_trace() -> None:
    through = """(module (import "l" "a_thrower" (func $throw (param i32)))
      (func $run (export "run") (call $throw (i32.const 1))))"""
    here, there = (ending(engine, through, library=LIBRARY) for engine in ("x86", "wasmtime"))
    assert here.message == there.message == UNCAUGHT
    assert frames(here) == frames(there)
    assert len(here.frames) == 2


def test_instances_of_one_module_have_tags_of_their_own(world: World) -> None:
    text = """(module
      (import "l" "a" (tag $a (param i32))) (import "m" "a" (tag $other (param i32)))
      (import "l" "a_thrower" (func $throw (param i32))) (import "m" "a_thrower" (func $others (param i32)))
      (func $run (export "run") (param i32) (result i32)
        (block $h (result i32) (block $o (result i32)
          (try_table (catch $other $o) (catch $a $h)
            (if (local.get 0) (then (call $throw (i32.const 1))) (else (call $others (i32.const 1)))))
          unreachable)
        (return (i32.const 20)))
        (drop) (i32.const 10)))"""
    library = wat(LIBRARY)
    with world.instantiate(wat(text), libraries={"l": library, "m": library}) as instance:
        assert [instance.call("run", which) for which in (0, 1)] == [20, 10]


HOST_BETWEEN = """(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (tag $e (param i32)) (memory (export "memory") 1)
  (func (export "inner") (param i32) (result i32)
    (block $h (result i32)
      (try_table (catch $e $h) (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $e (i32.const 30)))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $e (i32.const 40))))
      (i32.const 50)))
  (func $run (export "run") (param i32) (result i32)
    (block $h (result i32) (try_table (result i32) (catch $e $h) (call $host (local.get 0)))))
)"""


def host_between(world: World, seen: list[str]) -> LiveInstance:
    """A guest that calls the host, which calls the guest, which may throw."""

    @world.function("env")
    def host(caller: Caller, which: int) -> int:
        try:
            result = caller.call("inner", which)
        except GuestTrap as error:
            seen.append(error.message)
            return 60
        assert isinstance(result, int)
        return result

    return world.instantiate(wat(HOST_BETWEEN))


def test_no_exception_passes_a_host_function(world: World) -> None:
    seen: list[str] = []
    with host_between(world, seen) as instance:
        assert [instance.call("run", which) for which in (0, 1)] == [50, 30]
        assert seen == []
        with pytest.raises(GuestTrap, match=UNCAUGHT):
            instance.call("run", 2)
        assert seen == [UNCAUGHT]
        assert instance.call("run", 1) == 30


def test_a_guest_that_has_ended_so_can_be_called_again(world: World) -> None:
    text = f'{THROWS} (func $run (export "run") (param i32) (if (local.get 0) (then (call $b)))))'
    with world.instantiate(wat(text)) as instance:
        for _ in range(3):
            with pytest.raises(GuestTrap, match=UNCAUGHT):
                instance.call("run", 1)
            instance.call("run", 0)


def test_exceptions_that_are_kept_stay_within_the_memory_limit(world: World) -> None:
    world.limits.memory = 1 << 20
    with world.instantiate(wat(CHAIN)) as instance:
        assert instance.call("run", 5_000) == (12_497_500, 5_000)
        with pytest.raises(GuestTrap, match=r"^GC heap out of memory: no capacity for allocation of 40 bytes$"):
            instance.call("run", 1 << 20)
        assert instance.call("run", 2) == (1, 2)


def heap_of(instance: LiveInstance) -> object:
    return modelled(instance._guest.store).exceptions.heap


def test_only_who_throws_has_a_heap() -> None:
    with World(engine="x86") as world, world.instantiate(wat(DEEP)) as instance:
        assert heap_of(instance) is None
        instance.call("run", 1)
        assert heap_of(instance) is not None


def test_a_million_exceptions_need_no_more_memory_than_some() -> None:
    with World(engine="x86") as world, world.instantiate(wat(LOOP)) as instance:
        instance.call("run", 100_000)
        heap = modelled(instance._guest.store).exceptions.heap
        assert heap is not None and heap.capacity == 1 << 20


def test_what_only_globals_and_tables_have_survives_collections() -> None:
    with World(engine="x86") as world, world.instantiate(wat(KEPT)) as instance:
        exceptions = modelled(instance._guest.store).exceptions
        assert instance.call("run", 1) == (1, 2, 3, 4, 5, 1)
        heap = exceptions.heap
        assert heap is not None
        before = sum(heap.starts)
        heap.collect(exceptions._kept())
        assert 4 <= sum(heap.starts) < before


def test_hostile_code_gets_no_further_than_an_error() -> None:
    with World(engine="x86") as world, world.instantiate(wat(CROSSING), libraries={"l": wat(LIBRARY)}) as instance:
        exceptions = modelled(instance._guest.store).exceptions
        with pytest.raises(EngineError, match="is no exception: its image is damaged"):
            exceptions.throw(0x10)
        with pytest.raises(EngineError, match="names an instance at 0x10, where none is"):
            exceptions.instance_number(0x10)
        with pytest.raises(EngineError, match="stack leads to 0x8, which is outside"):
            exceptions._word(8)


def test_what_a_caller_of_the_host_has_on_its_stack_is_needed_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gcheap, "FIRST_CAPACITY", 1024)
    text = """(module (import "env" "host" (func $host)) (tag $e (param i32)) (memory (export "memory") 1)
      (func $make (param i32) (result exnref)
        (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0))) unreachable))
      (func (export "inner") (local $i i32)
        (loop $more
          (drop (call $make (local.get $i)))
          (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200)))))
      (func (export "run") (result i32) (local $kept exnref)
        (local.set $kept (call $make (i32.const 1000)))
        (call $host)
        (block $h (result i32) (try_table (catch $e $h) (throw_ref (local.get $kept))) unreachable)))"""

    @world.function("env")
    def host(caller: Caller) -> None:
        caller.call("inner")

    with world.instantiate(wat(text)) as instance:
        assert instance.call("run") == 1000


KEEPING = """(module
  (tag $e (param i32 funcref)) (global $g (mut exnref) (ref.null exn)) (table 1 funcref)
  (func $nine (result i32) (i32.const 9)) (elem declare func $nine)
  (func (export "keep") (param i32)
    (block $h (result exnref) (try_table (catch_all_ref $h) (throw $e (local.get 0) (ref.func $nine))) unreachable)
    (global.set $g))
  (func (export "again") (result i32 i32) (local funcref)
    (block $h (result i32 funcref) (try_table (catch $e $h) (throw_ref (global.get $g))) unreachable)
    (local.set 0) (table.set (i32.const 0) (local.get 0)) (call_indirect (result i32) (i32.const 0)))
)"""


def test_saved_exceptions_are_caught_in_another_store() -> None:
    module = wat(KEEPING)
    with World(engine="x86") as world, world.instantiate(module) as one, world.instantiate(module) as other:
        stores = [modelled(each._guest.store) for each in (one, other)]
        assert stores[0].exceptions.save() is None
        one.call("keep", 5)
        stores[1].exceptions.restore(stores[0].exceptions.save())
        assert stores[1].exceptions.used == stores[0].exceptions.used > 0
        for name, size in ((thrown.HEAP, stores[0].exceptions.used), ("arena", stores[0].arena.used)):
            regions = [store.memory.named(name).view for store in stores]
            regions[1][:size] = regions[0][:size]
        assert other.call("again") == one.call("again") == (5, 9)
        stores[1].exceptions.restore(None)
        assert stores[1].exceptions.heap is None
        other.call("keep", 6)
        assert other.call("again") == (6, 9)


@pytest.mark.parametrize("saved", [5, [], [1, 2, 3, 4], [4096, bytes(256), [], [1]]])
def test_what_isn_t_saved_exceptions_is_refused(saved: object) -> None:
    with World(engine="x86") as world, world.instantiate(wat(LOOP)) as instance:
        exceptions = modelled(instance._guest.store).exceptions
        with pytest.raises(ValueError):
            exceptions.restore(saved)
        assert exceptions.save() is None
