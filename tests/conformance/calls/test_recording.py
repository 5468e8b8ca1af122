"""Recording changes nothing: each case does on the reference what it does there unrecorded, and here what the trace says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.calls import ours
from conformance.calls.call import Call
from conformance.calls.equal import of_case
from conformance.case import Case
from tests.conformance.calls.running import comparable, on_reference, plainly, shared_engine, speaks_the_newer_interface

OVERLAP = "result_overlap"


def first_line(text: str) -> str:
    """What a trap is called; the backtrace before it names the shim when there is one."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


@pytest.mark.parametrize("case", [each for each in comparable() if speaks_the_newer_interface(each)], ids=str)
def test_the_reference_does_the_same_as_unrecorded(case: Case, tmp_path: Path) -> None:
    plain = plainly(case, tmp_path, shared_engine())
    recorded = on_reference(of_case(case))
    code = recorded.exit_code if recorded.ended_by == "exit" else None
    assert (code, recorded.stdout.decode(), recorded.stderr.decode()) == (plain.exit_code, plain.stdout, plain.stderr)
    assert first_line(recorded.message) == first_line(plain.trap)
    assert all(call.errno for call in recorded.calls if call.name != "proc_exit") or plain.trap


@pytest.mark.parametrize("case", comparable(), ids=str)
def test_here_it_is_what_the_trace_says(case: Case, tmp_path: Path) -> None:
    equal = of_case(case)
    recorded = ours.record(equal)
    with ours.world(equal, tmp_path) as world:
        world.start = super(ours.RecordedWorld, world).start  # type: ignore[method-assign]  # as any other world
        traced = world.run(equal.program, equal.args, equal.stdin, trace=True)
    assert world.recorder is None
    assert (recorded.exit_code, recorded.stdout, recorded.stderr) == (traced.exit_code, traced.stdout, traced.stderr)
    if case.name == OVERLAP:  # two results at one place: the trace says what was stored there, the recording what is left
        assert recorded.calls[-1].result == {"count": 20, "buffer_size": 20} != traced.trace[-1]["result"]
        recorded.calls[-1].result = traced.trace[-1]["result"]
    assert json.dumps([call.event() for call in recorded.calls]) == json.dumps(traced.trace)
    assert [Call.restore(json.loads(json.dumps(call.plain()))) for call in recorded.calls] == recorded.calls


def test_there_are_cases_to_do_this_with() -> None:
    names = [case.name for case in comparable()]
    assert len(names) > 100 and OVERLAP in names
