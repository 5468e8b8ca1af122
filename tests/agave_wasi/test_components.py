"""Components in a world: commands, calls in WAVE, components linked to components, and what is said when it can't be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.cache import CodeCache
from agave_wasi.components import ComponentProgram
from agave_wasi.engines.base import LinkError
from agave_wasi.loader import BadProgram
from tests.agave_wasi.component.examples import CALC, USER


def command(code: str, imports: str = "", core: str = "") -> bytes:
    """A component whose run is `code`, which leaves 0 for ok and 1 for err."""
    return f"""(component {imports}
      (core module $m {core} (func (export "run") (result i32) {code}))
      (core instance $i (instantiate $m))
      (func $run (result (result)) (canon lift (core func $i "run")))
      (component $c (import "run" (func $run (result (result)))) (export "run" (func $run)))
      (instance $e (instantiate $c (with "run" (func $run))))
      (export "wasi:cli/run@0.2.3" (instance $e)))""".encode()


OUTER = b'(component (import "hi" (func $hi (result string))) (export "hi" (func $hi)))'


def invoked(call: str, program: Any = CALC, **more: Any) -> tuple[Any, ...]:
    return World().run(program, invoke=(call, ()), **more).values


def test_a_command_ends_with_what_run_answers() -> None:
    assert World().run(command("i32.const 0")).exit_code == 0
    assert World().run(command("i32.const 1")).exit_code == 1


def test_a_trap_is_an_ending() -> None:
    result = World().run(command("unreachable"))
    assert (result.ended_by, result.exit_code) == ("trap", 134)
    assert [frame.name for frame in result.frames] == [None]


def test_a_bad_result_is_a_trap() -> None:
    result = World().run(command("i32.const 7"))
    assert result.ended_by == "trap" and "7" in str(result.message)


def test_fuel_and_time_end_components_too() -> None:
    forever = command("(loop $l (br $l)) i32.const 0")
    assert World(fuel=10_000).run(forever).ended_by == "limit"
    assert World(timeout=0.2).run(forever).ended_by == "timeout"


def test_calls_in_wave() -> None:
    assert invoked("add(40, 2)") == ("42",)
    assert invoked('local:calc/ops#echo("a\\u{41}")') == ('"aA"',)
    assert invoked("local:calc/ops@1.2.0#div(7, 0)") == ("err(7)",)
    assert invoked("div(7, 2)") == ("ok(3)",)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        ("ad(1, 2)", "did you mean"),
        ("zzzzz()", "it exports local:calc/ops@1.2.0#"),
        ("add(1)", "add takes 2 arguments"),
        ("add(1, -1)", "add, argument b: -1 is out of range for u32"),
        ("add", "isn't WAVE"),
    ],
)
def test_wrong_calls(call: str, complaint: str) -> None:
    with pytest.raises(BadProgram, match=complaint.replace("(", r"\(")):
        invoked(call)


def test_no_command() -> None:
    with pytest.raises(BadProgram, match="doesn't export wasi:cli/run, so it isn't a command; it exports local:calc/ops"):
        World().run(CALC)


def test_components_call_components() -> None:
    for name in ("local:calc/ops", "local:calc/ops@1", "local:calc/ops@1.0.0"):
        assert invoked("twice(21)", USER, libraries={name: CALC}) == ("42",)
    assert invoked("hi()", USER, libraries={"local:calc/ops": CALC}) == ('"hello"',)
    assert invoked("life()", USER, libraries={"local:calc/ops": CALC}) == ("77077",)


def test_what_is_missing_is_told_at_once() -> None:
    with pytest.raises(LinkError) as error:
        invoked("hi()", USER)
    for word in ("local:calc/ops@1.0.0", "counter", "echo", "was-dropped", "--link local:calc/ops@1=FILE.wasm"):
        assert word in str(error.value)


def test_what_is_linked_must_fit() -> None:
    with pytest.raises(LinkError, match="has no resource counter in what is linked"):
        invoked("hi()", USER, libraries={"local:calc/ops": command("i32.const 0")})
    with pytest.raises(LinkError, match="is a core module; only a component can be linked"):
        invoked("hi()", USER, libraries={"local:calc/ops": b"(module)"})


def test_an_import_has_the_type_of_the_standard() -> None:
    wrong = '(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result string)))))'
    with pytest.raises(LinkError, match=r"linked:\n  wasi:.* now is imported as func\(\) -> string, but it is func\(\) -> u64"):
        World().run(command("i32.const 0", wrong))


def test_a_second_guest_shares_what_was_compiled() -> None:
    world = World()
    program = world.load(CALC)
    assert isinstance(program, ComponentProgram)
    assert world.run(program, invoke=("add(1, 2)", ())).values == ("3",)
    (first,) = program.modules.values()
    kept = dict(first)
    assert kept and world.run(program, invoke=("add(1, 2)", ())).values == ("3",)
    assert dict(first) == kept
    assert World(fuel=1_000_000).run(program, invoke=("add(1, 2)", ())).values == ("3",)
    assert len(program.modules) == 2


@pytest.mark.parametrize("engine", ["wasmtime", "x86"])
def test_modules_are_known_by_their_code(engine: str) -> None:
    text = b"""(component
      (component $c (core module $unused) (core module $m (func (export "f"))) (core instance (instantiate $m)))
      (core module $own (func (export "g"))) (core instance (instantiate $own)) (instance (instantiate $c)))"""
    with World(engine=engine) as world:
        program = world.load(text)
        assert isinstance(program, ComponentProgram)
        modules = list(program.core_modules())
        assert [bytes(each.binary) for each in modules] == [wasm for _, wasm in program.modules_within()]
        world.instantiate(program).close()
        (made,) = program.modules.values()
        names = [program.name_of(made[each.offset].module) for each in modules]
        assert names == ["module 0", "module 1", "module 2"] and program.name_of(object()) is None
        compiled = program.compile(world.loader, modules[1].binary, modules[1].offset)
        assert type(compiled) is type(made[modules[1].offset].module)


def test_malformed() -> None:
    with pytest.raises(BadProgram, match="prog: malformed component at offset 0x8"):
        World().load(b"\0asm\x0d\0\1\0\xff\1\0", "prog")


def test_memories_share_the_limit() -> None:
    """Two modules of a component: neither gets more than its half."""
    grow = '(memory 1) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'
    text = f"""(component
      (core module $m {grow})
      (core instance $a (instantiate $m)) (core instance $b (instantiate $m))
      (func (export "a") (param "n" u32) (result s32) (canon lift (core func $a "grow")))
      (func (export "b") (param "n" u32) (result s32) (canon lift (core func $b "grow"))))"""
    with World(max_memory=8 << 16).instantiate(text.encode()) as live:
        assert [live.exports["a"](2), live.exports["a"](2), live.exports["b"](3), live.exports["b"](1)] == [1, -1, 1, -1]


def test_a_module_that_begins_with_too_much_is_refused() -> None:
    text = b"(component (core module $m (memory 100)) (core instance (instantiate $m)))"
    with pytest.raises(LinkError, match="memory"):
        World(max_memory=1 << 16).instantiate(text)


def test_a_backtrace_names_the_functions_of_every_module() -> None:
    from agave_wasi.backtrace import backtrace, lines

    deep = "(func $deep unreachable) (func $middle (call $deep))"
    program = World().load(command("(call $middle) i32.const 0", core=deep))
    result = World().run(program)
    places = backtrace(result.frames, [program])
    assert [(place.module, place.function) for place in places] == [
        ("module 0", "deep"), ("module 0", "middle"), ("module 0", "run"),
    ]  # fmt: skip
    assert len(lines(places)) == 3


@pytest.mark.parametrize("damage", [b"", b"text", b"\xe9", b"i\1\0\0\0"])
def test_what_is_known_of_a_component_is_found_again(damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    validated: list[object] = []
    monkeypatch.setattr("agave_wasi.component.validate.validate", validated.append)
    cache = str(tmp_path)
    for _ in range(2):
        assert World(cache=cache).run(command("i32.const 0")).exit_code == 0
    assert len(validated) == 1
    (entry,) = tmp_path.glob("valid-components-*/*.cwasm")
    (program,) = [World(cache=cache).load(command("i32.const 0"))]
    CodeCache(cache).store(entry.parent.name, entry.stem, damage)  # by another release, say
    assert World(cache=cache).run(command("i32.const 0")).exit_code == 0
    assert len(validated) == 2
    assert isinstance(program, ComponentProgram) and [each.starts for each in program.needs.values()] == [False]


def test_a_function_that_is_imported_by_itself_is_linked_too() -> None:
    program = b"""(component (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
      (core func $add (canon lower (func $add)))
      (core module $m (import "h" "add" (func $add (param i32 i32) (result i32)))
        (func (export "f") (result i32) (call $add (i32.const 40) (i32.const 2))))
      (core instance $i (instantiate $m (with "h" (instance (export "add" (func $add))))))
      (func (export "f") (result u32) (canon lift (core func $i "f"))))"""
    library = b"""(component (core module $m (func (export "add") (param i32 i32) (result i32)
        (i32.add (local.get 0) (local.get 1))))
      (core instance $i (instantiate $m))
      (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))"""
    assert invoked("f()", program, libraries={"add": library}) == ("42",)
    with pytest.raises(LinkError, match=r"add: nothing provides it; link a component that does with --link add=FILE\.wasm"):
        invoked("f()", program)
    with pytest.raises(LinkError, match="add has no function add in what is linked; it has local:calc/ops"):
        invoked("f()", program, libraries={"add": CALC})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("local:calc/opps", "user.wat has no import local:calc/opps; did you mean local:calc/ops@1.0.0?"),
        ("local:calc/ops@2", "did you mean local:calc/ops@1.0.0?"),
        ("zzz", "user.wat has no import zzz; it imports local:calc/ops@1.0.0"),
    ],
)
def test_what_is_linked_must_be_imported(name: str, why: str) -> None:
    with pytest.raises(LinkError) as error:
        invoked("hi()", USER, libraries={"local:calc/ops": CALC, name: CALC})
    assert why in str(error.value)


def test_what_is_linked_may_be_imported_by_what_is_linked_after_it() -> None:
    assert invoked("hi()", OUTER, libraries={"local:calc/ops": CALC, "hi": USER}) == ('"hello"',)
    with pytest.raises(LinkError, match="has no import local:calc/ops"):
        invoked("hi()", OUTER, libraries={"hi": USER, "local:calc/ops": CALC})
    with pytest.raises(LinkError, match="it imports nothing at all"):
        invoked("add(1, 2)", CALC, libraries={"hi": USER})
