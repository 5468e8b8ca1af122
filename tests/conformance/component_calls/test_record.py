"""Both sides record the same of the same component; what time and chance say there is what they said here."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.engines.capi import to_wasm
from conformance.calls.call import NEVER
from conformance.calls.equal import Equal
from conformance.calls.process import ReferenceFailed
from conformance.component_calls.record import Recorded, here, there
from conformance.diff.verdict import lines
from tests.conformance.component_calls.guests import FILES, OPENED, TOLD, component, sides

pytestmark = pytest.mark.usefixtures("temporary")
LEAVES = component("(call $exit (i32.const 1)) unreachable")
BAD = component(f"{OPENED} (call $make (local.get $top) (i32.const -4) (i32.const 8) (i32.const 256))")


def test_files_and_outputs(tmp_path: Path) -> None:
    ours, theirs = sides(FILES, tmp_path)
    assert lines(ours, []) == lines(theirs, [])
    assert lines(ours, [])[1:3] == [
        'descriptor#1.create-directory-at(path="folder") = ()', 'descriptor#1.unlink-file-at(path="missing") = no-entry',
    ]  # fmt: skip
    assert lines(ours, [])[-1] == "descriptor#1.drop() = ()"
    assert ours.stdout == theirs.stdout == "café\0\n".encode()
    assert [each.written for each in ours.calls][2] == [each.written for each in theirs.calls][2] != []
    assert all("folder" in tree for side in (ours, theirs) for tree in side.trees.values())


def test_time_and_chance(tmp_path: Path) -> None:
    """An hour is waited for at once, and the bytes that are printed are the same on both sides."""
    ours, theirs = sides(TOLD, tmp_path)
    assert len(ours.stdout) == 72 and ours.stdout == theirs.stdout
    assert lines(ours, []) == lines(theirs, [])
    assert any("when=3600000000000" in line for line in lines(theirs, []))


def test_ways_to_end(tmp_path: Path) -> None:
    for wasm, how, last in ((LEAVES, "exit", "exit"), (BAD, "trap", "descriptor.create-directory-at")):
        for side in sides(wasm, tmp_path):
            assert side.ended_by == how and side.calls[-1].errno == NEVER and side.calls[-1].name.endswith(last)
            assert how == "trap" or side.exit_code == 1


def test_a_run_that_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "guest.wasm"
    equal, made = Equal(str(path)), Recorded(FILES)
    ours = here(equal, made, 1)
    theirs = there(equal, made, ours.calls, 1)
    for side in (ours, theirs):
        assert side.ended_by == "stopped" and len(side.calls) == 2 and not side.stdout


def test_too_many_calls(tmp_path: Path) -> None:
    equal, made = Equal(str(tmp_path / "guest.wasm"), most_calls=2), Recorded(FILES)
    for side in (here(equal, made), there(equal, made, ())):
        assert side.ended_by == "full" and "more than 2 host calls" in side.message


def test_what_the_reference_lacks(tmp_path: Path) -> None:
    wasm = to_wasm(b'(component (import "local:a/b" (instance (export "f" (func)))))')
    with pytest.raises(ReferenceFailed, match="local:a/b"):
        there(Equal(str(tmp_path / "guest.wasm")), Recorded(wasm), ())
