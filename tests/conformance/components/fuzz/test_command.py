"""The command: what it prints, its exit codes, what it refuses, and the replay of what it has kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.failures import Failure
from agave_wasi.cli.options import UsageError
from conformance.fuzz.command import main
from conformance.fuzz.steps import COMPONENTS, save
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.components.fuzz.programs import call, opening

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    yield
    assert os.sched_getaffinity(0) == allowed


def test_a_clean_run(capsys: Captured) -> None:
    assert main(["--components", "--calls", "3000", "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("seed 3: ") and "of WASI 0.2" in out and "not explained: 0" in out and not err


def test_a_finding_is_kept_and_replayed(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    def mkdirat(self: Any, fd: int, path: bytes) -> None:
        raise KernelError("ACCES")

    with monkeypatch.context() as patch:
        patch.setattr(Syscalls, "mkdirat", mkdirat)
        assert main(["--components", "--calls", "200", "--json", "--save", str(tmp_path)]) == 1
        found = json.loads(capsys.readouterr().out)["found"]
        [file] = [each["file"] for each in found if each["what"] == ["descriptor.create-directory-at", "errno", "access", "ok"]]
        assert main(["replay", file]) == 1
        assert "agave-wasi: access   wasmtime: ok" in capsys.readouterr().out
    assert main(["replay", "--json", file]) == 0
    assert json.loads(capsys.readouterr().out)["found"] is None


@pytest.mark.parametrize("words", [["--short", "5"], ["--against", "node"], ["--scheduler", "dask://127.0.0.1:1"]])
def test_what_it_refuses(words: list[str]) -> None:
    with pytest.raises(UsageError, match=rf"leave {words[0]} out"):
        main(["--components", *words])


def test_replays_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    save(path, [call(4, "descriptor.read", self=3)], {}, COMPONENTS)
    with pytest.raises(Failure, match=r"descriptor\.read, self"):
        main(["replay", str(path)])
    save(path, [opening(4, "a")], {}, COMPONENTS)
    for option, value in (("--runtime", "node"), ("--against", "node")):
        with pytest.raises(UsageError, match=f"leave {option} out"):
            main(["replay", option, value, str(path)])
    path.write_text("[]")
    with pytest.raises(Failure, match="is no program of agave-wasi fuzz"):
        main(["replay", str(path)])
