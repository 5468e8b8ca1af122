"""The report: its blocks, its lines, and that a guest's names cannot steer a terminal."""

from __future__ import annotations

from collections.abc import Callable

from agave_wasi.binary import describe, lines, render, writer
from agave_wasi.binary.reader import MODULE_PREAMBLE
from tests.agave_wasi.binary.conftest import TEXTS


def test_imports_are_grouped(texts: dict[str, bytes]) -> None:
    blocks = {block.title: block.rows for block in render(describe(texts["imports"]))}
    assert list(blocks) == [
        "what it is",
        "imports from env",
        "imports from wasi_snapshot_preview1",
        "exports",
        "memories",
        "tables",
        "features",
        "sizes",
    ]
    assert ("memory", "memory", "2..100 pages") in blocks["imports from env"]
    assert blocks["imports from wasi_snapshot_preview1"] == (("fd_write", "func", "(i32, i32, i32, i32) -> (i32)"),)
    assert blocks["memories"] == (("0", "2..100 pages imported", "at least 128.0 KiB, at most 6.2 MiB"),)
    assert ("built for", "WASI Preview 1") in blocks["what it is"]
    assert ("(more)", "function bodies were not read") in blocks["features"]


def test_guest(guest: bytes) -> None:
    text = "\n".join(lines(render(describe(guest, features=True))))
    assert "a command: it runs once, from _start" in text
    assert "DWARF, function names" in text
    assert "sign-extension" in text
    assert "custom .debug_line" in text
    assert "bodies were not read" not in text


def test_rows_have_the_same_cells(modules: dict[str, bytes]) -> None:
    for data in modules.values():
        for block in render(describe(data)):
            assert len({len(row) for row in block.rows}) == 1


def test_roles(assemble: Callable[[str], bytes]) -> None:
    def role(text: str) -> str:
        return {row[0]: row[1] for row in render(describe(assemble(text)))[0].rows}["role"]

    assert role('(module (func (export "_initialize")) (func (export "x")))').startswith("a reactor")
    assert role('(module (func (export "x")))').startswith("a library")
    assert role(TEXTS["empty"]).startswith("nothing")


def test_other_files() -> None:
    component = b"\0asm\x0d\0\1\0" + b"\x01\x08" + MODULE_PREAMBLE
    assert lines(render(describe(component)))[:3] == [
        "what it is",
        "  kind      a WebAssembly component",
        "  contains  1 core modules, 1 sections",
    ]
    assert lines(render(describe(b"(module)")))[1] == "  kind  WebAssembly text"
    assert lines(render(describe(b"#!/bin/sh")))[1] == "  kind  not WebAssembly"


def test_names_cannot_steer_the_terminal() -> None:
    section = b"".join(bytes(part) for part in writer.custom("\x1b[31mred\n\x9b\u202e", b""))
    text = lines(render(describe(MODULE_PREAMBLE + section)))
    assert all(line.isprintable() for line in text)
    assert any("\\x1b[31mred\\n\\x9b\\u202e" in line for line in text)


def test_problems_are_shown() -> None:
    section = b"".join(bytes(part) for part in writer.custom("producers", b"\x05"))
    assert any("producers" in line and "offset" in line for line in lines(render(describe(MODULE_PREAMBLE + section))))
