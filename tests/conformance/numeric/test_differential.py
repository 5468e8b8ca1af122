"""The comparison of two engines: nothing differs, and what does would be seen."""

from __future__ import annotations

import json
import struct
from random import Random
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines.x86 import builtins, fused, instance
from agave_wasi.engines.x86.gcheap import FunctionReferences
from agave_wasi.engines.x86.thrown import Exceptions
from conformance.cli import numeric
from conformance.numeric import calls, globals, hosts, links, memories, tables
from conformance.numeric.differential import KINDS, Outcome, Side, compare, run
from conformance.numeric.modules import Plan, Run, Step
from conformance.numeric.operations import NAMES, OPERATIONS, Operation
from conformance.numeric.values import EDGES


def outcome_of(plan: Plan, engine: str = "x86") -> Outcome:
    outcome = Outcome()
    compare(plan, engine, outcome)
    return outcome


def test_the_engines_agree_on_some_cases_of_everything() -> None:
    outcome = run("x86", 12, 3)
    assert [str(each) for each in outcome.mismatches] == []
    assert outcome.cases > 12 * len(OPERATIONS)
    assert outcome.traps > 500


def test_the_same_seed_gives_the_same_cases() -> None:
    for plans in KINDS.values():
        one, two, other = (list(plans(Random(seed), 2)) for seed in ("a", "a", "b"))
        assert one == two != other


ONE, HALF = struct.pack("<f", 1.0), struct.pack("<f", 0.5)
Values = tuple[bytes, ...]


def test_results_and_traps_are_told_case_by_case() -> None:
    division = Step(Operation("i32.div_s", "ii", "i"))
    words = [number.to_bytes(4, "little") for number in (6, 0, 3, 0x8000_0000, 0xFFFF_FFFF)]
    cases: list[Values] = [(words[0], words[2]), (words[0], words[1]), (words[3], words[4]), (words[0], words[0])]
    told: list[list[str]] = []

    for engine in ("wasmtime", "x86"):
        side = Side(Plan("made", [division], [Run(0, cases)]), engine)
        told.append(side.run(Run(0, cases))[0])
        side.close()
    assert told[0] == told[1]
    assert told[0] == ["02" + "00" * 15, "integer divide by zero", "integer overflow", "01" + "00" * 15]


def test_a_wrong_result_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(operands: memoryview, format: fused.Format) -> bytes:
        found = bytearray(fused.multiply_add_lanes(operands, format))
        found[5] ^= 1
        return bytes(found)

    monkeypatch.setattr(builtins, "multiply_add_lanes", wrong)
    step = Step(Operation("f32x4.relaxed_madd", "VVV", "V"))
    case = (ONE * 4, HALF * 4, ONE * 4)
    outcome = outcome_of(Plan("made", [step], [Run(0, [case, case])]))
    assert (outcome.cases, len(outcome.mismatches)) == (2, 2)
    text = str(outcome.mismatches[0])
    assert text.startswith("made: f32x4.relaxed_madd 0000803f") and text.count("0000c03f") == 7


def test_what_only_a_memory_shows_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    def less(store: object, words: memoryview) -> int:
        words[builtins.RCX] -= 1
        return builtins.memory_fill(store, words)  # type: ignore[arg-type]

    monkeypatch.setitem(builtins.BUILTINS, "memory_fill", less)
    prelude = memories._prelude(Random(1))
    plan = Plan(
        "made", [Step(memories.BULK[0])], [Run(0, [(b"\x10\0\0\0", b"\7\0\0\0", b"\x20\0\0\0")])], prelude, memories.SIZE
    )
    outcome = outcome_of(plan)
    assert [each.step for each in outcome.mismatches] == ["call $fill leaves at 0x2f"]


def test_what_only_a_table_shows_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    right = FunctionReferences.address
    monkeypatch.setattr(FunctionReferences, "address", lambda references, number: right(references, min(number, 1)))
    prelude = tables.PRELUDE.replace("(tag $e (param i32))", CATCHING)
    function = Step(Operation("call $through", "ii", ""))
    cases: list[Values] = [(bytes(4), number.to_bytes(4, "little")) for number in (1, 2, 3)]
    plan = Plan("made", [function], [Run(0, cases)], prelude, 256)
    assert [each.step for each in outcome_of(plan).mismatches] == ["call $through leaves at 0x4"]


CATCHING = """(tag $e (param i32)) (tag $f (param funcref))
(func $through (param i32 i32)
  (table.set $a (local.get 0)
    (block $h (result funcref)
      (try_table (catch $f $h) (throw $f (call $function (local.get 1)))) unreachable)))"""
"""A function that gets into a table by way of an exception."""


def test_calls_hand_on_every_value() -> None:
    plan = next(calls.plans(Random(4), 4))
    side = Side(plan, "x86")
    for at, way in enumerate(calls.WAYS):
        assert str(plan.steps[at]) == f"call ${way}0"
    address = calls.DATA.to_bytes(4, "little")
    dumps = [side.run(Run(at, [(address,)]))[1] for at in range(len(plan.steps))]
    side.close()
    for start in range(0, len(dumps), len(calls.WAYS)):
        direct, *others, _ = dumps[start : start + len(calls.WAYS)]
        assert others == [direct] * 3
    assert len(set(dumps)) > calls.TYPES


def test_a_global_that_begins_wrongly_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    right = instance._Builder._set_constant

    def wrong(self: instance._Builder, at: int, instruction: str, value: Any) -> None:
        right(self, at, instruction, value)
        self.store.arena.bytes(at, 1)[0] ^= instruction == "f64.const"

    monkeypatch.setattr(instance._Builder, "_set_constant", wrong)
    found = run("x86", 4, 1, ("globals",)).mismatches
    assert found and all(each.plan.startswith("globals") for each in found)


def test_host_functions_are_given_the_same_in_every_way() -> None:
    plan = next(hosts.plans(Random(4), 4))
    side = Side(plan, "x86")
    address = calls.DATA.to_bytes(4, "little")
    dumps = [side.run(Run(at, [(address,)]))[1] for at in range(len(plan.steps))]
    side.close()
    for start in range(0, len(dumps), len(hosts.WAYS)):
        direct, *others, _ = dumps[start : start + len(hosts.WAYS)]
        assert others == [direct] * 3
    assert len(set(dumps)) > hosts.TYPES


def test_a_host_function_that_is_given_something_else_is_a_mismatch(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, made = hosts.answer, iter(range(1000))
    monkeypatch.setattr(hosts, "answer", lambda results, given: answer(results, [*given, bytes([next(made) % 2])]))
    plan = next(hosts.plans(Random(4), 4))
    assert any("leaves at" in each.step for each in outcome_of(plan).mismatches)


def test_instances_that_share_wrongly_are_mismatches(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(builtins.BUILTINS, "table_grow", lambda store, words: (1 << 64) - 1)
        assert run("x86", 8, 1, ("links",)).mismatches
    monkeypatch.setattr(Exceptions, "instance_number", lambda self, context: 0)  # so all tags are of one instance
    found = run("x86", 8, 1, ("links",)).mismatches
    assert found and {each.step for each in found} == {"call $chain"}


def test_chains_come_to_every_end() -> None:
    *_, chains = links.plans(Random(7), 40)
    side = Side(chains, "x86")
    told = [each for one in chains.runs for each in side.run(one)[0]]
    side.close()
    ends = {"unreachable", "wasm trap: null reference", "thrown Wasm exception"}
    assert {each for each in told if " " in each or each in ends} == ends and len(set(told)) > 100


def test_numbers_that_globals_begin_with() -> None:
    for letter in globals.LETTERS:
        wanted = EDGES.get(letter, [bytes(range(16))])
        texts = " ".join(f"(global {NAMES[letter]} {globals.literal(letter, data)})" for data in wanted)
        stores = " ".join(f"({NAMES[letter]}.store (i32.const {16 * at}) (global.get {at}))" for at in range(len(wanted)))
        text = f'(module (memory (export "memory") 1) {texts} (func (export "f") {stores}))'
        with World(cache=False).instantiate(text.encode()) as live:
            live.call("f")
            assert [live.read(16 * at, len(data)) for at, data in enumerate(wanted)] == wanted


def test_the_command_tells_and_decides(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert numeric.main(["--cases", "3", "tables"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("cases, 0 mismatches")
    assert numeric.main(["--cases", "3", "--json", "tables"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["tables"] and told["tables"]["cases"] > 50 and told["tables"]["mismatches"] == []
    monkeypatch.setitem(builtins.BUILTINS, "table_grow", lambda store, words: (1 << 64) - 1)
    assert numeric.main(["--cases", "9", "tables"]) == 1
    assert ", 0 mismatches" not in capsys.readouterr().out
