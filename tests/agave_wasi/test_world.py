"""The public API: what a world is made of, what a run gives, and how it says no."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import agave_wasi
from agave_wasi import BadProgram, Mount, World
from kernel_sim.errors import Errno
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, LOOP, RANDOM, RAW_CALLS, READS_STDIN, prints, sleeps, wat


def test_public_names() -> None:
    for name in agave_wasi.__all__:
        assert getattr(agave_wasi, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        agave_wasi.nothing  # noqa: B018


def test_files_before_and_after() -> None:
    world = World(files={"/in.txt": "some text", "/dir/other": b"\x00"})
    result = world.run(wat(COPIES))
    assert result.ok, result
    assert result.files["/dir/out.txt"] == world.files["/dir/out.txt"] == b"some text"
    world.files["/in.txt"] = b"more"
    del world.files["/dir/out.txt"]
    again = world.run(wat(COPIES))
    assert again.files["/dir/out.txt"] == b"more"
    assert result.files["/dir/out.txt"] == b"some text"  # the first result is as it was
    assert sorted(again.files) == ["/dir/other", "/dir/out.txt", "/in.txt"]


def test_a_run_on_a_folder_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("host")
    (tmp_path / "dir").mkdir()
    with World(mounts=[Mount("/", str(tmp_path), "overlay")]) as world:
        assert world.run(wat(COPIES)).files["/dir/out.txt"] == b"host"
    assert not (tmp_path / "dir" / "out.txt").exists()
    with World(mounts=[Mount("/", str(tmp_path), "ro")]) as world:
        assert world.run(wat(COPIES)).exit_code == 2
    with World(mounts=[Mount("/", str(tmp_path))]) as world:
        assert world.run(wat(COPIES)).ok
    assert (tmp_path / "dir" / "out.txt").read_text() == "host"


def test_arguments_and_environment() -> None:
    world = World(env={"A": "1", "É": "ü", "EMPTY": ""})
    shown = world.run(wat(ENVIRONMENT), ["one", "", b"\xff", "é"], arg0="me").stdout
    assert shown == b"me\0one\0\0\xff\0" + "é\0A=1\0É=ü\0EMPTY=\0".encode()
    with pytest.raises(ValueError, match="NUL"):
        world.run(wat(ENVIRONMENT), ["a\0b"])
    assert world.kernel.processes == {}


def test_the_name_of_a_program_is_its_first_argument(tmp_path: Path) -> None:
    (tmp_path / "prog.wasm").write_bytes(wat(ENVIRONMENT))
    assert World().run(tmp_path / "prog.wasm").stdout.startswith(b"prog.wasm\0")


def test_stdin() -> None:
    for given, length in ((b"", 0), (b"abc", 3), ("é", 2), (b"x" * 100, 16)):
        assert World().run(wat(READS_STDIN), stdin=given).exit_code == length


def test_seeds() -> None:
    one = World(seed=1).run(wat(RANDOM)).stdout
    assert World(seed=1).run(wat(RANDOM)).stdout == one
    assert World(seed=2).run(wat(RANDOM)).stdout != one
    world = World(seed=1)
    assert [world.run(wat(RANDOM)).stdout == one for _ in range(2)] == [True, False]  # a world goes on
    assert World(realtime=True).run(wat(RANDOM)).stdout != World(realtime=True).run(wat(RANDOM)).stdout


def test_time_goes_on_from_run_to_run() -> None:
    world = World()
    for turn in (1, 2):
        assert world.run(sleeps(10**9)).ok
        assert world.kernel.clock.monotonic() >= turn * 10**9


def test_output_as_it_comes() -> None:
    pieces: list[bytes] = []
    result = World().run(prints("hello"), stdout=pieces.append)
    assert pieces == [b"hello"] and result.stdout == b"hello"


def test_what_a_callback_of_the_caller_s_raises_comes_out() -> None:
    def broken(_: bytes) -> None:
        raise LookupError("mine")

    world = World()
    with pytest.raises(LookupError, match="mine"):
        world.run(prints("hello"), stdout=broken)
    assert world.run(prints("hello")).ok


class Sink:
    """A stream device of the user's own, which knows an error that nobody has."""

    terminal = live = False

    def read(self, limit: int) -> bytes:
        return b""

    def write(self, data: memoryview) -> int:
        from kernel_sim.errors import KernelError

        raise KernelError("NOBODY")

    def readiness(self, write: bool) -> tuple[bool, int, bool]:
        return True, 0, False

    def close(self) -> None:
        pass


def test_a_device_with_an_unknown_error_is_a_bug_that_is_seen() -> None:
    with pytest.raises(KeyError, match="NOBODY"):
        World().run(prints("hello"), stdout=Sink())


def test_a_bug_in_a_host_call_surfaces_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from kernel_sim.syscalls import Syscalls

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setattr(Syscalls, "writev", broken)
    for trace in (False, True):
        with pytest.raises(ZeroDivisionError, match="a bug of ours") as caught:
            World().run(prints("hello"), trace=trace)
        assert any(entry.name == "fd_write" for entry in caught.traceback)


def test_traces() -> None:
    events: list[dict[str, Any]] = []
    result = World().run(prints("hi"), trace=True)
    World().run(prints("hi"), trace=events.append)
    assert result.trace == events
    write, end = events
    assert write == {
        "pid": 1, "call": "fd_write", "time": 0, "args": {"fd": 1, "iovs": {"bytes": 2, "data": "hi"}},
        "errno": "SUCCESS", "result": {"result": 2},
    }  # fmt: skip
    assert (end["call"], end["errno"]) == ("proc_exit", "")
    nested = World().run(prints("hi"), trace=True, trace_syscalls=True).trace
    assert [each["call"] for each in nested[0]["syscalls"]] == ["writev"]
    assert World().run(prints("hi")).trace == []


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadProgram, match=r"nowhere\.wasm can't be read: No such file or directory"):
        World().run(tmp_path / "nowhere.wasm")
    with pytest.raises(BadProgram, match="can't be read: Is a directory"):
        World().run(tmp_path)


def test_programs_as_text_and_as_loaded_ones(tmp_path: Path) -> None:
    path = tmp_path / "loop.wat"
    path.write_text(LOOP)
    world = World(timeout=0.1)
    program = world.load(path)
    assert program.name == str(path) and program.wasm.startswith(b"\0asm")
    assert world.run(program).ended_by == "timeout"


def test_no_preopened_folder_but_those_that_are_asked_for(tmp_path: Path) -> None:
    with World(mounts=[Mount("x", str(tmp_path)), Mount("/y/z", mode="memory")], cwd="/home/me") as world:
        guest = world.instantiate(RAW_CALLS)
        names = []
        for fd in range(3, 8):
            if guest.call("fd_prestat_get", fd, 0) == 0:
                length = guest.read(4, 1)[0]
                assert guest.call("fd_prestat_dir_name", fd, 16, length) == 0
                names.append((fd, guest.read(16, length)))
    assert names == [(3, b"x"), (4, b"/y/z"), (5, b".")]


def test_limits_of_files_and_descriptors() -> None:
    world = World({"/in.txt": b"x" * 50, "/dir/a": b""}, fs_quota=60)
    assert world.run(wat(COPIES)).ended_by in ("exit", "trap")
    assert len(world.files.get("/dir/out.txt", b"")) <= 10
    with pytest.raises(OSError, match=Errno.NOSPC):
        world.files["/big"] = b"x" * 100


def test_a_closed_world_has_given_everything_back(tmp_path: Path) -> None:
    world = World(mounts=[Mount("/", str(tmp_path))], listen=["127.0.0.1:0"])
    assert world.addresses[0].rpartition(":")[2] != "0"
    assert len(world.host_devices) == 2
    world.close()
    world.close()
    assert world.host_devices == []


def test_home_is_not_touched_when_nothing_is_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("AGAVE_WASI_CACHE", raising=False)
    World(cache=False).run(prints("x"))
    assert os.listdir(tmp_path) == []


def test_too_few_descriptors_for_what_is_preopened() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        World(max_fds=3)
    with pytest.raises(ValueError, match="at least 5"):
        World(max_fds=4, mounts=[Mount("/a", mode="memory"), Mount("/", mode="memory")])
    World(max_fds=4).close()


def test_a_small_quota_allows_few_files() -> None:
    world = World(fs_quota=1000)
    with pytest.raises(OSError, match="NOSPC"):
        for number in range(2000):
            world.files[f"/f{number}"] = b""
    assert 500 < len(world.files) < 1100


def test_arguments_are_no_string() -> None:
    with pytest.raises(TypeError, match="list of arguments"):
        World().run(wat("(module)"), "abc")
