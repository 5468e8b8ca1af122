"""Traces as rows: what a report keeps of them, and that this is never much."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.calls.compare import compare
from conformance.calls.equal import Equal
from conformance.calls.known import known
from conformance.diff.rows import ENDS, LONGEST, MOST_NOTES, MOST_TELLING, NEAR, Row, alone, cut, none, shortened, traces
from conformance.diff.verdict import judge
from tests.conformance.calls.running import both, module
from tests.conformance.calls.test_compare import FILES
from tests.conformance.diff.test_command import spoil


def rows(count: int, telling: set[int], **more: object) -> list[Row]:
    return [{"mark": "unknown" if at in telling else "same", "number": at + 1, "ours": "x", **more} for at in range(count)]


def test_a_short_trace_stays_whole() -> None:
    found = rows(2 * ENDS, {3})
    assert shortened(found) == found


def test_a_long_one_keeps_its_ends_and_what_differs() -> None:
    found = shortened(rows(1000, {500, 502}))
    gaps = [(at, each["left_out"]) for at, each in enumerate(found) if "left_out" in each]
    round_them = 2 * NEAR + 3
    assert gaps == [(ENDS, 500 - NEAR - ENDS), (ENDS + 1 + round_them, 1000 - ENDS - 503 - NEAR)]
    assert [each["number"] for each in found[ENDS + 1 : ENDS + 1 + round_them]] == list(range(498, 507))
    assert found[ENDS - 1]["number"] == ENDS and found[-ENDS]["number"] == 1001 - ENDS


def test_whatever_happens_it_is_bounded() -> None:
    note = {"what": "w" * 10_000, "ours": "o" * 10_000, "theirs": "t" * 10_000, "known": ""}
    found = shortened(rows(20_000, set(range(20_000)), theirs="y" * 10_000, notes=[note] * 100))
    assert sum("left_out" not in each for each in found) <= 2 * ENDS + (2 * NEAR + 1) * MOST_TELLING
    assert all(len(each.get("notes", ())) <= MOST_NOTES for each in found)
    assert len(json.dumps(found)) < 1 << 20


def test_texts_are_shortened_in_their_middle_and_steer_nothing() -> None:
    text = cut("a" * LONGEST + "\x1b[31m" + "z" * LONGEST)
    assert text.startswith("aaa") and text.endswith("zzz") and "\N{HORIZONTAL ELLIPSIS}" in text and len(text) == LONGEST + 3
    assert cut("\x1b[31m") == "\\x1b[31m" and cut("x" * LONGEST) == "x" * LONGEST


def test_both_sides_as_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch)
    comparison = compare(*both(Equal(module(tmp_path, FILES))), known())
    told = traces(judge("prog.wasm", comparison, False))
    assert json.loads(json.dumps(told)) == told
    assert [each["runtime"].partition(" ")[0] for each in told["sides"]] == ["agave-wasi", "wasmtime"]
    assert [each["calls"] for each in told["sides"]] == [len(comparison.ours.calls)] * 2
    (bad,) = [each for each in told["rows"] if each["mark"] == "unknown"]
    assert told["marks"]["unknown"] == 1 and sum(told["marks"].values()) == len(told["rows"])
    assert bad["ours"].startswith("path_unlink_file(3</>, ") and "= ACCES" in bad["ours"] and "= NOENT" in bad["theirs"]
    assert bad["notes"] == [{"what": "errno", "ours": "ACCES", "theirs": "NOENT", "known": ""}]
    assert bad["decides"]["link"].endswith("#path_unlink_file")


def test_differences_at_the_end_are_few(tmp_path: Path) -> None:
    comparison = compare(*both(Equal(module(tmp_path, FILES))), known())
    comparison.files = [(f"/f{number}", "nothing", "a file") for number in range(40)]
    found = traces(judge("prog.wasm", comparison, False))["differences"]
    assert found[0] == {"mark": "unknown", "what": "/f0", "ours": "nothing", "theirs": "a file"}
    assert len(found) == 13 and found[-1] == {"left_out": 28}


def test_one_side_or_none() -> None:
    told = alone("agave-wasi", "exit code 0", ["one() = 0"] * 200, "needs a quota")
    assert told["sides"] == [{"runtime": "agave-wasi", "calls": 200, "ended": "exit code 0"}]
    assert told["reason"] == "needs a quota" and told["rows"][ENDS] == {"left_out": 100}
    assert told["rows"][0] == {"number": 1, "ours": "one() = 0"} and told["rows"][-1]["number"] == 200
    assert none("why") == {"sides": [], "reason": "why", "marks": {}, "differences": [], "rows": []}
