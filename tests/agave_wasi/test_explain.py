"""What names mean: every one has an explanation, and those of imports lead somewhere."""

from __future__ import annotations

import pytest

from agave_wasi.explain import (
    calls_of,
    core_text,
    errors_of,
    explain,
    functions,
    missing_import,
    names,
    signature_text,
    syscalls,
)  # fmt: skip
from agave_wasi.preview1.errno import NUMBERS
from agave_wasi.preview1.interface import Preview1, callbacks


@pytest.mark.parametrize("name", names())
def test_every_name_is_explained(name: str) -> None:
    found = explain(name)
    assert found is not None
    assert found.title.startswith(name) and all(text.strip() for text in found.text)


@pytest.mark.parametrize("name", ["NOENT", "noent", "ENOENT", "44", "__WASI_ERRNO_NOENT"])
def test_spellings_of_errors(name: str) -> None:
    found = explain(name)
    assert found is not None and found.title == "NOENT: an error"
    assert any(function == "path_open" for function, _ in found.facts)


def test_every_function_leads_to_a_system_call() -> None:
    assert len(functions()) == 46
    for name in functions():
        assert calls_of(name), name
    assert [record.name for record in calls_of("path_open")] == ["openat"]
    used = {record.name for name in functions() for record in calls_of(name)}
    assert len(used) <= len(syscalls())


def test_core_types_are_those_that_are_linked() -> None:
    types = callbacks(Preview1, traced=False).types
    for name, each in functions().items():
        assert each.core_type() == types[name][:2]
    assert core_text(functions()["fd_tell"]) == "(fd i32, result i32) -> i32 errno"
    assert core_text(functions()["proc_exit"]) == "(rval i32) -> nothing"
    assert signature_text(functions()["fd_tell"]) == "fd_tell(fd: Fd) -> NewOffset"


def test_errors_of_functions_are_real_ones() -> None:
    for name in functions():
        assert errors_of(name).keys() <= NUMBERS.keys()
    assert "ILSEQ" in errors_of("path_unlink_file") and "NOTDIR" in errors_of("fd_prestat_dir_name")


def test_a_missing_import_is_one_line_with_a_cure() -> None:
    assert "did you mean fd_read?" in missing_import("wasi_snapshot_preview1", "fd_raed", "func")
    assert "--preload my=FILE.wasm" in missing_import("my", "thing", "func")
    assert "agave-wasi explain wbg.x" in missing_import("wbg", "x", "func")
    for module, name in (("a", "b"), ("env", "x"), ("wasi_unstable", "y")):
        assert "\n" not in missing_import(module, name, "func")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("proc_fork", "proc_fork (wasix_32v1): WASIX"), ("port_mac", "port_mac (wasix_32v1): WASIX"),
        ("thread-spawn", "thread-spawn (wasi): wasi-threads"), ("invoke_iii", "invoke_iii (env): exceptions"),
        ("emscripten_notify_memory_growth", "memory has grown"), ("sock_open", "sock_open: an import of several interfaces"),
        ("sock_accept", "a function of wasi_snapshot_preview1"),
    ],
)  # fmt: skip
def test_imports_by_their_bare_names(name: str, text: str) -> None:
    found = explain(name)
    assert found is not None and text in found.title


def test_a_bare_name_of_several_imports_lists_them() -> None:
    found = explain("sock_open")
    assert found is not None
    assert [full for full, _ in found.facts] == ["wasi_snapshot_preview1.sock_open", "wasix_32v1.sock_open"]
    assert "proc_fork" in names()


def test_unknown_names_have_no_explanation() -> None:
    for name in ("glob", "alarm", "js", "x", "my_function"):  # which env.gl* and the like would fit
        assert explain(name) is None
    assert explain("nothing-like-that") is None and explain("0") is None and explain("77") is None
