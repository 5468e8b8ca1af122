"""Instances, tasks and handles as plain data, and back in another guest that has linked the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.adapters import Crossing, Side, fuse
from agave_wasi.component.calls import Calls
from agave_wasi.component.saving import capture, restore
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import FuncType, ResourceType
from agave_wasi.preview2 import INTERFACES
from agave_wasi.preview2.clocks import MonotonicClock
from agave_wasi.preview2.io import Pollable
from kernel_sim.process import Process
from tests.kernel_sim.scripts import world

RUN = FuncType(())


class Linked:
    """A parent with two instances, a resource that the second implements, and a crossing from the first to it."""

    def __init__(self) -> None:
        self.calls = Calls(Process(1, [], []))
        self.parent = InstanceState("parent")
        self.user, self.owner = InstanceState("user", self.parent), InstanceState("owner", self.parent)
        self.calls.instances += [self.parent, self.user, self.owner]
        self.thing = ResourceType("thing", self.owner)
        self.calls.resources.append(self.thing)
        self.crossing = Crossing(fuse(RUN, Side(), Side()), self.user, self.owner)
        self.calls.crossings.append(self.crossing)


@pytest.fixture
def busy() -> Linked:
    """A call is under way, which has called across, and lends a handle."""
    linked = Linked()
    linked.user.enter(RUN)
    for number in (7, 8, 9):
        linked.user.handles.add(linked.thing, number)
    linked.user.handles.drop(2, linked.thing)
    linked.crossing.enter()
    linked.crossing.lend(linked.thing, 1)
    assert linked.crossing.task is not None
    linked.owner.handles.add(linked.thing, 5, False, linked.crossing.task)
    return linked


def kept(linked: Linked) -> Any:
    return json.loads(json.dumps(capture(linked.calls, lambda value: value)))


def read(value: object) -> object:
    return value


def test_another_guest_goes_on_with_it(busy: Linked) -> None:
    other = Linked()
    task = restore(other.calls, kept(busy), RUN, read, INTERFACES)
    assert task is not None and (task.state, task.caller, task.borrows) == (other.user, None, 0)
    assert kept(other) == kept(busy)
    crossed = other.crossing.task
    assert crossed is not None and crossed.caller is task and crossed.borrows == 1
    innermost = other.parent.task
    assert innermost is crossed
    assert other.parent.handles.room == busy.parent.handles.room
    with pytest.raises(Trap, match="lent to a call"):
        other.user.handles.drop(1, other.thing)
    other.owner.handles.drop(1, other.thing)
    other.crossing.leave()
    assert other.user.handles.take(1, other.thing) == 7
    assert other.user.handles.add(other.thing, 1) == 1 and other.user.handles.add(other.thing, 1) == 2
    other.user.leave(task)
    assert kept(other)["tasks"] == [] and other.user.may_enter


def test_a_resource_of_the_host_is_written_by_others() -> None:
    sys = world().sys
    linked, pollable = Linked(), MonotonicClock(sys).subscribe_instant(5)
    from agave_wasi.component.bind import host_resource

    kind = host_resource(Pollable, "pollable")
    linked.user.handles.add(kind, pollable)
    data = capture(linked.calls, lambda value: [value.deadline])
    assert data["instances"][1][3] == [[["wasi:io/poll@0.2", "pollable"], [5], True, None]]
    other = Linked()
    assert restore(other.calls, data, RUN, lambda value: pollable if value == [5] else None, INTERFACES) is None
    assert other.user.handles.take(1, kind) is pollable
    with pytest.raises(ValueError, match="a pollable is something else"):
        restore(Linked().calls, data, RUN, lambda value: 5, INTERFACES)


def test_an_embedders_resource_has_no_name() -> None:
    linked = Linked()

    class Mine:
        pass

    linked.user.handles.add(ResourceType("mine", host=Mine), Mine())
    with pytest.raises(ValueError, match="a handle of mine, a resource of the embedder's"):
        capture(linked.calls, lambda value: 1)


def test_no_call_from_outside_while_the_program_begins(busy: Linked) -> None:
    with pytest.raises(ValueError, match="only beginning"):
        restore(Linked().calls, kept(busy), None, read, INTERFACES)


WRONG: tuple[Any, ...] = (
    None, -1, 0, 1, 2, 9, 1 << 40, 0.5, "x", [], {}, [0], [1, 1], [[]], True, [["wasi:io/poll@0.2", "x"], 0, True, None],
)  # fmt: skip


def test_anything_else_in_its_place_is_refused_or_could_have_been(busy: Linked) -> None:
    from tests.agave_wasi.preview2.test_saving import places

    text = json.dumps(kept(busy))
    refused = 0
    for path in places(json.loads(text)):
        for value in WRONG:
            data = json.loads(text)
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
            other = Linked()
            try:
                restore(other.calls, data, RUN, read, INTERFACES)
            except ValueError:
                refused += 1
            else:
                capture(other.calls, lambda value: value)
    assert refused > 200


@pytest.mark.parametrize("data", [None, {}, {"tasks": [], "instances": []}, {"tasks": 1, "instances": []}])
def test_what_is_no_state(data: Any) -> None:
    with pytest.raises(ValueError, match=r"^(there is no state|tasks|instances)"):
        restore(Linked().calls, data, RUN, read, INTERFACES)
