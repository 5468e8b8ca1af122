"""What a campaign has found, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter

from conformance.calls.rules import Difference
from conformance.fuzz.campaign import Campaign, Found
from conformance.fuzz.chain import Finding
from conformance.fuzz.text import data, text
from tests.conformance.fuzz.sides import opening, writing

FINDING = Finding([opening(4, "\x1b[31m"), writing(5, 4, [3])], [Difference("errno", "SUCCESS", "BADF")], ("SUCCESS", "BADF"))
SMALL = Finding(list(FINDING.steps), FINDING.differences, FINDING.answers)
COVERAGE = Counter({("fd_write", "SUCCESS"): 900, ("fd_write", "BADF"): 100})
DONE = Campaign(7, 1000, 2, 600, 0.5, Counter({"cpu-clocks": 3}), COVERAGE, [Found(1, FINDING, SMALL, 4)])


def test_a_finding_is_told_as_a_program_with_both_answers_and_the_rule() -> None:
    lines = text(DONE, ["found/1.json"], False)
    shown = "\n".join(lines)
    assert "1. not explained: fd_write errno SUCCESS BADF (chain 1, 4 times)" in shown
    assert "4: path_open(fd=/, dirflags=0, path='\\x1b[31m', oflags=creat" in shown and "\x1b" not in shown
    assert "  agave-wasi: SUCCESS   wasmtime: BADF" in lines
    assert "the rule: " in shown and "#fd_write" in shown and "agave-wasi fuzz replay found/1.json" in shown
    assert "seed 7: 1,000 calls in 2 chains, the longest of 600; 2,000 calls a second" in lines
    assert "90% of the calls succeeded" in shown and "3  cpu-clocks (theirs)" in shown and "not explained: 1" in shown


def test_one_that_could_not_be_shown_again_says_so() -> None:
    done = Campaign(7, found=[Found(1, FINDING, FINDING)])
    assert "didn't come up when the program was run again" in "\n".join(text(done, [], False))


def test_data_is_json() -> None:
    plain = json.loads(json.dumps(data(DONE, [])))
    assert plain["coverage"] == {"fd_write": {"BADF": 100, "SUCCESS": 900}} and plain["calls_per_second"] == 2000
    (found,) = plain["found"]
    assert found["times"] == 4 and found["file"] is None and len(found["steps"]) == 2
