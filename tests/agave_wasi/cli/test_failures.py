"""What went wrong, told in a line on stderr, with the right exit code."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from agave_wasi.cli.failures import Failure, tell
from agave_wasi.cli.options import UsageError
from agave_wasi.engines.base import LinkError
from agave_wasi.engines.capi import EngineMissing
from agave_wasi.loader import BadProgram
from tests.agave_wasi.guests import ROOT


def test_a_bug_of_ours_shows_a_traceback_and_says_so(agave: Any) -> None:
    broken = "import agave_wasi.cli.version as version; version.main = lambda arguments: 1 // 0"
    agave.words = [agave.words[0], "-c", f"{broken}; from agave_wasi.cli.main import main; main()"]
    result = agave("--version")
    said = result.stderr.decode()
    assert result.returncode == 125 and "ZeroDivisionError" in said
    assert said.splitlines()[-1].startswith("agave-wasi: this is a bug")


def test_messages_cannot_steer_the_terminal(agave: Any) -> None:
    result = agave("run", "\x1b[2Jx.wasm")
    assert b"\x1b" not in result.stderr and b"\\x1b[2Jx.wasm" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("run: which program?"), 2, "agave-wasi: run: which program?\n"),
        (Failure("x can't be read"), 125, "agave-wasi: x can't be read\n"),
        (BadProgram("x isn't one"), 125, "agave-wasi: x isn't one\n"),
        (LinkError("x can't be linked"), 125, "agave-wasi: x can't be linked\n"),
        (EngineMissing("no engine"), 125, "agave-wasi: no engine\n"),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 125, "agave-wasi: the output can't be written: No space left on device\n"),
    ],
)
def test_who_is_to_blame_gives_the_code(error: Exception, code: int, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert tell(error) == code
    assert capfd.readouterr().err == said


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "a file"), OSError(2, "No such file"), KeyError("x")])
def test_anything_else_is_a_bug(error: Exception, capfd: pytest.CaptureFixture[str]) -> None:
    assert tell(error) == 125
    assert capfd.readouterr().err.splitlines()[-1].startswith("agave-wasi: this is a bug")


def test_nobody_to_tell_is_no_error() -> None:
    script = "import os; os.close(2); from agave_wasi.cli.failures import complain; complain('x'); print('on')"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
    assert (ran.returncode, ran.stdout) == (0, b"on\n")


def test_output_that_fails_once_does_not_fail_again_at_the_end() -> None:
    script = "import sys; from agave_wasi.cli.failures import drop_output; print('x'); drop_output(); sys.exit(5)"
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={}, stdout=full, stderr=subprocess.PIPE)
    assert (ran.returncode, ran.stderr) == (5, b"")
