"""Regions of memory, realloc's promises, and handles as values."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component.context import ROOM, Context, NumberedHandle, Options, Showing
from agave_wasi.component.handles import Resource
from agave_wasi.component.misfit import Misfit
from agave_wasi.component.state import InstanceState
from agave_wasi.component.types import ResourceType
from tests.agave_wasi.component.fake import HEAP, Guest


def test_regions() -> None:
    guest = Guest()
    context = Context(guest.options(), guest.state)
    assert context.size == 0  # memory is looked at when it is needed
    context.require(guest.size - 4, 4, 4)
    context.require(guest.size, 0)
    for at, length, align, message in [(2, 4, 4, "misaligned"), (guest.size - 4, 8, 4, "bounds"), (1 << 32, 1, 1, "bounds")]:
        with pytest.raises(Trap, match=message):
            context.require(at, length, align)


def test_a_view_is_kept_until_it_is_too_short() -> None:
    guest = Guest()
    context = guest.context()
    before = context.memory
    guest.size += 64
    context.require(0, 4)
    assert context.memory is before
    context.require(guest.size - 4, 4)
    assert len(context.memory) == guest.size


def test_the_guest_cannot_call_out_while_it_allocates() -> None:
    guest = Guest()
    assert guest.context().allocate(8, 24) == HEAP
    assert (guest.asked, guest.may_leave, guest.state.may_leave) == ([(0, 0, 8, 24)], [False], True)


@pytest.mark.parametrize("answer", [HEAP + 1, (1 << 16) - 4, 0xFFFF_FFFC])
def test_what_realloc_may_not_answer(answer: int) -> None:
    context = Guest().context(realloc=lambda *_: answer)
    with pytest.raises(Trap, match=r"realloc returned a bad pointer: (misaligned|pointer out of bounds)"):
        context.allocate(4, 8)


def test_options_that_lack_something() -> None:
    context = Context(Options(), InstanceState("guest"))
    with pytest.raises(Trap, match="out of bounds"):
        context.require(0, 1)
    with pytest.raises(Trap, match="no realloc"):
        context.allocate(1, 1)


def test_room() -> None:
    context = Guest().context()
    context.charge(ROOM)
    with pytest.raises(Trap, match="more than 128 MiB"):
        context.charge(1)


class File:
    pass


HOSTS = ResourceType("file", host=File)


def test_the_hosts_resources_are_the_objects_themselves() -> None:
    context, file = Guest().context(), File()
    number = context.give(file, HOSTS)
    assert context.borrow(number, HOSTS) is file
    assert context.task is not None
    context.task.give_back()
    assert context.take(number, HOSTS) is file
    with pytest.raises(Trap, match="unknown handle"):
        context.take(number, HOSTS)
    for wrong in (None, 5, "file", File):
        with pytest.raises(Misfit, match="own<file>"):
            context.give(wrong, HOSTS)
        with pytest.raises(Misfit, match="borrow<file>"):
            context.lend(wrong, HOSTS)
    anything: Any = object()
    assert context.give(anything, ResourceType("without a class")) == number


def test_guests_resources_are_stood_for() -> None:
    guest, other = Guest(), Guest()
    kind = ResourceType("thing", guest.state)
    number = guest.state.handles.add(kind, 0x77)
    borrowed = guest.context().borrow(number, kind)
    assert (borrowed.type, borrowed.representation, borrowed.own) == (kind, 0x77, False)
    guest.state.handles.get(number, kind).lends = 0
    owned = guest.context().take(number, kind)
    assert (owned.representation, owned.own, len(guest.state.handles)) == (0x77, True, 0)
    assert guest.context().lend(owned, kind) == 0x77  # its implementer gets the representation
    lent = other.context()
    number = lent.lend(owned, kind)
    assert lent.task is not None
    assert (other.state.handles.get(number, kind).own, lent.task.borrows, owned.own) == (False, 1, True)
    assert guest.state.handles.get(guest.context().give(owned, kind), kind).representation == 0x77
    for wrong in (owned, borrowed, Resource(HOSTS, 1, True), 5):  # `owned` has been given away
        with pytest.raises(Misfit, match="own<thing>"):
            guest.context().give(wrong, kind)
    for wrong in (Resource(HOSTS, 1, True), 5):
        with pytest.raises(Misfit, match="borrow<thing>"):
            guest.context().lend(wrong, kind)


def test_a_trace_moves_nothing() -> None:
    guest = Guest()
    number = guest.state.handles.add(HOSTS, File())
    showing = Showing(guest.options(), guest.state)
    assert showing.take(number, HOSTS) == showing.borrow(number, HOSTS) == NumberedHandle("file", number)
    assert guest.state.handles.get(number, HOSTS).lends == 0
