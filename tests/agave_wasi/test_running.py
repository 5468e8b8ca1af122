"""Running a guest to its end: which export, and what is said when there is none."""

from __future__ import annotations

import pytest

from agave_wasi import BadProgram, World
from tests.agave_wasi.guests import wat


def test_invoke() -> None:
    text = '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
    result = World().run(wat(text), invoke=("add", (2, 3)))
    assert (result.values, result.exit_code) == ((5,), 0)
    with pytest.raises(BadProgram, match="add: the function takes 2 arguments, not 1"):
        World().run(wat(text), invoke=("add", (2,)))
    with pytest.raises(BadProgram, match="exports no function 'sub'"):
        World().run(wat(text), invoke=("sub", ()))
    with pytest.raises(BadProgram, match=r"no _start function.*it exports add"):
        World().run(wat(text))


def test_a_reactor_is_initialized_first() -> None:
    text = """(module (global $n (mut i32) (i32.const 1)) (func (export "_initialize") (global.set $n (i32.const 7)))
      (func (export "get") (result i32) (global.get $n)))"""
    assert World().run(wat(text), invoke=("get", ())).values == (7,)
