"""Commands of other packages, and names that are no command at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.options import UsageError
from agave_wasi.cli.others import find


def test_commands_of_other_packages(agave: Any, tmp_path: Path) -> None:
    site = tmp_path / "site"
    information = site / "other-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(
        "[agave_wasi.commands]\ngreet = other_commands:main\nbad = other_missing:main\n"
    )
    (site / "other_commands.py").write_text("def main(arguments):\n    print('hello', *arguments)\n    return 7\n")
    path = {"PYTHONPATH": f"{agave.environment['PYTHONPATH']}:{site}"}
    result = agave("greet", "you", **path)
    assert (result.returncode, result.stdout) == (7, b"hello you\n")
    result = agave("bad", **path)
    assert result.returncode == 125 and b"can't be loaded" in result.stderr and b"Traceback" not in result.stderr
    assert b"greet" in agave("--help", **path).stdout


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("prog.wasm", "write agave-wasi run prog.wasm"), ("prog.wat", "write agave-wasi run prog.wat"),
        ("--fuel", "options come after a command"), ("inspct", "did you mean inspect?"), ("zzz", "--help lists them"),
    ],
)  # fmt: skip
def test_what_is_no_command_gets_the_right_advice(name: str, advice: str) -> None:
    with pytest.raises(UsageError, match=advice):
        find(name)


def test_a_file_of_any_name_is_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "program").touch()
    with pytest.raises(UsageError, match="agave-wasi run program"):
        find("program")
