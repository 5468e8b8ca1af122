"""The measure of what the suites' cases provoke: COVERAGE.md is true, and one that isn't would be found out."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from agave_wasi.preview1.interface import Preview1, function_names
from conformance.case import Case
from conformance.suites import provoked
from conformance.suites.cases import cases
from conformance.suites.provoked import COVERAGE, Row, complaints, hear, measured, name_cases, notices, read, written
from conformance.suites.worlds import open_world
from kernel_sim.syscalls.table import table

TEXT = COVERAGE.read_text(encoding="utf-8")


def case(name: str) -> Case:
    (found,) = cases(name)
    return found


def test_the_document_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    status = provoked.main([])
    shown = capsys.readouterr().out
    assert status == 0, shown
    assert shown.endswith("; 0 complaints\n")


def test_every_function_has_a_row_for_its_success() -> None:
    _, rows, _ = read(TEXT)
    named = {row.function for row in rows if row.names and row.errno in ("SUCCESS", provoked.ENDS)}
    assert named == set(function_names(Preview1))


def test_no_row_comes_twice_and_each_without_a_case_says_why() -> None:
    _, rows, _ = read(TEXT)
    assert len({row.answer for row in rows}) == len(rows)
    assert all(row.names or row.cell.startswith("none: ") for row in rows)


def test_reading_and_writing_change_nothing() -> None:
    assert written(*read(TEXT)) == TEXT


def test_answers_are_heard_whichever_way_they_come() -> None:
    heard, passed = hear(case("path_utf8"))  # refused before the call begins
    assert passed and heard["path_open", "ILSEQ"]
    heard, _ = hear(case("poll_clock_relative"))  # the guest waits
    assert heard["poll_oneoff", "SUCCESS"]
    heard, _ = hear(case("proc_exit_42"))  # never comes back
    assert heard == {("proc_exit", "(ends)"): 1}
    heard, _ = hear(case("unstable_seek"))  # of another interface
    assert not heard


def test_another_answer_is_noticed_only_where_the_case_looks() -> None:
    assert notices(case("sock_accept"), ("sock_accept", "AGAIN"))
    assert not notices(case("sock_accept"), ("sock_accept", "MFILE"))


def test_what_is_wrong_is_said() -> None:
    answers = {("fd_sync", "SUCCESS"): [case("fd_sync")], ("fd_sync", "BADF"): [case("fd_sync")]}
    rows = [
        Row("fd_sync", "fsync", "SUCCESS", "none: it always fails"),
        Row("fd_sync", "fsync", "INTR", "`fd_sync`"),
        Row("fd_sync", "fsync", "IO", ""),
    ]
    assert complaints(rows, answers) == [
        "fd_sync SUCCESS: fd_sync provoke it, and the row names none",
        "fd_sync INTR: fd_sync doesn't provoke it",
        "fd_sync IO: neither a case nor a reason",
        "fd_sync BADF: no row, and fd_sync provokes it",
    ]
    rows = [Row("fd_sync", "fsync", "SUCCESS", "`fd_sync`"), Row("fd_sync", "fsync", "BADF", "`fd_sync`")]
    assert complaints(rows, answers, lambda case, answer: answer[1] == "BADF") == [
        "fd_sync SUCCESS: fd_sync doesn't notice another answer"
    ]


def test_names_are_measured_anew() -> None:
    rows = [
        Row("fd_sync", "fsync", "SUCCESS", "none: it always fails"),
        Row("fd_sync", "fsync", "INTR", "none: a reason that stays"),
        Row("fd_sync", "fsync", "IO", "`fd_sync`"),
    ]
    name_cases(rows, sync_answers())
    assert [(row.errno, row.cell) for row in rows] == [
        ("SUCCESS", "`fd_sync`"),
        ("BADF", "`fd_sync`"),
        ("INTR", "none: a reason that stays"),
        ("IO", ""),
    ]


def sync_answers() -> dict[tuple[str, str], list[Case]]:
    """What one case hears of one function."""
    return {answer: found for answer, found in measured([case("fd_sync")]).items() if answer[0] == "fd_sync"}


def test_what_a_syscall_documents_has_a_row_of_each_function_that_makes_it(tmp_path: Path) -> None:
    errors = {record.name: record.errors for record in table()}
    _, rows, _ = read(TEXT)
    told = {row.answer for row in rows}
    missing = set()
    for number, each in enumerate(cases()):
        (tmp_path / str(number)).mkdir()
        with open_world(each, tmp_path / str(number)) as world:
            events = world.run_case(trace=True, trace_syscalls=True).trace
        for event in events:
            for nested in event.get("syscalls", []):
                missing |= {(event["call"], errno) for errno in errors[nested["call"]]} - told
    assert missing == set()


def test_behaviours_name_every_case() -> None:
    _, _, behind = read(TEXT)
    patterns = set(re.findall(r"`([\w*]+)`", behind)) - {"wasi_unstable", "raw_calls", "_initialize"}
    names = [each.name for each in cases()]
    assert [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in names)] == []
