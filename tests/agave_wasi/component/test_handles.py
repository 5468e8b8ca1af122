"""Handle tables: numbers, limits, and each trap."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.handles import MAX_HANDLES, MAX_TOTAL, HandleTable, Resource
from agave_wasi.component.state import InstanceState, Task
from agave_wasi.component.types import FuncType, ResourceType

FILE, LOCK = ResourceType("file"), ResourceType("lock")


def task() -> Task:
    return Task(FuncType(()), InstanceState("guest"), None)


def test_numbers_begin_at_1_and_the_last_free_one_is_next() -> None:
    table = HandleTable()
    assert [table.add(FILE, name) for name in "abc"] == [1, 2, 3]
    assert [table.drop(number, FILE).representation for number in (1, 3)] == ["a", "c"]
    assert (list(table), len(table)) == ([2], 1)
    assert [table.add(FILE, name) for name in "def"] == [3, 1, 4]
    assert [table.get(number, FILE).representation for number in (1, 2, 3, 4)] == ["e", "b", "d", "f"]


@pytest.mark.parametrize("use", ["get", "remove", "take", "drop"])
def test_numbers_that_there_are_not(use: str) -> None:
    table = HandleTable()
    table.drop(table.add(FILE, "a"), FILE)
    for number in (0, 1, 2, 0xFFFF_FFFF):
        with pytest.raises(Trap, match=f"unknown handle {number}, where a file is expected"):
            getattr(table, use)(number, FILE)
    with pytest.raises(Trap, match="unknown handle 1"):
        table.lend(1, FILE, task())


@pytest.mark.parametrize("use", ["get", "remove", "take", "drop"])
def test_another_type(use: str) -> None:
    table = HandleTable()
    table.add(FILE, "a")
    for other in (LOCK, ResourceType("file")):  # which is another one, whatever it is called
        with pytest.raises(Trap, match=f"handle 1 is a file, where a {other} is expected"):
            getattr(table, use)(1, other)
    assert table.get(1, FILE).representation == "a"


def test_what_is_lent_stays() -> None:
    table, first, second = HandleTable(), task(), task()
    table.add(FILE, "a")
    assert table.lend(1, FILE, first) == table.lend(1, FILE, second) == "a"
    first.give_back()
    for use in (table.remove, table.take, table.drop):
        with pytest.raises(Trap, match=r"handle 1 \(file\) is lent"):
            use(1, FILE)
    second.give_back()
    assert table.take(1, FILE) == "a"


def test_a_borrowed_handle_cannot_be_given_away() -> None:
    table, scope = HandleTable(), task()
    table.add(FILE, "a", own=False, scope=scope)
    assert scope.borrows == 1
    with pytest.raises(Trap, match="is borrowed, where an owned one is expected"):
        table.take(1, FILE)
    assert table.lend(1, FILE, task()) == "a"
    table.get(1, FILE).lends = 0
    handle = table.drop(1, FILE)
    assert (handle.own, scope.borrows, len(table)) == (False, 0, 0)


def test_the_limit() -> None:
    table = HandleTable(2)
    assert [table.add(FILE, "a"), table.add(FILE, "b")] == [1, 2]
    with pytest.raises(Trap, match="too many handles: a component may have 2"):
        table.add(FILE, "c")
    table.drop(1, FILE)
    assert table.add(FILE, "c") == 1
    assert HandleTable(1 << 40).limit == HandleTable().limit == MAX_HANDLES == (1 << 28) - 1


def test_handles_of_a_call_that_never_came_about() -> None:
    table, scope = HandleTable(), task()
    table.add(FILE, "a")
    table.add(FILE, "b", own=False, scope=scope)
    table.add(FILE, "c", own=False, scope=task())
    table.forget(scope)
    assert (list(table), scope.borrows) == ([1, 3], 0)
    assert table.add(FILE, "d") == 2


def test_a_guests_resource_is_dropped_once_by_its_owner() -> None:
    dropped: list[Any] = []
    kind = ResourceType("thing", InstanceState("guest"), dropped.append)
    Resource(kind, 5, own=False).drop()
    owned = Resource(kind, 7, own=True)
    assert (repr(owned), repr(Resource(kind, 5, own=False))) == ("<thing 0x7>", "<borrowed thing 0x5>")
    owned.drop()
    owned.drop()
    assert dropped == [7]
    Resource(ResourceType("plain", InstanceState("guest")), 5, own=True).drop()


def test_what_all_tables_of_a_component_may_have() -> None:
    room = [2]
    first, second = HandleTable(room=room), HandleTable(room=room)
    assert [first.add(FILE, "a"), second.add(FILE, "b")] == [1, 1]
    with pytest.raises(Trap, match="too many handles: the instances of a component may have 1048576 together"):
        second.add(FILE, "c")
    first.drop(1, FILE)
    assert first.add(FILE, "c") == 1
    assert HandleTable().room == [MAX_TOTAL]


def test_lending_many_costs_no_copies() -> None:
    table, scope = HandleTable(), task()
    table.add(FILE, "a")
    table.lend(1, FILE, scope)
    lent = scope.lent
    table.lend(1, FILE, scope)
    assert lent is scope.lent and lent == [table.get(1, FILE)] * 2
    scope.give_back()
    assert table.get(1, FILE).lends == 0
