"""Compiling in a process of its own: what it gives, what it refuses, and what happens when that process dies."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from agave_wasi.engines import capi
from agave_wasi.engines.base import EngineConfig, EngineError
from agave_wasi.engines.x86 import compile as compiling
from agave_wasi.engines.x86.compile import UNICORN, compile_module, explain, key, stop
from agave_wasi.engines.x86.image import read_image
from agave_wasi.engines.x86.vmctx import WASMTIME
from tests.waiting import until

pytestmark = pytest.mark.skipif(not compiling.can_compile(), reason="wasmtime compiles for x86-64 Linux only there")
EMPTY = b"(module)"
PLAIN = EngineConfig()


@pytest.fixture(autouse=True)
def no_process_stays() -> Iterator[None]:
    yield
    stop()


def worker() -> compiling.Worker:
    found = compiling._worker
    assert found is not None
    return found


def test_text_and_binary_give_the_same_image() -> None:
    image = compile_module(b'(module (func (export "f")))', PLAIN)
    assert image == compile_module(capi.to_wasm(b'(module (func (export "f")))'), PLAIN)
    assert image.startswith(b"\x7fELF")


def test_the_process_stays_for_the_next_module_and_ends_when_told() -> None:
    compile_module(EMPTY, PLAIN)
    pid = worker().pid
    compile_module(EMPTY, PLAIN)
    assert worker().pid == pid
    stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    stop()


def test_behind_a_large_module_it_ends_and_gives_its_memory_back() -> None:
    padding = b" " * compiling.LARGE
    assert compile_module(EMPTY + padding, PLAIN) == compile_module(EMPTY, PLAIN)
    pid = worker().pid
    assert compile_module(EMPTY, PLAIN) and worker().pid == pid
    compile_module(EMPTY + padding, PLAIN)
    assert compiling._worker is None
    with pytest.raises(EngineError):
        compile_module(b"(module (wrong))" + padding, PLAIN)
    assert compiling._worker is None


def test_code_depends_on_fuel_and_not_on_the_stack() -> None:
    image = compile_module(b'(module (func (export "f")))', PLAIN)
    assert image == compile_module(b'(module (func (export "f")))', EngineConfig(max_stack=1 << 20))
    assert image != compile_module(b'(module (func (export "f")))', EngineConfig(fuel=True))
    assert key(PLAIN) == key(EngineConfig(max_stack=1 << 20)) != key(EngineConfig(fuel=True))


def test_the_key_says_what_the_code_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(PLAIN)
    assert WASMTIME in before and UNICORN in before
    monkeypatch.setitem(compiling.SETTINGS, "cranelift_nan_canonicalization", False)
    assert key(PLAIN) != before


def test_the_releases_are_those_that_are_pinned() -> None:
    assert WASMTIME == capi.VERSION
    assert version("unicorn") == UNICORN
    text = (Path(__file__).parents[4] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"unicorn=={UNICORN}"' in text and f'"wasmtime=={WASMTIME}"' in text


REFUSED = {
    "(memory 1 1 shared)": "threads",
    "(memory 1) (func (result i32) (i32.atomic.load (i32.const 0)))": "threads",
    "(memory i64 1)": "memory64",
    "(table i64 1 funcref)": "memory64",
    "(type (struct (field i32)))": "gc",
    "(func (param anyref))": "gc",
    "(rec (type (func)) (type (func)))": "gc",
    "(type (sub (func)))": "gc",
    "(type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0)))": "function-references",
    "(memory 1 (pagesize 1))": "custom-page-sizes",
    "(func (result i64 i64) (i64.mul_wide_s (i64.const 1) (i64.const 2)))": "wide-arithmetic",
    "(type $f (func)) (type $c (cont $f))": "stack-switching",
    "(func try end)": "legacy-exceptions",
}


@pytest.mark.parametrize("fields", REFUSED)
def test_features_that_it_has_not_are_refused_by_name(fields: str) -> None:
    with pytest.raises(EngineError, match=f"feature {REFUSED[fields]}: "):
        compile_module(f"(module {fields})".encode(), PLAIN)


TAKEN = [
    "(memory 1) (memory 2)",
    "(tag $t (param i32)) (func (throw $t (i32.const 1)))",
    "(func $f (return_call $f))",
    "(table 1 externref) (func (param externref) (table.set (i32.const 0) (local.get 0)))",
    "(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))",
    "(func (result i32 i64 f32) (i32.const 1) (i64.const 1) (f32.const 1))",
    "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
]


@pytest.mark.parametrize("fields", TAKEN)
def test_features_that_it_has(fields: str) -> None:
    flags = read_image(compile_module(f"(module {fields})".encode(), PLAIN)).flags
    assert flags["has_sse41"] and not flags["has_avx"] and not flags["has_fma"]


@pytest.mark.parametrize("wasm", [b"(modul", b"\0asm", b"(module (func (result i32)))", b"(component)", b"", b"\xff"])
def test_what_is_no_valid_module_is_refused_with_the_reason(wasm: bytes) -> None:
    with pytest.raises(EngineError) as caught:
        compile_module(wasm, PLAIN)
    assert len(str(caught.value)) > 10 and "\n" not in str(caught.value)
    assert compile_module(EMPTY, PLAIN)


def test_a_process_that_has_died_meanwhile_is_replaced() -> None:
    compile_module(EMPTY, PLAIN)
    os.kill(worker().pid, signal.SIGKILL)
    assert compile_module(EMPTY, PLAIN).startswith(b"\x7fELF")


ABORTS = "import os; os.read(0, 1); os.write(2, b'it panicked'); os.abort()"


def test_a_compiler_that_aborts_is_an_error_and_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(compiling, "_CHILD", ABORTS)
        with pytest.raises(EngineError, match=r"died of this module \(SIGABRT: it panicked\)"):
            compile_module(EMPTY, PLAIN)
    assert compile_module(EMPTY, PLAIN).startswith(b"\x7fELF")


def test_a_compiler_that_aborts_on_the_second_module_is_asked_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_module(EMPTY, PLAIN)
    os.kill(worker().pid, signal.SIGKILL)
    monkeypatch.setattr(compiling, "_CHILD", ABORTS)
    with pytest.raises(EngineError, match="SIGABRT"):
        compile_module(EMPTY, PLAIN)


def test_a_python_that_cant_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(EngineError, match="/nowhere/python"):
        compile_module(EMPTY, PLAIN)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("left", range(5))
def test_no_room_for_descriptors_is_an_error_that_leaves_none(left: int) -> None:
    stop()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = len(os.listdir("/proc/self/fd"))
    lowest = os.dup(0)
    os.close(lowest)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + left, hard))
        with pytest.raises(EngineError, match=r"the compiler can't be started: .*: Too many open files"):
            compile_module(EMPTY, PLAIN)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(os.listdir("/proc/self/fd")) == before


def test_nothing_is_left_open() -> None:
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    compile_module(EMPTY, PLAIN)
    stop()
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_interrupt_ends_the_process_so_that_no_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_module(EMPTY, PLAIN)
    pid = worker().pid

    def interrupted(fd: int) -> tuple[bool, bytes]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(compiling, "_receive_message", interrupted)
        with pytest.raises(KeyboardInterrupt):
            compile_module(EMPTY, PLAIN)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert compile_module(b'(module (func (export "f")))', PLAIN) != compile_module(EMPTY, PLAIN)


def test_behind_a_fork_both_have_a_process_of_their_own() -> None:
    compile_module(EMPTY, PLAIN)
    pid = worker().pid
    child = os.fork()
    if not child:
        try:
            done = compile_module(EMPTY, PLAIN).startswith(b"\x7fELF") and worker().pid != pid
            stop()
        except BaseException:
            done = False
        os._exit(0 if done else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    compile_module(EMPTY, PLAIN)
    assert worker().pid == pid


def test_a_parent_that_dies_takes_the_process_with_it() -> None:
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        compile_module(EMPTY, PLAIN)
        os.write(writable, worker().pid.to_bytes(4, "little"))
        os._exit(0)
    os.waitpid(child, 0)
    pid = int.from_bytes(os.read(readable, 4), "little")
    os.close(readable)
    os.close(writable)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
            return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
        except (ProcessLookupError, FileNotFoundError):
            return True

    until(gone)


class Rounds(list[bool]):
    """Busy for some looks, so that a test that fails ends."""

    left = 5

    def __bool__(self) -> bool:
        self.left -= 1
        return self.left >= 0


def test_it_is_noticed_while_it_compiles_that_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(code: int) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(os, "_exit", ended)
    readable, writable = os.pipe()
    compiling._watch([], readable)  # nothing is being compiled
    os.close(writable)
    with pytest.raises(SystemExit):
        compiling._watch(Rounds(), readable)
    os.close(readable)


def test_the_process_finds_this_package_without_its_parents_path(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = capi.package_folder()
    monkeypatch.setattr(sys, "path", [os.path.dirname(folder), *(each for each in sys.path if each.endswith("dynload"))])
    path = compiling._path()
    assert (Path(path[0]) / "agave_wasi" / "engines").is_dir() and path[1:] == sys.path


def test_threads_take_turns() -> None:
    sizes: list[int] = []
    threads = [threading.Thread(target=lambda: sizes.append(len(compile_module(EMPTY, PLAIN)))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(sizes) == 4 and len(set(sizes)) == 1


def test_elsewhere_compiling_says_where_it_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(EngineError, match=r"x86-64 Linux only.*darwin.*cache"):
        compile_module(EMPTY, PLAIN)


def test_a_reason_is_one_line() -> None:
    assert explain("failed\n\nCaused by:\n    0: here\n    1: there\n") == "failed; 0: here; 1: there"
