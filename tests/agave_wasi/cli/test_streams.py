"""Terminals, pipes that break, descriptors that are closed, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

AT_ONCE = 2.0
"""Seconds; a busy machine may need a while to end a process."""


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, agave: Any, *arguments: str, **variables: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(agave.folder)
            os.execve(sys.executable, [*agave.words, *arguments], agave.environment | variables)
        self.seen = b""

    def until(self, text: bytes) -> None:
        """Read until `text` has appeared."""
        deadline = time.monotonic() + 30
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self.seen += os.read(self.fd, 4096)

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    def end(self) -> int:
        """Read to the end; the exit code."""
        while True:
            try:
                piece = os.read(self.fd, 4096)
            except OSError:  # Linux has an error for the end of a terminal
                break
            if not piece:
                break
            self.seen += piece
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "loop.wat"],
        ["run", "wait.wat"],
        ["run", "--tty", "wait.wat"],
        ["run", "--timeout", "60", "loop.wat"],
        ["run", "--timeout", "60", "wait.wat"],
        ["run", "--fuel", "99999999999999", "loop.wat"],
        ["strace", "wait.wat"],
    ],
    ids=" ".join,
)
def test_ctrl_c_ends_a_guest_at_once(agave: Any, arguments: list[str]) -> None:
    terminal = Terminal(agave, *arguments)
    time.sleep(0.7)
    begin = time.monotonic()
    terminal.send(b"\x03")
    assert terminal.end() == 130
    assert time.monotonic() - begin < AT_ONCE
    assert b"Traceback" not in terminal.seen


def test_sigint_from_outside(agave: Any) -> None:
    process = subprocess.Popen([*agave.words, "run", "loop.wat"], cwd=agave.folder, env=agave.environment)
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    assert process.wait(AT_ONCE) == 130


def test_ctrl_c_while_nobody_reads_the_output(agave: Any) -> None:
    process = subprocess.Popen(
        [*agave.words, "run", "forever.wat"], cwd=agave.folder, env=agave.environment, stdout=subprocess.PIPE
    )
    with process:
        time.sleep(0.7)  # the pipe is full by now, and the write waits
        process.send_signal(signal.SIGINT)
        assert process.wait(AT_ONCE) == 130


def test_a_timeout_while_nobody_reads_the_output(agave: Any) -> None:
    process = subprocess.Popen(
        [*agave.words, "run", "--timeout", "0.5", "forever.wat"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=agave.folder, env=agave.environment,
    )  # fmt: skip
    with process:
        assert process.wait(5 * AT_ONCE) == 124
        assert process.stderr is not None and b"timeout" in process.stderr.read()


def test_output_is_whole_under_a_timeout(agave: Any) -> None:
    """It goes out in pieces then, lest a write wait for its reader beyond the time."""
    result = agave.shell("AGAVE run --timeout 60 big.wat | (sleep 1; cat); echo ${PIPESTATUS[0]}")
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
    functions = "(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 77777)))" * 250_000
    (agave.folder / "big.wat").write_text(f'(module {functions} (func (export "_start")))')
    terminal = Terminal(agave, "run", "big.wat", AGAVE_WASI_CACHE="off")
    terminal.until(b"compiling")
    begin = time.monotonic()
    terminal.send(b"\x03")
    assert terminal.end() == 130
    assert time.monotonic() - begin < AT_ONCE
