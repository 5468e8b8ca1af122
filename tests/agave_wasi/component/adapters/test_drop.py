"""resource.drop of guests' resources: the handle goes, and whoever made the resource hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from agave_wasi.component import canon
from agave_wasi.component import types as t
from agave_wasi.component.adapters import DROP, drop_leaves
from agave_wasi.engines.base import GuestTrap
from tests.agave_wasi.component.adapters.pair import compiled
from tests.agave_wasi.component.adapters.test_crossing import NOTHING, Guests, caller

DESTRUCTOR = """(module (global $last (mut i32) (i32.const -1)) (tag $t)
  (func (export "destructor") (param i32) (global.set $last (local.get 0)) (if (i32.eqz (local.get 0)) (then throw $t)))
  (func (export "run") (result i32) global.get $last))"""


def dropping(guests: Guests, resource: t.ResourceType, who: str, destructor: Any) -> Any:
    """What `who` calls to drop a handle."""
    imports: dict[tuple[str, str], Any] = dict(drop_leaves("file", resource, guests.state(who), guests.calls))
    imports["callee", "destructor"] = destructor
    made = guests.store.instantiate(compiled(DROP), imports)
    return guests.instantiate(caller("i32"), {("m", "f"): made.export("call")})


@pytest.mark.parametrize("who", ["maker", "other"])
def test_an_owner_drops(who: str) -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        maker = guests.instantiate(DESTRUCTOR)
        drop = dropping(guests, resource, who, maker.export("destructor"))
        handles = guests.state(who).handles
        number = handles.add(resource, 0xFFFF_FFFE)
        guests.run(drop, number)
        assert guests.run(maker) == (-2,)
        assert len(handles) == 0
        assert guests.state("maker").may_enter
        assert guests.parent.task is None
        with pytest.raises(GuestTrap, match=rf"resource\.drop file: unknown handle {number}, where a file is expected"):
            guests.run(drop, number)


def test_a_borrower_only_gives_back() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        maker = guests.instantiate(DESTRUCTOR)
        drop = dropping(guests, resource, "other", maker.export("destructor"))
        state = guests.state("other")
        task = state.enter(NOTHING)
        number = state.handles.add(resource, 7, False, task)
        guests.run(drop, number)
        assert task.borrows == 0
        assert guests.run(maker) == (-1,)


def test_while_it_is_lent_it_stays() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        drop = dropping(guests, resource, "other", guests.instantiate(DESTRUCTOR).export("destructor"))
        handles = guests.state("other").handles
        number = handles.add(resource, 7)
        handles.get(number, resource).lends = 1
        with pytest.raises(GuestTrap, match="is lent to a call that is still running"):
            guests.run(drop, number)


def test_a_maker_that_runs_cannot_be_entered() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        drop = dropping(guests, resource, "other", guests.instantiate(DESTRUCTOR).export("destructor"))
        guests.state("maker").enter(NOTHING)
        number = guests.state("other").handles.add(resource, 7)
        with pytest.raises(GuestTrap, match=r"resource\.drop file: cannot enter component instance maker"):
            guests.run(drop, number)


def test_a_destructor_may_drop_another() -> None:
    """Within the maker's own code nothing is entered."""
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        inner = dropping(guests, resource, "maker", guests.instantiate(DESTRUCTOR).export("destructor"))
        outer = dropping(guests, resource, "other", inner.export("run"))
        second = guests.state("maker").handles.add(resource, 5)
        number = guests.state("other").handles.add(resource, second)
        guests.run(outer, number)
        assert len(guests.state("maker").handles) == 0


def test_who_may_not_leave_may_not_drop() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        drop = dropping(guests, resource, "other", guests.instantiate(DESTRUCTOR).export("destructor"))
        number = guests.state("other").handles.add(resource, 7)
        guests.state("other").may_leave = False
        with pytest.raises(GuestTrap, match=r"resource\.drop file: cannot leave component instance other"):
            guests.run(drop, number)


def test_what_a_destructor_throws_does_not_cross() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        drop = dropping(guests, resource, "other", guests.instantiate(DESTRUCTOR).export("destructor"))
        number = guests.state("other").handles.add(resource, 0)
        with pytest.raises(GuestTrap, match=r"resource\.drop file: the callee threw an exception"):
            guests.run(drop, number)


def test_it_fits_with_resource_new() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("maker"))
        maker = guests.instantiate(DESTRUCTOR)
        new = canon.resource_new("file", resource, guests.state("maker"), guests.calls)
        made = guests.instantiate(caller("i32", "i32"), {("m", "f"): new})
        (number,) = guests.run(made, 42)
        guests.run(dropping(guests, resource, "maker", maker.export("destructor")), int(number))
        assert guests.run(maker) == (42,)
