"""Ctrl-C in runs that tell something at their end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agave_wasi.cli.stopping import stoppable
from agave_wasi.engines.base import UserStop
from tests.agave_wasi.guests import ROOT

LOOP = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00go\\0a")
  (func $say (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func $spin (loop $again (br $again)))
  (func $wait (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func (export "_start") (call $say) (call $spin))
  (func (export "wait") (call $say) (call $wait)))
"""
ELSE = "import sys; from agave_wasi.cli.main import main; sys.exit(main(sys.argv[1:]))"
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Whoever starts the tests may have told them to ignore Ctrl-C."""
SLOW = f"""
import time
from agave_wasi.cli.profile import Profiled
def tell(self):
    print("telling", flush=True)
    time.sleep(600)
Profiled.tell = tell
{ELSE}
"""
"""Somebody whose table takes long."""


class Begun:
    """A command that runs until the guest has said something; Ctrl-C is what it gets then."""

    def __init__(self, folder: Path, *arguments: str, code: str = ELSE) -> None:
        (folder / "loop.wat").write_text(LOOP)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LISTENING + code, *arguments],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stop(self, *lines: bytes) -> tuple[int, str]:
        """Ctrl-C behind each of these lines of its output; exit code and stderr."""
        with self.process as process:
            assert process.stdout is not None and process.stderr is not None
            try:
                for line in lines:
                    assert process.stdout.readline() == line
                    process.send_signal(signal.SIGINT)
                return process.wait(100), process.stderr.read().decode()
            finally:
                process.kill()


@pytest.mark.parametrize("invoke", [[], ["--invoke", "wait"]], ids=["loop", "wait"])
@pytest.mark.parametrize("engine", ["wasmtime", "x86"])
def test_how_it_ended_is_kept(tmp_path: Path, engine: str, invoke: list[str]) -> None:
    counting = ["--icount"] if engine == "x86" else []
    begun = Begun(tmp_path, "run", "--engine", engine, *counting, "--result", "r.json", *invoke, "loop.wat")
    code, said = begun.stop(b"go\n")
    found = json.loads((tmp_path / "r.json").read_text())
    assert (code, found["exit_code"], found["ended_by"], found["message"]) == (130, 130, "interrupt", "interrupted by Ctrl-C")
    if counting:
        assert found["instructions"] > 100 and said == f"agave-wasi: {found['instructions']} instructions\n"
    else:
        assert found["instructions"] is None and said == ""


def test_a_run_to_a_point_that_it_does_not_reach(tmp_path: Path) -> None:
    begun = Begun(
        tmp_path, "run", "--engine", "x86", "--icount", "--snapshot-at", "call:fd_write:2", "--save", "s.agave", "loop.wat"
    )
    code, said = begun.stop(b"go\n")
    assert code == 130 and " instructions" in said and not (tmp_path / "s.agave").exists()


def test_a_profile_of_what_never_ends(tmp_path: Path) -> None:
    begun = Begun(tmp_path, "profile", "-o", "p.json", "--html", "p.html", "--fuel", "999999999999", "loop.wat")
    code, said = begun.stop(b"go\n")
    assert code == 130 and "fd_write [host]" in said
    assert "fd_write" in (tmp_path / "p.json").read_text() and "<html" in (tmp_path / "p.html").read_text()


def test_coverage_of_what_never_ends(tmp_path: Path) -> None:
    code, said = Begun(tmp_path, "coverage", "--lcov", "c.info", "loop.wat").stop(b"go\n")
    assert code == 130 and "functions ran" in said
    assert "say" in (tmp_path / "c.info").read_text()


@pytest.mark.parametrize("command", [["run", "--engine", "x86", "--icount"], ["profile"], ["coverage"]], ids=" ".join)
def test_a_program_of_machine_code(tmp_path: Path, command: list[str]) -> None:
    """One that copies what never ends."""
    begun = Begun(tmp_path, *command, "--stdin", "/dev/zero", str(ROOT / "demo/metal/copy.elf"))
    with begun.process as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            process.stdout.read(1)
            process.send_signal(signal.SIGINT)
            process.stdout.close()
            said = process.stderr.read().decode()
            assert process.wait(100) == 130
        finally:
            process.kill()
    assert {"run": " instructions\n", "profile": "with callees", "coverage": "functions ran"}[command[0]] in said


def test_the_second_ends_at_once_what_takes_long(tmp_path: Path) -> None:
    code, said = Begun(tmp_path, "profile", "loop.wat", code=SLOW).stop(b"go\n", b"telling\n")
    assert (code, said) == (130, "")


def test_the_first_stops_the_guest_and_others_everything() -> None:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with stoppable():
            for kind in (UserStop, KeyboardInterrupt, KeyboardInterrupt):
                with pytest.raises(KeyboardInterrupt) as caught:
                    signal.raise_signal(signal.SIGINT)
                assert caught.type is kind
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_handler_of_somebody_else_stays() -> None:
    def own(number: int, frame: Any) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGINT, own)
    try:
        with stoppable():
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_signals_of_another_thread_are_not_ours() -> None:
    before, seen = signal.signal(signal.SIGINT, signal.default_int_handler), []

    def other() -> None:
        with stoppable():
            seen.append(signal.getsignal(signal.SIGINT))

    try:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.default_int_handler]
