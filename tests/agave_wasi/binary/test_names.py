"""Names for backtraces: from the name section, from imports and exports, and from what is left of a broken one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from agave_wasi.binary import writer
from agave_wasi.binary.names import Names
from agave_wasi.binary.reader import MODULE_PREAMBLE, sections

Assemble = Callable[[str], bytes]

TEXT = """(module $tool
    (import "env" "log" (func $log (param i32)))
    (import "env" "memory" (memory 1 2 shared))
    (import "env" "table" (table 1 (ref null func)))
    (import "env" "state" (global (mut i32)))
    (import "env" "other" (func (param i32)))
    (func $first (param $x i32) (local $y i64) (nop))
    (func (export "second"))
    (func))"""


def without_names(data: bytes) -> bytes:
    """The same module, stripped."""
    return data[: next(section.offset for section in sections(data) if section.name == "name")]


def test_name_section(assemble: Assemble) -> None:
    names = Names(assemble(TEXT))
    assert names.module() == "tool"
    assert [names.function(index) for index in range(6)] == ["log", "env.other", "first", "second", None, None]
    assert [names.given(index) for index in range(6)] == ["log", None, "first", None, None, None]
    assert names.local(2, 0) == "x"
    assert names.local(2, 1) == "y"
    assert names.local(2, 2) is None
    assert names.local(9, 0) is None
    assert names.problem is None


def test_stripped_module(assemble: Assemble) -> None:
    names = Names(without_names(assemble(TEXT)))
    assert names.module() is None
    assert [names.function(index) for index in range(5)] == ["env.log", "env.other", None, "second", None]
    assert names.local(2, 0) is None
    assert names.problem is None


def test_where_bodies_are(assemble: Assemble) -> None:
    data = assemble(TEXT)
    names = Names(data)
    assert names.body(0) is None
    assert names.body(5) is None
    for index in (2, 3, 4):
        bounds = names.body(index)
        assert bounds is not None
        start, end = bounds
        assert data[end - 1] == 0x0B
        assert {names.function_at(offset) for offset in range(start, end)} == {index}
    assert names.function_at(0) is None
    assert names.function_at(len(data) + 100) is None


def test_compact_imports() -> None:
    groups = [
        writer.name("env") + b"\0\x7f" + writer.vector([writer.name("a") + b"\0\0", writer.name("m") + b"\2\0\1"]),
        writer.name("env") + b"\0\x7e\0\0" + writer.vector([writer.name("b"), writer.name("c")]),
    ]
    parts = [MODULE_PREAMBLE, *writer.section(1, (b"\1\x60\0\0",)), *writer.section(2, (writer.vector(groups),))]
    names = Names(b"".join(parts))
    assert [names.function(index) for index in range(4)] == ["env.a", "env.b", "env.c", None]
    assert names.problem is None


def test_broken_name_section_gives_what_came_before(assemble: Assemble) -> None:
    data = assemble(TEXT)
    start = data.index(b"\x05first")
    names = Names(data[:start] + b"\x7f" + data[start + 1 :])
    assert names.function(0) == "log"
    assert names.function(3) == "second"
    assert names.module() == "tool"
    assert names.problem is not None


def test_broken_imports_give_no_wrong_index(assemble: Assemble) -> None:
    data = without_names(assemble(TEXT))
    start = data.index(b"\x05other")
    names = Names(data[: start + 6] + b"\x09" + data[start + 7 :])
    assert names.function(0) == "env.log"
    assert names.function_at(len(data) - 1) is None
    assert names.body(2) is None
    assert names.problem is not None


@pytest.mark.parametrize("data", [b"", b"text", MODULE_PREAMBLE, MODULE_PREAMBLE + b"\x0a\x80", b"\0asm\x0d\0\1\0"])
def test_nothing_raises(data: bytes) -> None:
    names = Names(data)
    assert (names.module(), names.function(0), names.local(0, 0)) == (None, None, None)
    assert (names.function_at(9), names.body(0)) == (None, None)


def test_every_prefix_of_a_module_is_answered(assemble: Assemble) -> None:
    data = assemble(TEXT)
    for end in range(len(data)):
        names = Names(data[:end])
        assert names.function(2) in (None, "first")
        assert names.local(2, 1) in (None, "y")


def test_guest(guest: bytes) -> None:
    names = Names(guest)
    found = {names.function(index) for index in range(80)}
    assert {"middle", "printf", "_start"} <= found
    assert names.problem is None


def test_backtraces_stay_cheap_to_import() -> None:
    heavy = ("typing", "dataclasses", "enum", "re", "inspect", "pathlib", "collections.abc", "elftools", "wasmtime")
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import agave_wasi.binary, agave_wasi.binary.names\n"
        f"print(sorted((set(sys.modules) - before).intersection({heavy!r})))\n"
    )
    result = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
