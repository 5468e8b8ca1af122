"""Rewriting a guest so that its memories are imported: the engine takes what comes out, and nothing else has changed."""

from __future__ import annotations

import wasmtime

from agave_wasi.binary.module import describe
from agave_wasi.engines.capi import to_wasm
from conformance.calls.sections import (
    NAMESPACE,
    exported_memory,
    memories_alone,
    memory_types,
    unusable_memory,
    with_imported_memories,
)
from conformance.suites.cases import cases


def test_every_guest_of_the_suites_is_still_valid_and_the_same_otherwise() -> None:
    engine = wasmtime.Engine()
    for case in cases():
        before = case.program.read_bytes()
        after = with_imported_memories(before)
        wasmtime.Module.validate(engine, after)
        one, other = describe(before), describe(after)
        added = [item for item in other.imports if item.module == NAMESPACE]
        assert [item for item in other.imports if item.module != NAMESPACE] == list(one.imports)
        assert len(added) == len(memory_types(before)) and not memory_types(after)
        assert [(item.name, item.kind, item.index) for item in other.exports] == [
            (item.name, item.kind, item.index) for item in one.exports
        ]


def test_several_memories_and_a_module_without_imports_or_anything() -> None:
    engine = wasmtime.Engine()
    several = to_wasm(b'(module (memory 1) (memory (export "memory") 2 3) (func (drop (memory.size 1))))')
    assert exported_memory(several) == 1 and len(memory_types(several)) == 2
    wasmtime.Module.validate(engine, with_imported_memories(several))
    alone = wasmtime.Module(engine, memories_alone(memory_types(several)))
    assert [item.name for item in alone.exports] == ["0", "1"]
    empty = b"\0asm\1\0\0\0"
    wasmtime.Module.validate(engine, with_imported_memories(empty))
    assert exported_memory(empty) is None and not unusable_memory(empty)
