"""Manifests with operations: which become the plain form, which are a conversation, and what is wrong in one."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from conformance.errors import HarnessError
from conformance.manifest import checked
from conformance.operations import signal_number

RUN = {"type": "run"}


def test_operations_become_the_plain_form() -> None:
    found = checked(
        {
            "operations": [
                {"type": "run", "args": ["a"], "env": {"A": "1"}, "root": "tree"},
                {"type": "write", "id": "stdin", "payload": "one "},
                {"type": "read", "id": "stdout", "payload": "ONE "},
                {"type": "write", "payload": "two"},
                {"type": "read", "payload": "TWO"},
                {"type": "read", "id": "stderr", "payload": "oops"},
                {"type": "wait", "exit_code": 3},
            ]
        },
        "m",
    )
    assert (found["args"], found["env"], found["root"], found["stdin"]) == (["a"], {"A": "1"}, "tree", "one two")
    assert (found["stdout"], found["stderr"], found["exit_code"]) == ("ONE TWO", "oops", 3)
    assert found["unstated"] == [] and "unsupported" not in found
    assert [each["type"] for each in found["steps"]] == ["write", "read", "write", "read", "read", "wait"]


def test_output_that_no_operation_reads_is_not_stated() -> None:
    assert checked({"operations": [{"type": "run"}]}, "m")["unstated"] == ["stdout", "stderr"]


def test_what_is_written_before_all_that_is_read_needs_no_conversation() -> None:
    steps = [RUN, {"type": "write", "payload": "a"}, {"type": "write", "payload": "b"}, {"type": "read", "payload": "ab"}]
    found = checked({"operations": [*steps, {"type": "wait"}]}, "m")
    assert "steps" not in found and (found["stdin"], found["stdout"]) == ("ab", "ab")


@pytest.mark.parametrize(
    "steps",
    [
        [{"type": "read", "payload": "?"}, {"type": "write", "payload": "!"}],
        [{"type": "kill"}],
        [{"type": "connect"}],
        [{"type": "request"}],
    ],
)
def test_a_conversation_keeps_its_steps(steps: list[dict[str, Any]]) -> None:
    assert checked({"operations": [RUN, *steps]}, "m")["steps"] == steps


def test_how_a_guest_ends_that_is_killed_is_stated_by_a_wait_alone() -> None:
    assert checked({"operations": [RUN, {"type": "kill"}]}, "m")["exit_code"] is None
    assert checked({"operations": [RUN, {"type": "kill"}, {"type": "wait"}]}, "m")["exit_code"] is None
    assert checked({"operations": [RUN, {"type": "kill"}, {"type": "wait", "exit_code": 3}]}, "m")["exit_code"] == 3


@pytest.mark.parametrize(
    "steps, words",
    [
        ([{"type": "kill"}, RUN], "a list that begins with the only run"),
        ([RUN, {"type": "kill"}, RUN], "a list that begins with the only run"),
        ([RUN, {"type": "kill", "signal": "SIGNOTHING"}], "the name of a signal"),
        ([RUN, {"type": "connect", "protocol_type": "udp"}], 'with protocol_type "tcp"'),
        ([RUN, {"type": "connect", "id": "stdin"}], "a name that no other connection"),
        ([RUN, {"type": "connect", "id": "a"}, {"type": "connect", "id": "a"}], "a name that no other connection"),
        ([RUN, {"type": "send", "id": "a"}], "the id of a connection that was made before"),
        ([RUN, {"type": "connect", "id": "a"}, {"type": "recv", "id": "a", "payload": 1}], "and a text"),
        ([RUN, {"type": "request", "method": 1}], "request must be"),
        ([RUN, {"type": "request", "response": []}], "request must be"),
        ([RUN, {"type": "request", "response": {"headers": 1}}], "request must be"),
    ],
)
def test_what_is_wrong_is_said(steps: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(HarnessError, match="m: ") as error:
        checked({"operations": steps}, "m")
    assert words in str(error.value)


@pytest.mark.parametrize("value", ["SIGTERM", "term", "TERM", 15, signal.SIGTERM])
def test_signals_by_any_name(value: Any) -> None:
    assert signal_number(value) == 15
    assert signal_number("SIG") is signal_number(None) is signal_number(4000) is None
