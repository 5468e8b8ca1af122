"""Guests with a vDSO: that it answers, that nobody can tell, and where there is none."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from agave_wasi import World
from agave_wasi.engines import gates
from agave_wasi.instance import LiveInstance
from kernel_sim.vdso import descriptors, inodes, slots
from kernel_sim.vdso.layout import State
from kernel_sim.vdso.vdso import Vdso
from tests.agave_wasi.vdso.lockstep import OUT, PATH_A, RIGHTS, VECTORS, Pair, Walk, guest


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """A vDSO from the first call on, which adopts at the first chance."""
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
    """The clock is in one RAM; who comes second is served by the kernel, and both see one world."""
    world = World(files={"/a": b"abc"})
    first, second = world.instantiate(guest()), world.instantiate(guest())
    for live in (first, second):
        for _ in range(3):
            live.call("clock_time_get", 1, 0, OUT)
    awake(first)
    assert vdso_of(second) is not None and not vdso_of(second).awake  # type: ignore[union-attr]
    times = [int.from_bytes(live.read(OUT, 8), "little") for live in (first, second)]
    assert times[1] == 2 * times[0]
    fds = [opened(live) for live in (first, second)]
    for _ in range(3):
        for live, fd in zip((first, second), fds, strict=True):
            live.write(OUT + 64, b"xyz" if live is first else b"123")
            live.write(VECTORS, (OUT + 64).to_bytes(4, "little") + (3).to_bytes(4, "little"))
            assert live.call("fd_write", fd, VECTORS, 1, OUT) == 0
    first.close()
    second.close()
    assert world.files["/a"] == b"123123123"


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
    calls = """(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open" (func $o (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 0) "f") (data (i32.const 8) "\\00\\00\\00\\00\\08\\00\\00\\00")
        (func (export "_start")
         (drop (call $o (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1) (i64.const 64) (i64.const 0)
          (i32.const 0) (i32.const 32)))
         (loop $l (drop (call $w (i32.const 4) (i32.const 8) (i32.const 1) (i32.const 16))) (br $l))))"""
    world = World(timeout=0.3, fs_quota=1 << 24)
    result = world.run(calls.encode())
    assert result.exit_code == 124
    data = world.files["/f"]
    assert isinstance(data, bytes) and data and data[:1] == b"f" and not len(data) % 8


def test_everything_is_given_back_at_the_end(eager: None) -> None:
    world = World(files={"/a": b"abc"})
    live = world.instantiate(guest())
    fd = opened(live)
    for _ in range(3):
        live.call("fd_tell", fd, OUT)
    vdso = awake(live)
    live.close()
    assert not vdso.awake and not vdso.inodes.records and len(vdso.ram.bytes) == 0 and not world.kernel.sharing
    gc.collect()
    assert world.files["/a"] == b"abc"
