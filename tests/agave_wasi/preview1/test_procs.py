"""proc_* and sched_*: how a program ends itself."""

from __future__ import annotations

import pytest

from agave_wasi import World
from tests.agave_wasi.guests import imported, wat


@pytest.mark.parametrize(
    ("signal", "code"), [("abrt", 134), ("term", 143), ("kill", 137), ("chld", 0)]
)
def test_signals_to_oneself(signal: str, code: int) -> None:
    from agave_wasi.preview1.types import SIGNALS

    text = f"""(module {imported("proc_raise")} (memory (export "memory") 1)
      (func (export "_start") (drop (call $proc_raise (i32.const {SIGNALS.index(signal)})))))"""
    assert World().run(wat(text)).exit_code == code


def test_exit_codes_are_whole_numbers() -> None:
    text = f'(module {imported("proc_exit")} (func (export "_start") (call $proc_exit (i32.const -1))))'
    assert World().run(wat(text)).exit_code == 0xFFFF_FFFF
