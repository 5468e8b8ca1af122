"""Reports for machines and repositories: the document, JUnit, Markdown, and how they are written."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest

from conformance.adapters.agave import InProcess
from conformance.adapters.base import Found
from conformance.diff.rows import none
from conformance.errors import HarnessError
from conformance.reports.document import FORMAT, MOST, VERSION, document, text
from conformance.reports.files import WRITERS, as_json, command, write
from conformance.reports.junit import junit
from conformance.reports.markdown import cell, markdown
from conformance.runner import Options
from tests.conformance.reports.told import told


def test_the_document_says_it_all(tmp_path: Path) -> None:
    found = json.loads(as_json(told(tmp_path)))
    assert (found["format"], found["version"], found["unexpected"]) == (FORMAT, VERSION, 5)
    own, reference = found["runtimes"]
    assert own["verdicts"] == {"PASS": 1, "FAIL": 2, "SKIP": 1, "XFAIL": 1, "XPASS": 1, "FLAKY": 1, "ERROR": 1}
    assert (own["unexpected"], reference["unexpected"], reference["reference"]) == (5, 0, True)
    cases = {case["name"]: case for case in found["cases"]}
    assert list(cases) == sorted(cases)
    assert len(cases["good"]["sha256"]) == 64 and cases["good"]["args"] == ["<&>"]
    assert cases["good"]["expected"] == {"exit_code": 0, "stdout": "hello\n", "stderr": ""}
    files = cases["files"]
    assert files["expected"]["files"] == {"/f": {"kind": "file", "data": "text"}, "/gone": None}
    assert files["expected"]["no_other_files"] is True
    (seen,) = files["outcomes"][0]["seen"]
    assert seen["files"]["/more"] == {"kind": "link", "data": "x"} and seen["leaked"] == ["a pipe"]
    flaky = cases["flaky"]["outcomes"][0]
    assert [each["exit_code"] for each in flaky["seen"]] == [0, 1]  # repetitions that are the same are told once
    assert cases["skip"]["outcomes"][0]["seen"] == [] and cases["skip"]["outcomes"][0]["reasons"] == ["needs http"]
    expectation = cases["xfail"]["outcomes"][0]["expectation"]
    assert expectation == {"reason": "a known bug", "link": "https://example.org/1", "file": "known.toml"}


def test_traces_stand_with_their_case(tmp_path: Path) -> None:
    traces = {"made/fail": none("why")}
    found = json.loads(as_json(told(tmp_path, traces)))
    assert {case["name"]: case.get("traces") for case in found["cases"] if "traces" in case} == {"fail": none("why")}


def test_output_is_text_and_not_too_much_of_it() -> None:
    assert text(b"\xffx") == "\\xffx"
    assert len(text(b"x" * (MOST + 1))) == MOST


def test_junit_is_sound_and_counts(tmp_path: Path) -> None:
    top = Tree.fromstring(junit(told(tmp_path)).encode())
    assert top.attrib == {"name": "agave-wasi conformance", "tests": "16", "failures": "4", "errors": "1", "skipped": "4"}
    own, reference = top
    assert (own.get("name"), own.get("failures"), own.get("errors"), own.get("skipped")) == (
        "made on agave-wasi",
        "4",
        "1",
        "2",
    )
    kinds = {case.get("name"): [(part.tag, part.get("message")) for part in case] for case in own}
    assert kinds["good"] == []
    assert kinds["skip"] == [("skipped", "needs http")]
    assert kinds["xfail"] == [("skipped", "expected failure: a known bug (https://example.org/1)")]
    assert kinds["xpass"] == [("failure", "XPASS: expected to fail: a known bug (https://example.org/1)")]
    assert kinds["error"][0][0] == "error" and kinds["flaky"][0] == ("failure", "FLAKY: 3 runs: 2 PASS, 1 FAIL")
    (fail,) = next(case for case in own if case.get("name") == "fail")
    assert fail.text is not None and "exit_code 1, expected 0" in fail.text and "owned" in fail.text
    assert (reference.get("failures"), reference.get("skipped")) == ("0", "2")


def test_markdown_names_all_that_is_not_a_pass(tmp_path: Path) -> None:
    page = markdown(told(tmp_path), "the command")
    assert "```\nthe command\n```" in page
    assert "| agave-wasi | 1.2 | 1 | 2 | 1 | 1 | 1 | 1 | 1 | 28.6 % |" in page
    assert "| wasmtime-py (reference) | 1.2 | 6 | 2 |" in page
    assert "| `fail` | ✗ FAIL | ✗ FAIL |" in page and "| `good` |" not in page
    assert "- `error` ERROR: `timeout: stopped after its time was up`" in page
    assert "- agave-wasi can't be given: " in page
    widths = [line.count("|") - line.count("\\|") for line in page.splitlines() if line.startswith("| ")]
    assert set(widths) == {4, 11}


def test_nothing_in_a_cell_can_break_a_table() -> None:
    assert cell("a|b<c>\n\x1b") == "a\\|b&lt;c>\\n\\x1b"


def test_the_command_makes_the_report_again(tmp_path: Path) -> None:
    assert command(told(tmp_path)) == (
        "agave-wasi conformance run made --runtime agave-wasi --reference wasmtime-py --repeat 3 --markdown FILE.md"
    )


def test_the_command_has_all_that_was_said(tmp_path: Path) -> None:
    chosen = {InProcess.name: (InProcess(), Found("1.2", "here"))}
    given = {"filter": ["path_*", "made/fd_*"], "runtimes": "others.toml", "expectations": ["known.toml"]}
    options = Options(timeout=2000000.5, shuffle=12345678, lenient=True)
    assert command(document((), chosen, options, ["made", "other suite"], None, given)) == (
        "agave-wasi conformance run made 'other suite' --runtime agave-wasi --filter 'path_*' --filter 'made/fd_*' "
        "--runtimes others.toml --expectations known.toml --timeout 2000000.5 --shuffle 12345678 --lenient --markdown FILE.md"
    )


def test_files_are_written_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = told(tmp_path / "s")
    for name in WRITERS:
        write(name, str(tmp_path / name), document)
        assert (tmp_path / name).read_text(encoding="utf-8") == WRITERS[name](document)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*WRITERS, "s"])
    write("json", "-", document)
    assert json.loads(capsys.readouterr().out) == document
    with pytest.raises(HarnessError, match=r"--junit .*none/x can't be written: No such file"):
        write("junit", str(tmp_path / "none" / "x"), document)
