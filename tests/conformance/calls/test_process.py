"""The reference's process: whatever becomes of it, we are told, and what it had recorded until then is known."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from conformance.calls import ours, process
from conformance.calls.answers import clocks_only, key_of
from conformance.calls.call import Call
from conformance.calls.compare import compare
from conformance.calls.equal import Equal, Tree, Unequal
from conformance.calls.process import ReferenceFailed, _calls, _ending
from conformance.calls.recorder import Recording
from conformance.calls.temporary import remove
from conformance.calls.trees import of_folder
from tests.conformance.calls.running import both, module, on_reference
from tests.waiting import within


def done(code: int, out: bytes = b"", err: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.CompletedProcess([], code, out, err)


def test_how_it_ended() -> None:
    assert _ending(done(0, b'["exit", 3, "", ""]\n')) == ["exit", 3, "", ""]
    assert _ending(done(124))[0] == "timeout"
    assert _ending(done(-11)) == ["crash", 139, "the reference's process was ended by signal 11"]
    with pytest.raises(ReferenceFailed, match="ImportError: no module"):
        _ending(done(1, b"", b"Traceback\nImportError: no module\n"))
    with pytest.raises(ReferenceFailed, match="exit code 0"):
        _ending(done(0))


def test_what_was_recorded_before_it_died_is_known(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    line = json.dumps(Call("sched_yield", (), {}, errno="SUCCESS").plain()).encode()
    path.write_bytes(line + b"\n" + line[:20])
    assert [call.name for call in _calls(path)] == ["sched_yield"]
    assert _calls(tmp_path / "absent") == []


LOOP = '(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))'
SLEEP = """(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
 (memory (export "memory") 1) (func (export "_start")
  (drop (call $time (i32.const 1) (i64.const 1) (i32.const 512)))
  (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const {ns}))
  (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 128)))
  (drop (call $time (i32.const 1) (i64.const 1) (i32.const 512)))))"""


def test_a_guest_that_never_ends_is_stopped_there_too(tmp_path: Path) -> None:
    equal = Equal(module(tmp_path, LOOP), timeout=1)
    found = process.record(equal, Path(equal.program).read_bytes(), [])
    assert (found.ended_by, found.exit_code) == ("timeout", 124)


def test_a_guest_that_sleeps_there_is_ended_with_its_process(tmp_path: Path) -> None:
    path = module(tmp_path, SLEEP.format(ns=3600 * 10**9))

    def alone(seconds: float) -> Recording:
        """Without our answers it sleeps for real."""
        return process.record(Equal(path, timeout=seconds), Path(path).read_bytes(), [])

    found = within(alone, enough=lambda recording: recording.calls)
    assert found.ended_by == "timeout" and [call.name for call in found.calls] == ["clock_time_get"]


def test_with_our_answers_an_hour_passes_at_once_and_clocks_agree(tmp_path: Path) -> None:
    here, there = both(Equal(module(tmp_path, SLEEP.format(ns=3600 * 10**9))))
    assert compare(here, there).same(strict=True)
    times = [[call.result["result"] for call in side.calls if call.name == "clock_time_get"] for side in (here, there)]
    assert times[0] == times[1] and times[0][1] - times[0][0] > 3600 * 10**9
    assert clocks_only("poll_oneoff", here.calls[1].args) and not clocks_only("fd_read", {})
    assert key_of("random_get", (0, 16), {}) == ("random_get", 16)


def test_recording_stops_where_it_is_told(tmp_path: Path) -> None:
    equal = Equal(module(tmp_path, SLEEP.format(ns=1)))
    here = ours.record(equal, stop_after=1)
    there = on_reference(equal, here.calls, stop_after=1)
    assert [side.ended_by for side in (here, there)] == ["stopped"] * 2
    assert [len(side.calls) for side in (here, there)] == [2, 2]


def test_worlds_that_cannot_be_made_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    equal = Equal(module(tmp_path, LOOP), trees=(Tree("/work"),), cwd="/x")
    with pytest.raises(Unequal, match="nothing is preopened as /"), process.order(equal, b"", []):
        pass
    for cwd in ("../up", "a/../../b"):
        with pytest.raises(Unequal, match="leaves the guest's /"), process.order(Equal("x", cwd=cwd), b"", []):
            pass
    assert of_folder(folder) == {}


DEEP = """(module
 (import "wasi_snapshot_preview1" "path_create_directory" (func $make (param i32 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
 (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
 (memory (export "memory") 1) (data (i32.const 0) "d")
 (func (export "_start") (local $fd i32) (local $left i32)
  (local.set $fd (i32.const 3)) (local.set $left (i32.const 2500))
  (loop $more
   (drop (call $make (local.get $fd) (i32.const 0) (i32.const 1)))
   (drop (call $open (local.get $fd) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 2) (i64.const 0xfffffff)
     (i64.const 0xfffffff) (i32.const 0) (i32.const 8)))
   (if (i32.ne (local.get $fd) (i32.const 3)) (then (drop (call $close (local.get $fd)))))
   (local.set $fd (i32.load (i32.const 8)))
   (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"""


def test_folders_deeper_than_stack_and_path_are_compared_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    here, there = both(Equal(module(tmp_path, DEEP)))
    comparison = compare(here, there)
    assert not comparison.files and comparison.first() is None and len(here.calls) == 7499
    assert of_folder(folder) == {}


def test_what_may_not_be_written_is_removed_too(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "file").write_text("")
    (folder / "link").symlink_to("/")
    for path in (folder / "a" / "b", folder / "a"):
        path.chmod(0o500)
    remove(folder)
    assert not folder.exists() and Path("/").exists()
