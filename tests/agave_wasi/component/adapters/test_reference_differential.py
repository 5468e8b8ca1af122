"""The same two components under wasmtime's own component API and round our adapter: memory must be the same, and the trap."""

from __future__ import annotations

from typing import Any

import pytest
import wasmtime
import wasmtime.component
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from wasmtime import _bindings

from agave_wasi.component import types as t
from agave_wasi.component.adapters import Crossing, Side, fuse, leaves
from agave_wasi.component.calls import Calls
from agave_wasi.component.state import InstanceState
from agave_wasi.engines.base import GuestTrap, StoreLimits
from agave_wasi.engines.capi import to_wasm
from agave_wasi.engines.wasmtime_store import Store
from kernel_sim.process import Process
from tests.agave_wasi.component.adapters.composed import START, callee, caller, component, library
from tests.agave_wasi.component.adapters.pair import Bump, compiled, engine
from tests.agave_wasi.component.adapters.reference import Memory, align, flat, size
from tests.agave_wasi.component.adapters.test_fuse import given_raw
from tests.agave_wasi.component.adapters.values import ENCODINGS, NAMES, Sloppy

SCALARS = [
    t.BOOL, t.U8, t.S8, t.U16, t.S16, t.U32, t.S32, t.U64, t.S64, t.F32, t.F64, t.CHAR, t.STRING, t.STRING,
    t.Flags(("a", "b", "c")), t.Flags(tuple(f"f{at}" for at in range(17))), t.Enum(("x", "y", "z")),
]  # fmt: skip


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maybe = st.none() | inner
    return st.one_of(
        st.builds(t.List, inner),
        st.builds(t.Map, st.sampled_from([t.U8, t.U64, t.CHAR, t.STRING]), inner),
        st.builds(lambda parts: t.Record(tuple(zip(NAMES, parts))), st.lists(inner, min_size=1, max_size=5)),
        st.builds(lambda parts: t.Tuple(tuple(parts)), st.lists(inner, min_size=1, max_size=10)),
        st.builds(lambda parts: t.Variant(tuple(zip(NAMES, parts))), st.lists(maybe, min_size=1, max_size=5)),
        st.builds(t.Option, inner),
        st.builds(t.Result, maybe, maybe),
    )


TYPES = st.recursive(st.sampled_from(SCALARS), _larger, max_leaves=8)
FUNCTIONS = st.builds(
    lambda parts, result: t.FuncType(tuple(zip(NAMES, parts)), result), st.lists(TYPES, max_size=4), st.none() | TYPES
)


class NoNans(Sloppy):
    """The reference leaves NaNs as they are, so none are given to it."""

    def scalar(self, type: t.ValType, bits: int) -> int:
        raw = super().scalar(type, bits)
        return raw & ~(1 << (bits - 2)) if type.kind in ("f32", "f64") else raw


def fresh(encoding: str) -> Memory:
    """Memory of a side, with nothing in it."""
    data = bytearray(1 << 16)
    bump = Bump(data)
    bump.next = START
    return Memory(data, encoding, bump)


@pytest.fixture(scope="module")
def reference() -> wasmtime.Engine:
    """The reference's engine, with what it doesn't have unless asked."""
    config = wasmtime.Config()
    _bindings.wasmtime_config_wasm_component_model_map_set(config.ptr(), True)
    return wasmtime.Engine(config)


def under_the_reference(reference: wasmtime.Engine, text: bytes) -> tuple[bytes, bytes] | str:
    """Both memories after `run`, or how it trapped."""
    store = wasmtime.Store(reference)
    loaded = wasmtime.component.Component(reference, to_wasm(text))
    instance = wasmtime.component.Linker(reference).instantiate(store, loaded)
    functions: list[Any] = [instance.get_func(store, name) for name in ("run", "caller-dump", "callee-dump")]
    try:
        functions[0](store)
    except wasmtime.WasmtimeError as error:
        return str(error)
    functions[0].post_return(store)
    dumps = []
    for each in functions[1:]:
        dumps.append(bytes(each(store)))
        each.post_return(store)
    return dumps[0], dumps[1]


def round_ours(
    type: t.FuncType, encodings: tuple[str, str], libraries: tuple[str, str], cores: tuple[str, str]
) -> tuple[bytes, bytes] | str:
    """The same round our adapter."""
    store = Store(engine(), StoreLimits())
    try:
        calls = Calls(Process(1, [], []))
        calls.store = store
        sides = [store.instantiate(compiled(each.encode()), {}) for each in libraries]
        inner = store.instantiate(compiled(cores[1].encode()), {("m", "memory"): sides[1].export("memory")})
        adapter = fuse(type, *map(Side, encodings))
        parent = InstanceState("both")
        crossing = Crossing(adapter, InstanceState("caller", parent), InstanceState("callee", parent))
        imports: dict[tuple[str, str], Any] = dict(leaves("callee#f", crossing, calls))
        imports["callee", "function"] = inner.export("f")
        for name, side in zip(("caller", "callee"), sides):
            imports[name, "memory"], imports[name, "realloc"] = side.export("memory"), side.export("realloc")
        made = store.instantiate(compiled(adapter.text), {key: imports[key] for key in adapter.imports})
        outer = store.instantiate(
            compiled(cores[0].encode()), {("m", "memory"): sides[0].export("memory"), ("m", "f"): made.export("call")}
        )
        try:
            outer.start_call("run").resume()
        except GuestTrap as error:
            return str(error)
        dumps = []
        for side in sides:
            side.start_call("dump").resume()
            memory = side.memory()
            dumps.append(bytes(memory[: int.from_bytes(memory[20:24], "little")]))
        return dumps[0], dumps[1]
    finally:
        store.close()


@given(st.data(), FUNCTIONS, ENCODINGS, ENCODINGS, st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_reference_does_the_same(
    reference: wasmtime.Engine, data: st.DataObject, type: t.FuncType, here: str, there: str, spoil: bool
) -> None:
    sides = fresh(here), fresh(there)
    values = given_raw(NoNans(data.draw, sides[0]), [each for _, each in type.parameters], 16)
    results = [type.result] if type.result is not None else []
    raw = given_raw(NoNans(data.draw, sides[1]), results, 1)
    if type.result is not None and len(flat(type.result)) > 1:
        values.append(sides[0].allocate(0, 0, align(type.result), size(type.result)))
    if spoil:
        memory = data.draw(st.sampled_from(sides))
        end = memory.realloc.next  # type: ignore[attr-defined]
        assume(end > START and "f32" not in str(type) and "f64" not in str(type))
        memory.data[data.draw(st.integers(START, end - 1))] = data.draw(st.sampled_from([0, 1, 3, 0x80, 0xD8, 0xFF]))
    libraries = tuple(library(bytes(each.data), each.realloc.next) for each in sides)  # type: ignore[attr-defined]
    cores = caller(type, values), callee(type, raw)
    ours = round_ours(type, (here, there), libraries, cores)  # type: ignore[arg-type]
    theirs = under_the_reference(reference, component(type, (here, there), libraries, cores))  # type: ignore[arg-type]
    if isinstance(ours, str) or isinstance(theirs, str):
        event(f"trap: {ours.split(': ')[1] if isinstance(ours, str) else theirs}"[:50])
        assert isinstance(ours, str) == isinstance(theirs, str), (ours, theirs)
    else:
        assert ours == theirs
