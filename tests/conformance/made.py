"""Suites that tests make: a folder, guests from text, manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agave_wasi.engines.capi import to_wasm
from conformance.case import Case
from conformance.suite import read_suite
from tests.agave_wasi.cli.conftest import PROGRAMS, program

EXTRA = {
    "seven": program("(call $proc_exit (i32.const 7))"),
    "endless": program("(loop $on (br $on))"),
    "link": """(module
      (import "wasi_snapshot_preview1" "path_symlink" (func $link (param i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") 1) (data (i32.const 0) "linknowhere")
      (func (export "_start") (call $proc_exit
        (call $link (i32.const 4) (i32.const 7) (i32.const 3) (i32.const 0) (i32.const 4)))))""",
}
"""`link` makes a link in its folder, and fails if there is one of that name; `keep` (of the command's tests) writes out.txt."""


def add(folder: Path, name: str, guest: str = "hello", **manifest: Any) -> None:
    """A case in a folder; without anything said of it, it has no manifest."""
    text = PROGRAMS.get(guest) or EXTRA.get(guest) or guest
    (folder / f"{name}.wasm").write_bytes(to_wasm(text.encode()))
    if manifest:
        (folder / f"{name}.json").write_text(json.dumps(manifest))


def suite(folder: Path, **info: Any) -> Path:
    """An empty suite, in which a case without a root gets an empty one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"name": "made", "empty_root": True, **info}))
    return folder


def one(folder: Path, name: str = "case", guest: str = "hello", **manifest: Any) -> Case:
    """A suite's only case."""
    suite(folder)
    add(folder, name, guest, **manifest)
    (case,) = [each for each in read_suite(folder).cases if each.name == name]
    return case
