"""Worlds as bytes: what comes back goes on as the first would have; anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_wasi import Mount, World
from agave_wasi.saving import _TYPES, MAGIC, load_world, settings_of, with_processes
from agave_wasi.settings import DEFAULTS, Settings
from kernel_sim.snapshot import SnapshotError
from tests.agave_wasi.guests import COPIES, ENVIRONMENT, RANDOM, sleeps, wat
from tests.descriptors import open_descriptors


def test_snapshots_between_runs() -> None:
    world = World({"/in.txt": "a", "/dir/x": ""}, seed=3, env={"A": "1"})
    world.run(wat(COPIES))
    data = world.snapshot()
    restored = World.restore(data)
    assert dict(restored.files) == dict(world.files)
    for program in (wat(RANDOM), wat(ENVIRONMENT), sleeps(5), wat(COPIES)):
        one, other = world.run(program, trace=True), restored.run(program, trace=True)
        assert (one.stdout, one.trace, one.exit_code) == (other.stdout, other.trace, other.exit_code)


def test_a_world_that_was_restored_keeps_its_timeouts() -> None:
    world = World(timeout=0.1, realtime=True)
    restored = World.restore(world.snapshot())
    assert restored.run(sleeps(3600 * 10**9)).ended_by == "timeout"


def test_not_while_a_program_runs() -> None:
    world = World()
    with world.instantiate(wat('(module (func (export "f")))')), pytest.raises(SnapshotError, match="between runs"):
        world.snapshot()
    assert world.snapshot()


def with_settings(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The same snapshot with other settings."""
    start = len(MAGIC) + 4
    end = start + int.from_bytes(data[len(MAGIC) : start], "little")
    settings = json.loads(data[start:end])
    change(settings)
    raw = json.dumps(settings).encode()
    return MAGIC + len(raw).to_bytes(4, "little") + raw + data[end:]


DATA = World({"/f": b"x"}, env={"A": "1"}, mounts=[Mount("/m", mode="memory")], timeout=5).snapshot()


@pytest.mark.parametrize("name", _TYPES)
def test_settings_of_the_wrong_type_are_refused(name: str) -> None:
    changes = [lambda each: each.update({name: [{}]}), lambda each: each.pop(name)]
    for change in changes[:1] if name in DEFAULTS else changes:
        with pytest.raises(SnapshotError, match=r"the settings in this snapshot are damaged|don't fit together"):
            World.restore(with_settings(DATA, change))


@pytest.mark.parametrize(
    "change",
    [
        {"env": {"A": 1}}, {"listen": [5]}, {"preopens": [None]}, {"preopens": None}, {"mounts": [["/m", None, "rw"]]},
        {"mounts": [["/m"]]}, {"mounts": [[]]}, {"mounts": ["/m"]},
        {"mounts": [["/m", 5, "rw"]]}, {"mounts": [["/m", "a\0b", "rw"]]},
        {"mounts": [[5, "x", "rw"]]}, {"mounts": [[None, "x", "rw"]]},
        {"env": {"A": "\ud800"}}, {"env": {"\ud800": "A"}}, {"listen": ["\ud800"]}, {"preopens": ["\ud800"]},
        {"listen": ["nowhere"]}, {"fuel": -1}, {"max_stack": 1}, {"fs_quota": 1 << 80}, {"unknown": 1},
    ],
)
def test_settings_that_can_not_be_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SnapshotError, match="the settings in this snapshot are damaged"):
        World.restore(with_settings(DATA, lambda settings: settings.update(change)))


def test_settings_and_kernel_belong_together() -> None:
    with pytest.raises(SnapshotError, match="don't fit together"):
        World.restore(with_settings(DATA, lambda settings: settings["preopens"].append("/more")))


@pytest.mark.parametrize("data", [b"", b"AGWORLD", b"AGWORLD\x02" + bytes(50), DATA[:12], DATA[: len(DATA) // 2], DATA[:-1]])
def test_what_is_no_snapshot_of_a_world(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        World.restore(data)


def test_the_same_world_gives_the_same_bytes() -> None:
    assert World.restore(DATA).snapshot() == DATA


def test_folders_of_the_host_are_opened_again(tmp_path: Path) -> None:
    (tmp_path / "folder" / "dir").mkdir(parents=True)
    (tmp_path / "folder" / "in.txt").write_text("host")
    with World(mounts=[Mount("/", str(tmp_path / "folder"))]) as world:
        data = world.snapshot()
    with World.restore(data) as restored:
        assert restored.run(wat(COPIES)).ok
    assert (tmp_path / "folder" / "dir" / "out.txt").read_text() == "host"
    with World(listen=["127.0.0.1:0"]) as world, World.restore(world.snapshot()) as restored:
        assert len(restored.addresses) == 1 and restored.addresses != world.addresses
    before = open_descriptors()
    (tmp_path / "folder").rename(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        World.restore(data)
    assert open_descriptors() == before


def test_with_the_processes_that_run_and_settings_that_are_changed_before_anything_is_opened() -> None:
    world = World({"/f": b"x"}, env={"A": "1"})
    with world.instantiate(wat('(module (func (export "f")))'), ["arg"]):
        data = with_processes(world)
    assert settings_of(data).env == {"A": "1"}

    def change(settings: Settings) -> None:
        settings.timeout = 7

    restored = load_world(data, change, cache=False)
    (process,) = restored.kernel.processes.values()
    assert process.argv[1:] == [b"arg"] and restored.settings.timeout == 7
