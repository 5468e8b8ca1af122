"""Programs as cases: they pass here and where nothing differs, and a runtime that answers otherwise in anything fails them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agave_wasi import Mount, World
from agave_wasi.engines.capi import to_wasm
from conformance.case import Case
from conformance.fuzz.case import make, write
from conformance.fuzz.chain import draw
from conformance.fuzz.expected import NoCase
from conformance.fuzz.lockstep import Lockstep
from conformance.fuzz.ours import ARGS, ENV
from conformance.fuzz.steps import TOP, Step, load
from kernel_sim.clock import DEFAULT_START
from kernel_sim.errors import KernelError
from kernel_sim.syscalls import Syscalls
from tests.conformance.fuzz.sides import on, opening, reading, seeking, writing
from tests.conformance.fuzz.test_chain import FOUND

WALK = Step(20, "fd_readdir", {"fd": TOP, "buf": 512, "cookie": 0}, walk=True)
PROGRAM = [
    opening(4, "f"), writing(5, 4, [40], 200), seeking(6, 4, 0), reading(7, 4, [20]), on(8, "fd_filestat_get", 4),
    on(9, "path_create_directory", 3, path="é"), on(10, "path_symlink", 3, old_path="f", new_path="l"), WALK,
    on(21, "fd_close", 4), on(22, "fd_tell", 4), Step(23, "args_get"),
    Step(24, "poll_oneoff",
         {"poll": [{"clock": 1, "timeout": 0, "flags": 0, "user": 4}, {"fd": TOP, "for": "read", "user": 1}]}),
]  # fmt: skip


def run(text: str, **world: Any) -> tuple[int, str]:
    with World(env=ENV, mounts=[Mount("/", mode="memory")], **world) as made:
        result = made.run(to_wasm(text.encode()), ARGS)
        return result.exit_code, result.stderr.decode()


def test_it_passes_here_and_says_what_is_left() -> None:
    text, manifest = make(PROGRAM, ["about it"])
    assert text.startswith(";; about it\n(module") and run(text) == (0, "")
    after = manifest["after"]
    assert after["/l"] == {"link": "f"} and after["/é"] == {"directory": True} and len(after) == 3 and "base64" in after["/f"]
    assert manifest["args"] == list(ARGS) and manifest["exit_code"] == 0


def test_numbers_times_and_chance_may_differ() -> None:
    text, _ = make([*PROGRAM, Step(30, "clock_time_get", {"id": 0, "precision": 0}), Step(31, "random_get", {"buf": 9})])
    assert run(text, seed=7, clock_start=DEFAULT_START + 10**12) == (0, "")


@pytest.mark.parametrize("seed", range(200, 230))
def test_chains_pass_here(seed: int, tmp_path: Path) -> None:
    steps = draw(Random(seed), lambda: Lockstep(str(tmp_path)), 60).steps
    try:
        text, manifest = make(steps)
    except NoCase as reason:
        assert "trap" in str(reason) or "no text" in str(reason)
        return
    assert run(text)[0] == manifest["exit_code"]


def wrong(name: str, value: Any) -> Any:
    original = getattr(Syscalls, name)

    def spoiled(self: Any, *values: Any) -> Any:
        return value(original(self, *values))

    return spoiled


def refuse(found: Any) -> Any:
    raise KernelError("ACCES")


def larger(stat: Any) -> Any:
    stat.size += 1
    return stat


@pytest.mark.parametrize(
    "name, value, complaint",
    [
        ("mkdirat", refuse, "step 0009: errno 0002 0000\n"),
        ("readv", lambda count: count - 1, "step 0007: errno 0000 0000\n"),
        ("fstat", larger, "step 0008: errno 0000 0000\n"),
        ("getdents", lambda entries: entries[:-1], "step 0020: errno 0000 0000\n"),
    ],
)
def test_what_is_answered_otherwise_fails(name: str, value: Any, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, _ = make(PROGRAM)
    monkeypatch.setattr(Syscalls, name, wrong(name, value))
    assert run(text) == (1, complaint)


def test_a_program_that_exits_has_its_code() -> None:
    text, manifest = make([Step(4, "proc_exit", {"rval": 7})])
    assert run(text)[0] == manifest["exit_code"] == 7


def test_output_that_is_no_text_can_be_no_case() -> None:
    assert make([writing(4, 1, [3])])[1]["stdout"] == "ABC"
    with pytest.raises(NoCase, match="no text"):
        make([writing(4, 1, [3], 200)])


def test_it_is_written_into_a_suite(tmp_path: Path) -> None:
    paths = write(tmp_path / "mine", "one", PROGRAM)
    assert [path.name for path in paths] == ["one.wat", "one.wasm", "one.json"]
    assert json.loads((tmp_path / "mine" / "manifest.json").read_text()) == {"name": "mine", "empty_root": True}
    assert paths[1].read_bytes() == to_wasm(paths[0].read_bytes()) and Case.read(paths[2]).manifest["after_exact"]
    (tmp_path / "mine" / "manifest.json").write_text('{"name": "other"}')
    write(tmp_path / "mine", "two", PROGRAM)
    assert json.loads((tmp_path / "mine" / "manifest.json").read_text()) == {"name": "other"}


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_can_be_a_case_unless_it_traps(path: Path) -> None:
    try:
        text, _ = make(load(path))
    except NoCase as reason:
        assert "trap" in str(reason)
    else:
        assert run(text) == (0, "")
