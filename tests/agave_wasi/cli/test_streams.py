"""Terminals, pipes that break, descriptors that are closed, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.waiting import HANG, until


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, agave: Any, *arguments: str, program: str = "", **variables: str) -> None:
        words = [sys.executable, "-c", program] if program else agave.words
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(agave.folder)
            os.execve(sys.executable, [*words, *arguments], agave.environment | variables)
        self.seen = b""

    def until(self, text: bytes) -> None:
        """Read until `text` has appeared."""
        while text not in self.seen:
            self._read()

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            continue
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        """Read what comes next, or False at the end; whoever says nothing for ever is ended."""
        if not select.select([self.fd], [], [], HANG)[0]:
            os.kill(self.pid, signal.SIGKILL)
            pytest.fail(f"it has hung: {self.seen!r}")
        try:
            piece = os.read(self.fd, 4096)
        except OSError:  # Linux has an error for the end of a terminal
            piece = b""
        self.seen += piece
        return bool(piece)


@contextmanager
def started(agave: Any, *words: str, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The command with a pipe for its output, and gone afterwards."""
    streams = {"stdout": subprocess.PIPE, **streams}
    with subprocess.Popen([*agave.words, *words], cwd=agave.folder, env=agave.environment, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("options", [[], ["--tty"]])
def test_output_appears_as_it_is_written(agave: Any, options: list[str]) -> None:
    terminal = Terminal(agave, "run", *options, "echo.wat")
    terminal.until(b"name?")  # while the guest waits for the answer
    terminal.send(b"Ada\n")
    assert terminal.end() == 0
    assert terminal.seen.replace(b"\r\n", b"\n") == b"name?Ada\nAda\nbye\n"


def test_only_with_tty_is_a_terminal_one(agave: Any) -> None:
    assert Terminal(agave, "run", "kind.wat").end() == 0
    assert Terminal(agave, "run", "--tty", "kind.wat").end() == 2


SOON = 0.2
"""Seconds in which what follows the guest's last words has mostly begun; it makes no difference if it hasn't."""


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "loops.wat"],
        ["run", "waits.wat"],
        ["run", "--tty", "waits.wat"],
        ["run", "--timeout", "3600", "loops.wat"],
        ["run", "--timeout", "3600", "waits.wat"],
        ["run", "--fuel", "99999999999999", "loops.wat"],
        ["strace", "waits.wat"],
    ],
    ids=" ".join,
)
def test_ctrl_c_ends_a_guest_at_once(agave: Any, arguments: list[str]) -> None:
    terminal = Terminal(agave, *arguments)
    terminal.until(b"ready")
    time.sleep(SOON)
    terminal.send(b"\x03")
    assert terminal.end() == 130
    assert b"Traceback" not in terminal.seen


def test_sigint_from_outside(agave: Any) -> None:
    with started(agave, "run", "loops.wat") as process:
        assert process.stdout is not None and process.stdout.read(5) == b"ready"
        time.sleep(SOON)
        process.send_signal(signal.SIGINT)
        assert process.wait(HANG) == 130


def test_ctrl_c_while_nobody_reads_the_output(agave: Any) -> None:
    reading, writing = os.pipe()
    with started(agave, "run", "forever.wat", stdout=writing) as process:
        until(lambda: not select.select([], [writing], [], 0)[1])  # the pipe is full, and the write waits
        process.send_signal(signal.SIGINT)
        assert process.wait(HANG) == 130
    os.close(reading)
    os.close(writing)


def test_a_timeout_while_nobody_reads_the_output(agave: Any) -> None:
    with started(agave, "run", "--timeout", "0.5", "forever.wat", stderr=subprocess.PIPE) as process:
        assert process.wait(HANG) == 124
        assert process.stderr is not None and b"timeout" in process.stderr.read()


def test_output_is_whole_under_a_timeout(agave: Any) -> None:
    """It goes out in pieces then, lest a write wait for its reader beyond the time."""
    result = agave.shell("AGAVE run --timeout 3600 big.wat | (sleep 1; cat); echo ${PIPESTATUS[0]}")
    assert result.stdout == b"big" + bytes(119_997) + b"0\n"


def test_a_reader_that_goes_away(agave: Any) -> None:
    result = agave.shell("AGAVE run writes.wat | head -1; echo ${PIPESTATUS[0]}")
    assert result.stdout == b"y\n64\n" and result.stderr == b""  # the guest has got EPIPE, and exits with it


def test_a_guest_that_does_not_heed_epipe_ends(agave: Any) -> None:
    result = agave.shell("AGAVE run forever.wat | head -1; echo ${PIPESTATUS[0]}")
    assert result.stdout == b"y\n141\n" and result.stderr == b""


def test_our_own_output_without_a_reader(agave: Any) -> None:
    result = agave.shell("AGAVE syscalls --markdown | true; echo ${PIPESTATUS[0]}")
    assert result.stdout in (b"0\n", b"141\n") and result.stderr == b""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(agave: Any, closed: str) -> None:
    (agave.folder / "data").mkdir()
    result = agave.shell(f"AGAVE run --dir data --trace t.jsonl keep.wat {closed}; echo $? > code")
    assert (agave.folder / "code").read_text() == "0\n", result.stderr
    assert (agave.folder / "data" / "out.txt").read_bytes() == b"words"
    assert b"Traceback" not in result.stderr


def test_a_full_disk(agave: Any) -> None:
    assert agave.shell("AGAVE run writes.wat > /dev/full").returncode == 51  # NOSPC, as the guest is told
    result = agave.shell("AGAVE --help > /dev/full")
    assert result.returncode == 125 and result.stderr.count(b"\n") == 1 and b"No space left" in result.stderr


def test_colours_only_on_terminals_and_not_against_no_color(agave: Any) -> None:
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        for arguments in (["--help"], ["explain", "fd_read"], ["run", "trap.wat"], ["run", "--nope"]):
            terminal = Terminal(agave, *arguments, **variables)
            terminal.end()
            assert (b"\x1b[" in terminal.seen) == coloured, (arguments, variables)
    assert b"\x1b" not in agave("--help").stdout


def test_a_spinner_while_a_big_module_compiles(agave: Any) -> None:
    functions = "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 77777)))" * 25_000
    (agave.folder / "big.wat").write_text(f'(module {functions} (func (export "_start")))')
    terminal = Terminal(agave, "run", "big.wat", AGAVE_WASI_CACHE="off")
    assert terminal.end() == 0
    assert b"compiling" in terminal.seen and b"big.wat" in terminal.seen
    quiet = agave("run", "big.wat")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, b"", b"")


def test_ctrl_c_while_a_module_compiles(agave: Any) -> None:
    """The larger ones are for a machine that pauses just then."""
    for count in (250_000, 500_000, 1_000_000):
        functions = "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 77777)))" * count
        (agave.folder / "big.wat").write_text(f'(module {functions} (func (export "_start") (loop $on (br $on))))')
        terminal = Terminal(agave, "run", "big.wat", program=COMPILES, AGAVE_WASI_CACHE="off")
        terminal.until(b"begun")
        time.sleep(SOON)
        terminal.send(b"\x03")
        assert terminal.end() == 130
        assert b"compiling" in terminal.seen
        if b"compiled" not in terminal.seen:
            return
    pytest.fail("it compiles to the end first")


COMPILES = """
import os
from agave_wasi.__main__ import main
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine

compile = WasmtimeEngine.compile

def told(*arguments):
    os.write(2, b"begun")
    try:
        return compile(*arguments)
    finally:
        os.write(2, b"compiled")

WasmtimeEngine.compile = told
raise SystemExit(main())
"""
