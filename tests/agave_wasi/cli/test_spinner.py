"""While something compiles: Ctrl-C is heard, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from agave_wasi.cli.spinner import SLOW, spinner
from agave_wasi.engines.x86.compile import can_compile
from agave_wasi.result import EXIT_INTERRUPTED
from tests.agave_wasi.guests import ROOT
from tests.descriptors import open_descriptors
from tests.waiting import HANG, until


def test_small_modules_need_none() -> None:
    assert isinstance(spinner("small.wasm", SLOW - 1), nullcontext)
    assert not isinstance(spinner("big.wasm", SLOW), nullcontext)


def joined(threads: set[int]) -> None:
    """Wait until no thread has come to `threads`, which are known by their numbers."""
    while set(sys._current_frames()) - threads:
        os.sched_yield()


def test_nothing_is_left_behind() -> None:
    before, threads = open_descriptors(), set(sys._current_frames())
    wakeup = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wakeup)
    with spinner("big.wasm", SLOW):
        inside = signal.set_wakeup_fd(-1)
        signal.set_wakeup_fd(inside)
        assert inside != wakeup
    joined(threads)
    assert signal.set_wakeup_fd(-1) == wakeup
    signal.set_wakeup_fd(wakeup)
    assert open_descriptors() == before


def test_in_another_thread_signals_are_left_alone() -> None:
    before = open_descriptors()

    def compile() -> None:
        with spinner("big.wasm", SLOW):
            pass

    thread = threading.Thread(target=compile)
    thread.start()
    thread.join()
    assert open_descriptors() == before


def test_ctrl_c_ends_the_process_although_python_is_not_asked() -> None:
    program = f"""
import signal, time
from agave_wasi.cli.spinner import spinner
signal.signal(signal.SIGINT, lambda *_: None)  # what Python would do comes too late
with spinner("big.wasm", {SLOW}):
    signal.raise_signal(signal.SIGINT)
    time.sleep(3600)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=HANG)
    assert ran.returncode == EXIT_INTERRUPTED


def gone(pid: int) -> bool:
    """Whether there is no such process, or only what its parent hasn't asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.skipif(not can_compile(), reason="the x86 engine compiles on x86-64 Linux only")
def test_ctrl_c_ends_the_process_that_compiles_too() -> None:
    """The x86 engine's compiler is a process of its own; this one never comes to an end by itself."""
    program = f"""
import os, signal, threading
from agave_wasi.cli.spinner import spinner
from agave_wasi.engines.base import EngineConfig
from agave_wasi.engines.x86 import compile as compiling

begun, begins = os.pipe()
os.set_inheritable(begins, True)
compiling._CHILD = '''
import os, sys, threading
sys.path[:] = {{path!r}}
from agave_wasi.engines.x86 import compile as compiling
def endless(wasm, fuel):
    os.write(FD, b"x")
    threading.Event().wait()
compiling.compile_here = endless
compiling.serve()
'''.replace("FD", str(begins))

def interrupt():
    os.read(begun, 1)
    print(compiling._worker.pid, flush=True)
    os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, lambda *_: None)  # else the wait for the compiler may be what ends first
threading.Thread(target=interrupt, daemon=True).start()
with spinner("big.wasm", {SLOW}):
    compiling.compile_module(b"(module)", EngineConfig())
"""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, timeout=HANG, stdout=subprocess.PIPE, text=True)
    assert ran.returncode == EXIT_INTERRUPTED
    pid = int(ran.stdout)
    try:
        until(lambda: gone(pid))
    except AssertionError:
        os.kill(pid, signal.SIGKILL)
        raise


def test_a_terminal_shows_it_until_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    @contextmanager
    def progress(name: str, size: int) -> Iterator[None]:
        seen.append((name, size))
        yield
        seen.append("over")

    monkeypatch.setattr("agave_wasi.cli.spinner._progress", progress)
    monkeypatch.setattr(os, "isatty", lambda fd: fd == 2)
    threads = set(sys._current_frames())
    for term in ("dumb", "xterm"):
        monkeypatch.setenv("TERM", term)
        with spinner("big.wasm", SLOW):
            assert seen == ([] if term == "dumb" else [("big.wasm", SLOW)])
        joined(threads)
    assert seen == [("big.wasm", SLOW), "over"]
