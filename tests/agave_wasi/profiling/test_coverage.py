"""Which code ran: functions, blocks, offsets, against what the program says of itself."""

from __future__ import annotations

from agave_wasi import World
from agave_wasi.binary.names import Names
from agave_wasi.profiling.coverage import Counts, Coverage, Function, ModuleCoverage, basic_blocks, modules, places_within
from agave_wasi.profiling.places import Places
from agave_wasi.streams import standard_streams
from tests.agave_wasi.guests import modelled, wat
from tests.kernel_sim.cpu.assembled import INC_RAX, NOP, RET, UD2

BRANCHES = """(module
  (func $branch (export "branch") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.mul (local.get 0) (i32.const 7))) (else (i32.rotl (local.get 0) (i32.const 9)))))
  (func $never (result i32) (i32.const 1) (drop (call $branch (i32.const 1))))
  (func (export "loop") (param i32)
    (loop $on (drop (call $branch (i32.and (local.get 0) (i32.const 1))))
      (br_if $on (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "trap") (param i32) (result i32) (i32.div_u (i32.const 5) (local.get 0))))"""


def covered(name: str, *arguments: int) -> tuple[ModuleCoverage, dict[str, Function]]:
    world = World(engine="x86")
    program = world.load(wat(BRANCHES))
    guest = world.start(["program"], *standard_streams(b"", None, None, False))
    places = Places(modelled(guest.store))
    coverage = Coverage(places)
    assert world.run_guest(guest, program, None, (name, arguments)).exit_code in (0, 134)
    (module,) = modules(places, coverage.counts())
    return module, {each.name: each for each in module.functions()}


def counts_of(module: ModuleCoverage, function: int, opcode: int) -> list[int]:
    """How often the instructions with an opcode ran."""
    wasm = wat(BRANCHES)
    return [count for offset, count in module.offsets(function).items() if wasm[offset] == opcode]


def test_counts_are_those_of_the_loop() -> None:
    module, functions = covered("loop", 10)
    assert {name: each.calls for name, each in functions.items()} == {"branch": 10, "never": 0, "loop": 1, "trap": 0}
    assert counts_of(module, 0, 0x6C) == counts_of(module, 0, 0x77) == [5]  # i32.mul, i32.rotl
    assert counts_of(module, 2, 0x10) == [10] and set(module.offsets(1).values()) == {0}
    branch = functions["branch"]
    assert branch.covered == branch.blocks >= 3 and (functions["never"].blocks, functions["never"].covered) == (0, 0)


def test_a_branch_that_was_not_taken() -> None:
    module, functions = covered("branch", 1)
    assert counts_of(module, 0, 0x6C) == [1] and counts_of(module, 0, 0x77) == [0]
    assert functions["branch"].covered == functions["branch"].blocks - 1


def test_code_that_traps_counts_up_to_there() -> None:
    _, functions = covered("trap", 0)
    assert functions["trap"].calls == 1 and functions["trap"].covered < functions["trap"].blocks
    assert covered("trap", 1)[1]["trap"].covered == functions["trap"].blocks


def test_offsets_lie_within_their_functions() -> None:
    module, _ = covered("branch", 1)
    names = Names(wat(BRANCHES))
    for index in range(4):
        body = names.body(index)
        assert body is not None and all(body[0] <= offset < body[1] for offset in module.offsets(index))
        image = module.module.image
        start, end = image.function_range(index)
        expected = {image.wasm_offset(offset) for offset in range(start, end)} - {None}
        assert {place for _, place in places_within(module.module, index)} - {None} == expected


def test_blocks_of_code() -> None:
    code = b"\x75\x04" + NOP + INC_RAX + b"\xeb\x03" + UD2 + NOP * 2 + RET  # jnz +4; ...; jmp +3
    assert basic_blocks(code, 1000) == [1000, 1002, 1006, 1010, 1011]  # without the one that traps
    assert basic_blocks(b"\xff\xe0" + RET, 0) == [0, 2]
    assert basic_blocks(b"\x74\x7f" + RET, 0) == [0, 2]  # a jump out of it


def test_counts_of_blocks_that_lie_over_each_other() -> None:
    counts = Counts([(10, 20, 2), (15, 20, 3), (30, 31, 1)])
    assert [counts.at(address) for address in (0, 10, 14, 15, 19, 20, 30, 31)] == [0, 2, 2, 5, 5, 0, 1, 0]
    assert Counts([]).at(5) == 0
