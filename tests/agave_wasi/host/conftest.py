"""What the tests of host devices share; every one of them is also a check that no descriptor of the host leaks."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_wasi.host.directory import HostDirectory


def open_descriptors() -> set[tuple[str, str]]:
    """(number, what it refers to) of every open descriptor, once those of forgotten guests are collected."""
    gc.collect()
    found = set()
    for number in os.listdir("/dev/fd"):
        try:
            found.add((number, os.readlink(f"/proc/self/fd/{number}")))
        except OSError:  # the listing's own descriptor
            continue
    return found


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """The same descriptors are open after a test as before."""
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@pytest.fixture
def device(tmp_path: Path) -> Iterator[HostDirectory]:
    """The device over `tmp_path`."""
    opened = HostDirectory(tmp_path)
    yield opened
    opened.close_all()
