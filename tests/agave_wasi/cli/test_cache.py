"""`agave-wasi cache`: listing and clearing, in a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_cache(agave: Any, tmp_path: Path) -> None:
    own = {"AGAVE_WASI_CACHE": str(tmp_path / "own cache")}
    assert agave("cache", "path", **own).stdout.decode() == f"{tmp_path / 'own cache'}\n"
    assert b"0 in " in agave("cache", "list", **own).stdout
    agave("run", "hello.wat", **own)
    assert b"wasmtime-" in agave("cache", "list", **own).stdout
    assert agave("cache", "clear", **own).stdout.startswith(b"removed ")
    assert b"0 in " in agave("cache", "list", **own).stdout
    assert b"nothing is kept" in agave("cache", "list", AGAVE_WASI_CACHE="off").stdout
