"""What mutants are tried with: each case in each mode that it can have, and the rows of the table of traps."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi import GuestTrap
from conformance.case import Case
from conformance.expectations import Expectation, Expectations
from conformance.mutants import trials as ours
from conformance.mutants.traps import Table, tables
from conformance.mutants.trials import MODES, RUNTIME, complaint, trials
from conformance.suites.cases import cases


def case(name: str, **manifest: object) -> Case:
    (found,) = cases(name)
    return Case(found.path, {**found.manifest, **manifest})


def test_all_of_them() -> None:
    names = list(trials())
    assert names[: len(cases())] == [each.name for each in cases()]
    assert {"append", "append (rw)", "append (overlay)", "space_full", "traps of fd_read"} <= set(names)
    assert not {"space_full (rw)", "devices (overlay)"} & set(names)
    assert len([name for name in names if name.startswith("traps of ")]) == 46


@pytest.mark.parametrize("mode", MODES)
def test_a_case_that_is_as_it_should_be(mode: str, tmp_path: Path) -> None:
    assert complaint(case("append"), mode, tmp_path) == ""


@pytest.mark.parametrize("mode", MODES)
def test_cases_that_are_not(mode: str, tmp_path: Path) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"exit_code": 3}, "exit_code 0, expected 3"),
        ({"stdout": "x"}, "stdout ''"),
        ({"after": {"/other": "text"}}, "/other: nothing, expected 'text'"),
    ]
    for number, (manifest, said) in enumerate(wrong):
        (tmp_path / str(number)).mkdir()
        assert said in complaint(case("append", **manifest), mode, tmp_path / str(number))


def test_a_trial_by_its_name(tmp_path: Path) -> None:
    assert trials()["fd_sync (overlay)"](tmp_path) == ""
    assert trials()["traps of fd_tell"](tmp_path) == ""


def test_rows_that_do_not_hold() -> None:
    (table,) = (each for each in tables() if each.function == "fd_tell")
    assert table.complaint() == ""
    changes: list[tuple[dict[str, object], str]] = [
        ({"gives": "BADF"}, "sound: SUCCESS, expected BADF"),
        ({"cases": [[1, 0x788, "trap", "misaligned"]]}, "misaligned: SUCCESS, expected trap"),
        ({"cases": [[0, 77, "SUCCESS", "unknown"]]}, "unknown: BADF, expected SUCCESS"),
    ]
    for change, said in changes:
        assert said in Table(table.function, table.setup, table.entry | change).complaint()


class Trapping:
    """A guest whose function traps; afterwards a byte of its memory is `left`."""

    def __init__(self, left: bytes, code: str) -> None:
        self.memory = b"\0"
        self.left = left
        self.code = code

    def write(self, at: int, data: bytes) -> None:
        """Memory is as it is."""

    def read(self, at: int, size: int) -> bytes:
        return (4).to_bytes(4, "little") if at else self.memory

    def call(self, name: str, *arguments: int) -> int:
        if name == "path_open":
            return 0
        self.memory = self.left
        raise GuestTrap("broken", [], self.code)


@pytest.mark.parametrize(
    "left, code, said",
    [(b"\0", "abi", "trap"), (b"\1", "abi", "a trap that has changed memory"), (b"\0", "oob", "a trap of another kind: oob")],
)
def test_a_trap_changes_nothing(left: bytes, code: str, said: str) -> None:
    (table,) = (each for each in tables() if each.function == "fd_tell")
    assert table._called(Trapping(left, code), ["file", 0x780], []) == said  # type: ignore[arg-type]


def test_a_sound_call_must_not_trap() -> None:
    (table,) = (each for each in tables() if each.function == "fd_tell")
    said = Table(table.function, table.setup, {"sound": ["file", 0x781], "gives": "SUCCESS"}).complaint()
    assert said == "sound: trap, expected SUCCESS"


def test_what_is_expected_to_fail_must_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = case("append")
    known = Expectation(chosen.suite, chosen.name, RUNTIME, True, False, "because", "", "here")
    monkeypatch.setattr(ours, "KNOWN", Expectations([known]))
    for number, (each, said) in enumerate([(chosen, "expected to fail: because"), (case("append", exit_code=3), "")]):
        (tmp_path / str(number)).mkdir()
        assert complaint(each, "memory", tmp_path / str(number)) == said
