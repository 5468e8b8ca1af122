"""--invoke: numbers from the command line, results as text."""

from __future__ import annotations

from typing import Any


def test_invoke(agave: Any) -> None:
    result = agave("run", "--invoke", "all", "numbers.wat", "-1", "0x7fffffffffffffff", "0.1", "1e21")
    assert result.stdout == b"-1\n9223372036854775807\n0.1\n1000000000000000000000\n"
    assert agave("run", "--invoke", "all", "numbers.wat", "4294967295", "-5", "inf", "nan").stdout == b"-1\n-5\ninf\nNaN\n"
    assert agave("run", "--invoke", "none", "numbers.wat").stdout == b""
    for arguments in ([], ["1", "2", "3"], ["x", "1", "1", "1"], ["4294967296", "1", "1", "1"]):
        wrong = agave("run", "--invoke", "all", "numbers.wat", *arguments)
        assert wrong.returncode == 2 and wrong.stdout == b"" and wrong.stderr.count(b"\n") == 1
    assert b"did you mean none?" in agave("run", "--invoke", "non", "numbers.wat").stderr
