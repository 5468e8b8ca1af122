"""`agave-wasi completion`: scripts that their shells accept, and that complete."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.completion import bash, fish, zsh


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
