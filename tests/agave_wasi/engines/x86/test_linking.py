"""Linking: what fits what, and what is said where it doesn't."""

from __future__ import annotations

import pytest

from agave_wasi import LinkError, World
from agave_wasi.engines.base import EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86.engine import X86Engine
from tests.agave_wasi.engines.x86.both import ENGINES, instance
from tests.agave_wasi.guests import wat

LIBRARY = """(module (func (export "f") (param i32)) (memory (export "m") 2 5) (memory (export "open") 2)
  (table (export "t") 3 7 funcref) (table (export "x") 3 externref) (global (export "g") i32 (i32.const 1))
  (global (export "v") (mut i64) (i64.const 1))
  (tag (export "e") (param i64)))"""


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ('"f" (func (param i64))', "expected type `(func (param i64))`, found type `(func (param i32))`"),
        ('"f" (func (param i32) (result f32))', "(func (param i32) (result f32))"),
        ('"f" (global i32)', "expected global, found func"),
        ('"m" (memory 3)', "expected memory limits of at least 3, found 2"),
        ('"m" (memory 1 4)', "expected memory limits of at most 4, found 5"),
        ('"open" (memory 1 4)', "expected memory limits of at most 4, found no limit"),
        ('"t" (table 4 funcref)', "expected table limits of at least 4, found 3"),
        ('"t" (table 1 6 funcref)', "expected table limits of at most 6, found 7"),
        ('"t" (table 1 externref)', "expected table of type `externref`, found table of type `funcref`"),
        ('"g" (global i64)', "expected global of type `i64`, found global of type `i32`"),
        ('"g" (global (mut i32))', "expected global to be mutable, found it immutable"),
        ('"v" (global i64)', "expected global to be immutable, found it mutable"),
        ('"e" (tag (param i32))', "expected type `(func (param i32))`, found type `(func (param i64))`"),
        ('"m" (table 1 funcref)', "expected table, found memory"),
    ],
)
def test_what_does_not_fit(wanted: str, why: str) -> None:
    for engine in ENGINES:
        with pytest.raises(LinkError, match="incompatible import type for `lib::") as error, World(engine=engine) as world:
            instance(world, f'(module (import "lib" {wanted}))', {"lib": LIBRARY})
    assert why in str(error.value)


@pytest.mark.parametrize(
    "wanted",
    [
        '"f" (func (param i32))', '"m" (memory 2 5)', '"m" (memory 0 9)', '"m" (memory 1)', '"open" (memory 2)',
        '"t" (table 3 7 funcref)', '"t" (table 0 funcref)', '"x" (table 0 externref)', '"g" (global i32)',
        '"v" (global (mut i64))', '"e" (tag (param i64))',
    ],
)  # fmt: skip
def test_what_fits(wanted: str) -> None:
    for engine in ENGINES:
        with World(engine=engine) as world:
            instance(world, f'(module (import "lib" {wanted}))', {"lib": LIBRARY})


def test_a_memory_is_measured_as_it_is_now() -> None:
    library = '(module (memory (export "m") 1) (func $more (drop (memory.grow (i32.const 2)))) (start $more))'
    for engine in ENGINES:
        with World(engine=engine) as world:
            instance(world, '(module (import "lib" "m" (memory 3)))', {"lib": library})


def test_too_few_items() -> None:
    engine = X86Engine(EngineConfig())
    store = engine.store(StoreLimits())
    core = store.core(lambda data, _: engine.compile(bytes(data)), lambda call: None, lambda *_: 0)
    module = core.compile(wat('(module (import "a" "b" (func)))'))
    with pytest.raises(EngineError, match="expected 1 imports, found 0"):
        core.instantiate(module, [("a", "b")], [], False)
    store.close()
