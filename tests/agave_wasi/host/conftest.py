"""What the tests of host devices share; every one of them is also a check that no descriptor of the host leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agave_wasi.host.directory import HostDirectory
from tests.descriptors import open_descriptors


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
