"""ELF programs in the middle of a run: machine and kernel are all that there is."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import BadProgram, Result, World
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from tests.agave_wasi.engines.x86.test_elf import elf
from tests.agave_wasi.snapshots.test_running import shown

METAL = Path(__file__).resolve().parents[3] / "demo" / "metal"
COPY, CLOCK, HELLO = (METAL / f"{name}.elf" for name in ("copy", "clock", "hello"))
NEVER = "icount:1000000000"


def world(**settings: Any) -> World:
    return World({"/in": "some text"}, engine="x86", icount=True, **settings)


def until(program: Path | bytes, at: str, *args: str, **settings: Any) -> Result:
    return run_until(world(**settings), program, at, args, trace=True)


def goes_on_alike(whole: Result, stopped: Result) -> None:
    assert stopped.snapshot is not None
    again = Snapshot.from_bytes(stopped.snapshot.to_bytes()).resume(trace=True)
    assert shown(again, stopped) == shown(whole)
    assert (again.instructions, again.report) == (whole.instructions, whole.report)


@pytest.mark.parametrize(
    ("program", "args"), [(COPY, ("in", "out")), (CLOCK, ()), (CLOCK, ("crash",)), (HELLO, ("you",))], ids=str
)
def test_at_many_instructions_and_system_calls(program: Path, args: tuple[str, ...]) -> None:
    whole = until(program, NEVER, *args)
    assert whole.snapshot is None and whole.instructions
    calls = [event["call"] for event in whole.trace]
    points = [f"icount:{number}" for number in range(1, whole.instructions, whole.instructions // 9)]
    points += [f"call:{call}:{calls[: at + 1].count(call)}" for at, call in enumerate(calls)]
    for at in points:
        stopped = until(program, at, *args)
        goes_on_alike(whole, stopped)
        assert stopped.snapshot is not None
        if at.startswith("icount"):
            assert stopped.snapshot.count == int(at[7:])
        else:
            assert [event["call"] for event in stopped.trace].count(at.split(":")[1]) == int(at.split(":")[2]) - 1


def test_a_call_by_the_instruction_itself() -> None:
    """mov edi, 7; mov eax, exit; syscall"""
    from kernel_sim.syscalls.table import table

    number = next(each.number for each in table() if each.name == "exit")
    code = b"\xbf\7\0\0\0\xb8" + number.to_bytes(4, "little") + b"\x0f\x05"
    program = elf()[:0x80] + code.ljust(72, b"\x90")
    stopped = until(program, "call:exit")
    assert stopped.snapshot is not None and stopped.snapshot.count == 2
    rest = stopped.snapshot.resume()
    assert (rest.exit_code, rest.instructions) == (7, 3)


def test_at_a_symbol_and_from_point_to_point() -> None:
    whole = until(HELLO, NEVER, "you")
    first = until(HELLO, "func:main", "you")
    assert first.snapshot is not None and first.stdout == b""
    second = first.snapshot.resume(at="call:writev")
    assert second.snapshot is not None and second.snapshot.resume().stdout == whole.stdout


def test_forks_and_a_clock_by_instructions() -> None:
    snapshot = until(COPY, "call:readv", "in", "out").snapshot
    assert snapshot is not None
    assert snapshot.resume(files={"/in": b"other"}).files["/out"] == b"other"
    whole = until(CLOCK, NEVER, clock_ips=1_000_003)
    goes_on_alike(whole, until(CLOCK, f"icount:{(whole.instructions or 0) // 2}", clock_ips=1_000_003))


def test_its_memory_is_as_large_as_it_was() -> None:
    snapshot = until(COPY, "icount:300", "in", "out", max_memory=20 << 20).snapshot
    assert snapshot is not None and snapshot.resume(max_memory=64 << 20).exit_code == 0


def test_limits_hold_on() -> None:
    whole = until(COPY, NEVER, "in", "out", fuel=400)
    assert whole.ended_by == "limit"
    goes_on_alike(whole, until(COPY, "icount:300", "in", "out", fuel=400))


def test_what_is_not_there() -> None:
    for at, text in (("func:nothing", "has no symbol nothing"), ("call:fd_write", "no system call fd_write; did you mean")):
        with pytest.raises(LookupError, match=text):
            until(HELLO, at)
    for options in ({"invoke": ("f", ())}, {"libraries": {"a": b""}}):
        with pytest.raises(ValueError, match="neither exports nor libraries"):
            run_until(world(), HELLO, "icount:1", **options)
    with pytest.raises(BadProgram, match="its header has 64 bytes"):
        run_until(world(), b"\x7fELF", "icount:1")


def test_hostile_states_are_refused_or_end_like_any_program() -> None:
    snapshot = until(COPY, "icount:200", "in", "out").snapshot
    assert snapshot is not None

    def resume(state: dict[str, Any], pages: Any = snapshot.pages, programs: Any = snapshot.programs) -> Result:
        return Snapshot(state, snapshot.world, None, programs, pages, []).resume(at="icount:9000")

    state = snapshot.state
    for name, wrong in (("registers", None), ("registers", {}), ("count", -1), ("count", 1 << 70), ("retired", "x")):
        if name != "retired":
            with pytest.raises(SnapshotError, match=r"^state: "):
                resume(state | {name: wrong})
    for pages in ({}, snapshot.pages | {"more": []}, snapshot.pages | {"heap": []}):
        with pytest.raises(SnapshotError, match=r"^region "):
            resume(state, pages)
    with pytest.raises(SnapshotError, match="no libraries"):
        resume(state, programs=snapshot.programs * 2)
    chosen = random.Random(6)
    for _ in range(30):
        registers = dict(state["registers"])
        name = chosen.choice(sorted(registers))
        registers[name] = chosen.choice((0, 1 << 63, -1, chosen.getrandbits(64), chosen.getrandbits(16), None))
        try:
            result = resume(state | {"registers": registers})
        except SnapshotError as error:
            assert str(error).startswith("state: ")
        else:
            assert result.ended_by in ("exit", "trap", "snapshot", "limit")
