"""The settings of a world: limits that can be, mounts that make sense, plain data."""

from __future__ import annotations

import pytest

from agave_wasi import Mount, World


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
    ],
)  # fmt: skip
def test_a_limit_that_cannot_be_is_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{setting} is from "):
        World(**{setting: value})  # type: ignore[arg-type]
