"""From bytes to a compiled module: what is none, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import BadProgram, World
from agave_wasi.cache import CodeCache
from agave_wasi.engines.base import EngineConfig, StoreLimits
from agave_wasi.loader import Loader, _reason, engine_for, read_elf, to_binary, to_module
from tests.agave_wasi.guests import wat


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "isn't a WebAssembly program"), (b"\x7fELF", "isn't a WebAssembly program"),
        (b"(module", "expected"), (b"\0asm\x01\0\0\0\xff", "the module: "),
        (b"(component)", "isn't a command; it exports nothing"),
        (b"\0asm\x0d\0\x01\0", "isn't a command; it exports nothing"),
        (b"\0asm\x02\0\0\0", "unknown version 2 of layer 0"), (b"\0asm\x0d\0\x02\0", "unknown version 13 of layer 2"),
        (b"\0asm\x0d\0", "unexpected end of the preamble"), (b"\0as", "neither a WebAssembly binary"),
        (b"(module (func (export \"_start\") (i32.add)))", "type mismatch"),
    ],
)  # fmt: skip
def test_what_is_no_program(data: bytes, why: str) -> None:
    with pytest.raises(BadProgram) as caught:
        World().run(data)
    assert why in str(caught.value)


def test_engines_of_one_configuration_are_one() -> None:
    assert engine_for(EngineConfig()) is engine_for(EngineConfig())
    assert engine_for(EngineConfig(fuel=True)) is not engine_for(EngineConfig())
    assert engine_for(EngineConfig()).key != engine_for(EngineConfig(max_stack=1 << 16)).key
    assert StoreLimits().fuel is None


def loader(folder: Path, progress: Any = None) -> Loader:
    return Loader(engine_for(EngineConfig()), CodeCache(str(folder)), progress)


def kept(folder: Path) -> list[Path]:
    return list(folder.rglob("*.cwasm"))


class Progress:
    """Notes what compiles, and when that is over."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    @contextmanager
    def __call__(self, name: str, size: int) -> Iterator[None]:
        self.seen.append((name, size))
        yield
        self.seen.append("over")


def test_a_module_is_compiled_once_and_kept(tmp_path: Path) -> None:
    code, progress = wat('(module (func (export "f") (result i32) (i32.const 5)))'), Progress()
    loader(tmp_path, progress).load(code, "one.wasm")
    assert progress.seen == [("one.wasm", len(code)), "over"]
    assert len(kept(tmp_path)) == 1
    program = loader(tmp_path, progress).load(code, "another name")
    assert len(progress.seen) == 2 and len(kept(tmp_path)) == 1
    assert World().instantiate(program).call("f") == 5


def test_kept_code_that_is_damaged_is_compiled_again(tmp_path: Path) -> None:
    code = wat('(module (func (export "f") (result i32) (i32.const 6)))')
    loader(tmp_path).load(code, "x")
    (path,) = kept(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(b"damaged")
    program = loader(tmp_path).load(code, "x")
    assert World().instantiate(program).call("f") == 6
    assert path.read_bytes() == whole


def test_kept_code_that_the_engine_refuses_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "foreign").write_bytes(b"of another engine")
    monkeypatch.setattr(CodeCache, "find", lambda self, engine, key: str(tmp_path / "foreign"))
    program = loader(tmp_path).load(wat('(module (func (export "f") (result i32) (i32.const 7)))'), "x")
    assert World().instantiate(program).call("f") == 7


def test_what_does_not_compile_is_not_kept(tmp_path: Path) -> None:
    progress = Progress()
    bad = wat("(module (func (nop)))").replace(b"\x01\x0b", b"\x6a\x0b")  # i32.add of nothing
    with pytest.raises(BadProgram, match=r"^bad\.wasm: .*type mismatch"):
        loader(tmp_path, progress).load(bad, "bad.wasm")
    assert kept(tmp_path) == [] and progress.seen == [("bad.wasm", len(bad))]


def test_glue_of_our_own_compiles_without_a_word(tmp_path: Path) -> None:
    progress = Progress()
    loader(tmp_path, progress).compile(b"(module)")
    assert progress.seen == []


def test_a_module_is_known_by_its_code() -> None:
    program = World().load(wat("(module)"), "folder/some.wasm")
    assert program.name_of(program.module) == "some.wasm" and program.name_of(object()) is None


def test_text_becomes_a_binary_and_a_binary_stays() -> None:
    assert to_module(b"(module)", "x") == b"\0asm\x01\0\0\0"
    assert to_module(wat("(module (memory 1))"), "x") == wat("(module (memory 1))")
    assert to_binary(b"(component)", "x") == b"\0asm\x0d\0\1\0"
    with pytest.raises(BadProgram, match="x is a WebAssembly component"):
        to_module(b"(component)", "x")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("one line", "one line"), ("two\n  lines", "two lines"),
        ("failed\n\nCaused by:\n    0: first\n    1: second", "failed; 0: first; 1: second"),
    ],
)  # fmt: skip
def test_the_reason_is_one_line(text: str, reason: str) -> None:
    assert _reason(text) == reason


def test_a_file_that_is_machine_code(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(b"\x7fELF...")
    assert read_elf(path) == read_elf(str(path)) == (str(path), b"\x7fELF...")
    path.write_bytes(b"\x7fEL")
    assert read_elf(path) is None and read_elf(tmp_path) is None and read_elf(tmp_path / "nothing") is None
