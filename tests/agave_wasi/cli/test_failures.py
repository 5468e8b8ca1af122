"""What went wrong, told in a line on stderr, with the right exit code."""

from __future__ import annotations

from typing import Any


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
