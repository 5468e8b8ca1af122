"""What compiled code asks for: bulk memory, tables, references; and what it can't ask for."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.base import EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.x86 import builtins
from agave_wasi.engines.x86.builtins import BUILTINS, RCX, RDI, RDX, RSI
from agave_wasi.engines.x86.engine import X86Engine
from agave_wasi.engines.x86.space import LINEAR
from agave_wasi.engines.x86.traps import CodeTrap
from agave_wasi.engines.x86.vmctx import BUILTINS as NAMES
from agave_wasi.engines.x86.vmctx import SIGNATURES
from tests.agave_wasi.engines.x86.both import calls
from tests.agave_wasi.guests import wat

BULK = """(module (memory 1 3) (memory $two 1) (table $t 6 funcref) (table $x 3 externref) (data $d "hello world")
  (elem $e func $one $two $one) (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
  (func (export "peek") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "peek2") (param i32) (result i32) (i32.load8_u $two (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "across") (param i32 i32 i32) (memory.copy $two 0 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $d))
  (func (export "telem") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "tdrop") (elem.drop $e))
  (func (export "tcopy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "tfill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $two) (local.get 1)))
  (func (export "call") (param i32) (result i32) (call_indirect $t (result i32) (local.get 0)))
  (func (export "xgrow") (param i32) (result i32) (table.grow $x (ref.null extern) (local.get 0))))"""


def test_bulk_memory() -> None:
    made = [
        ("fill", 10, 0x1FF, 5), ("peek", 14), ("peek", 15), ("fill", 65536, 1, 0), ("fill", 65537, 1, 0), ("fill", -1, 1, 2),
        ("copy", 12, 10, 5), ("peek", 16), ("peek", 17), ("copy", 8, 10, 5), ("peek", 8), ("copy", 65530, 0, 7),
        ("across", 100, 8, 4), ("peek2", 103), ("peek2", 104), ("across", 65536, 65536, 0),
        ("init", 200, 6, 5), ("peek", 200), ("init", 0, 7, 5), ("init", 0, 11, 0), ("drop",), ("drop",), ("init", 0, 0, 1),
        ("init", 0, 0, 0),
    ]  # fmt: skip
    found: Any = calls(BULK, *made)
    assert found[1:3] == [255, 0] and found[4][0] == "out of bounds memory access" and found[17] == ord("w")


def test_bulk_tables() -> None:
    made = [
        ("call", 0), ("telem", 1, 0, 3), ("call", 1), ("call", 2), ("call", 3), ("call", 4), ("tcopy", 2, 1, 3), ("call", 3),
        ("tcopy", 4, 1, 3), ("tfill", 0, 2), ("call", 0), ("tfill", 5, 2), ("telem", 4, 0, 3), ("tdrop",), ("tdrop",),
        ("telem", 0, 0, 1), ("telem", 0, 0, 0), ("xgrow", 5), ("xgrow", -1),
    ]  # fmt: skip
    found: Any = calls(BULK, *made)
    assert found[0][0] == "indirect call to null" and found[2:5] == [1, 2, 1]


def test_filling_takes_no_memory_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a copy: no bytes object of the length is made."""
    made: list[int] = []
    monkeypatch.setattr(builtins, "memset", lambda address, value, length: made.append(length), raising=True)
    with World(engine="x86") as world:
        guest = world.instantiate(wat("""(module (memory 65536)
          (func (export "f") (memory.fill (i32.const 0) (i32.const 0) (i32.const -1))))"""))
        guest.call("f")
    assert made == [0xFFFF_FFFF]


def test_all_that_may_be_called_is_there() -> None:
    assert set(BUILTINS) <= set(NAMES)
    assert set(SIGNATURES) <= set(BUILTINS) | {"raise"}


@pytest.fixture
def store() -> Any:
    engine = X86Engine(EngineConfig())
    made = engine.store(StoreLimits())
    made.instantiate(engine.compile(wat("(module (memory 1) (table 1 funcref) (elem func 0) (func))")), {})
    yield made
    made.close()


def words(**values: int) -> memoryview:
    found = memoryview(bytearray(8 * 16)).cast("Q")
    for name, value in values.items():
        found[{"rdi": RDI, "rsi": RSI, "rdx": RDX, "rcx": RCX}[name]] = value
    return found


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("memory_grow", {"rsi": 1, "rdx": 1}),
        ("memory_grow", {"rdi": 5, "rsi": 1}),
        ("memory_copy", {"rsi": LINEAR, "rdx": 0, "rcx": 8}),
        ("memory_copy", {"rsi": 0xF_0000_0000, "rdx": LINEAR, "rcx": 8}),
        ("memory_copy", {"rsi": LINEAR, "rdx": LINEAR, "rcx": 1 << 63}),
        ("memory_fill", {"rsi": LINEAR + (1 << 32) - 1, "rcx": 2}),
        ("memory_fill", {"rsi": (1 << 64) - 1, "rcx": 2}),
        ("passive_elem_segment_len", {"rsi": 1}),
        ("passive_elem_segment_base", {"rsi": 77}),
        ("passive_elem_segment_drop", {"rsi": 0xFFFF_FFFF}),
        ("ref_func", {"rsi": 9}),
        ("table_get_lazy_init_func_ref", {"rsi": 0, "rdx": 1}),
        ("table_get_lazy_init_func_ref", {"rsi": 1, "rdx": 0}),
        ("table_grow", {"rsi": 4, "rdx": 1}),
        ("throw_ref", {"rsi": 0x40}),
        ("get_interned_func_ref", {"rsi": 7}),
    ],
)
def test_what_damaged_code_asks_for(store: Any, name: str, values: dict[str, int]) -> None:
    (context,) = store.contexts
    with pytest.raises(EngineError, match="its image is damaged"):
        builtins.gate(store, BUILTINS[name])(words(**{"rdi": context, **values}))


def test_what_is_never_called() -> None:
    with pytest.raises(EngineError, match="asks for memory_atomic_notify, which the x86 engine doesn't have"):
        builtins.unknown("memory_atomic_notify")(None, words())  # type: ignore[arg-type]


def test_a_trap_has_a_code(store: Any) -> None:
    with pytest.raises(CodeTrap) as trap:
        BUILTINS["trap"](store, words(rsi=0x105))
    assert trap.value.code == 5
