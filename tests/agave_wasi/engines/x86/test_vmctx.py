"""The layout of a VMContext, against offsets that were read in machine code by hand."""

from __future__ import annotations

import pytest

from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.x86 import compile as compiling
from agave_wasi.engines.x86.compile import compile_module
from agave_wasi.engines.x86.image import Image, read_image
from agave_wasi.engines.x86.module import CoreModule
from agave_wasi.engines.x86.vmctx import BUILTINS, RESULTS, SIGNATURES, VERSIONS, WASMTIME, Layout, version

pytestmark = pytest.mark.skipif(not compiling.can_compile(), reason="wasmtime compiles for x86-64 Linux only there")


def load(fields: str) -> tuple[CoreModule, Image]:
    wasm = to_wasm(f"(module {fields})".encode())
    return CoreModule(wasm), read_image(compile_module(wasm, EngineConfig()))


def test_everything_has_its_place() -> None:
    layout = Layout(
        *load(
            '(import "" "f" (func $f (param i32))) (import "" "t" (table $t 4 funcref)) (import "" "m" (memory $m 1))'
            '(import "" "g" (global $g i32)) (import "" "h" (global (mut i64))) (import "" "e" (tag (param i32)))'
            "(tag (param i64)) (memory $n 1) (memory 2) (table 5 funcref) (table 3 externref)"
            "(global i32 (i32.const 7)) (global (mut i32) (i32.add (global.get $g) (i32.const 5)))"
            "(global funcref (ref.func $a))"
            "(global externref (ref.null extern)) (global v128 (v128.const i64x2 1 2)) (global (mut f64) (f64.const 2.5))"
            '(global i32 (global.get $g)) (func $a (export "a") (param i32)) (func $b) (start $b)'
            "(func $c (result funcref) (ref.func $c))"
            '(elem (table $t) (global.get $g) func $a $f) (elem func $b) (elem declare func $c) (func (export "d"))'
            '(data (memory $n) (i32.const 3) "abc") (data "passive") (data (memory $m) (global.get $g) "defg")'
        )
    )
    assert layout.imported_memories == 0x30 and layout.memories == 0x48 and layout.owned_memories == 0x58
    assert layout.imported_functions == 0x78 and layout.imported_tables == 0x98 and layout.imported_globals == 0xB0
    assert layout.imported_tags == 0xE0 and layout.tables == 0xF8 and layout.globals == 0x120 and layout.tags == 0x190
    assert layout.func_refs == 0x198 and layout.start_func_ref == 0x238 and layout.data_bases == 0x258
    assert layout.data_lengths == 0x270 and layout.size == 0x27C
    assert layout.data_order == [0, 2, 1] and layout.data_offsets == [0, 3, 7]


def test_an_empty_module() -> None:
    layout = Layout(*load(""))
    assert layout.start_func_ref is None and layout.size == layout.memories == layout.data_lengths == 0x30
    assert layout.data_order == [] == layout.data_offsets


def test_data_is_in_rodata_in_that_order() -> None:
    module, image = load(
        '(memory 1) (data "P0") (data (i32.const 1) "A1") (data (i32.const 2) "") (data "PP") (data (i32.const 5) "B")'
    )
    layout = Layout(module, image)
    parts = [
        bytes(image.rodata[start : start + module.data[index].length])
        for index, start in zip(layout.data_order, layout.data_offsets, strict=True)
    ]
    assert parts == [b"A1", b"", b"B", b"P0", b"PP"]


def test_a_module_of_another_image_is_refused() -> None:
    module, _ = load('(memory 1) (data "abc")')
    _, image = load("")
    with pytest.raises(EngineError, match="don't belong together"):
        Layout(module, image)


@pytest.mark.parametrize(
    ("fields", "others"), [("(func)", "(func) (func)"), ("(type (func))", ""), ('(import "" "" (func)) (func)', "(func)")]
)
def test_another_modules_image_is_refused(fields: str, others: str) -> None:
    module, _ = load(fields)
    _, image = load(others)
    with pytest.raises(EngineError, match="don't belong together"):
        Layout(module, image)


def test_another_release_is_refused_by_name() -> None:
    assert version() is VERSIONS[WASMTIME]
    with pytest.raises(EngineError, match=r"not of 51\.0\.0: pip install wasmtime==50\.0\.1"):
        version("51.0.0")


def test_builtins_are_described_consistently() -> None:
    assert len(set(BUILTINS)) == len(BUILTINS) == 47
    assert set(SIGNATURES) <= set(BUILTINS) and {result for _, result in SIGNATURES.values()} == set(RESULTS)
