"""Talking with guests: in order, by streams, sockets, HTTP and signals; and what is said where something else is met."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.agave import Command, InProcess
from conformance.adapters.base import Missing, Runtime
from conformance.adapters.configured import read_runtimes
from conformance.adapters.node import Node
from conformance.adapters.wasmtime_py import WasmtimePy
from conformance.conversation import Talk, converse, free_address
from conformance.observation import Observation
from conformance.outcome import Verdict, judge_one
from conformance.processes import Groups, python_command
from conformance.runner import observe
from tests.conformance.made import one
from tests.waiting import HANG, within

RUNTIMES: list[Runtime] = [InProcess(), Command(), WasmtimePy(), Node()]
ASKS = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "? bye")
  (func $put (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (loop $more
      (call $put (i32.const 64) (i32.const 2))
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 512))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 9))))
      (if (i32.load (i32.const 8)) (then (call $put (i32.const 1024) (i32.load (i32.const 8))) (br $more))))
    (call $put (i32.const 66) (i32.const 3))
    (call $exit (i32.const 1))))"""
"""Asks "? " and repeats what it is told, until nothing more comes; then it says "bye" and ends with 1."""
SERVES = """(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\nX-Kind: own\\r\\n\\r\\nhello")
  (func $put (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $size))
    (drop (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (if (call $accept (i32.const 3) (i32.const 0) (i32.const 16)) (then (call $exit (i32.const 9))))
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 512))
      (if (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 8))))
      (if (i32.load (i32.const 8)) (then
        (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 71)) ;; GET
          (then (call $put (i32.const 64) (i32.const 58)))
          (else (call $put (i32.const 1024) (i32.load (i32.const 8))) (br $more)))))) ))"""
"""Takes one connection, and sends back what it gets; a request of HTTP is answered, and then it ends."""


Seen = tuple[Verdict, Observation]


def seen(runtime: Runtime, folder: Path, guest: str, *steps: dict[str, Any], timeout: float = HANG) -> Seen:
    """The verdict on a conversation, and what was observed."""
    if isinstance(runtime.find(), Missing):
        pytest.skip(f"{runtime.name} is not here")
    case = one(folder, guest=guest, operations=[{"type": "run"}, *steps])
    assert runtime.refuses(case) == ""
    groups = Groups()
    with runtime.session(groups) as session:
        observation = observe(case, session, timeout)
    assert not groups._alive
    return judge_one(case, observation)[0], observation


def read(payload: str, **more: Any) -> dict[str, Any]:
    return {"type": "read", "payload": payload, **more}


def write(payload: str) -> dict[str, Any]:
    return {"type": "write", "payload": payload}


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda each: each.name)
def test_question_and_answer_by_turns(runtime: Runtime, tmp_path: Path) -> None:
    turns = [step for word in ("one", "two", "three") for step in (read("? "), write(word), read(word))]
    verdict, found = seen(runtime, tmp_path, ASKS, *turns, read("? "), {"type": "wait", "exit_code": 1}, read("bye"))
    assert verdict is Verdict.PASS, found


@pytest.mark.parametrize("runtime", [Command(), WasmtimePy()], ids=lambda each: each.name)
def test_a_guest_is_killed(runtime: Runtime, tmp_path: Path) -> None:
    verdict, found = seen(runtime, tmp_path, ASKS, read("? "), {"type": "kill", "signal": "SIGKILL"})
    assert (verdict, found.ended_by, found.exit_code) == (Verdict.PASS, "exit", -9), found
    steps = [read("? "), {"type": "kill", "signal": "SIGKILL"}, {"type": "wait", "exit_code": 0}]
    assert seen(runtime, tmp_path, ASKS, *steps)[0] is Verdict.FAIL


@pytest.mark.parametrize("runtime", [Command(), InProcess()], ids=lambda each: each.name)
def test_a_guest_that_listens_is_connected_to(runtime: Runtime, tmp_path: Path) -> None:
    turns = [{"type": kind, "id": "a", "payload": word} for word in ("one", "two") for kind in ("send", "recv")]
    verdict, found = seen(runtime, tmp_path, SERVES, {"type": "connect", "id": "a"}, *turns, {"type": "wait", "exit_code": 0})
    assert verdict is Verdict.PASS, found
    wrong = {"type": "recv", "id": "a", "payload": "else"}
    verdict, found = seen(runtime, tmp_path, SERVES, {"type": "connect", "id": "a"}, turns[0], wrong)
    assert (verdict, found.message) == (Verdict.FAIL, "operation 4, recv: a says 'one', expected 'else'")


def test_a_guest_that_speaks_http_is_asked(tmp_path: Path) -> None:
    answer = {"status": 200, "body": "hello", "headers": {"x-kind": "own"}}
    verdict, found = seen(Command(), tmp_path, SERVES, {"type": "request", "path": "/x", "response": answer})
    assert verdict is Verdict.PASS, found
    for key, value, words in (
        ("status", 404, "status 200, expected 404"),
        ("body", "bye", "body 'hello', expected 'bye'"),
        ("headers", {"x-kind": "other"}, "header x-kind 'own', expected 'other'"),
    ):
        verdict, found = seen(Command(), tmp_path, SERVES, {"type": "request", "response": {**answer, key: value}})
        assert (verdict, found.message) == (Verdict.FAIL, f"operation 2, request: {words}")
    verdict, found = seen(Command(), tmp_path, SERVES, {"type": "request", "method": "PUT", "response": answer})
    assert verdict is Verdict.FAIL and "no answer: BadStatusLine" in found.message


def test_what_is_said_otherwise_is_told_at_once(tmp_path: Path) -> None:
    verdict, found = seen(Command(), tmp_path, ASKS, read("! "), write("x"))
    assert (verdict, found.message) == (Verdict.FAIL, "operation 2, read: stdout says '? ', expected '! '")
    steps = [read("? "), write("x"), read("x"), read("", id="stderr"), read("? ?")]

    def ends(seconds: float) -> Seen:
        return seen(Command(), tmp_path, ASKS, *steps, timeout=seconds)

    verdict, found = within(ends, enough=lambda told: told[1].stdout == b"? x? ")
    assert verdict is Verdict.ERROR, found  # nothing more comes until it is answered
    assert (found.ended_by, found.stdout) == ("timeout", b"? x? ")


def test_a_guest_that_says_nothing_runs_out_of_time(tmp_path: Path) -> None:
    verdict, found = seen(Command(), tmp_path, "endless", read("?"), write("!"), timeout=2)
    assert (verdict, found.ended_by) == (Verdict.ERROR, "timeout")


def test_what_cannot_talk_is_skipped_with_a_reason(tmp_path: Path) -> None:
    case = one(tmp_path, guest=SERVES, operations=[{"type": "run"}, {"type": "connect"}])
    assert WasmtimePy().refuses(case) == "needs a socket that listens on this machine"


def test_a_command_line_is_told_where_to_listen(tmp_path: Path) -> None:
    words = [*python_command("agave_wasi"), "run", "{listen}", "{dirs}", "{wasm}"]
    row = {"name": "own", "command": words, "dir": "--dir {host}::{guest}", "listen": "--listen {address}"}
    text = "[[runtime]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in row.items())
    (tmp_path / "runtimes.toml").write_text(text + 'provides = ["conversation"]\n')
    (runtime,) = read_runtimes(tmp_path / "runtimes.toml")
    steps = [{"type": "connect"}, {"type": "send", "payload": "word"}, {"type": "recv", "payload": "word"}]
    verdict, found = seen(runtime, tmp_path / "s", SERVES, *steps)
    assert verdict is Verdict.PASS, found


# What a command can do that no guest of ours does


def talk(program: str, *steps: dict[str, Any], timeout: float = HANG) -> Talk:
    """A conversation with a Python program."""
    return converse([sys.executable, "-c", program], timeout, steps, None, Groups())


LISTENS = """
import socket
listening = socket.create_server(("127.0.0.1", 0))
print("%s:%d" % listening.getsockname(), flush=True)
connected, _ = listening.accept()
connected.sendall(b"welcome")
print(connected.recv(100).decode())
"""


def test_a_guest_that_chooses_where_it_listens_prints_it_first() -> None:
    found = talk(
        LISTENS, {"type": "connect", "id": "a"}, {"type": "recv", "id": "a", "payload": "wel"},
        {"type": "recv", "id": "a", "payload": "come"}, {"type": "send", "id": "a", "payload": "thanks"},
    )  # fmt: skip
    assert found.otherwise == "" and found.ended.stdout.endswith(b"\nthanks\n")
    assert talk("print('nothing of the kind')", {"type": "connect"}).otherwise == (
        "operation 2, connect: the guest's first line must be host:port, not 'nothing of the kind'"
    )


def test_nobody_to_connect_to() -> None:
    program = f"print('127.0.0.1:{free_address()[1]}')"
    assert "can't be reached" in talk(program, {"type": "connect"}).otherwise


def test_much_is_written_to_a_guest_that_reads_late_or_never() -> None:
    text = "x" * 3_000_000
    late = "import sys, time; time.sleep(0.2); print(len(sys.stdin.read()))"
    found = talk(late, {"type": "write", "payload": text})
    assert (found.ended.stdout, found.ended.exit_code) == (b"3000000\n", 0)
    found = talk("print('done')", {"type": "write", "payload": text}, {"type": "read", "payload": "done\n"})
    assert (found.otherwise, found.ended.stdout) == ("", b"done\n")


def test_much_is_printed_while_something_else_is_waited_for() -> None:
    program = "import sys; sys.stdout.write('y' * 1000000); sys.stdout.flush(); sys.stderr.write('now')"
    found = talk(program, {"type": "read", "id": "stderr", "payload": "now"})
    assert (found.otherwise, len(found.ended.stdout)) == ("", 1_000_000)


def test_its_exit_code_is_its_own_where_it_hears_the_signal() -> None:
    program = "import signal, sys\nsignal.signal(15, lambda *_: sys.exit(5))\nprint('ready', flush=True)\nsignal.pause()"
    found = talk(program, {"type": "read", "payload": "ready\n"}, {"type": "kill"})
    assert (found.killed, found.ended.exit_code) == (True, 5)
