"""What a program shows here: answers, which descriptors a step means, and what may be otherwise elsewhere."""

from __future__ import annotations

import pytest

from conformance.fuzz.expected import NoCase, expected
from conformance.fuzz.layout import RESULTS
from conformance.fuzz.steps import TOP, Step
from tests.conformance.fuzz.sides import DIRECTORY, on, opening, reading, seeking, writing


def test_answers_and_the_code_at_the_end() -> None:
    found, code = expected([opening(4, "f"), on(5, "fd_close", 9), Step(6, "proc_exit", {"rval": 7}), opening(7, "g")])
    assert [each.answer for each in found] == [0, 8, 0] and code == 7


def test_a_descriptor_is_the_step_that_opened_it_until_it_is_closed() -> None:
    steps = [opening(4, "f"), opening(5, "g"), on(6, "fd_renumber", 5, to={"of": 4}), on(7, "fd_tell", 4), on(8, "fd_tell", 5),
             on(9, "fd_close", 4), on(10, "fd_tell", 4), on(11, "fd_tell", 3)]  # fmt: skip
    found, _ = expected(steps)
    assert [each.descriptors[0] for each in found[2:]] == [5, 4, None, 4, None, 3]
    assert [each.answer for each in found[2:7]] == [0, 0, 8, 0, 8]


def test_what_may_be_otherwise() -> None:
    set_times = on(5, "fd_filestat_set_times", 4, atim=1, mtim=2, fst_flags=5)
    steps = [opening(4, "f"), set_times, on(6, "fd_filestat_get", 4), writing(7, 4, [3]),
             on(8, "fd_filestat_get", 4), Step(9, "random_get", {"buf": 33}),
             on(10, "fd_filestat_get", 3), seeking(11, 4, 0), reading(12, 4, [5])]  # fmt: skip
    found, _ = expected(steps)
    places = [{at - RESULTS: size for at, size in each.masked} for each in found]
    assert places[0] == {0: 4} and 48 not in places[2] and 48 in places[4], "a time that was set is the same everywhere"
    assert 24 not in places[4] and places[6][24] == 16 and not places[8]
    assert [size for _, size in found[5].masked] == [33]


def test_a_walk_has_its_entries() -> None:
    walk = Step(6, "fd_readdir", {"fd": TOP, "buf": 512, "cookie": 0}, walk=True)
    found, _ = expected([opening(4, "f"), on(5, "path_create_directory", 3, path="d"), walk])
    assert sorted(each.name for each in found[2].entries) == [b".", b"..", b"d", b"f"]


def test_a_trap_can_be_no_case() -> None:
    with pytest.raises(NoCase, match="step 5 ends with a trap"):
        expected([opening(4, "d", DIRECTORY), on(5, "fd_seek", 4, offset=0, whence=9)])
