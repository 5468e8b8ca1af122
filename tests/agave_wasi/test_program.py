"""A program in a process: linked with libraries and host functions, called, closed."""

from __future__ import annotations

import pytest

from agave_wasi import LinkError, World
from tests.agave_wasi.guests import imported, sleeps, wat


def test_libraries() -> None:
    library = wat('(module (func (export "seven") (result i32) (i32.const 7)))')
    text = f"""(module {imported("proc_exit")} (import "lib" "seven" (func $seven (result i32)))
      (func (export "_start") (call $proc_exit (call $seven))))"""
    assert World().run(wat(text), libraries={"lib": library}).exit_code == 7
    with pytest.raises(LinkError, match=r"lib\.seven \(func\): nothing provides it.*--preload lib="):
        World().run(wat(text))
    wrong = wat('(module (func (export "seven") (result i64) (i64.const 7)))')
    with pytest.raises(LinkError, match="seven"):
        World().run(wat(text), libraries={"lib": wrong})


def test_a_library_that_prints_and_waits() -> None:
    library = sleeps(10**9)
    text = '(module (import "lib" "_start" (func $nap)) (func (export "_start") (call $nap)))'
    world = World()
    assert world.run(wat(text), libraries={"lib": library}).ok
    assert world.kernel.clock.monotonic() >= 10**9


def test_a_library_named_like_our_own_glue() -> None:
    library = wat('(module (func (export "resume") (result i32) (i32.const 5)))')
    text = f"""(module {imported("poll_oneoff", "proc_exit")} (import "host" "resume" (func $r (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) "\\01") (data (i32.const 24) "\\ff")
      (func (export "_start")
        (if (call $poll_oneoff (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))
        (call $proc_exit (call $r))))"""
    assert World().run(wat(text), libraries={"host": library}).exit_code == 5


def test_missing_imports_are_all_named() -> None:
    text = '(module (import "first" "one" (func)) (import "second" "two" (memory 1)) (func (export "_start")))'
    with pytest.raises(LinkError) as caught:
        World().run(wat(text))
    assert str(caught.value).count("nothing provides it") == 2
    assert "first.one (func)" in str(caught.value) and "second.two (memory)" in str(caught.value)
