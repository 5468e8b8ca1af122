"""What the tests of file systems over the host share; every one of them is also a check that no descriptor leaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.descriptors import open_descriptors
from tests.kernel_sim.fs.trees import Machine, furnish, host_folder, host_tree


@pytest.fixture(autouse=True)
def nothing_leaks() -> Iterator[None]:
    """The same descriptors are open after a test as before."""
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that the guest is given; what is beside it is none of its business."""
    return host_folder(tmp_path)


@pytest.fixture
def machine(folder: Path) -> Iterator[Machine]:
    """A guest that works on that folder itself."""
    made = Machine("host", folder)
    yield made
    made.close()


@pytest.fixture
def lower(tmp_path: Path) -> Iterator[Path]:
    """The folder under an overlay, which must be the same after the test as it was when the overlay was made."""
    made = furnish(tmp_path)
    (made / "same").hardlink_to(made / "d" / "g")
    before = host_tree(made)
    yield made
    assert host_tree(made) == before


@pytest.fixture
def overlay(lower: Path) -> Iterator[Machine]:
    """A guest that works on an overlay over that folder."""
    made = Machine("overlay", lower, max_bytes=1 << 20)
    yield made
    made.close()
