"""Going on from a snapshot: exactly what the run would have done, here, in another process, and with another future."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import Mount, Result, World
from agave_wasi.host.stdio import SinkStream
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from conformance.case import Case
from conformance.suites.cases import cases
from conformance.suites.worlds import open_world
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, RANDOM, READS_STDIN, ROOT, imported, prints, sleeps, wat

CASES = {
    "hot_calls", "hot_rename_over", "readdir_cookies", "poll_clock", "hot_memory_grow", "args_values", "big_io",
    "go_program", "path_open_flags", "random_get", "append", "fd_renumber",
}  # fmt: skip
CHOSEN = [case for case in cases() if case.name in CASES]


def shown(result: Result, before: Result | None = None) -> Any:
    """All that a run shows, with what it showed before it was stopped."""
    out, err, trace = (before.stdout, before.stderr, before.trace) if before else (b"", b"", [])
    return (
        out + result.stdout, err + result.stderr, trace + result.trace, result.exit_code, result.ended_by, result.message,
        [(each.function, each.module_offset) for each in result.frames], dict(result.files), result.fuel,
    )  # fmt: skip


def goes_on_alike(whole: Result, stopped: Result) -> None:
    assert stopped.ended_by == "snapshot" and stopped.snapshot is not None
    again = Snapshot.from_bytes(stopped.snapshot.to_bytes())
    assert shown(again.resume(trace=True, trace_syscalls=True), stopped) == shown(whole)


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_a_case_of_the_suite_at_every_tenth_host_call(case: Case, tmp_path: Path) -> None:
    def world() -> Any:
        return open_world(case, tmp_path, engine="x86")

    whole = world().run_case(trace=True, trace_syscalls=True)
    calls = [event["call"] for event in whole.trace]
    places = range(0, len(calls), max(10, len(calls) // 5))
    points = [f"call:{calls[at]}:{calls[: at + 1].count(calls[at])}" for at in places]
    points.append(f"icount:{random.Random(case.name).randrange(1, 5000)}")
    for point in points:
        stopped = run_until(
            world(), str(case.program), point, case.manifest["args"], case.stdin or b"", trace=True, trace_syscalls=True
        )
        if stopped.snapshot is None and point.startswith("icount"):
            continue
        goes_on_alike(whole, stopped)


TABLE = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1 40)
  (table $t 2 funcref) (elem (i32.const 0) $one $two) (elem $more func $three $one) (global $g (mut i64) (i64.const 1))
  (type $f (func (result i32)))
  (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2)) (func $three (result i32) (i32.const 3))
  (func (export "_start") (local $sum i32) (local $d f64)
    (local.set $d (f64.const 1.5))
    (drop (table.grow $t (ref.null func) (i32.const 30)))
    (table.init $t $more (i32.const 20) (i32.const 0) (i32.const 2)) (elem.drop $more)
    (drop (memory.grow (i32.const 9))) (i32.store (i32.const 655000) (i32.const 4)) (global.set $g (i64.const 5))
    (memory.fill (i32.const 131072) (i32.const 1) (i32.const 10))
    (local.set $d (f64.mul (local.get $d) (f64.const 4)))
    (local.set $sum (call_indirect $t (type $f) (i32.const 20)))
    (local.set $sum (i32.add (local.get $sum) (call_indirect $t (type $f) (i32.const 1))))
    (local.set $sum (i32.add (local.get $sum) (i32.add (table.size $t) (memory.size))))
    (local.set $sum (i32.add (local.get $sum) (i32.trunc_f64_s (local.get $d))))
    (local.set $sum (i32.add (local.get $sum) (i32.wrap_i64 (global.get $g))))
    (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 655000))))
    (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.const 131076))))
    (call $exit (local.get $sum))))"""
"""Tables, memories, segments and globals that have changed; exits with what is left in all of them."""
SUM = 3 + 2 + 32 + 10 + 6 + 5 + 4 + 1


@pytest.mark.parametrize("fuel", [None, 10**6])
def test_tables_memories_segments_globals_and_numbers_at_many_instructions(fuel: int | None) -> None:
    program = wat(TABLE)
    whole = World(engine="x86", fuel=fuel).run(program, trace=True)
    assert whole.exit_code == SUM
    at = 1
    stops = 0
    while True:
        stopped = run_until(World(engine="x86", fuel=fuel), program, f"icount:{at}", trace=True)
        if stopped.snapshot is None:
            break
        stops += 1
        goes_on_alike(whole, stopped)
        at = stopped.snapshot.count + 17
    assert stops > 10


def test_a_trap_behind_it_has_the_same_backtrace() -> None:
    program = wat(
        f"""(module {imported("random_get")} (memory (export "memory") 1) (func $deep (unreachable))
        (func (export "_start") (drop (call $random_get (i32.const 0) (i32.const 4))) (call $deep)))"""
    )
    whole = World(engine="x86").run(program, trace=True, trace_syscalls=True)
    assert whole.ended_by == "trap" and len(whole.frames) == 2
    goes_on_alike(whole, run_until(World(engine="x86"), program, "call:random_get", trace=True, trace_syscalls=True))


def test_before_initialize_is_over_and_with_libraries_and_exports() -> None:
    library = wat('(module (global $g (mut i32) (i32.const 3)) (func (export "next") (result i32)\n'
                  "(global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))")  # fmt: skip
    program = wat(
        f"""(module {imported("random_get")} (import "lib" "next" (func $next (result i32))) (memory (export "memory") 1)
        (global $kept (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $kept (call $next)) (drop (call $random_get (i32.const 0) (i32.const 4))))
        (func (export "add") (param f64 i64) (result f64 i32) (local.get 0) (i32.add (call $next) (global.get $kept))))"""
    )
    stopped = run_until(
        World(engine="x86"), program, "call:random_get", libraries={"lib": library}, invoke=("add", (0.1, -5))
    )
    assert stopped.snapshot is not None
    again = Snapshot.from_bytes(stopped.snapshot.to_bytes()).resume()
    assert again.values == (0.1, 9)


def test_in_another_process_and_from_there_to_another_point(tmp_path: Path) -> None:
    program = wat(ENVIRONMENT)
    whole = World(engine="x86", env={"A": "1"}).run(program)
    stopped = run_until(World(engine="x86", env={"A": "1"}), program, "call:args_get")
    assert stopped.snapshot is not None
    first, second = tmp_path / "first.agave", tmp_path / "second.agave"
    stopped.snapshot.save(first)
    code = """if True:
        import sys
        from agave_wasi.snapshots import Snapshot
        result = Snapshot.load(sys.argv[1]).resume(at=sys.argv[3])
        if result.snapshot: result.snapshot.save(sys.argv[2])
        sys.stdout.buffer.write(result.stdout)"""
    outputs = [stopped.stdout]
    for at in ("call:fd_write:2", "call:fd_write:9"):
        done = subprocess.run([sys.executable, "-c", code, first, second, at], capture_output=True, check=True, cwd=ROOT)
        outputs.append(done.stdout)
        first = second
    assert b"".join(outputs) == whole.stdout and all(outputs[1:])


def test_the_same_snapshot_gives_the_same_bytes_and_can_go_on_more_than_once() -> None:
    data = []
    for _ in range(2):
        stopped = run_until(World(engine="x86"), wat(RANDOM), "icount:120")
        assert stopped.snapshot is not None
        data.append(stopped.snapshot.to_bytes())
    assert data[0] == data[1]
    snapshot = Snapshot.from_bytes(data[0])
    assert snapshot.resume().stdout == snapshot.resume().stdout == World().run(wat(RANDOM)).stdout
    assert snapshot.to_bytes() == data[0]


def test_what_was_read_is_not_read_again() -> None:
    program = wat(
        f"""(module {imported("fd_read", "proc_exit")} (memory (export "memory") 1)
        (data (i32.const 0) "\\10\\00\\00\\00\\03")
        (func (export "_start") (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
          (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
          (call $proc_exit (i32.load8_u (i32.const 16)))))"""
    )
    stopped = run_until(World(engine="x86"), program, "call:fd_read:2", stdin=b"abcdef")
    assert stopped.snapshot is not None and stopped.snapshot.stdin == b"def"
    assert stopped.snapshot.resume().exit_code == ord("d")
    assert stopped.snapshot.resume(stdin=b"xyz").exit_code == ord("x")


def test_time_and_files_go_on() -> None:
    for program, at in ((sleeps(5 * 10**9), "call:poll_oneoff"), (wat(COPIES), "call:fd_read"), (wat(COPIES), "call:fd_write")):
        whole = World({"/in.txt": "abc", "/dir/x": ""}, engine="x86").run(program, trace=True, trace_syscalls=True)
        world = World({"/in.txt": "abc", "/dir/x": ""}, engine="x86")
        goes_on_alike(whole, run_until(world, program, at, trace=True, trace_syscalls=True))


def test_a_world_can_be_used_on_after_its_guest_was_stopped() -> None:
    world = World({"/in.txt": "abc", "/dir/x": ""}, engine="x86")
    run_until(world, wat(COPIES), "call:fd_write")
    assert world.files["/dir/out.txt"] == b"" and not world.kernel.processes
    assert world.run(wat(COPIES)).exit_code == 0 and world.files["/dir/out.txt"] == b"abc"


# Forks


def test_another_seed_gives_other_random_numbers_but_the_same_past() -> None:
    twice = wat(
        f"""(module {imported("random_get", "fd_write")} (memory (export "memory") 1)
        (data (i32.const 0) "\\40\\00\\00\\00\\10\\00\\00\\00")
        (func (export "_start") (drop (call $random_get (i32.const 64) (i32.const 8)))
          (drop (call $random_get (i32.const 72) (i32.const 8)))
          (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""
    )
    whole = World(engine="x86").run(twice).stdout
    snapshot = run_until(World(engine="x86"), twice, "call:random_get:2").snapshot
    assert snapshot is not None
    forks = [snapshot.resume(seed=seed).stdout for seed in (7, 7, 8)]
    assert forks[0] == forks[1] != forks[2]
    assert all(each[:8] == whole[:8] and each[8:] != whole[8:] for each in forks)
    assert forks[0][8:] == World(engine="x86", seed=7).run(wat(RANDOM)).stdout
    assert snapshot.resume().stdout == whole


def test_a_variable_is_seen_by_who_asks_later() -> None:
    program = wat(ENVIRONMENT)
    world = World(engine="x86", env={"A": "1", "B": "2"})
    asked = run_until(world, program, "call:fd_write:2").snapshot
    not_yet = run_until(world, program, "call:environ_sizes_get").snapshot
    assert asked is not None and not_yet is not None
    assert asked.resume(env={"A": "5"}).stdout == b"A=1\0B=2\0"
    assert not_yet.resume(env={"A": "5", "C": "3"}).stdout == b"A=5\0B=2\0C=3\0"


def test_a_file_is_another_from_here_on() -> None:
    world = World({"/in.txt": "abc", "/dir/x": ""}, engine="x86")
    for at in ("call:path_open:1", "call:fd_read:1"):  # also where the program has it open
        snapshot = run_until(world, wat(COPIES), at).snapshot
        assert snapshot is not None
        assert snapshot.resume(files={"/in.txt": b"other"}).files["/dir/out.txt"] == b"other"
        assert snapshot.resume().files["/dir/out.txt"] == b"abc"


def test_a_seed_needs_random_numbers_from_one() -> None:
    snapshot = run_until(World(engine="x86", realtime=True), wat(RANDOM), "call:random_get").snapshot
    assert snapshot is not None and len(snapshot.resume().stdout) == 8
    with pytest.raises(ValueError, match="the host's entropy"):
        snapshot.resume(seed=1)


# The host


def test_folders_of_the_host_are_given_again(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for number, folder in enumerate((one, other)):
        (folder / "dir").mkdir(parents=True)
        (folder / "in.txt").write_text(f"of {number}")
    snapshot = run_until(World(engine="x86", mounts=[Mount("/", str(one))]), wat(COPIES), "call:path_open:1").snapshot
    assert snapshot is not None
    with pytest.raises(SnapshotError, match="a folder of the host as /; give it one again: --dir HOST::/:rw"):
        snapshot.resume()
    with pytest.raises(SnapshotError, match="has / as rw, not as ro"):
        snapshot.resume(mounts=[Mount("/", str(other), "ro")])
    with pytest.raises(SnapshotError, match="no folder of the host as /more"):
        snapshot.resume(mounts=[Mount("/", str(other)), Mount("/more", str(other))])
    assert not list((one / "dir").iterdir())
    assert snapshot.resume(mounts=[Mount("/", str(other))]).exit_code == 0
    assert (other / "dir" / "out.txt").read_text() == "of 1" and not list((one / "dir").iterdir())


def test_sockets_of_the_host_are_given_again() -> None:
    with World(engine="x86", listen=["127.0.0.1:0"]) as world:
        snapshot = run_until(world, wat(RANDOM), "call:random_get").snapshot
    assert snapshot is not None
    with pytest.raises(SnapshotError, match="listens at 1 addresses; give it as many"):
        snapshot.resume()
    assert snapshot.resume(listen=["127.0.0.1:0"]).stdout == World().run(wat(RANDOM)).stdout


def test_host_functions_must_be_declared_again() -> None:
    world = World(engine="x86")
    calls = []

    @world.function("env", "note")
    def note(value: int) -> int:
        calls.append(value)
        return value + 1

    program = wat(
        """(module (import "env" "note" (func $note (param i32) (result i32))) (memory (export "memory") 1)
        (func (export "f") (result i32) (call $note (call $note (i32.const 5)))))"""
    )
    stopped = run_until(world, program, "call:note:2", invoke=("f", ()))
    assert calls == [5] and stopped.snapshot is not None
    assert stopped.snapshot.resume(modules=world.modules).values == (7,) and calls == [5, 6]
    with pytest.raises(Exception, match="env"):
        stopped.snapshot.resume()


# What can't be


def test_only_on_the_cpu_model() -> None:
    with pytest.raises(ValueError, match="make the world with engine='x86'"):
        run_until(World(), wat(RANDOM), "icount:1")


def test_not_while_others_run_in_the_world() -> None:
    world = World(engine="x86")
    with world.instantiate(wat('(module (func (export "f")))')), pytest.raises(SnapshotError, match="a snapshot has one alone"):
        run_until(world, wat(RANDOM), "call:random_get")


def test_limits_hold_on() -> None:
    program = prints("x" * 20)
    world = World(engine="x86", max_output=10)
    snapshot = run_until(world, program, "call:fd_write").snapshot
    assert snapshot is not None and snapshot.resume().stdout == b"x" * 10
    loop = wat('(module (func (export "_start") (loop $l (br $l))))')
    snapshot = run_until(World(engine="x86", fuel=5000), loop, "icount:100").snapshot
    assert snapshot is not None
    assert snapshot.resume().message == World(engine="x86", fuel=5000).run(loop).message
    snapshot = run_until(World(engine="x86"), loop, "icount:100").snapshot
    assert snapshot is not None and snapshot.resume(timeout=0.05).ended_by == "timeout"


def test_streams_of_whoever_goes_on() -> None:
    snapshot = run_until(World(engine="x86"), prints("hello"), "call:fd_write").snapshot
    pieces: list[bytes] = []
    assert snapshot is not None
    assert snapshot.resume(stdout=SinkStream(pieces.append)).stdout == b"hello" and pieces == [b"hello"]
    assert run_until(World(engine="x86"), wat(READS_STDIN), "call:fd_read", stdin=b"12").snapshot is not None


# With what else the CPU model has


def points_of(world: Any, program: bytes, step: int) -> int:
    """Stop every `step` instructions, and compare; how often that was."""
    whole = world().run(program, trace=True, trace_syscalls=True)
    at, stops = 1, 0
    while True:
        stopped = run_until(world(), program, f"icount:{at}", trace=True, trace_syscalls=True)
        if stopped.snapshot is None:
            return stops
        stops += 1
        goes_on_alike(whole, stopped)
        rest = stopped.snapshot.resume()
        assert (rest.instructions, rest.exit_code) == (whole.instructions, whole.exit_code)
        at = stopped.snapshot.count + step


def test_exceptions_on_their_heap() -> None:
    program = wat(
        f"""(module {imported("proc_exit")} (memory (export "memory") 1) (tag $t (param i32))
        (global $kept (mut exnref) (ref.null exn))
        (func (export "_start")
          (block $caught (result i32 exnref) (try_table (catch_ref $t $caught) (throw $t (i32.const 7))) (unreachable))
          (global.set $kept) (drop)
          (block $again (result i32) (try_table (catch $t $again) (throw_ref (global.get $kept))) (unreachable))
          (call $proc_exit)))"""
    )
    assert World(engine="x86").run(program).exit_code == 7
    assert points_of(lambda: World(engine="x86"), program, 13) > 5


def test_a_clock_that_goes_by_instructions_and_the_limit_of_them() -> None:
    program = wat(
        f"""(module {imported("clock_time_get", "fd_write")} (memory (export "memory") 1)
        (data (i32.const 0) "\\40\\00\\00\\00\\20\\00\\00\\00")
        (func (export "_start") (local $n i32)
          (loop $l (drop (call $clock_time_get (local.get $n) (i64.const 0)
            (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 3)))))
            (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4))))
          (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""
    )
    assert points_of(lambda: World(engine="x86", clock_ips=7_000_003), program, 53) > 5
    limited = World(engine="x86", instructions=400)
    whole = limited.run(program)
    snapshot = run_until(World(engine="x86", instructions=400), program, "call:clock_time_get:2").snapshot
    assert whole.ended_by == "limit" and snapshot is not None
    assert snapshot.resume().message == whole.message
