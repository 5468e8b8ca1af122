"""`agave-wasi inspect` of components."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.cli.failures import Failure
from agave_wasi.cli.inspect import main
from agave_wasi.cli.inspect_component import described, drawn, tree, unsatisfied
from tests.agave_wasi.component.test_describe import TEXT
from tests.agave_wasi.component.texts import assemble


@pytest.fixture
def component(tmp_path: Path) -> Path:
    path = tmp_path / "c.wasm"
    path.write_bytes(assemble(TEXT))
    return path


def test_modules_of_components_within_have_their_numbers_in_the_file() -> None:
    inside = "(component (core module $x) (component (core module)))"
    lines = list(drawn(tree(described(assemble(f"(component (core module) {inside} (core module $last))")))))
    modules = [line.partition("core module ")[2].partition(":")[0] for line in lines if "core module " in line]
    assert sorted(modules) == ["0", "0 (module 2 of the file)", "0 x (module 1 of the file)", "1 last (module 3 of the file)"]


def test_the_tree(component: Path) -> None:
    size = len(assemble(TEXT))
    lines = list(drawn(tree(described(assemble(TEXT)))))
    assert lines[0] == f"component: {size} bytes"
    assert lines[1:4] == [
        "|-- imports: 1",
        "|   `-- wasi:io/poll@0.2.0: instance, 1 function, 1 type",
        f"|-- core module 0 one: {lines[3].split(': ')[1].split(' bytes')[0]} bytes, 1 import, 1 export",
    ]
    assert "|   |-- memory: 1.. pages" in lines
    assert "|-- core instances: 1 of modules, 1 made of exports" in lines
    assert "|   `-- 1: of module 0, given p = 0" in lines
    assert "|-- functions: 1 lowered, 1 of resources, 1 lifted" in lines
    assert "|-- instance 1: of component 0, given f = func 1" in lines
    assert "|-- instance 2: made of exports, with k = func 1" in lines
    assert "|   `-- x:y/z: instance, 1 function" in lines


def test_the_command(component: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(component)]) == 0
    said = capsys.readouterr().out
    assert "import wasi:io/poll@0.2.0" in said
    assert "[method]pollable.ready  func(self: borrow<pollable>) -> bool" in said
    assert "export x:y/z" in said
    assert "what can't be had here" in said


def test_as_json(component: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", str(component)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["file"] == str(component)
    assert found["imports"][0]["items"][0] == {"name": "pollable", "kind": "type", "type": "resource"}
    assert isinstance(found["unsatisfied"], list)


def test_a_component_in_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.wat"
    path.write_text('(component (import "f" (func (param "a" string))))', encoding="utf-8")
    assert main([str(path)]) == 0
    assert "f  func(a: string)" in capsys.readouterr().out


def test_what_is_wrong_is_said_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "c.wasm"
    path.write_bytes(assemble("(alias outer 0 7 (type))"))
    with pytest.raises(Failure, match="invalid component at offset 0xb: there is no type 7; 0 are known here"):
        main([str(path)])
    path.write_bytes(b"\0asm\x0d\0\1\0\x0d\0")
    with pytest.raises(Failure, match="malformed component at offset 0x8: unknown section id 13"):
        main([str(path)])
    with pytest.raises(MalformedModule):
        described(b"")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('(import "wasi:io/poll@0.2.0" (instance (export "pollable" (type (sub resource)))))', []),
        ('(import "wasi:cli/environment@0.2.3" (instance (export "get-arguments" (func (result (list string))))))', []),
        ('(import "wasi:cli/environment@0.2.3" (instance (export "get-argument" (func))))', ["get-argument"]),
        (
            '(import "x:y/z" (instance (export "f" (func)) (export "r" (type (sub resource)))))',
            ["x:y/z: f, r: nothing provides it"],
        ),
        ('(import "f" (func)) (type $t u8) (import "t" (type (eq $t)))', ["f: nothing provides it"]),
        ("(core func (canon backpressure.inc))", ["built-in functions of Preview 3"]),
    ],
)
def test_what_can_not_be_had_here(text: str, said: list[str]) -> None:
    found = unsatisfied(described(assemble(text)))
    assert len(found) == len(said)
    assert all(words in line for words, line in zip(said, found, strict=True)), found


def test_names_can_not_steer_the_terminal() -> None:
    assert list(drawn(("a\x1b[1m\nb", [("c\x07", [])]))) == ["a\\x1b[1m\\nb", "`-- c\\x07"]
