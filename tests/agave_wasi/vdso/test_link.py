"""Guests with a vDSO: that it answers, that nobody can tell, and where there is none."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines import gates
from agave_wasi.engines.base import EngineError, GuestTrap
from agave_wasi.functions import I32
from agave_wasi.instance import LiveInstance
from kernel_sim.vdso import descriptors, inodes, slots
from kernel_sim.vdso.layout import State
from kernel_sim.vdso.vdso import Vdso
from tests.agave_wasi.vdso.lockstep import MEMORY, OUT, PATH_A, PATH_B, RIGHTS, VECTORS, Pair, Walk, guest
from tests.waiting import within


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vDSO from the first call on, which adopts at the first chance, and never goes to sleep because it doesn't pay."""
    restless(monkeypatch)
    monkeypatch.setattr("kernel_sim.vdso.vdso.ENOUGH", sys.maxsize)


def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, but for the sleep."""
    monkeypatch.setattr(gates, "AWAKE_AT", 1)
    for room in (descriptors, inodes, slots):
        monkeypatch.setattr(room, "PATIENCE", 1)


def vdso_of(live: LiveInstance) -> Vdso | None:
    """The vDSO of an instance, once it has one."""
    switch = live._guest.switch
    return None if switch is None else switch.vdso


def awake(live: LiveInstance) -> Vdso:
    """The vDSO of an instance, which must be awake."""
    vdso = vdso_of(live)
    assert vdso is not None and vdso.awake
    return vdso


def opened(live: LiveInstance, path: bytes = b"a", oflags: int = 0) -> int:
    """A descriptor of a file."""
    live.write(PATH_A, path)
    assert live.call("path_open", 3, 0, PATH_A, len(path), oflags, RIGHTS, RIGHTS, 0, OUT) == 0
    return int.from_bytes(live.read(OUT, 4), "little")


@pytest.mark.parametrize("quota", [1 << 20, 40_000])
@pytest.mark.parametrize("seed", range(3))
def test_nobody_can_tell(eager: None, seed: int, quota: int) -> None:
    """Every errno, all of memory after each call, and both kernels to the last byte now and then."""
    pair = Pair(quota)
    walk = Walk(pair, seed)
    for _ in range(2):
        for _ in range(3000):
            walk.step()
        awake(pair.lives[0])
        assert vdso_of(pair.lives[1]) is None
        pair.look()
        assert vdso_of(pair.lives[0]) is not None and not vdso_of(pair.lives[0]).awake  # type: ignore[union-attr]
    pair.close()
    pair.look()


def test_nobody_can_tell_when_it_goes_to_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What doesn't pay sleeps, and wakes again; calls at random hardly ever pay."""
    restless(monkeypatch)
    asked: list[bool] = []
    pays = Vdso.pays

    def noted(vdso: Vdso) -> bool:
        asked.append(pays(vdso))
        return asked[-1]

    monkeypatch.setattr(Vdso, "pays", noted)
    pair = Pair()
    walk = Walk(pair, 5)
    for _ in range(6000):
        walk.step()
    pair.look()
    pair.close()
    pair.look()
    assert asked.count(False) >= 2 and any(asked)


def test_hot_calls_never_reach_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(files={"/a": b"hello"})
    live = world.instantiate(guest())
    fd = opened(live)
    for _ in range(gates.AWAKE_AT + 20):
        assert live.call("fd_tell", fd, OUT) == 0
    vdso = awake(live)
    assert vdso.slots.state(fd) == State.RAM and not dict.__contains__(world.kernel.processes[1].fds, fd)

    def never(*_: object) -> Any:
        raise AssertionError("the kernel was asked")

    for name in ("readv", "preadv", "writev", "seek", "tell", "fstat", "descriptor", "close", "openat"):
        monkeypatch.setattr(f"kernel_sim.syscalls.Syscalls.{name}", never)
    live.write(VECTORS, (OUT + 64).to_bytes(4, "little") + (5).to_bytes(4, "little"))
    assert live.call("fd_pread", fd, VECTORS, 1, 0, OUT) == 0 and live.read(OUT + 64, 5) == b"hello"
    assert live.call("fd_read", fd, VECTORS, 1, OUT) == 0
    assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0
    assert live.call("fd_seek", fd, -1, 2, OUT) == 0 and live.read(OUT, 8) == (9).to_bytes(8, "little")
    assert live.call("fd_close", fd) == 0
    monkeypatch.undo()
    live.close()
    assert world.files["/a"] == b"hellohello"


def test_whoever_looks_from_outside_sees_everything(eager: None) -> None:
    world = World()
    with world.instantiate(guest()) as live:
        live.call("clock_time_get", 0, 0, OUT)
        for _ in range(5):
            fd = opened(live, b"new", 9)
            live.call("fd_close", fd)
        fd = opened(live, b"new")
        live.write(OUT + 64, b"some text")
        live.write(VECTORS, (OUT + 64).to_bytes(4, "little") + (9).to_bytes(4, "little"))
        assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0
        awake(live)
        assert world.files["/new"] == b"some text"
        world.files["/new"] = b"from outside"
        assert live.call("fd_pread", fd, VECTORS, 1, 0, OUT) == 0 and live.read(OUT + 64, 9) == b"from outs"
        for _ in range(1100):
            live.call("fd_tell", fd, OUT)
        awake(live)  # it comes back by itself
    assert world.files["/new"] == b"from outside"


def test_a_process_alone_has_a_vdso(eager: None) -> None:
    """When a second one comes everything goes home, both are served by the kernel, and see one world."""
    world = World(files={"/a": b"abc"})
    first = world.instantiate(guest())
    for _ in range(3):
        assert first.call("clock_time_get", 1, 0, OUT) == 0
    vdso = awake(first)
    second = world.instantiate(guest())
    assert not world.kernel.sharing
    for live in (first, second):
        for _ in range(3):
            live.call("clock_time_get", 1, 0, OUT)
    assert not world.kernel.sharing and vdso_of(second) is None
    times = [int.from_bytes(live.read(OUT, 8), "little") for live in (first, second)]
    assert times == [6000, 9000]
    fds = [opened(live) for live in (first, second)]
    for _ in range(3):
        for live, fd in zip((first, second), fds, strict=True):
            live.write(OUT + 64, b"xyz" if live is first else b"123")
            live.write(VECTORS, (OUT + 64).to_bytes(4, "little") + (3).to_bytes(4, "little"))
            assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0
    second.close()
    for _ in range(1100):
        first.call("fd_tell", fds[0], OUT)
    assert world.kernel.sharing == [vdso]
    first.close()
    assert world.files["/a"] == b"123123123"


def test_another_thread_is_refused_while_hot_calls_run(eager: None) -> None:
    """What lives in RAM may be changed at any moment then: who wants to look is told so, and nothing breaks."""
    calls = """(module (import "wasi_snapshot_preview1" "clock_time_get" (func $c (param i32 i64 i32) (result i32)))
        (import "env" "go_on" (func $go_on (result i32))) (memory (export "memory") 1)
        (func (export "_start")
         (loop $l (drop (call $c (i32.const 1) (i64.const 0) (i32.const 0))) (br_if $l (call $go_on)))))"""
    world = World(files={"/a": b"abc"})
    turns = Event()
    refused: list[str] = []

    def look() -> None:
        for what in (lambda: world.files["/a"], lambda: world.run(calls.encode())):
            try:
                what()
            except EngineError as error:
                refused.append(str(error))
        turns.set()

    @world.function("env")
    def go_on() -> I32:
        if world.kernel.sharing and not refused:
            thread = Thread(target=look)
            thread.start()
            thread.join()
        return int(not turns.is_set())

    assert world.run(calls.encode()).exit_code == 0
    assert len(refused) == 2 and all("another thread" in each for each in refused)
    assert world.files["/a"] == b"abc"


WITHOUT = {
    "no memory": '(func (export "f") (result i32) (call $yield))',
    "a memory of another name": '(memory (export "other") 1) (func (export "f") (result i32) (call $yield))',
    "64-bit memory": '(memory (export "memory") i64 1) (func (export "f") (result i32) (call $yield))',
}


@pytest.mark.parametrize("body", WITHOUT.values(), ids=WITHOUT)
def test_memories_that_it_cant_see(eager: None, body: str) -> None:
    text = f"""(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32))) {body}
        (func (export "close") (result i32) (call $close (i32.const 77))))"""
    with World().instantiate(text.encode()) as live:
        assert [live.call("close") for _ in range(3)] == [8, 8, 8]
        assert vdso_of(live) is None and live.call("f") == 0


@pytest.mark.parametrize(
    "options",
    [{"max_memory": 1 << 17}, {"realtime": True}, {"strict_rights": True}, {"fuel": 1 << 30}, {"max_fds": 1 << 17}],
    ids=lambda options: next(iter(options)),
)
def test_worlds_without(eager: None, options: dict[str, Any]) -> None:
    with World(files={"/a": b"abc"}, **options).instantiate(guest()) as live:
        assert [live.call("clock_time_get", 1, 0, OUT) for _ in range(3)] == [0, 0, 0]
        assert vdso_of(live) is None


def test_memory_that_is_full_stays_with_the_kernel(eager: None) -> None:
    """RAM is a memory like others for --max-memory: what doesn't fit goes home, and nothing is lost."""
    world = World(files={"/a": b"abc"}, max_memory=5 << 20)
    with world.instantiate(guest()) as live:
        fd = opened(live)
        for _ in range(3):
            live.call("fd_tell", fd, OUT)
        awake(live)
        size = 60_000
        live.write(VECTORS, (0).to_bytes(4, "little") + size.to_bytes(4, "little"))
        live.write(0, b"x" * 1000)
        for number in range(200):
            live.write(VECTORS, (0).to_bytes(4, "little") + size.to_bytes(4, "little"))
            assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0, number
            assert int.from_bytes(live.read(OUT, 4), "little") == size
    assert len(world.files["/a"]) == 200 * size


def test_a_timeout_in_hot_calls(eager: None) -> None:
    opens = "(call $o (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1) (i64.const 64) (i64.const 0)"
    calls = f"""(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open" (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 0) "f") (data (i32.const 8) "\\00\\00\\00\\00\\08\\00\\00\\00")
        (func (export "_start") (drop {opens} (i32.const 0) (i32.const 32)))
         (loop $l (drop (call $w (i32.const 4) (i32.const 8) (i32.const 1) (i32.const 16))) (br $l))))""".encode()

    def ran(world: World) -> tuple[int, object]:
        return world.run(calls).exit_code, world.files.get("/f")

    code, data = within(lambda seconds: ran(World(timeout=seconds, fs_quota=1 << 24)), enough=lambda found: found[1])
    assert code == 124 and isinstance(data, bytes) and data[:1] == b"f" and not len(data) % 8


def test_everything_is_given_back_at_the_end(eager: None) -> None:
    world = World(files={"/a": b"abc"})
    live = world.instantiate(guest())
    fd = opened(live)
    for _ in range(3):
        live.call("fd_tell", fd, OUT)
    vdso = awake(live)
    live.close()
    assert not vdso.awake and not vdso.inodes.records and len(vdso.ram.bytes) == 0 and not world.kernel.sharing
    gone = weakref.ref(vdso)
    del vdso
    gc.collect()
    assert gone() is None and world.files["/a"] == b"abc"


def test_an_instance_goes_on_after_many_traps(eager: None) -> None:
    """Also where the trap was raised by the kernel's function, beneath frames of the vDSO."""
    with World(files={"/a": b"abc"}).instantiate(guest()) as live:
        for _ in range(3):
            live.call("fd_close", opened(live))
        awake(live)
        for _ in range(600):
            for name, arguments in (("path_filestat_get", (3, 0, PATH_A, 1, MEMORY)), ("path_unlink_file", (3, MEMORY, 9))):
                with pytest.raises(GuestTrap):
                    live.call(name, *arguments)
        assert live.call("fd_close", opened(live)) == 0


def on(live: LiveInstance, name: str, *paths: bytes) -> None:
    """A call with paths that must work."""
    arguments: list[int] = []
    for at, path in zip((PATH_A, PATH_B), paths, strict=False):
        live.write(at, path)
        arguments += [3, 0, at, len(path)] if name == "path_link" and at == PATH_A else [3, at, len(path)]
    assert live.call(name, *arguments) == 0, (name, paths)


def folder(live: LiveInstance, path: bytes) -> int:
    """A descriptor of a new folder, of which the vDSO knows."""
    on(live, "path_create_directory", path)
    live.write(PATH_A, path)
    assert live.call("path_open", 3, 0, PATH_A, len(path), 2, 0, RIGHTS, 0, OUT) == 0
    fd = int.from_bytes(live.read(OUT, 4), "little")
    for _ in range(2):
        live.call("path_filestat_get", fd, 0, PATH_A, len(path), OUT)
    return fd


def folder_on_folder(live: LiveInstance) -> None:
    on(live, "path_create_directory", b"x")
    on(live, "path_create_directory", b"y")
    on(live, "path_rename", b"x", b"y")
    on(live, "path_remove_directory", b"y")


def open_folder_that_is_gone(live: LiveInstance) -> None:
    fd = folder(live, b"x")
    on(live, "path_remove_directory", b"x")
    for _ in range(3):
        assert live.call("path_filestat_get", fd, 0, PATH_A, 1, OUT) == 44
    assert live.call("fd_close", fd) == 0


def folder_replaced_by_number(live: LiveInstance) -> None:
    fd = folder(live, b"x")
    on(live, "path_remove_directory", b"x")
    assert live.call("path_filestat_get", fd, 0, PATH_A, 1, OUT) == 44
    assert live.call("fd_renumber", opened(live), fd) == live.call("fd_close", fd) == 0


def file_replaced_by_number(live: LiveInstance) -> None:
    fd = opened(live, b"x", 9)
    on(live, "path_unlink_file", b"x")
    assert live.call("fd_allocate", fd, 0, 30_000) == live.call("fd_tell", fd, OUT) == 0  # it would pay only slowly to move it
    assert live.call("fd_renumber", opened(live), fd) == live.call("fd_close", fd) == 0


def open_file_renamed_over(live: LiveInstance) -> None:
    first, second = opened(live, b"x", 9), opened(live, b"y", 9)
    on(live, "path_rename", b"x", b"y")
    assert live.call("fd_close", first) == live.call("fd_close", second) == 0
    on(live, "path_unlink_file", b"y")


def hard_link(live: LiveInstance) -> None:
    fd = opened(live, b"x", 9)
    on(live, "path_link", b"x", b"y" * 200)
    assert live.call("fd_close", fd) == 0
    on(live, "path_unlink_file", b"x")
    on(live, "path_unlink_file", b"y" * 200)


def seen_in_a_listing(live: LiveInstance) -> None:
    assert live.call("fd_close", opened(live, b"x", 9)) == 0
    on(live, "path_create_directory", b"y")
    assert live.call("fd_readdir", 3, OUT, 2000, 0, OUT) == 0
    on(live, "path_unlink_file", b"x")
    on(live, "path_remove_directory", b"y")


def unseen(live: LiveInstance) -> None:
    """Nothing here needs the kernel."""
    fd = opened(live, b"x", 9)
    live.write(VECTORS, (0).to_bytes(4, "little") + (3000).to_bytes(4, "little"))
    assert live.call("fd_write", fd, VECTORS, 1, OUT) == live.call("fd_close", fd) == 0
    on(live, "path_create_directory", b"y")
    on(live, "path_rename", b"x", b"y/x")
    on(live, "path_unlink_file", b"y/x")
    on(live, "path_remove_directory", b"y")


def grown_and_fetched(live: LiveInstance) -> None:
    """A file whose bytes move several times, and then home."""
    fd = opened(live, b"x", 9)
    live.write(VECTORS, (0).to_bytes(4, "little") + (9000).to_bytes(4, "little"))
    for _ in range(4):
        assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0
    assert live.call("fd_allocate", fd, 0, 40_000) == live.call("fd_close", fd) == 0
    on(live, "path_unlink_file", b"x")


@pytest.mark.parametrize(
    "come_and_go",
    [unseen, grown_and_fetched, folder_on_folder, open_folder_that_is_gone, folder_replaced_by_number,
     file_replaced_by_number, open_file_renamed_over, hard_link, seen_in_a_listing],
)  # fmt: skip
def test_what_comes_and_goes_leaves_nothing(eager: None, come_and_go: Callable[[LiveInstance], None]) -> None:
    world = World(files={"/a": b"abc"})
    with world.instantiate(guest()) as live:
        seen = []
        for _ in range(3):
            for _ in range(80):  # more than the records that are made at once
                come_and_go(live)
            vdso, fs = awake(live), world.kernel.root.fs
            seen.append((vdso.ram.end, len(vdso.inodes.records), len(vdso.inodes.objects), fs.used_bytes, fs.used_inodes))
        assert seen[1] == seen[2]
