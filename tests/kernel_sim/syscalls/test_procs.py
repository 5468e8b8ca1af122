"""Syscalls of a process about itself."""

from __future__ import annotations

import pytest

from kernel_sim.entropy import SeededEntropy
from kernel_sim.errors import ProcessExit, WouldBlock
from kernel_sim.syscalls.procs import ENTROPY_PIECE, IGNORED_SIGNALS, SIGNALS
from tests.kernel_sim.scripts import blocks, errno, provokes, world


def test_arguments_environment_and_entropy() -> None:
    k = world()
    assert k.sys.arguments() == [b"prog", b"x"]
    assert k.sys.environment() == [b"A=1"]
    data = bytearray(ENTROPY_PIECE + 100)
    k.sys.getrandom(memoryview(data))
    assert data == SeededEntropy(0).take(len(data))
    k.sys.getrandom(memoryview(bytearray()))  # nothing to fill, so nothing is taken
    assert k.kernel.entropy.take(1) == SeededEntropy(0, len(data)).take(1)


@provokes("pipe", "MFILE")
def test_pipes() -> None:
    k = world(max_fds=6)
    reading, writing = k.sys.pipe()
    assert (reading, writing) == (4, 5)
    assert blocks(k.read, reading, 5)
    assert k.write(writing, b"hello") == 5
    assert k.read(reading, 3) == b"hel"
    assert errno(k.write, reading, b"x") == errno(k.read, writing, 1) == "BADF"
    k.sys.close(writing)
    assert k.read(reading, 3) == b"lo"
    assert k.read(reading, 3) == b""
    assert errno(k.sys.pipe) == "MFILE"


def test_yielding_lets_others_run_once() -> None:
    k = world()
    k.sys.sched_yield()  # alone, there is nobody to wait for
    k.kernel.new_process([b"other"], [])
    with pytest.raises(WouldBlock) as waits:
        k.sys.sched_yield()
    assert k.kernel.is_over(k.process, waits.value.wait)  # it may go on at once, behind the others
    k.process.parked = ("sched_yield", (), ())
    k.sys.sched_yield()


def test_exit() -> None:
    with pytest.raises(ProcessExit) as ended:
        world().sys.exit(42)
    assert ended.value.code == 42


@provokes("raise_signal", "NOTSUP")
def test_signals_have_their_default_action() -> None:
    k = world()
    for name, number in SIGNALS.items():
        with pytest.raises(ProcessExit) as ended:
            k.sys.raise_signal(name)
        assert ended.value.code == 128 + number
    for name in IGNORED_SIGNALS:
        k.sys.raise_signal(name)
    assert errno(k.sys.raise_signal, "stop") == "NOTSUP"
