"""The hand-written declarations of wasmtime's C API, compared with the package's own."""

from __future__ import annotations

import ctypes
import importlib.metadata
import re
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.engines import capi
from agave_wasi.engines.base import TRAP_NAMES

bindings: Any = pytest.importorskip("wasmtime._bindings")

STRUCTURES = {
    capi.Bytes: "wasm_byte_vec_t",
    capi.Func: "wasmtime_func_t",
    capi.Memory: "wasmtime_memory_t",
    capi.Extern: "wasmtime_extern_t",
    capi.Instance: "wasmtime_instance_t",
    capi.Value: "wasmtime_val_t",
    capi.Continuation: "wasmtime_async_continuation_t",
}
DECLARED = re.findall(r'_function\(\s*"(\w+)"', Path(capi.__file__).read_text())
"""Names of the C functions that the module declares."""


def test_this_release_is_installed_and_required() -> None:
    assert importlib.metadata.version("wasmtime") == capi.VERSION
    text = (Path(capi.__file__).parents[2] / "pyproject.toml").read_text()
    assert f'"wasmtime=={capi.VERSION}"' in text


def flat(kind: Any, start: int = 0) -> list[int]:
    """The offset of each field; unnamed structures are looked into."""
    found: list[int] = []
    for name, inner, *_ in kind._fields_:
        offset = start + getattr(kind, name).offset
        found += flat(inner, offset) if name.startswith("_anon") else [offset]
    return found


@pytest.mark.parametrize("ours", STRUCTURES, ids=lambda kind: kind.__name__)
def test_structures_have_the_same_size_and_offsets(ours: Any) -> None:
    theirs = getattr(bindings, STRUCTURES[ours])
    assert ctypes.sizeof(ours) == ctypes.sizeof(theirs)
    assert ctypes.alignment(ours) == ctypes.alignment(theirs)
    assert flat(ours) == flat(theirs)
    if ours is not capi.Memory:  # whose two parts in the middle are one here
        sizes = [[ctypes.sizeof(field[1]) for field in kind._fields_] for kind in (ours, theirs)]
        assert sizes[0] == sizes[1]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (capi.RawCallback, "wasmtime_func_unchecked_callback_t"),
        (capi.AsyncCallback, "wasmtime_func_async_callback_t"),
        (capi.ContinuationCallback, "wasmtime_func_async_continuation_callback_t"),
    ],
)
def test_callbacks_take_the_same_parameters(ours: Any, theirs: str) -> None:
    expected = getattr(bindings, theirs)
    given = list(ours._argtypes_)
    wanted = list(expected._argtypes_)
    if ours is capi.RawCallback:
        wanted.pop()  # the number of slots, which is left out on purpose
    assert [ctypes.sizeof(kind) for kind in given] == [ctypes.sizeof(kind) for kind in wanted]


def _size(kind: Any) -> int:
    return 0 if kind is None else ctypes.sizeof(kind)


@pytest.mark.parametrize("name", [name for name in DECLARED if "{" not in name])
def test_functions_take_the_same_parameters(name: str) -> None:
    theirs = getattr(bindings, f"_{name}", None)
    if theirs is None:
        pytest.skip("the package doesn't declare it")
    named = [each for each in vars(capi).values() if getattr(each, "__name__", "") == name]
    (ours,) = [each for each in named if each.argtypes is not None]  # without are those that convert nothing
    assert [_size(kind) for kind in ours.argtypes] == [_size(kind) for kind in theirs.argtypes]
    assert _size(ours.restype) == _size(theirs.restype)


def test_the_declarations_are_found() -> None:
    assert len(DECLARED) > 60


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WASMTIME_I32", capi.I32), ("WASMTIME_I64", capi.I64), ("WASMTIME_F32", capi.F32), ("WASMTIME_F64", capi.F64),
        ("WASMTIME_V128", capi.V128), ("WASMTIME_FUNCREF", capi.FUNCREF), ("WASMTIME_EXTERNREF", capi.EXTERNREF),
        ("WASMTIME_EXTERN_FUNC", capi.EXTERN_FUNC), ("WASMTIME_EXTERN_GLOBAL", capi.EXTERN_GLOBAL),
        ("WASMTIME_EXTERN_TABLE", capi.EXTERN_TABLE), ("WASMTIME_EXTERN_MEMORY", capi.EXTERN_MEMORY),
        ("WASMTIME_EXTERN_SHAREDMEMORY", capi.EXTERN_SHARED_MEMORY),
    ],
)  # fmt: skip
def test_constants(name: str, value: int) -> None:
    from wasmtime import _ffi

    assert getattr(_ffi, name).value == value


def test_trap_codes_are_in_the_package_s_order() -> None:
    from wasmtime import TrapCode

    similar = {"misaligned atomic access": "heap misaligned", "indirect call type mismatch": "bad signature"}
    for number, name in enumerate(TRAP_NAMES):
        theirs = TrapCode(number).name.lower().replace("_", " ")
        assert {word[:5] for word in similar.get(name, name).split()} & {word[:5] for word in theirs.split()}, (name, theirs)


def test_text_with_a_mistake_says_where() -> None:
    with pytest.raises(ValueError, match=r"(?s)expected .*-->.*1:9"):
        capi.to_wasm(b"(module bad)")


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", ["/nowhere"])
    with pytest.raises(capi.EngineMissing, match=r"pip install wasmtime==50\.0\.1"):
        capi.package_folder()
    with pytest.raises(capi.EngineMissing, match="no library for"):
        capi.library_path("/nowhere")
