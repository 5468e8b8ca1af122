"""A guest that serves: sock_accept, sock_recv, sock_send and sock_shutdown, over a real socket on loopback."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.patience import PatientWait
from tests.agave_wasi.guests import imported, wat
from tests.waiting import HANG

LISTENING = 3
SERVER = f"""(module {imported("sock_accept", "sock_recv", "sock_send", "sock_shutdown", "fd_read", "fd_close", "proc_exit")}
    (memory (export "memory") 1)
    (func $must (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0)))))
    (func $room (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 64)))
    (func (export "_start") (local $fd i32)
      (call $must (call $sock_accept (i32.const {LISTENING}) (i32.const 0) (i32.const 16)))
      (local.set $fd (i32.load (i32.const 16)))
      ;; look at four bytes without taking them, then wait until eight have come
      (call $room) (i32.store (i32.const 4) (i32.const 4))
      (call $must (call $sock_recv (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 20) (i32.const 24)))
      (i32.store (i32.const 4) (i32.const 8))
      (call $must (call $sock_recv (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 20) (i32.const 24)))
      (if (i32.ne (i32.load (i32.const 20)) (i32.const 8)) (then (call $proc_exit (i32.const 101))))
      ;; give them back, say that no more will come, and read on to the end
      (call $must (call $sock_send (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 20)))
      (call $must (call $sock_shutdown (local.get $fd) (i32.const 2)))
      (call $must (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 20)))
      (if (i32.load (i32.const 20)) (then (call $proc_exit (i32.const 102))))
      (call $must (call $fd_close (local.get $fd)))
      ;; nobody else comes: a non-blocking accept would say AGAIN, and a socket that only listens receives nothing
      (if (i32.ne (call $sock_recv (i32.const {LISTENING}) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 20)
                    (i32.const 24)) (i32.const 53)) (then (call $proc_exit (i32.const 103))))
      (if (i32.ne (call $sock_shutdown (i32.const 1) (i32.const 1)) (i32.const 57))
        (then (call $proc_exit (i32.const 104))))))"""


def test_waiting_for_all_bytes_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guest wants eight bytes; while there are four, nobody looks again and again."""
    waits = []

    def counted(self: PatientWait, *arguments: Any) -> bool:
        waits.append(arguments)
        if len(waits) == 20:
            rest.set()  # so that the test ends
        return wait(self, *arguments)

    wait = PatientWait.wait
    monkeypatch.setattr(PatientWait, "wait", counted)
    rest = threading.Event()
    with World(listen=["127.0.0.1:0"], timeout=HANG) as world:
        host, _, port = world.addresses[0].rpartition(":")

        def client() -> None:
            with socket.create_connection((host, int(port)), timeout=HANG) as connection:
                connection.sendall(b"four")
                rest.wait(0.2)
                connection.sendall(b"more")
                while connection.recv(64):
                    pass

        thread = threading.Thread(target=client)
        thread.start()
        result = world.run(wat(SERVER))
        thread.join()
    assert result.exit_code == 0 and len(waits) < 20


def test_a_guest_serves_a_client_on_loopback() -> None:
    answers: list[bytes] = []
    with World(listen=["127.0.0.1:0"], timeout=HANG) as world:
        host, _, port = world.addresses[0].rpartition(":")

        def client() -> None:
            with socket.create_connection((host, int(port)), timeout=HANG) as connection:
                connection.sendall(b"four")
                connection.sendall(b"more")
                received = b""
                while piece := connection.recv(64):
                    received += piece
                answers.append(received)

        thread = threading.Thread(target=client)
        thread.start()
        result = world.run(wat(SERVER))
        thread.join()
    assert result.exit_code == 0, result
    assert answers == [b"fourmore"]
