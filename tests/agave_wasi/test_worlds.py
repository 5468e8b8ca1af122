"""What worlds share and what they give back: programs, functions that libraries hand on, what is the host's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agave_wasi import Mount, World
from agave_wasi.host.commit import CommitError
from kernel_sim.fs.changes import DEEPEST
from tests.agave_wasi.guests import imported, little, prints, wat
from tests.descriptors import open_descriptors


def test_a_program_that_another_world_has_loaded() -> None:
    program, library = World().load(prints("text", 3)), World(max_stack=1 << 20).load(wat('(module (func (export "f")))'))
    counting = World(fuel=10_000)
    for _ in range(2):
        result = counting.run(program)
        assert (result.exit_code, result.stdout) == (3, b"text") and result.fuel is not None and result.fuel < 10_000
    assert World(max_stack=1 << 20).run(counting.load(prints("text", 3))).exit_code == 3
    user = '(module (import "l" "f" (func $f)) (func (export "_start") (call $f)))'
    assert World().run(wat(user), libraries={"l": library}).ok
    with counting.instantiate(library) as guest:
        assert guest.call("f") is None
    other, again = counting.loaded(program), counting.loaded(program)
    assert other is again and other is not program and World().loaded(program) is program


@pytest.mark.parametrize("fuel", [None, 100_000])
def test_a_function_that_libraries_hand_on_works_on_the_memory_of_its_caller(fuel: int | None) -> None:
    def memory(text: str) -> str:
        return f'(memory (export "memory") 1) (data (i32.const 0) "{little(16)}{little(4)}") (data (i32.const 16) "{text}")'

    kind = "(param i32 i32 i32 i32) (result i32)"
    call = "(drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"
    first = f"""(module {imported("fd_write")} {memory("lib ")} (export "a (name" (func $fd_write))
      (func (export "own") {call.replace("$w", "$fd_write")}))"""
    second = f"""(module (import "first" "a (name" (func $w {kind})) (export "w" (func $w)))"""
    main = f"""(module (import "second" "w" (func $w {kind})) {imported("fd_write")} (import "first" "own" (func $own))
      {memory("main")} (func (export "_start") {call} (call $own) {call.replace("$w", "$fd_write")}))"""
    libraries = {"first": wat(first), "second": wat(second)}
    result = World(fuel=fuel).run(wat(main), libraries=libraries, trace=True)
    assert result.ok and result.stdout == b"mainlib main"
    assert [event["call"] for event in result.trace] == ["fd_write"] * 3


def test_a_library_in_the_place_of_wasi_does_not_replace_it() -> None:
    library = f"""(module {imported("fd_write")} (export "fd_write" (func $fd_write)))"""
    result = World().run(prints("text"), libraries={"wasi_snapshot_preview1": wat(library)})
    assert result.ok and result.stdout == b"text"


@pytest.mark.parametrize("mode", ["ro", "rw", "overlay"])
def test_a_world_that_nobody_closes_gives_everything_back(mode: str, tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "f").write_text("1")
    before = open_descriptors()
    world = World(mounts=[Mount("/", str(tmp_path), mode)], listen=["127.0.0.1:0"])
    assert world.run(prints("", 0)).ok
    saved, files = world.snapshot(), world.files
    del world
    assert len(open_descriptors()) > len(before)
    assert dict(files) == {"/d/e/f": b"1"}  # which still refers to the folder
    del files
    assert open_descriptors() == before
    World.restore(saved)
    assert open_descriptors() == before


def test_what_lies_too_deep_is_not_written_back(tmp_path: Path) -> None:
    """The overlay says so before anything is changed; it doesn't even look at all that is below."""
    world = World(mounts=[Mount("/w", str(tmp_path), "overlay")])
    top = directory = world.preopens[0][1]
    top.create(b"before")
    for _ in range(DEEPEST + 50_000):
        directory = directory.make_directory(b"d")
    with pytest.raises(CommitError) as error:
        world.commit()
    assert str(error.value).startswith("d/d/") and len(str(error.value)) < 300
    assert str(error.value).endswith("d could not be written back (NAMETOOLONG); nothing has been changed")
    assert os.listdir(tmp_path) == []
