"""Resources between three components, under wasmtime's own component API and round our adapters: numbers, calls and traps.

`maker` defines a resource and notes what it is called with; `user` is lent one; `caller` does what a scenario says, and
notes it.
"""

from __future__ import annotations

from typing import Any

import pytest
import wasmtime
import wasmtime.component

from agave_wasi.component import canon
from agave_wasi.component import types as t
from agave_wasi.component.adapters import DROP, drop_leaves
from agave_wasi.engines.base import GuestTrap
from agave_wasi.engines.capi import to_wasm
from tests.agave_wasi.component.adapters.pair import compiled
from tests.agave_wasi.component.adapters.test_crossing import Guests

NOTE = """(memory (export "memory") 1) (global $at (mut i32) (i32.const 32))
  (func $note (param i32) (i32.store (global.get $at) (local.get 0)) (global.set $at (i32.add (global.get $at) (i32.const 4))))
  (func (export "dump") (result i32)
    (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.sub (global.get $at) (i32.const 32)))
    (i32.const 16))"""
DESTRUCTOR = """(memory (export "seen") 1)
  (func (export "destructor") (param i32) (i32.store8 (local.get 0) (i32.add (i32.load8_u (local.get 0)) (i32.const 1))))"""
MAKER = f"""(import "m" "new" (func $new (param i32) (result i32))) (import "m" "rep" (func $rep (param i32) (result i32)))
  (import "m" "drop" (func $drop (param i32))) (import "m" "seen" (memory $seen 1))
  (import "m" "destructor" (func $destructor (param i32)))
  {NOTE.replace("(memory (export", "(memory $own (export").replace("i32.store ", "i32.store $own ")}
  (func (export "make") (param i32) (result i32) (local $new i32)
    (local.set $new (call $new (local.get 0))) (call $note (local.get $new)) (local.get $new))
  (func (export "get") (param i32) (result i32)
    (call $note (local.get 0)) (i32.add (local.get 0) (i32.load8_u $seen (local.get 0))))
  (func (export "take") (param i32) (result i32) (local $rep i32)
    (call $note (local.get 0)) (local.set $rep (call $rep (local.get 0))) (call $drop (local.get 0)) (local.get $rep))
  (func (export "swap") (param i32 i32) (result i32) (call $note (local.get 0)) (call $note (local.get 1)) (local.get 0))"""
USER = f"""(import "m" "drop" (func $drop (param i32))) {NOTE}
  (func (export "use") (param i32 i32) (result i32)
    (call $note (local.get 0)) (if (local.get 1) (then (call $drop (local.get 0)))) (local.get 0))"""
FUNCTIONS = {"make": "i", "get": "i", "take": "i", "swap": "ii", "use": "ii"}
SCENARIOS = {
    "made, used and dropped": "(n (make 5)) (n (get 1)) (drop 1) (n (make 6)) (n (get 1))",
    "the destructor was called": "(n (make 5)) (drop 1) (n (make 5)) (n (get 1)) (drop 1) (n (make 5)) (n (get 1))",
    "given away and gone": "(n (make 5)) (n (take 1)) (n (get 1))",
    "numbers come back, the last first":
        "(n (make 5)) (n (make 6)) (n (make 7)) (drop 1) (drop 2) (n (make 8)) (n (make 9)) (n (make 10))",
    "given and taken back": "(n (make 5)) (n (make 6)) (n (swap 1 2)) (n (get 1)) (n (get 2))",
    "lent and given in one call": "(n (make 5)) (n (swap 1 1))",
    "lent twice": "(n (make 5)) (n (use 1 1)) (n (use 1 1)) (drop 1)",
    "what is lent is not destroyed by who gives it back": "(n (make 5)) (n (use 1 1)) (n (get 1))",
    "lent and kept": "(n (make 5)) (n (use 1 0))",
    "dropped twice": "(n (make 5)) (drop 1) (drop 1)",
    "never made": "(n (get 1))",
    "no handle at all": "(n (get 0))",
    "a number far away": "(n (use -1 1))",
    "dropped by the maker while others live": "(n (make 5)) (n (make 6)) (n (take 2)) (n (use 1 1)) (n (make 7))",
}


def steps(text: str) -> str:
    """A scenario as instructions: n notes, numbers are constants."""
    words = text.replace("(", " ( ").replace(")", " ) ").split()
    known = {"n": "call $note", "drop": "call $drop", **{name: f"call ${name}" for name in FUNCTIONS}}
    found = []
    for word in words:
        found.append(known.get(word, f"(i32.const {word})" if word.lstrip("-").isdigit() else word))
    return " ".join(found)


def caller(scenario: str) -> str:
    """The core code of the caller, without `(module`."""
    imports = []
    for name, letters in FUNCTIONS.items():
        shown = " ".join("i32" for _ in letters)
        imports.append(f'(import "m" "{name}" (func ${name} (param {shown}) (result i32)))')
    return f"""{" ".join(imports)} (import "m" "drop" (func $drop (param i32))) {NOTE}
  (func (export "run") {steps(scenario)})"""


def component(scenario: str) -> bytes:
    """All three in one."""
    parts = {"make": '(param "x" u32) (result (own $r))', "get": '(param "x" (borrow $r)) (result u32)'}
    parts |= {"take": '(param "x" (own $r)) (result u32)'}
    parts |= {"swap": '(param "x" (own $r)) (param "y" (borrow $r)) (result (own $r))'}
    dump = '(alias core export $c "memory" (core memory $memory)) (func (export "dump") (result (list u8)) {})'
    dump = dump.format('(canon lift (core func $c "dump") (memory $memory))')
    inner = " ".join(f'(export "{name}" (func {kind}))' for name, kind in parts.items())
    lifts = " ".join(
        f'(func (export "{name}") {kind.replace("$r", "$e")} (canon lift (core func $c "{name}")))'
        for name, kind in parts.items()
    )
    lowers = " ".join(f'(core func ${name} (canon lower (func $maker "{name}")))' for name in parts)
    use = '(param "x" (borrow $r)) (param "y" bool) (result u32)'
    given = " ".join(f'(export "{name}" (func ${name}))' for name in [*FUNCTIONS, "drop"])
    return f"""(component
  (component $Maker
    (core module $D {DESTRUCTOR}) (core instance $d (instantiate $D))
    (alias core export $d "destructor" (core func $destructor))
    (type $r (resource (rep i32) (dtor (core func $destructor)))) (export $e "r" (type $r))
    (core func $new (canon resource.new $r)) (core func $rep (canon resource.rep $r)) (core func $drop (canon resource.drop $r))
    (alias core export $d "seen" (core memory $seen))
    (core module $C {MAKER})
    (core instance $c (instantiate $C (with "m" (instance (export "new" (func $new)) (export "rep" (func $rep))
      (export "drop" (func $drop)) (export "seen" (memory $seen)) (export "destructor" (func $destructor))))))
    {lifts} {dump})
  (component $User
    (import "maker" (instance $maker (export "r" (type (sub resource))))) (alias export $maker "r" (type $r))
    (core func $drop (canon resource.drop $r))
    (core module $C {USER}) (core instance $c (instantiate $C (with "m" (instance (export "drop" (func $drop))))))
    (func (export "use") {use} (canon lift (core func $c "use"))) {dump})
  (component $Caller
    (import "maker" (instance $maker (export "r" (type $r (sub resource))) {inner})) (alias export $maker "r" (type $r))
    (import "user" (instance $user (export "use" (func {use}))))
    {lowers} (core func $use (canon lower (func $user "use"))) (core func $drop (canon resource.drop $r))
    (core module $C {caller(scenario)}) (core instance $c (instantiate $C (with "m" (instance {given}))))
    (func (export "run") (canon lift (core func $c "run"))) {dump})
  (instance $maker (instantiate $Maker))
  (instance $user (instantiate $User (with "maker" (instance $maker))))
  (instance $caller (instantiate $Caller (with "maker" (instance $maker)) (with "user" (instance $user))))
  (export "run" (func $caller "run")) (export "maker" (func $maker "dump")) (export "user" (func $user "dump"))
  (export "caller" (func $caller "dump")))""".encode()


def under_the_reference(scenario: str) -> list[bytes] | None:
    """What each has noted; None if it trapped."""
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    loaded = wasmtime.component.Component(engine, to_wasm(component(scenario)))
    instance = wasmtime.component.Linker(engine).instantiate(store, loaded)
    functions: list[Any] = [instance.get_func(store, name) for name in ("run", "maker", "user", "caller")]
    found = []
    for each in functions:
        try:
            value = each(store)
        except wasmtime.WasmtimeError:
            assert each is functions[0]
            return None
        each.post_return(store)
        found.append(bytes(value or b""))
    return found[1:]


def round_ours(scenario: str) -> list[bytes] | None:
    """The same round our adapters."""
    with Guests() as guests:
        resource = t.ResourceType("r", guests.state("maker"))
        own, borrow = t.Own(resource), t.Borrow(resource)
        types = {
            "make": t.FuncType((("x", t.U32),), own), "get": t.FuncType((("x", borrow),), t.U32),
            "take": t.FuncType((("x", own),), t.U32), "swap": t.FuncType((("x", own), ("y", borrow)), own),
            "use": t.FuncType((("x", borrow), ("y", t.BOOL)), t.U32),
        }  # fmt: skip
        first = guests.instantiate(f"(module {DESTRUCTOR})")
        drops = {}
        for who in ("maker", "user", "caller"):
            imports: dict[tuple[str, str], Any] = dict(drop_leaves("r", resource, guests.state(who), guests.calls))
            imports["callee", "destructor"] = first.export("destructor")
            drops[who] = guests.store.instantiate(compiled(DROP), imports).export("call")
        built: dict[tuple[str, str], Any] = {("m", "drop"): drops["maker"]}
        built["m", "new"] = canon.resource_new("r", resource, guests.state("maker"), guests.calls)
        built["m", "rep"] = canon.resource_rep("r", resource, guests.state("maker"), guests.calls)
        built["m", "seen"], built["m", "destructor"] = first.export("seen"), first.export("destructor")
        maker = guests.instantiate(f"(module {MAKER})", built)
        user = guests.instantiate(f"(module {USER})", {("m", "drop"): drops["user"]})
        linked: dict[tuple[str, str], Any] = {("m", "drop"): drops["caller"]}
        for name, type in types.items():
            who, core = ("user", user) if name == "use" else ("maker", maker)
            linked["m", name] = guests.link(type, "caller", who, callee_function=core.export(name))
        outer = guests.instantiate(f"(module {caller(scenario)})", linked)
        try:
            guests.run(outer)
        except GuestTrap as trap:
            assert trap.code == "abi"
            return None
        found = []
        for each in (maker, user, outer):
            each.start_call("dump").resume()
            memory = each.memory()
            found.append(bytes(memory[32 : 32 + int.from_bytes(memory[20:24], "little")]))
        return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_reference_does_the_same(name: str) -> None:
    ours = round_ours(SCENARIOS[name])
    assert ours == under_the_reference(SCENARIOS[name])


def test_scenarios_end_both_ways() -> None:
    endings = [round_ours(each) is None for each in SCENARIOS.values()]
    assert endings.count(True) == 7
