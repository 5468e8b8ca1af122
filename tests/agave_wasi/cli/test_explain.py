"""`agave-wasi explain`: names of every kind."""

from __future__ import annotations

from typing import Any


def test_explain(agave: Any) -> None:
    for name, text in (
        ("NOENT", "number 44"),
        ("44", "NOENT"),
        ("ENOENT", "path_open"),
        ("fd_read", "readv"),
        ("env.emscripten_notify_memory_growth", "wazero"),
        ("wasi:http/types@0.2.0", "wasmtime serve"),
    ):
        assert text in agave("explain", name).stdout.decode()
    everything = agave("explain").stdout.decode()
    assert "path_open" in everything and "NOTCAPABLE" in everything and "wbg" in everything
