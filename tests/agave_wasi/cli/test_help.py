"""`--help`: of the whole and of each command, from the tables of options."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agave_wasi.cli.help import OF_GUESTS, main, manual
from agave_wasi.cli.main import COMMANDS
from agave_wasi.cli.options import UsageError


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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_shown_as_it_is_typed(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 0
    said = capsys.readouterr().out
    for option in manual(command).options:
        shown = f"-{option.short}" if option.name in ("summary", "expression", "output") else f"--{option.name}"
        assert re.search(rf"^  .*{shown}( {re.escape(option.value)})?( |$)", said, re.MULTILINE), option.name
    for example in manual(command).examples:
        assert f"  {example}\n" in said
    assert ("Exit codes" in said) == (command in OF_GUESTS)


def test_help_of_anything_else_is_its_own_or_says_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == main(["--help"]) == 0
    assert capsys.readouterr().out.count("an operating system, in Python") == 2
    assert main(["diff"]) == 0
    assert "agave-wasi diff [OPTIONS]" in capsys.readouterr().out
    with pytest.raises(UsageError, match="there is no command nonsense"):
        main(["nonsense"])


def test_an_example_is_shown_where_it_says_more_than_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Example: --fuel 1000000" in said and "Example: --tty" not in said and "Example: --help" not in said
