"""How calls of components are compared: to the last bit, but for what the table allows."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.calls.call import NEVER, Call
from conformance.calls.compare import Comparison, compare
from conformance.calls.known import known
from conformance.calls.recorder import Recording
from conformance.calls.rules import RULES, Difference
from conformance.component_calls.rules import Values

FILES = "wasi:filesystem/types@0.2.12#[method]descriptor"
LISTING = "wasi:filesystem/types@0.2.12#[method]directory-entry-stream.read-directory-entry"
STREAMS = "wasi:io/streams@0.2.12#[method]"
STREAM: dict[str, Any] = {"self": {"resource": "directory-entry-stream", "handle": 4}}


def call(name: str, result: Any = None, errno: str = "SUCCESS", **args: Any) -> Call:
    return Call(name, (), args, 0, errno, {} if result is None else {"result": result})


def answers(name: str, ours: Any, theirs: Any) -> list[tuple[str, str]]:
    state = Values((((0, 10**10),), ((0, 10**10),)))
    return [(each.what, each.rule) for each in state.answers(call(name, ours), call(name, theirs))]


def data(text: str) -> dict[str, Any]:
    return {"bytes": len(text), "data": text}


def stat(**changed: Any) -> dict[str, Any]:
    moment = {"seconds": 1, "nanoseconds": 5}
    times = dict.fromkeys(("data_access_timestamp", "data_modification_timestamp", "status_change_timestamp"), moment)
    return {"type": "regular-file", "link_count": 1, "size": 4, **times, **changed}


@pytest.mark.parametrize(
    "name, ours, theirs, found",
    [
        (f"{FILES}.read", [data("abc"), False], [data("abc"), False], []),
        (f"{FILES}.read", [data("abc"), False], [data("ab"), False], [("result", "short-read")]),
        (f"{FILES}.read", [data("abc"), False], [data("abd"), False], [("result [0], from byte 2", "")]),
        (f"{FILES}.read", [data("abc"), False], [data("ad"), False], [("result [0], from byte 1", "")]),
        (f"{FILES}.read", [data("abc"), False], [data("abc"), True], [("result [1]", "")]),
        (f"{STREAMS}input-stream.read", data("abc"), data(""), [("result", "short-read")]),
        (f"{STREAMS}input-stream.skip", 3, 2, [("result", "")]),
        (f"{STREAMS}output-stream.check-write", 1 << 20, 1 << 16, [("result", "permit")]),
        ("wasi:io/poll@0.2.12#[method]pollable.ready", True, False, [("result", "readiness")]),
        ("wasi:io/poll@0.2.12#poll", [0, 1], [1], [("result", "readiness")]),
        ("wasi:io/error@0.2.12#[method]error.to-debug-string", "a", "b", [("result", "debug-string")]),
        (f"{FILES}.get-type", "directory", "regular-file", [("result", "")]),
        (f"{FILES}.stat", stat(), stat(size=5, link_count=2), [("result link_count", ""), ("result size", "")]),
        (f"{FILES}.stat", stat(type="directory"), stat(type="directory", size=5, link_count=2),
         [("result link_count", "directory-links"), ("result size", "directory-size")]),
        (f"{FILES}.stat", stat(), stat(data_access_timestamp=None), [("result data_access_timestamp", "access-time")]),
        (f"{FILES}.stat-at", stat(), stat(status_change_timestamp={"seconds": 3, "nanoseconds": 0}),
         [("result status_change_timestamp seconds", ""), ("result status_change_timestamp nanoseconds", "")]),
        (f"{FILES}.stat", stat(), stat(status_change_timestamp=None), [("result status_change_timestamp", "")]),
        (f"{FILES}.metadata-hash", {"lower": 1, "upper": 2}, {"lower": 3, "upper": 4}, [("result", "metadata-hash")]),
    ],
)  # fmt: skip
def test_results(name: str, ours: Any, theirs: Any, found: list[tuple[str, str]]) -> None:
    expected = [(what, "times" if "status_change_timestamp " in what else rule) for what, rule in found]
    assert answers(name, ours, theirs) == expected
    assert all(rule in RULES for _, rule in expected if rule)


def test_times_must_be_those_of_the_run() -> None:
    late = stat(status_change_timestamp={"seconds": 100, "nanoseconds": 5})
    assert answers(f"{FILES}.stat", stat(), late) == [("result status_change_timestamp seconds", "")]


def test_hashes_correspond_one_to_one() -> None:
    state, name = Values(), f"{FILES}.metadata-hash"

    def found(ours: int, theirs: int) -> list[str]:
        one, other = ({"lower": each, "upper": 0} for each in (ours, theirs))
        return [each.rule for each in state.answers(call(name, one), call(name, other))]

    assert found(1, 5) == ["metadata-hash"] == found(2, 6)
    assert found(2, 5) == [""]
    state.answers(call(f"{FILES}.unlink-file-at"), call(f"{FILES}.unlink-file-at"))
    assert found(2, 5) == ["metadata-hash"]


def test_errors() -> None:
    state, name = Values(), f"{FILES}.sync"

    def found(ours: str, theirs: str) -> list[Difference]:
        return state.answers(call(name, errno=ours), call(name, errno=theirs))

    assert found("io", "io") == []
    assert found("io", "SUCCESS") == [Difference("errno", "io", "SUCCESS")]
    assert found("last-operation-failed(error#4)", "closed") == [Difference("errno", "last-operation-failed", "closed")]
    here, there = (f"last-operation-failed(error#{number})" for number in (4, 5))
    assert found(here, there) == [Difference("errno", here, there)]


def test_arguments() -> None:
    state, name = Values(), f"{FILES}.write"
    this = {"resource": "descriptor", "handle": 3}
    one = call(name, self=this, buffer=data("abc"), offset=1)
    assert state.arguments(one, call(name, self=this, buffer=data("abc"), offset=1)) == []
    assert state.arguments(one, call(f"{FILES}.read")) == [Difference("call", "descriptor.write", "descriptor.read")]
    other = call(name, self=this | {"handle": 4}, buffer=data("axc"), offset=2)
    assert [(each.what, each.ours, each.theirs) for each in state.arguments(one, other)] == [
        ("argument buffer, from byte 1", "3 bytes, there 62 63", "3 bytes, there 78 63"), ("argument offset", 1, 2),
        ("argument self", "descriptor#3", "descriptor#4"),
    ]  # fmt: skip


def listing(*names: str | None) -> list[Call]:
    made = [call(f"{FILES}.read-directory", STREAM["self"])]
    made += [call(LISTING, name and {"type": "regular-file", "name": name}, **STREAM) for name in names]
    return [*made, call("resource.drop directory-entry-stream", **STREAM)]


def compared(ours: list[Call], theirs: list[Call]) -> Comparison:
    return compare(Recording("here", ours), Recording("there", theirs), known(), Values())


@pytest.mark.parametrize(
    "ours, theirs, id",
    [
        (call(f"{STREAMS}output-stream.write", errno=NEVER), call(f"{STREAMS}output-stream.write"), "permits"),
        (call(f"{FILES}.open-at", errno="SUCCESS", flags={"flags": ["file-integrity-sync", "read"]}),
         call(f"{FILES}.open-at", errno="unsupported", flags={"flags": ["file-integrity-sync", "read"]}),
         "synchronous-descriptors"),
        (call(f"{FILES}.write", errno="file-too-large", offset=(1 << 63) - 1),
         call(f"{FILES}.write", errno="invalid", offset=(1 << 63) - 1), "far-offsets"),
        (call(f"{FILES}.write", errno="file-too-large", offset=1), call(f"{FILES}.write", errno="invalid", offset=1), ""),
        (call(f"{STREAMS}output-stream.splice", errno="closed", len=0), call(f"{STREAMS}output-stream.splice", 0, len=0),
         "splice-of-no-bytes"),
    ],
)  # fmt: skip
def test_expectations_have_the_words_of_random_programs(ours: Call, theirs: Call, id: str) -> None:
    comparison = compared([ours], [theirs])
    assert list(comparison.known) == ([id] if id else []) and bool(comparison.first()) is not bool(id)


def test_listings_in_another_order() -> None:
    comparison = compared(listing("a", "b", None), listing("b", "a", None))
    assert comparison.same() and comparison.allowed == {"readdir-order": 2}


def test_listings_that_tell_something_else() -> None:
    comparison = compared(listing("a", "b", None), listing("b", "c", None))
    first = comparison.first()
    assert first is not None and [each.what for each in first.unknown] == ["entries"]
    assert not compared(listing("a", None), listing(None)).same()


def test_a_listing_that_was_left_is_not_the_next_one() -> None:
    comparison = compared(listing("a") + listing("b", "a", None), listing("b") + listing("a", "b", None))
    assert comparison.same()


def test_listings_whose_ends_are_not_paired() -> None:
    """A guest that asks about each entry does so in another order, and its reads are no longer side by side."""

    def asking(*names: str | None) -> list[Call]:
        found = []
        for each, made in zip([None, *names, None], listing(*names)):
            found += [made] if each is None else [made, call(f"{FILES}.metadata-hash-at", self=each, path=each)]
        return found

    assert compared(asking("a", "b", "c", None), asking("b", "c", "a", None)).same()
    assert not compared(asking("a", "b", "c", None), asking("b", "c", "d", None)).same()


def test_a_known_divergence_is_named() -> None:
    flags = [{"flags": ["mutate-directory", "read"]}, {"flags": ["read"]}]
    comparison = compared(*([call(f"{FILES}.get-flags", each)] for each in flags))
    assert comparison.same() and list(comparison.known) == ["mutate-directory"]
    comparison = compared(*([call(f"{FILES}.get-flags", each)] for each in reversed(flags)))
    assert not comparison.same()
