"""Who may be entered when, and what a call leaves behind."""

from __future__ import annotations

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import FuncType, ResourceType

CALL = FuncType(())


def test_a_call_is_a_task_and_they_are_a_chain() -> None:
    root = InstanceState("root")
    first, second = InstanceState("first", root), InstanceState("second", root)
    assert first.root is root.root is root
    outer = first.enter(CALL)
    inner = second.enter(CALL, first)
    running = [root.task]
    assert (inner.caller, outer.caller, inner.state, inner.type) == (outer, None, second, CALL)
    second.leave(inner)
    running.append(root.task)
    first.leave(outer)
    assert [*running, root.task] == [inner, outer, None]
    first.leave(first.enter(CALL))


def test_the_host_enters_no_tree_that_runs() -> None:
    root = InstanceState("root")
    child, other = InstanceState("child", root), InstanceState("other", root)
    task = child.enter(CALL)
    for state in (root, child, other):
        with pytest.raises(Trap, match=f"cannot enter component instance {state.name}"):
            state.enter(CALL)
    InstanceState("elsewhere").enter(CALL)
    child.leave(task)
    root.enter(CALL)


def test_parents_and_children_call_each_other_but_nobody_itself() -> None:
    root = InstanceState("root")
    child = InstanceState("child", root)
    grandchild = InstanceState("grandchild", child)
    for caller, callee in [(root, child), (child, root), (root, grandchild), (grandchild, root)]:
        callee.leave(callee.enter(CALL, caller))
        task = caller.enter(CALL)
        inner = callee.enter(CALL, caller)
        with pytest.raises(Trap, match=f"cannot enter component instance {caller.name}"):
            caller.enter(CALL, callee)
        callee.leave(inner)
        caller.leave(task)
    with pytest.raises(Trap, match="cannot enter component instance child"):
        child.enter(CALL, child)


def test_nothing_is_entered_again_by_way_of_others() -> None:
    root = InstanceState("root")
    first, second = InstanceState("first", root), InstanceState("second", root)
    task = first.enter(CALL)
    inner = second.enter(CALL, first)
    with pytest.raises(Trap, match="cannot enter component instance first"):
        first.enter(CALL, second)
    second.leave(inner)
    first.leave(task)
    first.leave(first.enter(CALL, second))


def test_borrowed_handles_must_be_dropped_before_the_call_ends() -> None:
    state, kind = InstanceState("guest"), ResourceType("file")
    task = state.enter(CALL)
    number = state.handles.add(kind, "a", own=False, scope=task)
    with pytest.raises(Trap, match="borrow handles still remain at the end of the call: 1 in guest"):
        state.leave(task)
    state.handles.drop(number, kind)
    state.leave(task)


def test_what_was_lent_comes_back_when_the_call_ends() -> None:
    state, kind = InstanceState("guest"), ResourceType("file")
    number = state.handles.add(kind, "a")
    task = state.enter(CALL)
    state.handles.lend(number, kind, task)
    assert state.handles.get(number, kind).lends == 1
    state.leave(task)
    assert state.handles.get(number, kind).lends == 0


def test_leaving() -> None:
    state = InstanceState("guest", max_handles=5)
    state.require_leave()
    state.may_leave = False
    with pytest.raises(Trap, match="cannot leave component instance guest"):
        state.require_leave()
    assert state.handles.limit == 5


def test_the_instances_of_a_tree_share_the_room_for_handles() -> None:
    root = InstanceState("root")
    child = InstanceState("child", InstanceState("parent", root))
    assert child.handles.room is root.handles.room is not InstanceState("another").handles.room


def test_an_instance_that_trapped_says_so() -> None:
    state = InstanceState("guest")
    state.enter(CALL)
    with pytest.raises(Trap, match="a call into it is running, or has ended in a trap"):
        state.enter(CALL)
