"""`--help`: of the whole and of each command, from the tables of options."""

from __future__ import annotations

from typing import Any

from agave_wasi.cli.main import COMMANDS


def test_help_of_all_and_each(agave: Any) -> None:
    whole = agave("--help")
    assert whole.returncode == 0 and all(f"  {name}" in whole.stdout.decode() for name in COMMANDS)
    assert agave().stdout == agave("help").stdout == whole.stdout
    for name in COMMANDS:
        result = agave(name, "--help")
        said = result.stdout.decode()
        assert result.returncode == 0 and result.stderr == b""
        assert f"agave-wasi {name}" in said and "Examples" in said
        assert max(map(len, said.splitlines())) <= 110
