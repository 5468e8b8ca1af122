"""The measure of what Preview 2's cases provoke: its COVERAGE.md is true, and one that isn't would be found out."""

from __future__ import annotations

import pytest

from conformance.suite import select
from conformance.suites import heard
from conformance.suites.heard import CODES, COVERAGE, all_complaints, codes, hear, named_anew, read, short, wanted, written
from conformance.suites.provoked import Row

TEXT = COVERAGE.read_text(encoding="utf-8")


def test_the_document_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    status = heard.main([])
    shown = capsys.readouterr().out
    assert status == 0, shown
    assert shown.endswith("; 0 complaints\n")


def test_every_function_and_every_error_code_has_a_row_with_cases() -> None:
    _, rows, _ = read(TEXT)
    named = {row.answer for row in rows if row.names}
    assert {(CODES, each) for each in codes()} <= named and len(codes()) == 37
    assert {function for function, _ in named} == {*heard.functions(), CODES}


def test_reading_and_writing_change_nothing() -> None:
    assert written(*read(TEXT)) == TEXT


def test_no_row_comes_twice_and_each_without_a_case_says_why() -> None:
    _, rows, _ = read(TEXT)
    assert len({row.answer for row in rows}) == len(rows)
    assert all(row.names or row.cell.startswith("none: ") for row in rows)


def test_answers_are_heard_by_short_names() -> None:
    (case,) = select([heard.suite()], ["mkdir_exists"])
    answers, faults = hear(case)
    assert not faults
    assert answers["types#[method]descriptor.create-directory-at", "exist"] == 3
    assert answers["types#[method]descriptor.create-directory-at", "ok"] == 1
    assert short("resource.drop descriptor") is None


def test_what_is_wrong_is_told() -> None:
    (case,) = select([heard.suite()], ["random_u64_differ"])
    rows = [Row(function, "", answer, "none: x") for function, answer in wanted()]
    at = next(number for number, row in enumerate(rows) if row.function == "random#get-random-u64")
    told = all_complaints(rows[:at] + rows[at + 1 :], {(rows[at].function, "ok"): [case]})
    assert told == [
        "random#get-random-u64 ok: no row",
        "random#get-random-u64 ok: no row, and random_u64_differ provokes it",
    ]
    assert all_complaints(rows, {rows[at].answer: [case]}) == [
        "random#get-random-u64 ok: random_u64_differ provoke it, and the row names none"
    ]
    rows[at].cell = "`other`"
    assert all_complaints(rows, {}) == ["random#get-random-u64 ok: other doesn't provoke it"]
    anew = named_anew(rows, {rows[at].answer: [case]})
    assert [row.cell for row in anew if row.names] == ["`random_u64_differ`"] and len(anew) == len(rows)
