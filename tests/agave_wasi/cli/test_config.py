"""--config: the same names, the command line wins, wrong names and values are told."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.cli import config
from agave_wasi.cli.options import RUN_OPTIONS, UsageError, parse


def settings(text: str, tmp_path: Any, *arguments: str) -> dict[str, Any]:
    path = tmp_path / "run.toml"
    path.write_text(text)
    given, _ = parse("run", ["--config", str(path), *arguments], RUN_OPTIONS)
    return config.with_file(given)


def test_every_kind_of_value(tmp_path: Any) -> None:
    text = """
    seed = 42
    tty = true
    timeout = 1.5
    max-memory = "64M"
    fs-quota = 4096
    clock-start = 2030-05-01T00:00:00Z
    dir = ["a::/a:ro", "b"]
    listen = "127.0.0.1:80"
    [env]
    A = "1"
    B = 2
    """
    assert settings(text, tmp_path) == {
        "seed": 42,
        "tty": True,
        "timeout": 1.5,
        "max-memory": 64 << 20,
        "fs-quota": 4096,
        "clock-start": 1903824000 * 10**9,
        "dir": [("/a", "a", "ro"), ("b", "b", "rw")],
        "listen": ["127.0.0.1:80"],
        "env": [("A", "1"), ("B", "2")],
    }


def test_the_command_line_wins(tmp_path: Any) -> None:
    text = 'seed = 1\ntty = true\nenv = ["A=1", "B=1"]\ndir = ["x::/d", "y::/e"]'
    found = settings(text, tmp_path, "--seed", "2", "--no-tty", "--env", "B=2", "--dir", "z::/e:ro", "--dir", "w::/f")
    assert found["seed"] == 2 and found["tty"] is False
    assert found["env"] == [("A", "1"), ("B", "2")]
    assert found["dir"] == [("/d", "x", "rw"), ("/e", "z", "ro"), ("/f", "w", "rw")]


def test_realtime_and_what_it_makes_meaningless(tmp_path: Any) -> None:
    assert settings("seed = 1\nclock-step = 5", tmp_path, "--realtime") == {"realtime": True}
    assert settings("realtime = true", tmp_path, "--seed", "3") == {"seed": 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sead = 1", "did you mean seed?"),
        ("config = 'x'", "no option config"),
        ("tty = 1", "true or false"),
        ("seed = 'x'", "whole number"),
        ("seed = [1]", "can't be [1]"),
        ("seed = true", "can't be True"),
        ("dir = {a = 'b'}", "can't be"),
        ("arg0 = \"a\\u0000b\"", "NUL"),
    ],
)
def test_mistakes(text: str, said: str, tmp_path: Any) -> None:
    with pytest.raises(UsageError) as caught:
        settings(text, tmp_path)
    assert said in str(caught.value) and "run.toml" in str(caught.value)


def test_in_a_run(agave: Any) -> None:
    (agave.folder / "run.toml").write_text('[env]\nNAME = "file"\nOTHER = "kept"\n')
    result = agave("run", "--config", "run.toml", "--env", "NAME=line", "environment.wat")
    assert sorted(result.stdout.split(b"\0")[:-1]) == [b"NAME=line", b"OTHER=kept"]
    assert agave("strace", "-e", "fd_write", "--config", "run.toml", "environment.wat").stderr.startswith(b"fd_write(1<stdout>")
    (agave.folder / "run.toml").write_text("sead = 1\n")
    assert agave("run", "--config", "run.toml", "hello.wat").returncode == 2
