"""From bytes to a compiled module: what is none, and what is kept."""

from __future__ import annotations

import pytest

from agave_wasi import BadProgram, World
from agave_wasi.engines.base import EngineConfig, StoreLimits
from agave_wasi.loader import engine_for


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "isn't a WebAssembly program"), (b"\x7fELF", "isn't a WebAssembly program"),
        (b"(module", "expected"), (b"\0asm\x01\0\0\0\xff", "the module: "), (b"(component)", "is a WebAssembly component"),
        (b"\0asm\x0d\0\x01\0", "is a WebAssembly component"), (b"\0asm\x02\0\0\0", "the module"),
        (b"(module (func (export \"_start\") (i32.add)))", "type mismatch"),
    ],
)  # fmt: skip
def test_what_is_no_program(data: bytes, why: str) -> None:
    with pytest.raises(BadProgram) as caught:
        World().run(data)
    assert why in str(caught.value)


def test_engines_of_one_configuration_are_one() -> None:
    assert engine_for(EngineConfig()) is engine_for(EngineConfig())
    assert engine_for(EngineConfig(fuel=True)) is not engine_for(EngineConfig())
    assert engine_for(EngineConfig()).key != engine_for(EngineConfig(max_stack=1 << 16)).key
    assert StoreLimits().fuel is None
