"""`agave-wasi completion`: scripts that their shells accept, and that complete."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.completed import commands, every
from agave_wasi.cli.completion import _fish_quoted, _zsh_quoted, bash, fish, main, zsh
from agave_wasi.cli.options import UsageError
from tests.waiting import HANG


@pytest.mark.parametrize(("shell", "script"), [("bash", bash), ("zsh", zsh), ("fish", fish)])
def test_completion_is_sound(shell: str, script: Any, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(script())
    assert "--max-memory" in script() or "-l max-memory" in script()
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    assert subprocess.run([shell, "-n", str(path)], capture_output=True).stderr == b""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(bash())

    def completed(*words: str) -> list[str]:
        line = f"source {tmp_path}/script; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _agave_wasi"
        shell = ["bash", "-c", f"{line}; echo ${{COMPREPLY[@]}}"]
        return subprocess.run(shell, capture_output=True, text=True).stdout.split()

    assert completed("agave-wasi", "str") == ["strace"]
    assert completed("agave-wasi", "run", "--max-m") == ["--max-memory"]
    assert completed("agave-wasi", "run", "--rights", "s") == ["strict"]
    assert completed("agave-wasi", "explain", "fd_read") == ["fd_read", "fd_readdir"]
    assert completed("agave-wasi", "cache", "''")[-3:] == ["list", "clear", "path"]
    assert completed("agave-wasi", "conf") == ["conformance"]
    assert completed("agave-wasi", "conformance", "''")[:3] == ["run", "list", "show"]
    assert completed("agave-wasi", "conformance", "run", "--ru") == ["--runtime", "--runtimes"]
    assert completed("agave-wasi", "conformance", "run", "--runtime", "wasmtime-") == ["wasmtime-py"]
    assert completed("agave-wasi", "conformance", "run", "preview1_") == ["preview1_worlds"]
    assert completed("agave-wasi", "conformance", "show", "fd_syn") == ["fd_sync"]
    assert completed("agave-wasi", "diff", "--str") == ["--strict"]
    assert completed("agave-wasi", "conformance", "run", "--html", "x") == []  # a file, which the shell itself completes


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_bash_that_somebody_types_into(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(bash())
    (tmp_path / "only-one.html").touch()
    ours, theirs = pty.openpty()
    environment = {"PATH": "/usr/bin:/bin", "TERM": "dumb", "PS1": "$ ", "HISTFILE": "/dev/null", "INPUTRC": "/dev/null"}
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with subprocess.Popen(shell, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment) as process:
        os.close(theirs)
        try:
            seen = typed(ours, "source ./script; echo ready\n", "\nready\r\n")
            seen = typed(ours, "agave-wasi conf\trun --mark\tboard.md --html onl\t", "--html only-one.html ")
        finally:
            process.kill()
            os.close(ours)
    assert "agave-wasi conformance run --markdown board.md --html only-one.html " in seen


def typed(terminal: int, keys: str, until: str) -> str:
    """What a terminal shows from some keys on, as far as a text that must come."""
    os.write(terminal, keys.encode())
    seen = ""
    while until not in seen and select.select([terminal], [], [], HANG)[0]:
        seen += os.read(terminal, 4096).decode(errors="replace").replace("\x07", "")
    return seen


@pytest.mark.parametrize("script", [bash, zsh, fish])
def test_every_command_and_option_is_completed(script: Callable[[], str]) -> None:
    text = script()
    for path, node in every(commands()).items():
        assert path.rpartition(" ")[2] in text
        for option in node.options:
            assert f"--{option.name}" in text or f"-l {option.name}" in text


def test_quotes_in_help_do_not_end_the_script() -> None:
    assert _zsh_quoted("it's [a:b]\\") == r"it'\''s \[a\:b\]\\"
    assert _fish_quoted("it's \\") == r"'it\'s \\'"


def test_which_shell() -> None:
    with pytest.raises(UsageError, match="for which shell"):
        main([])
    with pytest.raises(UsageError, match="did you mean bash"):
        main(["bsh"])


def test_zsh_knows_which_options_take_a_value() -> None:
    lines = [line.strip() for line in zsh().splitlines()]
    assert any(line.startswith("'--stdin[") and line.endswith("]:FILE:_files' \\") for line in lines)
    assert any(line.startswith("'--tty[") and line.endswith("]' \\") for line in lines)
    assert any(line.startswith("'--rights[") and line.endswith(":(lenient strict)' \\") for line in lines)
