"""Talking with a guest as its manifest says: writing when something was read, connecting, sending signals, waiting for its end.

One loop moves bytes wherever there are some, whatever the step at hand waits for: what a guest prints early isn't lost, and
what it doesn't read yet holds nobody up. A step that meets something else than it should ends the conversation, and the guest.
"""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from conformance.observation import shown
from conformance.operations import signal_number
from conformance.processes import LOOK, MOST_OUTPUT, Ended, Groups

Address = tuple[str, int]
PIECE = 1 << 16
AGAIN = 0.02
"""Seconds until a connection that was refused is tried again: the guest may not listen yet."""


@dataclass
class End:
    """An end of something that bytes flow through: descriptors to read from and to write to, if there are, and what came."""

    source: int = -1
    sink: int = -1
    came: bytearray = field(default_factory=bytearray)
    seen: int = 0
    """So much of it has been looked at."""
    unsent: bytearray = field(default_factory=bytearray)
    over: bool = False
    """Nothing more comes."""
    closing: bool = False
    """Nothing more is sent, as soon as all of it is."""


class Otherwise(Exception):
    """A step met something else than it should; the text says what."""


class TimeIsUp(Exception):
    """The guest's time."""


def free_address() -> Address:
    """Where nobody listens on this machine."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return "127.0.0.1", port


@dataclass(frozen=True)
class Talk:
    """How a conversation ended: `otherwise` says which step met something else; `killed`: a signal was sent."""

    ended: Ended
    otherwise: str = ""
    killed: bool = False


def converse(
    argv: Sequence[str],
    timeout: float,
    steps: Sequence[Mapping[str, Any]],
    env: Mapping[str, str] | None,
    groups: Groups,
    address: Address | None = None,
) -> Talk:
    """Start a command and take the steps with it; OSError if it can't be started. It is gone afterwards, with its group.

    `address` is where it was told to listen; without one, a guest that listens must print host:port as its first line.
    """
    start = time.monotonic()
    pipe = subprocess.PIPE
    process = subprocess.Popen(argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=env, start_new_session=True)
    groups.add(process)
    try:
        with _Talking(process, start + timeout, address) as talking:
            return talking.talk(steps, start)
    finally:
        groups.end(process)


class _Talking(ExitStack):
    """A running guest, and everything that connects us with it."""

    def __init__(self, process: subprocess.Popen[bytes], deadline: float, address: Address | None) -> None:
        super().__init__()
        assert process.stdin and process.stdout and process.stderr
        self.process = process
        self.deadline = deadline
        self.address = address
        self.killed = False
        self.selector = self.enter_context(selectors.DefaultSelector())
        for stream in (process.stdin, process.stdout, process.stderr):
            self.enter_context(suppress(OSError))
            self.enter_context(stream)
            os.set_blocking(stream.fileno(), False)
        self.ends = {
            "stdin": End(sink=process.stdin.fileno()),
            "stdout": End(source=process.stdout.fileno()),
            "stderr": End(source=process.stderr.fileno()),
        }

    def talk(self, steps: Sequence[Mapping[str, Any]], start: float) -> Talk:
        """All steps, and the guest's end."""
        stopped = otherwise = ""
        try:
            for number, step in enumerate(steps, 2):  # the first operation was to run it
                try:
                    getattr(self, "_" + step["type"])(step)
                except Otherwise as error:
                    raise Otherwise(f"operation {number}, {step['type']}: {error}") from None
            self._wait({})
        except Otherwise as error:
            otherwise = str(error)
        except TimeIsUp:
            stopped = "timeout"
        outputs = [bytes(self.ends[name].came[:MOST_OUTPUT]) for name in ("stdout", "stderr")]
        code = self.process.poll()
        ended = Ended(0 if code is None else code, outputs[0], outputs[1], stopped, time.monotonic() - start)
        return Talk(ended, otherwise, self.killed)

    # The steps

    def _write(self, step: Mapping[str, Any]) -> None:
        self._send({"id": "stdin", **step})

    def _send(self, step: Mapping[str, Any]) -> None:
        self.ends[step.get("id", "")].unsent += step.get("payload", "").encode()
        self._move(0)

    def _read(self, step: Mapping[str, Any]) -> None:
        self._recv({"id": "stdout", **step})

    def _recv(self, step: Mapping[str, Any]) -> None:
        """The next bytes, exactly; looked at as soon as they can't be right any more."""
        name, wanted = step.get("id", ""), step.get("payload", "").encode()
        end = self.ends[name]

        def decided() -> bool:
            news = bytes(end.came[end.seen : end.seen + len(wanted)])
            return len(news) == len(wanted) or end.over or not wanted.startswith(news)

        self._until(decided)
        news = bytes(end.came[end.seen : end.seen + len(wanted)])
        if news != wanted:
            raise Otherwise(f"{name or 'the connection'} says {shown(news)}, expected {shown(wanted)}")
        end.seen += len(wanted)

    def _connect(self, step: Mapping[str, Any]) -> None:
        connection = self.enter_context(self._connected())
        connection.setblocking(False)
        self.ends[step.get("id", "")] = End(connection.fileno(), connection.fileno())

    def _connected(self) -> socket.socket:
        address = self.address or self._printed_address()
        while True:
            try:
                return socket.create_connection(address, max(AGAIN, self.deadline - time.monotonic()))
            except OSError as error:
                if self.process.poll() is not None:
                    raise Otherwise(f"the guest has ended; {address[0]}:{address[1]} can't be reached: {error}") from None
                self._move(AGAIN)

    def _printed_address(self) -> Address:
        """What the guest has printed as its first line."""
        end = self.ends["stdout"]
        self._until(lambda: b"\n" in end.came or end.over)
        line, _, _ = bytes(end.came).decode(errors="replace").partition("\n")
        host, _, port = line.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise Otherwise(f"the guest's first line must be host:port, not {line!r}")
        return host.strip("[]"), int(port)

    def _request(self, step: Mapping[str, Any]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", timeout=max(AGAIN, self.deadline - time.monotonic()))
        connection.sock = self._connected()
        try:
            headers = dict(step.get("headers", {}))
            connection.request(step.get("method", "GET"), step.get("path", "/"), step.get("body"), headers)
            answer = connection.getresponse()
            body = answer.read(MOST_OUTPUT).decode("utf-8", "backslashreplace")
        except TimeoutError:
            raise TimeIsUp from None
        except (OSError, http.client.HTTPException) as error:
            raise Otherwise(f"no answer: {type(error).__name__} {error}") from None
        finally:
            connection.close()
        wanted = step.get("response", {})
        seen = {"status": answer.status, "body": body}
        for key in ("status", "body"):
            if wanted.get(key, seen[key]) != seen[key]:
                raise Otherwise(f"{key} {seen[key]!r}, expected {wanted[key]!r}")
        for name, value in wanted.get("headers", {}).items():
            if answer.getheader(name) != value:
                raise Otherwise(f"header {name} {answer.getheader(name)!r}, expected {value!r}")

    def _kill(self, step: Mapping[str, Any]) -> None:
        self.killed = True
        self.process.send_signal(signal_number(step.get("signal", "SIGTERM")) or 0)

    def _wait(self, step: Mapping[str, Any]) -> None:
        """Its end, once it has been told that nothing more comes; then whatever it had printed."""
        for end in self.ends.values():
            end.closing = True
        self._until(lambda: self.process.poll() is not None)
        patience = time.monotonic() + 1  # a process that it leaves behind may hold its streams open for longer
        while not all(self.ends[name].over for name in ("stdout", "stderr")) and time.monotonic() < patience:
            self._move(AGAIN)

    # Moving bytes

    def _until(self, done: Callable[[], bool]) -> None:
        """Move bytes until something is so; TimeIsUp."""
        while not done():
            self._move(AGAIN)
            if time.monotonic() > self.deadline:
                raise TimeIsUp

    def _move(self, patience: float) -> None:
        """Move what can be moved now, or within so many seconds."""
        watched: dict[int, int] = {}
        for end in self.ends.values():
            if end.source >= 0 and not end.over:
                watched[end.source] = watched.get(end.source, 0) | selectors.EVENT_READ
            if end.sink >= 0 and (end.unsent or end.closing):
                watched[end.sink] = watched.get(end.sink, 0) | selectors.EVENT_WRITE
        for descriptor, events in watched.items():
            self.selector.register(descriptor, events)
        ready = {key.fd: events for key, events in self.selector.select(min(patience, LOOK))}
        if not watched:
            time.sleep(min(patience, LOOK))
        for descriptor in watched:
            self.selector.unregister(descriptor)
        for end in self.ends.values():
            if ready.get(end.source, 0) & selectors.EVENT_READ:
                self._take(end)
            if ready.get(end.sink, 0) & selectors.EVENT_WRITE:
                self._give(end)

    def _take(self, end: End) -> None:
        try:
            news = os.read(end.source, PIECE)
        except BlockingIOError:
            return
        except OSError:  # the connection was reset
            news = b""
        end.came += news
        end.over = not news
        if len(end.came) > MOST_OUTPUT:
            raise Otherwise(f"more than {MOST_OUTPUT >> 20} MiB came")

    def _give(self, end: End) -> None:
        try:
            if end.unsent:
                del end.unsent[: os.write(end.sink, end.unsent)]
        except BlockingIOError:
            return
        except OSError:  # nobody reads it any more: as with a pipe whose reader has gone, that is the guest's affair
            end.unsent.clear()
        if end.closing and not end.unsent:
            self._no_more(end)

    def _no_more(self, end: End) -> None:
        """Close what only we write to; of a connection that half, as the guest may still answer."""
        if end.source == end.sink:
            with suppress(OSError), socket.socket(fileno=os.dup(end.sink)) as half:
                half.shutdown(socket.SHUT_WR)
        elif self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
        end.sink = -1
