"""Running a guest to its end: which export, and what is said when there is none."""

from __future__ import annotations

import pytest

from agave_wasi import BadProgram, World
from agave_wasi.engines.base import LinkError
from tests.agave_wasi.guests import imported, prints, wat


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


@pytest.mark.parametrize(("count", "offered"), [(0, "--invoke"), (1, "; it exports e0"), (8, "e6, e7"), (9, "e6, e7, ...")])
def test_a_program_without_a_start_says_what_it_has(count: int, offered: str) -> None:
    exports = " ".join(f'(func (export "e{number}"))' for number in range(count))
    with pytest.raises(BadProgram) as error:
        World().run(wat(f'(module (memory (export "memory") 1) {exports})'))
    assert str(error.value).endswith(offered)
    assert "memory" not in str(error.value) and "e8" not in str(error.value)


def test_a_command_that_returns_ends_with_0_and_one_that_exits_with_its_code() -> None:
    assert World().run(wat('(module (func (export "_start")))')).exit_code == 0
    assert World().run(prints("", 7)).exit_code == 7


def test_a_start_function_that_exits_ends_the_run() -> None:
    text = f"""(module {imported("proc_exit")} (func $s (call $proc_exit (i32.const 9))) (start $s)
      (func (export "_start") unreachable))"""
    assert World().run(wat(text)).exit_code == 9


def test_the_timeout_is_for_loading_too() -> None:
    text = '(module (func $s (loop $l (br $l))) (start $s) (func (export "_start")))'
    assert World(timeout=0.1).run(wat(text)).ended_by == "timeout"


def test_a_component_cannot_be_linked_to_a_module() -> None:
    with pytest.raises(LinkError, match="is a component; only a core module can be linked to env of "):
        World().run(prints(""), libraries={"env": b"(component)"})
