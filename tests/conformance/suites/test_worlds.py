"""The stand-ins that a case's world is made of; that each world is what its case needs, the suites' own tests show."""

from __future__ import annotations

from pathlib import Path

import pytest

from agave_wasi.host.directory import HostDirectory
from conformance.case import Case
from conformance.suites.cases import cases
from conformance.suites.worlds import FailingDirectory, NoEntropy, Peer, Peers, Script, connection, open_world
from kernel_sim.errors import KernelError
from kernel_sim.kernel import Kernel
from tests.waiting import HANG


def received(socket: object, size: int = 16) -> bytes | None:
    """What one read gives; None if nothing is there yet."""
    buffer = bytearray(size)
    count = socket.read_at(0, [memoryview(buffer)])  # type: ignore[attr-defined]
    return None if count is None else bytes(buffer[:count])


def sent(socket: object, data: bytes) -> int | None:
    """What one write takes."""
    count: int | None = socket.write_at(0, [memoryview(data)])  # type: ignore[attr-defined]
    return count


class TestPeers:
    def test_one_that_stays(self) -> None:
        socket = connection(Kernel(), Peer(sends="hello", room=3))
        assert (received(socket), received(socket)) == (b"hello", None)
        assert (sent(socket, b"abc"), sent(socket, b"d")) == (3, None)

    def test_one_that_closes(self) -> None:
        socket = connection(Kernel(), Peer(sends="bye", closes=True))
        assert (received(socket), received(socket)) == (b"bye", b"")
        with pytest.raises(KernelError, match="PIPE"):
            sent(socket, b"x")

    def test_one_that_echoes(self) -> None:
        socket = connection(Kernel(), Peer(sends="first ", echoes=True))
        assert sent(socket, b"then") == 4
        assert (received(socket), received(socket)) == (b"first then", None)
        socket.shutdown(False, True)
        assert received(socket) == b""

    def test_they_come_in_turn(self) -> None:
        kernel = Kernel()
        listening = Peers(kernel, [Peer(refused="NFILE"), Peer(sends="x"), Peer(breaks="CONNRESET")])
        assert listening.readiness(False) == (True, 3, False)
        with pytest.raises(KernelError, match="NFILE"):
            listening.accept()
        assert received(listening.accept()) == b"x"
        broken = listening.accept()
        for call in (received, lambda socket: sent(socket, b"x"), lambda socket: socket.readiness(False)):
            with pytest.raises(KernelError, match="CONNRESET"):
                call(broken)
        assert listening.accept() is None
        assert listening.readiness(False) == (False, 0, False)


class TestScript:
    def test_reading_to_the_end(self) -> None:
        script = Script("abc")
        assert script.readiness(False) == (True, 3, False)
        assert [script.read(2), script.read(2), script.read(2)] == [b"ab", b"c", b""]
        assert script.readiness(False) == (True, 0, True)

    def test_writing_until_there_is_no_room(self) -> None:
        script = Script(room=3, then="wait")
        assert [script.write(memoryview(b"ab")), script.write(memoryview(b"cd"))] == [2, 1]
        assert script.write(memoryview(b"d")) is None
        assert script.write(memoryview(b"")) == 0
        assert script.data == b"abc"
        assert script.readiness(True) == (False, 0, False)
        script.close()

    def test_waiting_and_failing(self) -> None:
        assert Script("", then="wait").read(1) is None
        assert not Script("", then="wait").readiness(False)[0]
        for call in (Script(then="IO").read, lambda _: Script(then="IO").write(memoryview(b"x"))):
            with pytest.raises(KernelError, match="IO"):
                call(1)


def test_no_entropy() -> None:
    with pytest.raises(KernelError, match="IO"):
        NoEntropy("IO").take(1)


def test_a_directory_fails_as_its_names_say(tmp_path: Path) -> None:
    device = HostDirectory(str(tmp_path))
    failing = FailingDirectory(device)
    try:
        assert failing.root == device.root
        with pytest.raises(KernelError, match="DQUOT"):
            failing.make_directory(failing.root, b"make_directory.DQUOT")
        with pytest.raises(KernelError, match="ACCES"):
            failing.stat(failing.root, b"stat.ACCES")
        with pytest.raises(KernelError, match="MLINK"):
            failing.rename(failing.root, b"f", failing.root, b"rename.MLINK")
        file = failing.open_file(failing.root, b"read.IO", True, True, True, True, False)
        assert failing.write(file, 0, [memoryview(b"x")]) == 1
        with pytest.raises(KernelError, match="IO"):
            failing.read(file, 0, [memoryview(bytearray(1))])
        failing.close(file)
        failing.make_directory(failing.root, b"entries.IO")
        with pytest.raises(KernelError, match="IO"):
            failing.entries(failing.open_directory(failing.root, b"entries.IO"))
    finally:
        device.close_all()


def test_a_folder_at_two_places_is_one_folder(tmp_path: Path) -> None:
    (case,) = cases("overlay_quota")
    with open_world(case, tmp_path) as world:
        (_, root), (_, host), (_, over) = sorted(world.preopens, key=lambda each: [b"/", b"/host", b"/over"].index(each[0]))
        host.create(b"f")
        assert over.find(b"f") is not None and root.find(b"f") is None
        assert over.fs.max_bytes == 100_000 and (tmp_path / "mount1" / "f").exists()
        over.create(b"own")
        assert host.find(b"own") is None


def test_those_beside_a_program_are_over_when_it_is(tmp_path: Path) -> None:
    (case,) = cases("beside_others")
    with open_world(case, tmp_path, timeout=HANG) as world:
        assert world.run_case().exit_code == 0
        assert [guest.instance for _, guest in world.beside] == [None, None] and not world.kernel.processes
        assert world.files["/written"] == b"by another program"


def test_files_of_a_case_are_there_in_memory_and_on_the_host(tmp_path: Path) -> None:
    (case,) = cases("root_tree")
    with open_world(case, tmp_path) as world:
        there = dict(world.files)
    with open_world(case, tmp_path, "rw") as world:
        assert dict(world.files) == there
    assert there


@pytest.mark.parametrize("mode", ["memory", "rw"])
def test_a_read_only_folder_is_one_in_every_mode(mode: str, tmp_path: Path) -> None:
    (case,) = cases("mount_readonly")
    with open_world(case, tmp_path, mode) as world:
        top = dict(world.preopens)[b"/read-only"]
        assert not top.fs.writable and top.lookup(b"file.txt").size


def test_limits_are_the_file_system_s(tmp_path: Path) -> None:
    (case,) = cases("space_full")
    limited = Case(case.path, {**case.manifest, "world": {"quota": 1, "inodes": 2, "file_size": 3}})
    with open_world(limited, tmp_path) as world:
        fs = dict(world.preopens)[b"/"].fs
        assert (fs.max_bytes, fs.max_inodes, fs.max_file_size) == (1, 2, 3)
