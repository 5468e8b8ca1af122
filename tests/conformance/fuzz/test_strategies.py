"""Drawn values: bounded, seeded, and of a kind that succeeds."""

from __future__ import annotations

from random import Random

from conformance.fuzz.layout import ROOM, functions
from conformance.fuzz.model import FILE, Model, Opened
from conformance.fuzz.strategies import FARTHEST, WAIT, far, values


def test_no_offset_lies_where_a_file_could_become_too_large_to_compare() -> None:
    random = Random(1)
    assert all(each < FARTHEST or each >= 1 << 63 for each in (far(random) for _ in range(20_000)))


def test_waits_are_short_and_sizes_fit() -> None:
    random, model = Random(2), Model()
    for _ in range(3000):
        for each in values("poll_oneoff", model, random)["poll"]:
            assert each.get("timeout", 0) <= WAIT
        assert sum(values("fd_write", model, random)["iovs"]["sizes"]) <= ROOM


def test_the_same_seed_draws_the_same() -> None:
    drawn = [[values(name, Model(), random) for name in sorted(functions())] for random in (Random(3), Random(3), Random(4))]
    assert drawn[0] == drawn[1] != drawn[2]


def test_descriptors_are_mostly_of_the_kind_that_a_function_takes() -> None:
    model, random = Model(), Random(5)
    model.open[9] = Opened("f", FILE)
    files = [values("fd_read", model, random)["fd"] for _ in range(1000)]
    assert files.count({"of": 9}) > 850
    folders = [values("fd_readdir", model, random)["fd"] for _ in range(1000)]
    assert folders.count({"of": 3}) > 850


def test_paths_name_what_a_function_is_about() -> None:
    model, random = Model(), Random(6)
    model.names = {"d": "directory", "l": "link", "f": "file", "d/g": "file"}
    unlinked = [values("path_unlink_file", model, random)["path"] for _ in range(1000)]
    assert sum("f" in each or "g" in each for each in unlinked) > 700
    read = [values("path_readlink", model, random)["path"] for _ in range(1000)]
    assert sum("l" in each for each in read) > 600
