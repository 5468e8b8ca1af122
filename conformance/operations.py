"""The newer form of manifests: a list of operations, which become the plain form, and steps where their order matters.

    run {args, env, root}       starts the guest
    write {id, payload}         to its stdin
    read {id, payload}          what its stdout or stderr must say next
    connect {id}                to its listening socket, by TCP; send {id, payload} and recv {id, payload} on that connection
    request {method, path, headers, body, response: {status, headers, body}}    by HTTP, to the same
    kill {signal}               a signal from outside
    wait {exit_code}            until it has ended

A guest that is only written to and read from, in this order, can't tell whether its input was there from the beginning: its
writes are joined to one stdin, and its reads to what is expected. All else is a conversation: "steps", which
`conformance.conversation` takes one after the other.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance.manifest import Check, Manifest

TALKING = {"connect", "send", "recv", "request", "kill"}
"""Operations that can't be done before the guest runs."""
NETWORK = {"connect", "request"}
"""And those that need a socket that it listens at."""


def from_operations(found: Manifest, check: Check) -> Manifest:
    """The plain form of a manifest with operations; HarnessError."""
    operations = found["operations"]
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise check.wrong("operations", 'a list of objects, as in [{"type": "run"}, {"type": "wait"}]')
    plain: Manifest = {key: found[key] for key in ("world", "needs", "after", "after_exact") if key in found}
    connected: set[str] = set()
    for number, each in enumerate(operations, 1):
        kind = each.get("type")
        if kind not in STEPS:
            raise check.wrong(f"operation {number}", f"one of {', '.join(STEPS)}, not {kind!r}")
        STEPS[kind](plain, each, check, connected)
    kinds = [each["type"] for each in operations]
    if "run" not in kinds:
        raise check.wrong("operations", "a list with a run, which starts the guest")
    if TALKING & set(kinds) or _written_later(kinds):
        if kinds[0] != "run" or kinds.count("run") > 1:
            raise check.wrong("operations", "a list that begins with the only run: before it nobody is there to talk to")
        plain["steps"] = operations[1:]
    return plain


def _written_later(kinds: list[str]) -> bool:
    """Is something written behind something that was read?"""
    return "read" in kinds and "write" in kinds[kinds.index("read") :]


def signal_number(value: Any) -> int | None:
    """The number of a signal by its name, as in "SIGTERM" or "term", or by itself; None if there is no such signal."""
    try:
        if isinstance(value, str):
            return int(signal.Signals["SIG" + value.upper().removeprefix("SIG")])
        return int(signal.Signals(value))
    except (KeyError, ValueError, TypeError):
        return None


def _run(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    plain |= {key: step[key] for key in ("args", "env", "root", "dirs") if key in step}


def _wait(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    plain["exit_code"] = step.get("exit_code", plain.get("exit_code", 0))


def _write(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    _append(plain, step, check, ("stdin",))


def _read(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    _append(plain, step, check, ("stdout", "stderr"))


def _append(plain: Manifest, step: Manifest, check: Check, streams: tuple[str, ...]) -> None:
    stream, payload = step.get("id", streams[0]), step.get("payload", "")
    if stream not in streams or not isinstance(payload, str):
        raise check.wrong(f"{step['type']}", f"{{id, payload}} with id {' or '.join(streams)}, and a text")
    plain[stream] = plain.get(stream, "") + payload


def _connect(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    name = step.get("id", "")
    if not isinstance(name, str) or name in connected or name in ("stdin", "stdout", "stderr"):
        raise check.wrong("connect", "{id} with a name that no other connection and no stream has")
    if step.get("protocol_type", "tcp") != "tcp":
        raise check.wrong("connect", 'with protocol_type "tcp"')
    connected.add(name)


def _transfer(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    if step.get("id", "") not in connected or not isinstance(step.get("payload", ""), str):
        raise check.wrong(step["type"], "{id, payload} with the id of a connection that was made before, and a text")


def _request(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    texts = (step.get("method", "GET"), step.get("path", "/"), step.get("body", ""))
    answer = step.get("response", {})
    fine = isinstance(answer, dict) and all(isinstance(each, str) for each in texts)
    if not fine or not all(isinstance(each.get("headers", {}), dict) for each in (step, answer)):
        raise check.wrong("request", "{method, path, headers, body, response: {status, headers, body}}")


def _kill(plain: Manifest, step: Manifest, check: Check, connected: set[str]) -> None:
    if signal_number(step.get("signal", "SIGTERM")) is None:
        raise check.wrong("kill", '{signal} with the name of a signal, as in "SIGTERM"')
    plain.setdefault("exit_code", None)  # what it ends with then is the system's, unless a wait says more


STEPS: dict[str, Callable[[Manifest, Manifest, Check, set[str]], None]] = {
    "run": _run, "wait": _wait, "write": _write, "read": _read, "connect": _connect, "send": _transfer, "recv": _transfer,
    "request": _request, "kill": _kill,
}  # fmt: skip
