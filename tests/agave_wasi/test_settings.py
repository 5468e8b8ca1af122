"""The settings of a world: limits that can be, mounts that make sense, plain data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agave_wasi import Mount, World
from agave_wasi.settings import LIMITS, Settings, inodes_for, require_possible


def test_a_mount_that_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="the mode of a mount is one of"):
        Mount("/", "/tmp", "readonly")
    with pytest.raises(ValueError, match="needs a host folder"):
        Mount("/", mode="ro")
    with pytest.raises(ValueError, match="has no host folder"):
        Mount("/", "/tmp", "memory")
    with pytest.raises(OSError, match=r"nowhere|No such file"):
        World(mounts=[Mount("/", "/nowhere")])


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_stack", -1), ("max_stack", 1), ("max_stack", 1 << 40), ("fuel", -1), ("fuel", 1 << 64), ("max_memory", -1),
        ("timeout", -1), ("timeout", float("nan")), ("max_fds", -1), ("fs_quota", -1), ("fs_quota", 1 << 70),
        ("max_output", -1), ("clock_start", -1), ("clock_start", 1 << 63), ("clock_step", -1), ("clock_step", 10**9 + 1),
    ],
)  # fmt: skip
def test_a_limit_that_cannot_be_is_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{setting} is from "):
        World(**{setting: value})  # type: ignore[arg-type]


VALUES: dict[str, Any] = {
    "env": {"A": "1"}, "realtime": False, "mounts": [Mount("/m", mode="memory"), Mount("/h", "here", "ro")], "listen": [],
    "strict_rights": True, "fs_quota": 1 << 20, "max_fds": 8, "max_memory": None, "fuel": 5, "max_stack": 1 << 20,
    "timeout": 0.5, "tty": False, "engine": "x86",
}  # fmt: skip


def test_plain_data_is_all_that_there_is() -> None:
    plain = json.loads(json.dumps(Settings(**VALUES).plain()))
    assert plain.keys() == set(Settings.__slots__)
    assert plain["mounts"] == [["/m", None, "memory"], ["/h", "here", "ro"]]
    again = Settings(**{**plain, "mounts": [Mount(*each) for each in plain["mounts"]]})
    assert again.plain() == plain


def test_every_setting_is_given_and_no_other() -> None:
    with pytest.raises(TypeError, match="unknown settings: seed"):
        Settings(**VALUES, seed=1)
    with pytest.raises(KeyError, match="tty"):
        Settings(**{name: value for name, value in VALUES.items() if name != "tty"})


@pytest.mark.parametrize("name", LIMITS)
def test_limits_include_both_of_their_ends(name: str) -> None:
    low, high = LIMITS[name]
    for value, beyond in ((low, low - 1), (high, high + 1)):
        require_possible(name, value)
        with pytest.raises(ValueError, match=f"{name} is from"):
            require_possible(name, beyond)
        if name in Settings.__slots__:
            assert getattr(Settings(**{**VALUES, name: value}), name) == value
            with pytest.raises(ValueError, match=f"{name} is from"):
                Settings(**{**VALUES, name: beyond})


def test_inodes_grow_with_the_quota_but_are_never_too_few() -> None:
    assert inodes_for(0) == inodes_for(1 << 20) == 1 << 10
    assert inodes_for(1 << 30) == 1 << 20


def test_variables_have_names_and_text() -> None:
    for name in ("", "A=B"):
        with pytest.raises(ValueError, match="can't be the name of a variable"):
            World(env={name: "x"})
    with pytest.raises(TypeError, match="the variable A is text"):
        World(env={"A": 1})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        World(seed="1")  # type: ignore[arg-type]
