"""Everything in the interfaces can be called, under a name of its own."""

from __future__ import annotations

from conformance.components.fuzz.functions import callees, interfaces


def test_every_function_and_every_drop() -> None:
    functions = sum(len(each.functions) for each in interfaces())
    resources = sum(len(each.resources) for each in interfaces())
    assert len(callees()) == functions + resources > 70
    assert [each.number for each in callees().values()] == list(range(len(callees())))
    assert {"descriptor.read-via-stream", "poll.poll", "output-stream.drop", "monotonic-clock.now"} <= callees().keys()


def test_parameters() -> None:
    assert list(callees()["descriptor.read"].params) == ["self", "length", "offset"]
    assert list(callees()["descriptor.drop"].params) == ["self"] and callees()["descriptor.drop"].result is None
