"""Snapshots as files: damaged, cut off, foreign and malicious ones are refused, with a clear error."""

from __future__ import annotations

import copy
import os
import random
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import BadProgram, LinkError, World
from agave_wasi.snapshots import Snapshot, SnapshotError, run_until
from agave_wasi.snapshots.container import Container, write
from agave_wasi.snapshots.snapshot import LARGEST_REGION, LARGEST_STATE
from kernel_sim.cpu.checkpoint import PIECE, ZEROS
from tests.agave_wasi.guests import RANDOM, wat

PROGRAM = wat(
    RANDOM.replace(
        '(memory (export "memory") 1)',
        """(memory (export "memory") 2 9) (table 3 funcref) (elem (i32.const 1) $f) (elem func $f)
        (func $f) (global (mut i32) (i32.const 4))""",
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    found = run_until(World({"/f": "x"}, engine="x86"), PROGRAM, "icount:200", stdin=b"left").snapshot
    assert found is not None
    return found


@pytest.fixture(scope="module")
def data(snapshot: Snapshot) -> bytes:
    return snapshot.to_bytes()


def parts(data: bytes) -> list[tuple[str, bytes]]:
    container = Container(data)
    return [(name, container.part(name, 1 << 30)) for name in container.names]


def with_part(data: bytes, name: str, content: bytes | None) -> bytes:
    """The same file with one part changed, or left out, and its checksums right."""
    rows = [(each, content if each == name else old) for each, old in parts(data)]
    return write(Container(data).made_by, [(each, new) for each, new in rows if new is not None])


def test_what_is_in_a_file(data: bytes, snapshot: Snapshot) -> None:
    names = [name for name, _ in parts(data)]
    regions = ["region arena", "region frame", "region memory 0", "region stack"]
    assert names == ["state", "world", "stdin", "program 0", "image 0", *regions]
    again = Snapshot.from_bytes(data)
    assert again.pages == snapshot.pages and again.state == snapshot.state and again.world == snapshot.world
    assert again.stdin == b"left" and again.programs[0].wasm == PROGRAM
    assert (again.point, again.count) == ("icount:200", 200)
    assert len(data) < 60_000


def test_to_and_from_a_file_which_is_old_or_new(tmp_path: Path, snapshot: Snapshot, data: bytes) -> None:
    path = tmp_path / "x.agave"
    path.write_bytes(b"old")
    snapshot.save(path)
    assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]
    assert Snapshot.load(path).to_bytes() == data
    for wrong in (tmp_path / "nowhere" / "x", tmp_path):
        with pytest.raises(OSError):
            snapshot.save(wrong)
    (tmp_path / "link").symlink_to("x.agave")
    path.write_bytes(b"old")
    snapshot.save(tmp_path / "link")
    assert path.read_bytes() == data and (tmp_path / "link").is_symlink()
    with pytest.raises(OSError):
        Snapshot.load(tmp_path / "nothing")


def test_a_write_that_fails_or_is_interrupted_leaves_the_old_file_alone(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.agave"
    path.write_bytes(b"old")

    def full(new: Path, target: Path) -> None:
        assert Path(new).parent == tmp_path and Path(new).read_bytes() == snapshot.to_bytes()
        raise error

    monkeypatch.setattr("os.replace", full)
    for error in (OSError(28, "No space left on device"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            snapshot.save(path)
        assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == b"old"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path, snapshot: Snapshot) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    snapshot.save(pipe)
    reader.join()
    assert found == [snapshot.to_bytes()] and pipe.is_fifo()
    with pytest.raises(OSError, match="No space left"):
        snapshot.save("/dev/full")


def test_pieces_that_are_zero_are_not_stored_nor_made(data: bytes) -> None:
    again = Snapshot.from_bytes(data)
    assert len(again.pages["memory 0"]) == 2 and again.pages["memory 0"][1] is ZEROS
    assert len(dict(parts(data))["region memory 0"]) < PIECE + 100


def test_a_whole_file_with_any_byte_changed_is_refused(data: bytes) -> None:
    chosen = random.Random(2)
    for _ in range(2000):
        damaged = bytearray(data)
        damaged[chosen.randrange(len(data))] ^= 1 << chosen.randrange(8)
        with pytest.raises(SnapshotError):
            Snapshot.from_bytes(bytes(damaged))


def test_made_by_another_release(data: bytes) -> None:
    for name in ("wasmtime", "unicorn"):
        made = Container(data).made_by | {name: "0.1"}
        with pytest.raises(SnapshotError, match=rf"made with {name} 0.1, and goes on only there"):
            Snapshot.from_bytes(write(made, parts(data)))


@pytest.mark.parametrize(
    "name", ["state", "world", "program 0", "region arena", "region stack", "region frame", "region memory 0"]
)
def test_a_part_that_is_missing_is_named(data: bytes, name: str) -> None:
    with pytest.raises(SnapshotError, match=rf"^{name}: "):
        Snapshot.from_bytes(with_part(data, name, None)).resume()


def test_parts_that_the_guest_has_not(data: bytes) -> None:
    more = write(Container(data).made_by, [*parts(data), ("region gate", struct.pack("<QI", 4096, 0))])
    with pytest.raises(SnapshotError, match=r"^region gate: the guest has no such region"):
        Snapshot.from_bytes(more).resume()


@pytest.mark.parametrize(
    "content",
    [
        b"", bytes(11), struct.pack("<QI", PIECE, 2), struct.pack("<QII", PIECE, 1, 0),
        struct.pack("<QII", PIECE, 1, 1) + bytes(PIECE), struct.pack("<QI", 1 << 60, 0),
        struct.pack("<QIII", 2 * PIECE, 2, 0, 0) + bytes(2 * PIECE), struct.pack("<QI", PIECE, 0) + b"x",
    ],
)  # fmt: skip
def test_regions_that_are_none(data: bytes, content: bytes) -> None:
    with pytest.raises(SnapshotError, match=r"^region stack: "):
        Snapshot.from_bytes(with_part(data, "region stack", content))


def test_regions_of_another_size(data: bytes) -> None:
    for name in ("stack", "arena", "memory 0", "frame"):
        for size in (0, 4096, 1 << 30):
            changed = with_part(data, f"region {name}", struct.pack("<QI", size, 0))
            if size == 4096 and name == "frame":
                continue
            with pytest.raises(SnapshotError, match=rf"^region {name}: it has {size} bytes"):
                Snapshot.from_bytes(changed).resume()


def test_more_memory_than_is_allowed_is_refused_before_it_is_made(data: bytes) -> None:
    pages = 5000
    large = struct.pack(f"<QI{pages}I", pages * PIECE, pages, *range(pages)) + bytes(pages * PIECE)
    with pytest.raises(SnapshotError, match=r"^region memory 0: it has .* are allowed here \(--max-memory\)"):
        Snapshot.from_bytes(with_part(data, "region memory 0", large), max_memory=64 << 20)


def test_many_large_regions_of_nothing_are_refused_before_there_are_lists_of_them(data: bytes) -> None:
    nothing = [(f"region x{number}", struct.pack("<QI", LARGEST_REGION, 0)) for number in range(9)]
    with pytest.raises(SnapshotError, match=r"^region x3: 0 pieces of 34359738368 bytes can't be"):
        Snapshot.from_bytes(write(Container(data).made_by, [*parts(data), *nothing]))


def test_a_large_state_is_refused_before_it_is_read(data: bytes) -> None:
    state = dict(parts(data))["state"]
    reason = rf"^state: it has \d+ bytes, more than the {LARGEST_STATE} that are allowed here \(at"
    with pytest.raises(SnapshotError, match=reason):
        Snapshot.from_bytes(with_part(data, "state", state + b" " * LARGEST_STATE))


def test_max_memory_holds_for_what_comes_back(snapshot: Snapshot) -> None:
    with pytest.raises((SnapshotError, LinkError), match="memory"):
        snapshot.resume(max_memory=PIECE)


def values(state: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of everything in a state."""
    found = [path] if path else []
    children = state.items() if isinstance(state, dict) else enumerate(state) if isinstance(state, list) else ()
    for key, each in children:
        found += values(each, (*path, key))
    return found


def changed(state: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The state with something else at a place; what is "gone" is left out."""
    found: Any = copy.deepcopy(state)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    if value == "gone" and isinstance(inner, dict):
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return found  # type: ignore[no-any-return]


WRONG: tuple[Any, ...] = (
    None, -1, 0, 1, 3, 1 << 31, 1 << 63, 1 << 64, 1 << 200, 0.5, "", "x", [], {}, [1, 2, 3], [[]], True, "gone",
)  # fmt: skip


def test_a_state_with_anything_else_in_it_is_refused_or_ends_like_any_program(snapshot: Snapshot) -> None:
    """Registers may be anything, as a program could have set them: what comes of it is an end like any program's."""
    chosen = random.Random(3)
    places = values(snapshot.state)
    refused = 0
    for path in places:
        for value in WRONG if path[0] != "layout" and "registers" not in path else chosen.sample(WRONG, 2):
            state = changed(snapshot.state, path, value)
            mutant = Snapshot(state, snapshot.world, b"", snapshot.programs, snapshot.pages, snapshot.images)
            try:
                result = mutant.resume(at="icount:60000")
            except (SnapshotError, BadProgram, LinkError, LookupError):
                refused += 1
            else:
                assert result.ended_by in ("exit", "trap", "snapshot", "limit"), (path, value)
    assert refused > len(places)


def test_memory_with_anything_else_in_it_ends_like_any_program(snapshot: Snapshot) -> None:
    chosen = random.Random(4)
    for _ in range(150):
        name = chosen.choice(sorted(snapshot.pages))
        pages = dict(snapshot.pages)
        kept = [number for number, piece in enumerate(pages[name]) if any(piece)]
        number = chosen.choice(kept)
        piece = bytearray(pages[name][number])
        used = [at for at in range(0, len(piece), 8) if any(piece[at : at + 8])]
        for _ in range(chosen.randrange(1, 4)):
            at = chosen.choice(used)
            piece[at : at + 8] = chosen.choice([bytes(8), b"\xff" * 8, chosen.randbytes(8), piece[used[0] : used[0] + 8]])
        pages[name] = [*pages[name][:number], bytes(piece), *pages[name][number + 1 :]]
        mutant = Snapshot(snapshot.state, snapshot.world, b"", snapshot.programs, pages, snapshot.images)
        try:
            result = mutant.resume(at="icount:60000")
        except (SnapshotError, BadProgram, LinkError) as error:
            assert str(error)
        else:
            assert result.ended_by in ("exit", "trap", "snapshot", "limit")


def test_the_world_and_the_program_are_checked_as_ever(data: bytes) -> None:
    for name, wrong in (("world", b"x"), ("program 0", b"\0asm\1\0\0\0\x01"), ("program 0", wat("(module)"))):
        with pytest.raises((SnapshotError, LinkError, BadProgram)):
            Snapshot.from_bytes(with_part(data, name, wrong)).resume()
    idle = World(engine="x86").snapshot()
    with pytest.raises(SnapshotError, match=r"^world: there should be one process, not 0"):
        Snapshot.from_bytes(with_part(data, "world", idle)).resume()
    with pytest.raises(SnapshotError, match=r"^world: it is one of the engine wasmtime"):
        Snapshot.from_bytes(with_part(data, "world", World().snapshot())).resume()


def test_on_a_machine_that_can_not_compile_the_code_in_the_file_runs(
    snapshot: Snapshot, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "plan9")
    again = Snapshot.from_bytes(data)
    assert again.resume(cache=False).stdout == World().run(PROGRAM).stdout
    for wrong in (b"", b"\x7fELF", again.images[0].data[:-100]):
        again = Snapshot.from_bytes(with_part(data, "image 0", wrong))
        with pytest.raises(SnapshotError, match=r"^(program|image) 0: "):
            again.resume(cache=False)
