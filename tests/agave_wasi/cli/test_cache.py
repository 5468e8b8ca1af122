"""`agave-wasi cache`: listing and clearing, in a folder of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.cache import _size, main
from agave_wasi.cli.options import UsageError


def test_cache(agave: Any, tmp_path: Path) -> None:
    own = {"AGAVE_WASI_CACHE": str(tmp_path / "own cache")}
    assert agave("cache", "path", **own).stdout.decode() == f"{tmp_path / 'own cache'}\n"
    assert b"0 in " in agave("cache", "list", **own).stdout
    agave("run", "hello.wat", **own)
    assert b"wasmtime-" in agave("cache", "list", **own).stdout
    assert agave("cache", "clear", **own).stdout.startswith(b"removed ")
    assert b"0 in " in agave("cache", "list", **own).stdout
    assert b"nothing is kept" in agave("cache", "list", AGAVE_WASI_CACHE="off").stdout


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (3 << 30, "3.0 GiB")],
)
def test_sizes_in_words(size: int, shown: str) -> None:
    assert _size(size) == shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "say what to do: list, clear, path"), (["lst"], "did you mean list?"), (["list", "clear"], "there is no action")],
)
def test_wrong_actions(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        main(arguments)
