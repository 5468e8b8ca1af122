"""Forwarding components, driven on the reference: values and handles go through a function and come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.witparse import model
from agave_wasi.witparse import types as t
from conformance.components.forward import ECHO, echo, exported, forward
from conformance.components.wasi import interfaces

wasmtime = pytest.importorskip("wasmtime")
wasmtime_component = pytest.importorskip("wasmtime.component")
P = t.PRIMITIVES
STABLE = [each for each in interfaces() if not each.id.startswith("wasi:clocks/timezone")]
Call = Callable[..., Any]


def caller(component: bytes, root: Path | None = None, functions: Mapping[str, Call] | None = None) -> Call:
    """Instantiates a component with WASI or with functions of the echo's; what comes back calls an export by name."""
    engine = wasmtime.Engine()
    linker = wasmtime_component.Linker(engine)
    if root is not None:
        linker.add_wasip2()
    else:
        with linker.root() as top, top.add_instance(ECHO) as instance:
            for name, function in (functions or {}).items():
                instance.add_func(name, function)
    store, config = wasmtime.Store(engine), wasmtime.WasiConfig()
    if root is not None:
        config.preopen_dir(str(root), "/")
    store.set_wasi(config)
    instance = linker.instantiate(store, wasmtime_component.Component(engine, component))
    return lambda name, *values: instance.get_func(store, name)(store, *values)


def test_every_function_is_exported_under_a_name_of_its_own() -> None:
    names = [exported(interface, each) for interface in interfaces() for each in interface.functions.values()]
    assert len(set(names)) == len(names) and "types-descriptor-open-at" in names


def test_files_and_handles_go_through(tmp_path: Path) -> None:
    call = caller(forward(STABLE), tmp_path)
    ((root, name),) = call("preopens-get-directories")
    file = call("types-descriptor-open-at", root, set(), "new", {"create"}, {"read", "write"})
    for _ in range(300):  # what a call puts into memory is forgotten behind it
        assert call("types-descriptor-write", file, b"x" * 4096, 0) == 4096
    assert call("types-descriptor-read", file, 3, 4095) == (b"x", False)
    assert call("types-descriptor-is-same-object", file, file) and not call("types-descriptor-is-same-object", file, root)
    assert call("types-descriptor-create-directory-at", root, "new") == "exist"
    assert name == "/" and (tmp_path / "new").stat().st_size == 4096


def test_lists_of_borrowed_handles_are_given_back(tmp_path: Path) -> None:
    call = caller(forward(STABLE, ["poll-poll", "monotonic-clock-subscribe-instant"]), tmp_path)
    timers = [call("monotonic-clock-subscribe-instant", 0) for _ in range(3)]
    for _ in range(3):
        assert sorted(call("poll-poll", [*timers, timers[0]])) == [0, 1, 2, 3]


def test_types_of_all_kinds_come_back_from_the_host() -> None:
    record = model.Record("r", ECHO, (model.Case("a", P["u8"]), model.Case("b", t.List(P["string"]))))
    values: list[tuple[t.Type, Any]] = [
        (P["s8"], -3),
        (P["char"], "€"),
        (P["f32"], 1.5),
        (P["string"], "hä\0"),
        (t.List(P["u64"]), [1, 2**64 - 1]),
        (t.Tuple((P["f64"],) * 20), tuple(float(number) for number in range(20))),
        (model.Flags("fs", ECHO, tuple(f"f{number}" for number in range(17))), {"f0", "f16"}),
        (model.Enum("e", ECHO, ("one", "two")), "two"),
        (t.Option(t.Tuple((P["string"], P["bool"]))), ("", True)),
        (t.List(record), []),
        (model.Variant("v", ECHO, (model.Case("x", P["f32"]), model.Case("y", record))), None),
    ]
    call = caller(echo([type for type, _ in values]), functions={f"t{n}": lambda _, value: value for n in range(len(values))})
    for number, (_, value) in enumerate(values):
        if value is not None:
            assert call(f"echo-t{number}", value) == value
