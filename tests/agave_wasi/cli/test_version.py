"""`--version`."""

from __future__ import annotations

from typing import Any

from agave_wasi import __version__
from agave_wasi.engines.capi import VERSION


def test_version(agave: Any) -> None:
    for arguments in (["--version"], ["-V"]):
        said = agave(*arguments).stdout.decode()
        assert said.startswith(f"agave-wasi {__version__} (wasmtime {VERSION}, Python 3.")
