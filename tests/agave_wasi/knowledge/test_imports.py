"""Imports beyond Preview 1: each is found by its row, and each row tells something."""

from __future__ import annotations

import pytest

from agave_wasi.explain import functions, known_import
from agave_wasi.knowledge.imports import IMPORTS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("env.emscripten_notify_memory_growth", "memory has grown"),
        ("env.emscripten_resize_heap", "Emscripten"),
        ("env.invoke_vii", "exceptions"),
        ("wasi:http/types@0.2.3", "HTTP"),
        ("wasi:cli/run", "Preview 2"),
        ("wasix_32v1.proc_fork", "WASIX"),
        ("wasi_snapshot_preview2.fd_read", "never"),
        ("wasi_snapshot_preview1.sock_open", "sockets"),
        ("wbg.__wbindgen_throw", "wasm-bindgen"),
        ("./prog_bg.js", "wasm-bindgen"),
        ("go.runtime.wasmExit", "Go"),
        ("gojs.syscall/js.valueGet", "Go"),
        ("wasi_nn.load", "machine learning"),
        ("wasi_ephemeral_nn", "machine learning"),
        ("wasi.thread-spawn", "thread"),
        ("GOT.mem.x", "linker"),
        ("[export]x.y", "component"),
        ("spectest.print", "test suite"),
        ("env.my_function", "linker didn't find"),
    ],
)
def test_known_imports(name: str, text: str) -> None:
    found = known_import(name)
    assert found is not None and text in f"{found.title} {found.what}"


def test_nothing_hides_behind_an_earlier_row() -> None:
    for known in IMPORTS:
        for pattern in known.patterns:
            assert known_import(pattern.replace("*", "x")) is known, pattern


def test_every_row_says_what_it_is_and_what_to_do() -> None:
    for known in IMPORTS:
        assert known.patterns and known.title and known.cure, known.patterns
        assert known.what.endswith("."), known.title
        assert not known.title.endswith(".") and not known.cure.endswith("."), known.title  # they stand within a line
        assert "\n" not in known.title + known.what + known.cure
        assert all(runtime and how for runtime, how in known.providers)


def test_every_preview_1_function_is_none_of_them() -> None:
    for name in functions():
        assert known_import(f"wasi_snapshot_preview1.{name}") is None, name
