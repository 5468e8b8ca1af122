"""`agave-wasi fork`: the same past, another future."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agave_wasi import World
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, RANDOM, wat


def stop(agave: Any, at: str, text: str, *options: str) -> None:
    (agave.folder / "p.wasm").write_bytes(wat(text))
    arguments = (*options, "--snapshot-at", at, "--save", "s.agave", "p.wasm")
    assert agave("run", "--engine", "x86", *arguments).returncode == 0


def test_another_seed(agave: Any) -> None:
    stop(agave, "call:random_get", RANDOM)
    assert agave("fork", "--seed", "7", "s.agave").stdout == World(seed=7).run(wat(RANDOM)).stdout
    assert agave("resume", "s.agave").stdout == World().run(wat(RANDOM)).stdout


def test_other_variables(agave: Any) -> None:
    stop(agave, "call:environ_sizes_get", ENVIRONMENT, "--env", "A=1")
    (agave.folder / "vars").write_text("B=2\n")
    assert agave("fork", "--env", "A=5", "--env-file", "vars", "s.agave").stdout == b"A=5\0B=2\0"


def test_other_files(agave: Any) -> None:
    folder: Path = agave.folder
    (folder / "other").write_text("other")
    (folder / "new").write_text("new")
    stop(agave, "call:path_open:2", COPIES.replace('"_start"', '"_start"'), "--fs", image(folder))
    (folder / "out").mkdir()
    result = agave("fork", "--file", "/in.txt=other", "--file", "/dir/more=new", "s.agave")
    assert (result.returncode, result.stderr) == (0, b"")
    missing = agave("fork", "--file", "/in.txt=nothing", "s.agave")
    assert missing.returncode == 125 and b"--file /in.txt=nothing: No such file" in missing.stderr
    folders = agave("fork", "--file", "/dir=new", "s.agave")
    assert folders.returncode == 125 and b"/dir can't be written: ISDIR" in folders.stderr


def image(folder: Path) -> str:
    """A tar archive with what the program wants to have."""
    import tarfile

    (folder / "in.txt").write_text("abc")
    (folder / "dir").mkdir()
    with tarfile.open(folder / "image.tar", "w") as archive:
        archive.add(folder / "in.txt", "in.txt")
        archive.add(folder / "dir", "dir")
    return "image.tar"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("s.agave",), b"what shall be other? Say --seed, --env or --file, or write agave-wasi resume s.agave"),
        (("--seed", "1"), b"fork: which snapshot? Name one file"),
        (("--file", "x", "s.agave"), b"it isn't GUEST=HOST"),
        (("--seed", "x", "s.agave"), b"it is not a whole number"),
    ],
)
def test_wrong_use(agave: Any, arguments: tuple[str, ...], text: bytes) -> None:
    result = agave("fork", *arguments)
    assert result.returncode == 2 and text in result.stderr
