"""Guests that ask for too much or never end: each stops in a way that can be told, and the host is as before."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from agave_wasi import BadProgram, Caller, LinkError, Mount, Result, World
from agave_wasi.abi.memory import IO_MAX
from tests.agave_wasi.guests import LOOP, imported, little, wat
from tests.descriptors import open_descriptors

WRITE = imported("fd_write")
START = '(func (export "_start")'


def run(text: str, **options: object) -> Result:
    return World(**options).run(wat(text))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["(memory 1)", "(global i32)", "(table 1 funcref)", "(tag)"])
def test_imports_of_another_kind(kind: str) -> None:
    with pytest.raises(LinkError, match=r"wasi_snapshot_preview1\.fd_write \((memory|global|table|tag)\)"):
        run(f'(module (import "wasi_snapshot_preview1" "fd_write" {kind}) {START}))')


@pytest.mark.parametrize("parameter", ["v128", "externref", "funcref", "(ref func)", "f32", "i64"])
def test_imports_of_another_type(parameter: str) -> None:
    text = f'(import "wasi_snapshot_preview1" "fd_close" (func (param {parameter}) (result i32)))'
    with pytest.raises(LinkError, match="fd_close"):
        run(f"(module {text} {START}))")


def test_a_start_function_that_traps() -> None:
    result = run(f"(module (func $s unreachable) (start $s) {START}))")
    assert (result.exit_code, result.ended_by, result.message) == (134, "trap", "unreachable")
    assert [frame.function for frame in result.frames] == [0]


@pytest.mark.parametrize("text", ["(data (i32.const 65535) \"ab\")", "(table 1 funcref) (elem (i32.const 1) func 0)"])
def test_segments_that_do_not_fit(text: str) -> None:
    assert run(f"(module (memory 1) {text} {START}))").ended_by == "trap"


def test_a_start_function_that_never_ends() -> None:
    result = run(f"(module (func $s (loop $l (br $l))) (start $s) {START}))", timeout=0.2)
    assert (result.exit_code, result.ended_by) == (124, "timeout")
    assert run(f"(module (func $s (loop $l (br $l))) (start $s) {START}))", fuel=1000).ended_by == "limit"


def test_a_reactor_whose_initialization_never_ends() -> None:
    text = f'(module (func (export "_initialize") (loop $l (br $l))) {START}))'
    assert run(text, timeout=0.2).ended_by == "timeout"


def test_an_endless_loop() -> None:
    assert run(LOOP, timeout=0.2).exit_code == 124
    limited = run(LOOP, fuel=10_000)
    assert (limited.exit_code, limited.message) == (125, "the fuel limit of 10000 was reached")


def test_a_request_for_all_of_memory() -> None:
    touching = '(i32.store (i32.const -65536) (i32.const 1))'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run(f"(module (memory 65536) {START} {touching}))").ok
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB: untouched pages cost nothing
    with pytest.raises(LinkError, match="exceeds memory limits"):
        run(f"(module (memory 65536) {START}))", max_memory=1 << 20)


def test_growing_beyond_a_limit_fails_as_the_instruction_says() -> None:
    text = f'(module (memory 1) {START} (if (i32.ne (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))))'
    assert run(text, max_memory=1 << 20).ok


@pytest.mark.parametrize("text", ["(memory i64 0x100000000)", "(table 4000000000 funcref)"])
def test_more_than_the_host_has(text: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + (16 << 30), hard))
    try:
        with pytest.raises(LinkError, match="can't be instantiated"):
            run(f"(module {text} {START}))")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def test_deep_recursion() -> None:
    text = f"""(module (func $f (param i64) (call $f (local.get 0)) (drop (i64.const 1)))
        {START} (call $f (i64.const 1))))"""
    result = run(text)
    assert (result.exit_code, result.message) == (134, "stack overflow")
    assert 1 <= len(result.frames) < 100_000


def test_a_larger_stack_holds_more() -> None:
    text = f"""(module (func $f (param i32) (result i32) (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
        {START} (drop (call $f (i32.const 60000)))))"""
    assert run(text, max_stack=64 << 10).message == "stack overflow"
    assert run(text, max_stack=8 << 20).ok


def test_deep_recursion_through_host_functions() -> None:
    world = World()

    @world.function("env")
    def again(caller: Caller) -> None:
        caller.call("go")

    text = f'(module (import "env" "again" (func $again)) (func $go (export "go") (call $again)) {START} (call $go)))'
    with pytest.raises(RecursionError):
        world.run(wat(text))
    assert world.run(wat(f"(module {START}))")).ok


def test_an_output_flood() -> None:
    text = f"""(module {WRITE} (memory (export "memory") 2) (data (i32.const 0) "{little(16)}{little(65536)}")
        {START} (loop $l (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))))"""
    world = World(max_output=100_000)
    result = world.run(wat(text))
    assert (result.exit_code, result.ended_by) == (125, "limit")
    assert result.message == "the output limit of 100000 was reached"
    assert len(result.stdout) == 100_000


def opener(flags: int) -> str:
    return f"""(module {imported("path_open", "proc_exit")} (memory (export "memory") 1) (data (i32.const 0) "f")
        {START} (local $n i32) (local $e i32)
          (loop $l
            (local.set $e (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const {flags})
              (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 8)))
            (if (i32.eqz (local.get $e)) (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l))))
          (if (i32.ne (local.get $e) (i32.const 33)) (then unreachable))
          (call $proc_exit (local.get $n))))"""


def test_many_descriptors() -> None:
    assert run(opener(1), max_fds=100).exit_code == 96
    assert run(opener(1), max_fds=4).exit_code == 0


def test_many_descriptors_on_a_folder_of_the_host(tmp_path: Path) -> None:
    before = open_descriptors()
    with World(mounts=[Mount("/", str(tmp_path))], max_fds=200) as world:
        assert world.run(wat(opener(1))).exit_code == 196
    assert open_descriptors() == before


def test_a_file_larger_than_the_quota() -> None:
    text = f"""(module {imported("path_open", "fd_filestat_set_size", "fd_allocate", "fd_pwrite", "proc_exit")}
        (memory (export "memory") 2) (data (i32.const 0) "f") (data (i32.const 16) "{little(32)}{little(65536)}")
        {START}
          (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1)
              (i64.const 66) (i64.const 66) (i32.const 0) (i32.const 8)))
          (drop (call $fd_filestat_set_size (i32.const 4) (i64.const 0xfffffff0000)))
          (loop $l
            (br_if $l (i32.eqz (call $fd_pwrite (i32.const 4) (i32.const 16) (i32.const 1)
              (i64.load (i32.const 65600)) (i32.const 24))))
            )
          (call $proc_exit (i32.const 7))))"""
    # the same place over and over again: within the quota, so it is the fuel that ends it
    assert run(text, fs_quota=1 << 20, fuel=20_000).ended_by == "limit"


def test_a_name_that_is_not_utf_8_in_an_import() -> None:
    data = bytearray(wat('(module (import "abcd" "f" (func)) (func (export "_start")))'))
    data[data.index(b"abcd")] = 0xFF
    with pytest.raises(BadProgram):
        World().run(bytes(data))


@pytest.mark.parametrize("buffers", [1, 2])
def test_one_call_moves_so_much_at_the_most(buffers: int) -> None:
    """/dev/null would take it all, and never looks at it; four gigabytes of memory are only promised."""
    text = f"""(module {imported("path_open", "fd_write", "proc_exit")} (memory (export "memory") 65536)
      (data (i32.const 0) "{little(4096)}{little(0x9000_0000)}{little(4096)}{little(16)}dev/null")
      (func (export "_start")
        (call $check (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 8) (i32.const 0) (i64.const 64)
          (i64.const 0) (i32.const 0) (i32.const 32)))
        (call $check (call $fd_write (i32.load (i32.const 32)) (i32.const 0) (i32.const {buffers}) (i32.const 36)))
        (call $check (i32.ne (i32.load (i32.const 36)) (i32.const {IO_MAX}))))
      (func $check (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0))))))"""
    assert run(text).exit_code == 0
