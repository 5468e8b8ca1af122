"""vdso.wasm is what vdso.c and the layout give."""

from __future__ import annotations

import pytest

from agave_wasi.vdso import HOT
from agave_wasi.vdso.build import HERE, build
from kernel_sim.vdso.layout import header

pytest.importorskip("ziglang")


def test_the_committed_module_is_what_its_source_gives() -> None:
    assert (HERE / "vdso.h").read_text(encoding="utf-8") == header()
    assert (HERE / "vdso.wasm").read_bytes() == build()


def test_it_answers_what_is_said_to_be_hot() -> None:
    from agave_wasi.binary.outline import outline

    found = outline((HERE / "vdso.wasm").read_bytes())
    assert sorted(item.name for item in found.exports if item.kind == "func") == sorted(HOT) == list(HOT)
