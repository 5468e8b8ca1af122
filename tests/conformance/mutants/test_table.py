"""The table of docs/TESTING.md says what was made, what was caught, and why the rest survives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.mutants import components, table
from conformance.mutants.child import CRASH, TIMEOUT
from conformance.mutants.explained import Explanation
from conformance.mutants.judge import CASE, FUZZ, SURVIVED, TEST, Verdict
from conformance.mutants.places import Mutant
from conformance.mutants.table import BEGIN, DOCUMENT, END, markdown, room, share, survivors, unexplained, write


def made(module: str, number: int = 0) -> Mutant:
    return Mutant(module, "f", "a | b", "a & b", number, "arithmetic", 1, 1)


JUDGED = [
    (made("kernel_sim.clock"), Verdict(CASE, "x")),
    (made("kernel_sim.fs.memfs"), Verdict(FUZZ, "fd_read")),
    (made("kernel_sim.fs.memfs", 1), Verdict(TIMEOUT)),
    (made("agave_wasi.preview1.poll"), Verdict(CRASH)),
    (made("kernel_sim.sched", 1), Verdict(SURVIVED)),
    (made("kernel_sim.sched"), Verdict(SURVIVED)),
    (made("kernel_sim.vdso.ram"), Verdict(TEST, "tests/x.py::test_x")),
]


@pytest.fixture(autouse=True)
def _one_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made("kernel_sim.sched")
    known = {one.key: Explanation(*one.key[:4], "no program can tell")}
    monkeypatch.setattr(table, "explanations", lambda path: known)


def test_counting() -> None:
    assert share(JUDGED) == 5 / 7 and share([]) == 0
    assert [each.number for each in survivors(JUDGED)] == [0, 1]
    assert [each.number for each in unexplained(JUDGED)] == [1]


def test_rooms() -> None:
    assert [room(each) for each, _ in JUDGED] == [
        "kernel_sim", "kernel_sim/fs", "kernel_sim/fs", "agave_wasi/preview1", "kernel_sim", "kernel_sim", "kernel_sim/vdso",
    ]  # fmt: skip


def test_the_text() -> None:
    text = markdown(JUDGED, 7, 1000)
    assert text.startswith("7 mutants of seed 7, with 1,000 random calls for each that the cases let live: 71.4% caught.\n")
    assert "| `agave_wasi/preview1` | 1 | 0 | 0 | 0 | 0 | 1 | 0 |" in text
    assert "| `kernel_sim` | 3 | 1 | 0 | 0 | 0 | 0 | 2 |" in text
    assert "| `kernel_sim/fs` | 2 | 0 | 1 | 0 | 1 | 0 | 0 |" in text
    assert "| `kernel_sim/vdso` | 1 | 0 | 0 | 1 | 0 | 0 | 0 |" in text
    assert "| together | 7 | 1 | 1 | 1 | 1 | 1 | 2 |" in text
    assert "| `a \\| b => a & b` | `kernel_sim.sched f` | no program can tell |" in text
    assert "| `a \\| b => a & b` | `kernel_sim.sched f` | not explained |" in text


def test_writing(tmp_path: Path) -> None:
    path = tmp_path / "doc.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write("new", path)
    write("new", path)
    assert path.read_text() == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    path.write_text("nothing\n")
    with pytest.raises(ValueError, match="has no place for the table"):
        write("new", path)


TABLES = pytest.mark.parametrize("begin", [BEGIN, components.BEGIN])


@TABLES
def test_ours_tells_of_a_run_that_was_good_enough(begin: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition(begin)[2].partition(END)[0]
    assert float(re.findall(r"^\d+ mutants .*: ([\d.]+)% caught\.$", text, re.M)[0]) >= 90


@TABLES
def test_ours_tells_of_a_whole_run(begin: str) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition(begin)[2].partition(END)[0]
    (count,) = re.findall(r"^(\d+) mutants .*: [\d.]+% caught\.$", text, re.M)
    assert int(count) >= 300
    assert "not explained" not in text
    together = [int(each) for each in re.findall(r"^\| together \|(.*)\|$", text, re.M)[0].split("|")]
    assert together[0] == int(count) == sum(together[1:])
    assert len(re.findall(r"^\| `.*=> ", text, re.M)) == together[-1]
