"""resource.new, resource.rep and resource.drop, as a guest calls them."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.context import NumberedHandle
from agave_wasi.component.resources import DESTRUCTOR, dropped, resource_drop, resource_new, resource_rep
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import ResourceType
from tests.agave_wasi.component.fake import Guest


class File:
    def __init__(self) -> None:
        self.drops = 0

    def drop(self) -> None:
        self.drops += 1


HOSTS = ResourceType("file", host=File)


def functions(guest: Guest, kind: ResourceType) -> list[Any]:
    return [make(kind.name, kind, guest.state, guest.calls) for make in (resource_new, resource_rep, resource_drop)]


def test_a_guests_own_resource() -> None:
    guest = Guest()
    kind = ResourceType("thing", guest.state)
    new, rep, drop = functions(guest, kind)
    assert [(each.parameters, each.results, each.blocking) for each in (new, rep, drop)] == [
        ("i", "i", False), ("i", "i", False), ("i", "", False)
    ]  # fmt: skip
    assert (guest.call(new, 0xFFFF_FFFF), guest.call(new, 7)) == (1, 2)
    assert (guest.call(rep, 1), guest.call(rep, 2)) == (0xFFFF_FFFF, 7)
    assert guest.call(drop, 1) is None
    assert guest.call(new, 8) == 1
    for function in (rep, drop):
        with pytest.raises(Trap, match=r"resource\.(rep|drop) thing: unknown handle 9, where a thing is expected"):
            guest.call(function, 9)


def test_handles_of_another_type() -> None:
    guest = Guest()
    number = guest.state.handles.add(HOSTS, File())
    for function in functions(guest, ResourceType("thing", guest.state))[1:]:
        with pytest.raises(Trap, match=f"handle {number} is a file, where a thing is expected"):
            guest.call(function, number)


def test_the_owner_drops_the_hosts_object_and_a_borrower_does_not() -> None:
    guest, file = Guest(), File()
    drop = functions(guest, HOSTS)[2]
    scope = guest.state.enter(DESTRUCTOR)
    owned, borrowed = guest.state.handles.add(HOSTS, file), guest.state.handles.add(HOSTS, file, False, scope)
    guest.call(drop, borrowed)
    assert (file.drops, scope.borrows) == (0, 0)
    guest.call(drop, owned)
    assert (file.drops, len(guest.state.handles)) == (1, 0)
    plain = ResourceType("plain")
    guest.call(functions(guest, plain)[2], guest.state.handles.add(plain, object()))


def test_what_is_lent_is_not_dropped() -> None:
    guest, file = Guest(), File()
    number = guest.state.handles.add(HOSTS, file)
    guest.state.handles.lend(number, HOSTS, guest.state.enter(DESTRUCTOR))
    with pytest.raises(Trap, match="is lent to a call"):
        guest.call(functions(guest, HOSTS)[2], number)
    assert file.drops == 0


def test_a_guest_that_may_not_leave_may_do_none_of_it() -> None:
    guest = Guest()
    kind = ResourceType("thing", guest.state)
    new, rep, drop = functions(guest, kind)
    guest.call(new, 7)
    guest.state.may_leave = False
    for function in (new, drop):
        with pytest.raises(Trap, match="cannot leave component instance guest"):
            guest.call(function, 1)
    assert guest.call(rep, 1) == 7  # looking is no leaving


def test_what_a_drop_raises_ends_the_guest() -> None:
    class Broken(File):
        def drop(self) -> None:
            raise OSError("gone")

    guest = Guest()
    number = guest.state.handles.add(HOSTS, Broken())
    with pytest.raises(OSError, match="gone"):
        guest.call(functions(guest, HOSTS)[2], number)


def test_anothers_resource_needs_it_to_be_at_rest() -> None:
    """Whether there is a destructor or not."""
    root = InstanceState("root")
    owner, user = InstanceState("owner", root), InstanceState("user", root)
    kind = ResourceType("thing", owner)
    for _ in range(3):
        user.handles.add(kind, 5)
    assert dropped(1, kind, user).representation == 5
    assert owner.may_enter
    task = owner.enter(DESTRUCTOR)
    with pytest.raises(Trap, match="cannot enter component instance owner"):
        dropped(2, kind, user)
    owner.handles.add(kind, 6)
    assert dropped(1, kind, owner).representation == 6  # its own instance may, of course
    owner.leave(task)
    root.handles.add(kind, 7)
    assert dropped(1, kind, root).representation == 7
    user.handles.add(kind, 8, own=False, scope=task)
    owner.enter(DESTRUCTOR)
    assert not dropped(2, kind, user).own


def test_traced_drops() -> None:
    guest = Guest(traced=True)
    drop = functions(guest, HOSTS)[2]
    guest.call(drop, guest.state.handles.add(HOSTS, File()))
    assert guest.events == [("enter", "resource.drop file", {"self": NumberedHandle("file", 1)}), ("leave", {})]
    with pytest.raises(Trap):
        guest.call(drop, 5)
    assert guest.events[-1] == ("enter", "resource.drop file", {"self": NumberedHandle("file", 5)})
