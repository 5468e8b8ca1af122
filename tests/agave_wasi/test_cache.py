"""Compiled code on disk: found when it is sound and ours, made anew when it is damaged or somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agave_wasi import World
from agave_wasi.cache import (
    ABANDONED,
    FILES,
    FOLDER_VARIABLE,
    LARGE,
    NOTE_SUFFIX,
    STILL,
    SUFFIX,
    CodeCache,
    default_folder,
    digest,
)
from agave_wasi.engines.wasmtime_engine import WasmtimeEngine
from tests.agave_wasi.guests import ROOT, prints
from tests.waiting import HANG, until

PROGRAM = prints("cached")
KEY = digest(PROGRAM)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were compiled, each time."""
    sizes: list[int] = []
    original = WasmtimeEngine.compile

    def compile(self: WasmtimeEngine, wasm: bytes) -> object:
        if wasm == PROGRAM:
            sizes.append(len(wasm))
        return original(self, wasm)

    monkeypatch.setattr(WasmtimeEngine, "compile", compile)
    return sizes


def run(folder: Path) -> None:
    assert World(cache=str(folder)).run(PROGRAM).stdout == b"cached"


def entry(folder: Path) -> Path:
    (found,) = folder.rglob(KEY + SUFFIX)
    return found


def note(folder: Path) -> Path:
    return entry(folder).with_name(KEY + NOTE_SUFFIX)


def test_the_second_run_compiles_nothing(tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    run(tmp_path)
    assert len(compiled) == 1
    assert entry(tmp_path).stat().st_mode & 0o777 == note(tmp_path).stat().st_mode & 0o777 == 0o600
    assert entry(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize("damage", ["empty", "half", "one bit", "text", "longer"])
def test_a_damaged_entry_is_made_anew(damage: str, tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    path = entry(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    whole = path.read_bytes()
    half = whole[: len(whole) // 2]
    damaged = {"empty": b"", "half": half, "one bit": bytes(data), "text": b"hello", "longer": whole + b"x"}
    path.write_bytes(damaged[damage])
    run(tmp_path)
    run(tmp_path)
    assert len(compiled) == 2
    assert path.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "x", "1 2 3 4 5", "\xff\xfe", "0 0 0 0 " + "0" * 64])
def test_a_wrong_note_is_no_trust(text: str, tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    note(tmp_path).write_bytes(text.encode("latin-1"))
    run(tmp_path)
    run(tmp_path)
    assert len(compiled) == 2


def test_a_missing_note_is_no_trust(tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    note(tmp_path).unlink()
    run(tmp_path)
    assert len(compiled) == 2


def test_a_touched_entry_of_the_same_bytes_is_good(tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    os.utime(entry(tmp_path), (time.time(), 1))
    old = note(tmp_path).read_text()
    run(tmp_path)
    assert len(compiled) == 1
    assert note(tmp_path).read_text() != old


def test_a_note_s_claim_about_a_damaged_entry_does_not_help(tmp_path: Path, compiled: list[int]) -> None:
    """Somebody with our rights who changes bytes and restores the times still can't restore the change time."""
    run(tmp_path)
    path = entry(tmp_path)
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1

    def changed() -> bool:
        path.write_bytes(bytes(data))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return path.stat().st_ctime_ns > status.st_ctime_ns  # a host's clock may be coarse

    until(changed)
    run(tmp_path)
    assert len(compiled) == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("whose", ["entry", "folder"])
def test_what_belongs_to_somebody_else_is_ignored(whose: str, tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    path = entry(tmp_path)
    os.chown(path if whose == "entry" else path.parent, 65534, -1)
    run(tmp_path)
    run(tmp_path)
    # a foreign entry is replaced, a foreign folder isn't written to
    assert len(compiled) == (2 if whose == "entry" else 3)
    assert path.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_write_to_is_ignored(mode: int, tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    entry(tmp_path).chmod(mode)
    run(tmp_path)
    assert len(compiled) == 2
    assert entry(tmp_path).stat().st_mode & 0o777 == 0o600
    entry(tmp_path).parent.chmod(0o770)
    run(tmp_path)
    assert len(compiled) == 3


def test_links_are_ignored(tmp_path: Path, compiled: list[int]) -> None:
    run(tmp_path)
    path = entry(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    run(tmp_path)
    assert len(compiled) == 2
    assert not entry(tmp_path).is_symlink()
    folder = path.parent
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    run(tmp_path)
    assert len(compiled) == 3


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    run(tmp_path)


def test_a_folder_that_can_not_be_made(tmp_path: Path, compiled: list[int]) -> None:
    (tmp_path / "file").write_text("")
    run(tmp_path / "file" / "cache")
    run(tmp_path / "file" / "cache")
    run(Path("/proc/nowhere"))
    assert len(compiled) == 3


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert CodeCache(str(tmp_path)).store("engine", "k", b"code") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_configurations_have_entries_of_their_own(tmp_path: Path) -> None:
    World(cache=str(tmp_path)).run(PROGRAM)
    World(cache=str(tmp_path), fuel=10**9).run(PROGRAM)
    assert len(list(tmp_path.rglob(KEY + SUFFIX))) == 2


def test_code_of_another_configuration_is_not_run(tmp_path: Path, compiled: list[int]) -> None:
    World(cache=str(tmp_path)).run(PROGRAM)
    World(cache=str(tmp_path), fuel=10**9).run(PROGRAM)
    one, other = sorted(tmp_path.rglob(KEY + SUFFIX))
    one.write_bytes(other.read_bytes())
    CodeCache(str(tmp_path))._write_note(str(one), digest(other.read_bytes()))
    for fuel in (None, 10**9):
        assert World(cache=str(tmp_path), fuel=fuel).run(PROGRAM).stdout == b"cached"
    assert len(compiled) == 3


def test_entries_and_clear(tmp_path: Path) -> None:
    run(tmp_path)
    cache = CodeCache(str(tmp_path))
    entries = list(cache.entries())
    assert KEY in {each.key for each in entries}
    assert sum(each.size for each in entries) == sum(path.stat().st_size for path in tmp_path.rglob("*" + SUFFIX))
    count, size = cache.clear()
    assert (count, size) == (len(entries), sum(each.size for each in entries))
    assert list(cache.entries()) == []
    assert cache.clear() == (0, 0)
    assert list(CodeCache(str(tmp_path / "nowhere")).entries()) == []


def test_what_a_killed_process_left_unfinished_goes(tmp_path: Path) -> None:
    """With the next entry if it is old, at once if everything goes; what another process may be writing stays."""
    cache = CodeCache(str(tmp_path))
    assert cache.store("engine", "first", b"code")
    old, new = (tmp_path / "engine" / f"second.cwasm.1.{name}.tmp" for name in ("old", "new"))
    old.write_bytes(b"half")
    new.write_bytes(b"an")
    past = time.time() - 2 * ABANDONED
    os.utime(old, (past, past))
    assert cache.store("engine", "second", b"code")
    assert not old.exists() and new.exists() and cache.find("engine", "first")
    assert cache.clear() == (2, 10)
    assert not list((tmp_path / "engine").iterdir())


def test_beyond_the_limit_what_was_used_longest_ago_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agave_wasi.cache.LIMIT", 3 * LARGE)
    cache = CodeCache(str(tmp_path))

    def keys() -> set[str]:
        return {each.key for each in cache.entries()}

    code = bytes(LARGE)
    for age, key in enumerate(("youngest", "older", "oldest")):
        path = cache.store(f"engine {age}", key, code)
        assert path is not None
        os.utime(path, (1000 - age, 1000 - age))
    assert keys() == {"youngest", "older", "oldest"}
    assert cache.store("engine 0", "small", b"code")  # small ones are no reason to look at all others
    assert len(keys()) == 4
    assert cache.store("engine 0", "new", code)
    assert keys() == {"youngest", "small", "new"}
    assert not list((tmp_path / "engine 2").iterdir())
    assert cache.store("engine 0", "huge", bytes(4 * LARGE))  # nothing else has room beside it
    assert keys() == {"huge"}


@pytest.mark.parametrize("value", ["off", "0", "no", ""])
def test_it_can_be_turned_off(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == ""
    assert World().run(PROGRAM).stdout == b"cached"
    assert list(tmp_path.iterdir()) == []


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == str(tmp_path / "agave-wasi")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/x")
    assert default_folder() == "/home/x/.cache/agave-wasi"
    monkeypatch.setenv(FOLDER_VARIABLE, "/somewhere")
    assert default_folder() == "/somewhere"


def test_several_processes_at_once(tmp_path: Path) -> None:
    program = f"""
import sys
from agave_wasi import World
from tests.agave_wasi.guests import prints
for turn in range(20):
    for number in range(5):
        world = World(cache={str(tmp_path)!r})
        assert world.run(prints(f"text {{number}}")).stdout == f"text {{number}}".encode()
    if turn % 5 == int(sys.argv[1]) % 5:
        world.loader.cache.clear()
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    workers = [
        subprocess.Popen([*command, str(number)], env=environment, stderr=subprocess.PIPE, text=True) for number in range(4)
    ]
    for worker in workers:
        assert (worker.communicate(timeout=HANG)[1], worker.returncode) == ("", 0)
    assert not list(tmp_path.rglob("*.tmp"))


def test_digest_is_sha_256_at_every_size() -> None:
    from hashlib import sha256

    for size in (0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1):
        assert digest(b"x" * size) == sha256(b"x" * size).hexdigest()


PLACED = ("st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size")
"""What a status has by its place, so that it can't be given by its name as well."""


class Large:
    """A large file that has been as it is for a while, and a cache."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "large"
        self.notes = folder / "cache" / FILES
        self.cache = CodeCache(str(folder / "cache"))
        self.write(b"a")

    def write(self, letter: bytes, age: int = 2 * STILL) -> None:
        self.path.write_bytes(letter * LARGE)
        then = time.time_ns() - age
        os.utime(self.path, ns=(then, then))

    def digest(self, data: bytes | None = None) -> str:
        found = self.path.stat()
        named = [each for each in dir(found) if each.startswith("st_") and each not in PLACED]
        moved = os.stat_result((*found[:7], 0, 0, 0), {each: getattr(found, each) for each in named})
        return self.cache.digest_of(self.path.read_bytes() if data is None else data, moved)


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Large:
    monkeypatch.setattr("agave_wasi.cache.time_ns", lambda: time.time_ns() + 2 * STILL)  # a change time can't be set
    return Large(tmp_path)


def test_a_large_file_is_hashed_once(large: Large) -> None:
    other = b"b" * LARGE
    assert large.digest() == digest(b"a" * LARGE)
    assert large.digest(other) == digest(b"a" * LARGE)  # its status says so: nothing has been hashed
    (note,) = large.notes.iterdir()
    assert note.stat().st_mode & 0o777 == 0o600 and large.notes.stat().st_mode & 0o777 == 0o700
    large.write(b"c")
    assert large.digest() == digest(b"c" * LARGE)


def test_a_file_that_has_just_changed_gets_no_note(large: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agave_wasi.cache.time_ns", lambda: large.path.stat().st_ctime_ns + STILL)
    assert large.digest() == digest(b"a" * LARGE)
    assert not large.notes.exists()


@pytest.mark.parametrize("text", ["", "x", "1 2 3 4 " + "0" * 64, "\xff" * 80])
def test_a_wrong_note_of_a_file_is_not_believed(text: str, large: Large) -> None:
    large.digest()
    (note,) = large.notes.iterdir()
    note.write_bytes(text.encode("latin-1"))
    assert large.digest() == digest(b"a" * LARGE)


@pytest.mark.parametrize("mode", [0o622, 0o666])
def test_a_note_that_others_may_write_is_not_believed(mode: int, large: Large) -> None:
    large.digest()
    (note,) = large.notes.iterdir()
    note.write_text(f"{note.read_text().rpartition(' ')[0]} {'0' * 64}")
    assert large.digest() == "0" * 64
    note.chmod(mode)
    assert large.digest() == digest(b"a" * LARGE)


def test_clearing_removes_notes_of_files(large: Large) -> None:
    large.digest()
    large.cache.clear()
    assert not list(large.notes.iterdir())
