"""Ends that aren't the guest's own, as they are told on stderr."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.binary import read_coredump
from agave_wasi.cli.endings import HINTS, tell_ending
from agave_wasi.engines.base import TRAP_NAMES, GuestTrap, Interrupted, UserStop
from agave_wasi.result import Result, ending
from kernel_sim.errors import Deadlock, LimitReached
from tests.agave_wasi.guests import wat

BADF, MFILE = 8, 33


def test_a_trap_has_a_backtrace_and_a_core_dump(agave: Any) -> None:
    result = agave("run", "--coredump", "core.wasm", "trap.wat")
    assert result.returncode == 134 and result.stdout == b""
    lines = result.stderr.decode().splitlines()
    assert lines[0] == "agave-wasi: trap.wat trapped: integer divide by zero"
    assert [line.split()[2] for line in lines[1:4]] == ["inner", "outer", "_start"]
    core = read_coredump((agave.folder / "core.wasm").read_bytes())
    assert core.name == "trap.wat"
    assert [frame.function for frame in core.threads[0].frames] == [0, 1, 2]
    assert core.memories[0].read(70000, 8) == b"evidence"


def test_limits(agave: Any) -> None:
    for options, program, code, text in (
        (["--timeout", "0.2"], "loop", 124, b"--timeout"),
        (["--fuel", "10000"], "loop", 125, b"--fuel"),
        (["--max-output", "1K"], "forever", 125, b"--max-output"),
        (["--max-memory", "1M"], "grow", 1, b""),
        (["--max-memory", "10M"], "grow", 0, b""),
        (["--fs-quota", "0"], "keep", 51, b""),
        (["--max-fds", "4"], "keep", MFILE | BADF, b""),
        (["--max-stack", "64K"], "deep", 134, b"stack overflow"),
    ):
        result = agave("run", *options, f"{program}.wat")
        assert result.returncode == code, (options, result)
        assert text in result.stderr


def told(result: Result, capfd: pytest.CaptureFixture[str], **settings: Any) -> list[str]:
    programs = [World().load(wat("(module)"), "x.wasm")]
    run: Any = SimpleNamespace(programs=lambda: programs, settings=settings)
    assert tell_ending(run, result) == result.exit_code
    return capfd.readouterr().err.splitlines()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LimitReached("fuel", 5), "x.wasm was stopped: the fuel limit of 5 was reached; --fuel allows more"),
        (LimitReached("output", 9), "x.wasm was stopped: the output limit of 9 was reached; --max-output allows more"),
        (LimitReached("other", 9), "x.wasm was stopped: the other limit of 9 was reached"),
        (Deadlock("nobody can run"), "x.wasm was stopped: nobody can run"),
        (Interrupted("timeout"), "x.wasm was stopped after 1.5 s (--timeout)"),
    ],
)
def test_one_line_and_the_option_that_allows_more(error: Exception, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert told(ending(error), capfd, timeout=1.5) == [f"agave-wasi: {said}"]


def test_a_trap_has_advice_and_says_where_the_core_dump_is(capfd: pytest.CaptureFixture[str]) -> None:
    lines = told(ending(GuestTrap("unreachable", [])), capfd, coredump="core.wasm")
    assert lines[0] == "agave-wasi: x.wasm trapped: unreachable"
    assert "failed assertion" in lines[-2] and lines[-1] == "agave-wasi: the core dump is in core.wasm"


def test_advice_is_for_traps_that_there_are() -> None:
    assert HINTS.keys() <= set(TRAP_NAMES)


def test_ctrl_c_needs_no_word(capfd: pytest.CaptureFixture[str]) -> None:
    assert told(ending(UserStop()), capfd) == []
    assert ending(UserStop()).exit_code == 130
