"""Calls between two instances with handles, tasks and the rules about who may call whom when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agave_wasi.abi.memory import Trap
from agave_wasi.component import canon
from agave_wasi.component import types as t
from agave_wasi.component.adapters import Crossing, Side, fuse, leaves
from agave_wasi.component.calls import Calls
from agave_wasi.component.state import InstanceState
from agave_wasi.engines.base import RESUME, GuestTrap, HostFunction, StoreLimits
from agave_wasi.engines.wasmtime_store import Store
from kernel_sim.errors import WouldBlock
from kernel_sim.process import Process
from kernel_sim.wait import Wait
from tests.agave_wasi.component.adapters.composed import library
from tests.agave_wasi.component.adapters.pair import compiled, engine

FILE = t.ResourceType("file")
NOTHING = t.FuncType(())


class Guests:
    """Instances beside each other, in one store; `link` makes the function of one reachable for another."""

    def __init__(self) -> None:
        self.store = Store(engine(), StoreLimits())
        self.calls = Calls(Process(1, [], []))
        self.calls.store = self.store
        self.parent = InstanceState("parent")
        self.states: dict[str, InstanceState] = {}

    def __enter__(self) -> Guests:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def state(self, name: str) -> InstanceState:
        """The state of an instance, made at its first mention."""
        if name not in self.states:
            self.states[name] = InstanceState(name, self.parent)
        return self.states[name]

    def instantiate(self, text: str, imports: dict[tuple[str, str], Any] | None = None) -> Any:
        """A core module."""
        return self.store.instantiate(compiled(text.encode()), imports or {})

    def link(self, type: t.FuncType, caller: str, callee: str, side: Side | None = None, **parts: Any) -> Any:
        """The adapter's function; `parts` are its imports, as caller_memory and so on."""
        adapter = fuse(type, Side(), side or Side())
        crossing = Crossing(adapter, self.state(caller), self.state(callee))
        made: dict[tuple[str, str], Any] = dict(leaves(f"test:{callee}/f", crossing, self.calls))
        for key, item in parts.items():
            space, _, name = key.partition("_")
            made[space, name.replace("_", "-")] = item
        instance = self.store.instantiate(compiled(adapter.text), {key: made[key] for key in adapter.imports})
        return instance.export("call")

    def run(self, instance: Any, *values: int) -> tuple[int | float, ...]:
        """Call the export `run`."""
        call = instance.start_call("run", values)
        call.resume()
        found: tuple[int | float, ...] = call.results
        return found


def caller(parameters: str = "", result: str = "") -> str:
    """A module that passes on what it is called with."""
    shown = f"(param {parameters})" * bool(parameters) + f"(result {result})" * bool(result)
    pushes = " ".join(f"local.get {at}" for at in range(len(parameters.split())))
    return f'(module (import "m" "f" (func $f {shown})) (func (export "run") {shown} {pushes} call $f))'


def test_an_owned_handle_moves() -> None:
    with Guests() as guests:
        inner = guests.instantiate('(module (func (export "f") (param i32) (result i32) local.get 0))')
        type = t.FuncType((("x", t.Own(FILE)),), t.Own(FILE))
        function = guests.link(type, "a", "b", callee_function=inner.export("f"))
        outer = guests.instantiate(caller("i32", "i32"), {("m", "f"): function})
        a, b = guests.state("a").handles, guests.state("b").handles
        a.add(FILE, 70)
        number = a.add(FILE, 71)
        b.add(FILE, 72)
        assert guests.run(outer, number) == (number,)  # freed by going, and used again by coming back
        assert a.get(number, FILE).representation == 71
        assert (len(a), len(b)) == (2, 1)
        with pytest.raises(GuestTrap, match="test:b/f: unknown handle 9, where a file is expected"):
            guests.run(outer, 9)


def test_a_handle_of_another_type() -> None:
    with Guests() as guests:
        inner = guests.instantiate('(module (func (export "f") (param i32)))')
        function = guests.link(t.FuncType((("x", t.Own(FILE)),)), "a", "b", callee_function=inner.export("f"))
        outer = guests.instantiate(caller("i32"), {("m", "f"): function})
        number = guests.state("a").handles.add(t.ResourceType("window"), 1)
        with pytest.raises(GuestTrap, match=f"handle {number} is a window, where a file is expected"):
            guests.run(outer, number)


def borrowing(guests: Guests, resource: t.ResourceType, drops: bool) -> Any:
    """A caller of a function that is lent a handle, and drops it or not; it answers the number."""
    drop = canon.resource_drop("file", resource, guests.state("b"), guests.calls)
    body = "local.get 0 call $drop" if drops else ""
    inner = guests.instantiate(
        f"""(module (import "m" "drop" (func $drop (param i32)))
          (func (export "f") (param i32) (result i32) {body} local.get 0))""",
        {("m", "drop"): drop},
    )
    type = t.FuncType((("x", t.Borrow(resource)),), t.U32)
    return guests.instantiate(
        caller("i32", "i32"), {("m", "f"): guests.link(type, "a", "b", callee_function=inner.export("f"))}
    )


def test_a_lent_handle_must_be_given_back() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("c"))
        number = guests.state("a").handles.add(resource, 70)
        outer = borrowing(guests, resource, True)
        assert guests.run(outer, number) == (1,)
        assert guests.run(outer, number) == (1,)
        assert guests.state("a").handles.get(number, resource).lends == 0
        assert len(guests.state("b").handles) == 0
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("c"))
        number = guests.state("a").handles.add(resource, 70)
        with pytest.raises(GuestTrap, match="test:b/f: borrow handles still remain at the end of the call: 1 in b"):
            guests.run(borrowing(guests, resource, False), number)


def test_what_is_lent_is_not_owned() -> None:
    state = InstanceState("a"), InstanceState("b")
    crossing = Crossing(fuse(t.FuncType((("x", t.Borrow(FILE)),)), Side(), Side()), *state)
    crossing.enter()
    number = crossing.lend(FILE, state[0].handles.add(FILE, 70))
    with pytest.raises(Trap, match=f"handle {number} .* is borrowed, where an owned one is expected"):
        crossing.take(FILE, number)


def test_who_made_a_resource_gets_the_representation() -> None:
    with Guests() as guests:
        resource = t.ResourceType("file", guests.state("b"))
        number = guests.state("a").handles.add(resource, 70)
        assert guests.run(borrowing(guests, resource, False), number) == (70,)
        assert len(guests.state("b").handles) == 0


def test_a_lent_handle_cannot_be_given_away_in_the_same_call() -> None:
    with Guests() as guests:
        inner = guests.instantiate('(module (func (export "f") (param i32 i32)))')
        type = t.FuncType((("x", t.Borrow(FILE)), ("y", t.Own(FILE))))
        function = guests.link(type, "a", "b", callee_function=inner.export("f"))
        outer = guests.instantiate(caller("i32 i32"), {("m", "f"): function})
        number = guests.state("a").handles.add(FILE, 70)
        with pytest.raises(GuestTrap, match="is lent to a call that is still running"):
            guests.run(outer, number, number)


def test_no_instance_is_entered_twice() -> None:
    """a calls b calls c calls b."""
    with Guests() as guests:
        place = guests.instantiate('(module (table (export "t") 1 funcref))')
        far = guests.instantiate(
            """(module (import "m" "t" (table 1 funcref)) (type $v (func))
              (func (export "f") i32.const 0 call_indirect (type $v)))""",
            {("m", "t"): place.export("t")},
        )
        to_c = guests.link(NOTHING, "b", "c", callee_function=far.export("f"))
        middle = guests.instantiate('(module (import "m" "f" (func $f)) (func (export "f") call $f))', {("m", "f"): to_c})
        back = guests.link(NOTHING, "c", "b", callee_function=middle.export("f"))
        guests.instantiate(
            '(module (import "m" "t" (table 1 funcref)) (import "m" "f" (func $f)) (elem (i32.const 0) $f))',
            {("m", "t"): place.export("t"), ("m", "f"): back},
        )
        to_b = guests.link(NOTHING, "a", "b", callee_function=middle.export("f"))
        with pytest.raises(GuestTrap, match="test:b/f: cannot enter component instance b"):
            guests.run(guests.instantiate(caller(), {("m", "f"): to_b}))


def test_calls_come_one_after_the_other_and_one_in_the_other() -> None:
    with Guests() as guests:
        leaf = guests.instantiate('(module (func (export "f") (result i32) i32.const 7))')
        inner = guests.link(t.FuncType((), t.U32), "b", "c", callee_function=leaf.export("f"))
        middle = guests.instantiate(
            '(module (import "m" "f" (func $f (result i32))) (func (export "f") (result i32) call $f call $f i32.add))',
            {("m", "f"): inner},
        )
        outer = guests.link(t.FuncType((), t.U32), "a", "b", callee_function=middle.export("f"))
        top = guests.instantiate(caller("", "i32"), {("m", "f"): outer})
        assert [guests.run(top), guests.run(top)] == [(14,), (14,)]
        assert guests.parent.task is None


LEAVING = """(module (import "m" "leave" (func $leave)) (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) call $leave i32.const 1024)
  (func (export "f") (param i32 i32)) (func (export "g") (result i32) i32.const 8)
  (func (export "post") (param i32) call $leave))"""


@pytest.mark.parametrize("when", ["callee's realloc", "caller's realloc", "post-return", "never"])
def test_realloc_and_post_return_may_not_leave(when: str) -> None:
    with Guests() as guests:
        who = guests.state("a" if when == "caller's realloc" else "b")
        host = canon.lowered("host#f", NOTHING, canon.Options(), who, guests.calls, lambda: None)
        leaving = guests.instantiate(LEAVING, {("m", "leave"): host})
        plain = guests.instantiate(library(b"", 1024))
        memories = {
            "caller_memory": plain.export("memory"), "callee_memory": leaving.export("memory"),
            "caller_realloc": (leaving if when == "caller's realloc" else plain).export("realloc"),
            "callee_realloc": (leaving if when == "callee's realloc" else plain).export("realloc"),
        }  # fmt: skip
        values: tuple[int, ...]
        if when in ("callee's realloc", "never"):
            type, values = t.FuncType((("x", t.STRING),)), (0, 1)
            function = guests.link(type, "a", "b", callee_function=leaving.export("f"), **memories)
        else:
            type, values = t.FuncType((), t.STRING), (8,)
            side = Side(has_post_return=when == "post-return")
            function = guests.link(
                type, "a", "b", side, callee_function=leaving.export("g"), callee_post_return=leaving.export("post"), **memories
            )
        outer = guests.instantiate(caller(" ".join("i32" for _ in values)), {("m", "f"): function})
        if when == "never":
            guests.run(outer, *values)
            assert guests.state("a").may_leave and guests.state("b").may_leave
        else:
            with pytest.raises(GuestTrap, match=f"host#f: cannot leave component instance {who.name}"):
                guests.run(outer, *values)


def test_who_may_not_leave_may_not_call() -> None:
    with Guests() as guests:
        inner = guests.instantiate('(module (func (export "f")))')
        outer = guests.instantiate(
            caller(), {("m", "f"): guests.link(NOTHING, "a", "b", callee_function=inner.export("f"))}
        )
        guests.state("a").may_leave = False
        with pytest.raises(GuestTrap, match="test:b/f: cannot leave component instance a"):
            guests.run(outer)


def test_what_is_thrown_does_not_cross() -> None:
    with Guests() as guests:
        inner = guests.instantiate('(module (tag $t) (func (export "f") throw $t))')
        function = guests.link(NOTHING, "a", "b", callee_function=inner.export("f"))
        catching = """(module (import "m" "f" (func $f))
          (func (export "run") block $caught try_table (catch_all $caught) call $f end end))"""
        with pytest.raises(GuestTrap, match="test:b/f: the callee threw an exception, which can't leave its component"):
            guests.run(guests.instantiate(catching, {("m", "f"): function}))


def test_a_callee_may_wait() -> None:
    """Nothing of Python is on the stack below it, so it can be suspended, and others could run."""
    waits = [Wait(deadline=1), Wait(deadline=2)]

    def answer() -> None:
        if waits:
            raise WouldBlock(waits[-1])

    with Guests() as guests:
        calls = guests.calls
        calls.process = SimpleNamespace(parked=None)  # type: ignore[assignment]
        lowered = canon.lowered("wait", NOTHING, canon.Options(), guests.state("b"), calls, answer, blocking=True)
        host = HostFunction("", "i", lowered.callback, True, "wait")  # as the loop round it wants it
        inner = guests.store.instantiate(
            compiled(b'(module (import "m" "wait" (func $wait (result i32))) (func (export "f") call $wait drop))'),
            {("m", "wait"): host, RESUME: HostFunction("", "i", calls.resume)},
            calls,
        )
        function = guests.link(NOTHING, "a", "b", callee_function=inner.export("f"))
        call = guests.instantiate(caller(), {("m", "f"): function}).start_call("run")
        assert call.resume() is waits[1]
        assert not guests.state("b").may_enter
        waits.pop()
        assert call.resume() is waits[0]
        waits.pop()
        assert call.resume() is None
        assert guests.state("b").may_enter
        assert guests.parent.task is None


def test_steps_of_a_call() -> None:
    """What each step leaves behind in the two instances."""
    parent = InstanceState("parent")
    a, b = InstanceState("a", parent), InstanceState("b", parent)
    type = t.FuncType((("x", t.STRING), ("y", t.Borrow(FILE))), t.STRING)
    crossing = Crossing(fuse(type, Side(), Side(has_post_return=True)), a, b)
    number = a.handles.add(FILE, 70)
    crossing.enter()
    assert (a.may_leave, b.may_leave, b.may_enter) == (True, False, False)
    lent = crossing.lend(FILE, number)
    crossing.begin()
    assert (a.may_leave, b.may_leave) == (True, True)
    with pytest.raises(Trap, match="borrow handles still remain"):
        crossing.returned()
    b.handles.drop(lent, FILE)
    crossing.returned()
    assert (a.may_leave, b.may_leave) == (False, True)
    crossing.post()
    assert (a.may_leave, b.may_leave) == (True, False)
    crossing.leave()
    assert (a.may_leave, b.may_leave, b.may_enter, parent.task) == (True, True, True, None)
    assert a.handles.get(number, FILE).lends == 0


def test_damaged_code_that_leaves_out_a_step_is_a_trap() -> None:
    crossing = Crossing(fuse(NOTHING, Side(), Side()), InstanceState("a"), InstanceState("b"))
    for step in (crossing.leave, lambda: crossing.lend(FILE, 1)):
        with pytest.raises(Trap, match="no call from a to b is running"):
            step()


def test_calls_know_their_crossings_in_order() -> None:
    with Guests() as guests:
        guests.link(NOTHING, "a", "b", callee_function=guests.instantiate('(module (func (export "f")))').export("f"))
        assert [each.callee.name for each in guests.calls.crossings if isinstance(each, Crossing)] == ["b"]
