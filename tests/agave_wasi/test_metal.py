"""Programs of machine code in a world: what they print, what they see of files and time, how they end."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import World, metal
from agave_wasi.engines.x86.elf import Image, Segment
from agave_wasi.loader import BadProgram
from agave_wasi.result import Result
from agave_wasi.streams import standard_streams
from kernel_sim.cpu import hooks
from kernel_sim.cpu.layout import HEAP, STACK_TOP
from tests.kernel_sim.cpu.assembled import CODE, FOREVER, UD2, exit, load

METAL = Path(__file__).resolve().parents[2] / "demo" / "metal"


def run(
    program: str | bytes, *args: str, world: World | None = None, stdin: bytes = b"", sink: Any = None, **limits: Any
) -> Result:
    """A demo by its name, or code."""
    world = world or World(**limits)
    image = Image(CODE, [Segment(CODE, program, len(program), "rx")], {CODE: "begin"}) if isinstance(program, bytes) else None
    name = program if isinstance(program, str) else "code"
    image = image or metal.load((METAL / f"{name}.elf").read_bytes(), name)
    devices = standard_streams(stdin, None, None, False)
    process = world.new_process([name, *args], *devices)
    result = metal.run(world.kernel, process, image, name, world.settings, sink)
    world.kernel.reap(process)
    result.stdout, result.stderr = (getattr(device, "data", b"") for device in devices[1:])
    return result


def test_hello() -> None:
    result = run("hello")
    assert (result.exit_code, result.ended_by, result.stdout, result.stderr) == (0, "exit", b"hello, world\n", b"")
    assert run("hello", "you", "me").stdout == b"hello, you and me\n"


def test_files_are_the_world_s() -> None:
    world = World(files={"/in": b"x" * 10_000})
    assert run("copy", "in", "out", world=world).exit_code == 0
    assert world.files["/out"] == b"x" * 10_000
    assert run("copy", "in", world=world).stdout == b"x" * 10_000
    assert run("copy", stdin=b"from stdin").stdout == b"from stdin"
    missing = run("copy", "nothing", world=world)
    assert (missing.exit_code, missing.stderr) == (1, b"nothing: error 2\n")


def test_time_is_the_world_s() -> None:
    assert run("clock").stdout == b"slept 1000003 us\n"
    events: list[dict[str, Any]] = []
    run("clock", sink=events.append)
    assert [event["call"] for event in events] == [
        "arguments", "clock_gettime", "poll", "writev", "clock_gettime", "writev", "writev", "exit",
    ]  # fmt: skip
    again: list[dict[str, Any]] = []
    run("clock", sink=again.append)
    assert again == events and events[-1]["errno"] == ""


def test_a_fault_is_an_ending_with_a_report() -> None:
    result = run("clock", "crash")
    assert (result.exit_code, result.ended_by) == (134, "trap")
    assert result.message.startswith("page fault: read at 0x40, by the instruction at 0x1001")
    marked = [line for line in result.report if line.startswith("=> ")]
    assert len(marked) == 1 and "main+0x" in marked[0] and "[0x40]" in marked[0]
    assert any("rip 000000000100" in line for line in result.report)


@pytest.mark.parametrize(
    "code, message", [(UD2, "undefined instruction at 0x10000"), (b"\x31\xc9\xf7\xf1", "divide error at 0x10002")]
)
def test_other_faults(code: bytes, message: str) -> None:
    result = run(code)
    assert (result.exit_code, result.message) == (134, message)
    assert any(line.startswith("=> ") and "begin" in line for line in result.report)


def test_a_fault_where_there_is_no_code() -> None:
    result = run(b"\x31\xc0\xff\xe0")
    assert result.message == "page fault: there is no code at 0x0"
    assert not any(line.startswith("=>") for line in result.report) and "rax" in result.report[0]


def test_the_stack_ends_at_nothing() -> None:
    result = run(b"\x50\xeb\xfd", max_stack=1 << 16)
    assert result.message.startswith(f"page fault: write at {STACK_TOP - (1 << 16) - 8:#x}")


def test_the_heap_is_in_rdi_and_rsi() -> None:
    code = b"\x48\x89\xf8\x48\x89\x70\x08" + b"\x48\x89\x74\x37\xf8" + exit(3)  # mov rax, rdi; [rax+8] = rsi; [rdi+rsi-8] = rsi
    assert run(code).exit_code == 3
    beyond = b"\x48\x89\x34\x37"  # mov [rdi+rsi], rsi
    end = HEAP + (4 << 20) - (512 << 10) - 4096
    assert run(beyond, max_memory=4 << 20).message.startswith(f"page fault: write at {end:#x}")


def test_limits() -> None:
    assert run(FOREVER, fuel=1000).message == "the fuel limit of 1000 was reached"
    assert run(FOREVER, timeout=0.05).exit_code == 124
    assert run("hello", max_output=5).exit_code == 125
    with pytest.raises(BadProgram, match=r"hello: it needs .* bytes of memory at least; allow more"):
        run("hello", max_memory=1 << 16)
    with pytest.raises(BadProgram, match=r"the host has no .* bytes left; allow less"):
        _huge()


def _huge() -> None:
    image = Image(CODE, [Segment(CODE, load(0), 1 << 62, "rx")], {})
    world = World()
    metal.run(world.kernel, world.new_process([], *standard_streams(b"", None, None, False)), image, "huge", world.settings)


def test_no_room_for_the_model_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "TRANSLATED", 1 << 61)
    with pytest.raises(BadProgram, match=f"code: the host has no {1 << 61} bytes left; allow less"):
        run(FOREVER)


def test_a_signal_stops_it_between_slices() -> None:
    def alarm(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            run(FOREVER)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_file_that_is_none() -> None:
    with pytest.raises(BadProgram, match=r"x\.elf: it isn't an ELF file"):
        metal.load(b"", "x.elf")


def test_a_program_that_is_about_to_begin_and_is_closed() -> None:
    world = World(clock_ips=10**9, engine="x86")
    devices = standard_streams(b"", None, None, False)
    image = Image(CODE, [Segment(CODE, exit(3), len(exit(3)), "rx")], {})
    made = metal.Metal(world.kernel, world.new_process(["p"], *devices), image, "p", world.settings)
    assert (made.machine.pc, made.retired()) == (CODE, 0)
    assert made.run().exit_code == 3 and made.retired() > 0
    made.close()
    assert world.kernel.clock.monotonic() == made.retired()
