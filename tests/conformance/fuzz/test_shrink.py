"""Programs made small: nothing that is needed goes, everything else does, within bounds."""

from __future__ import annotations

import pytest

from conformance.fuzz.shrink import candidates, fewer, shrink
from conformance.fuzz.steps import Step
from tests.conformance.fuzz.sides import on, opening, seeking, writing


@pytest.mark.parametrize("needed", [{0}, {99}, {3, 50, 51, 98}, set(range(0, 100, 9))])
def test_only_what_is_needed_is_left(needed: set[int]) -> None:
    steps = [seeking(4 + number, 3, number) for number in range(100)]
    wanted = {steps[number].number for number in needed}
    tries = []

    def shows(tried: list[Step]) -> bool:
        tries.append(len(tried))
        return wanted <= {each.number for each in tried}

    assert {each.number for each in fewer(steps, shows)} == wanted
    assert len(tries) < 800


def test_arguments_become_plain() -> None:
    steps = [opening(4, "a/long-name", 9), writing(5, 4, [700, 30], 99), seeking(6, 4, 4000), on(7, "fd_close", 4)]

    def shows(tried: list[Step]) -> bool:
        return any(each.name == "fd_seek" and each.values["offset"] >= 1000 for each in tried) and tried[0].name == "path_open"

    small = shrink(steps, shows)
    assert [each.name for each in small] == ["path_open", "fd_seek"]
    assert small[1].values == {"fd": {"of": 3}, "offset": 1000, "whence": 0} and len(small[0].values["path"]) <= 1


def test_names_become_shorter_everywhere_at_once() -> None:
    steps = [on(4, "path_create_directory", 3, path="long"), on(5, "path_remove_directory", 3, path="x/long")]
    small = shrink(steps, lambda tried: len(tried) == 2 and tried[1].values["path"] == f"x/{tried[0].values['path']}")
    assert [each.values["path"] for each in small] == ["a", "x/a"]


def test_what_does_not_show_it_again_is_left_alone() -> None:
    steps = [seeking(4, 3, 7), seeking(5, 3, 8)]
    assert shrink(steps, lambda tried: False) == steps


def test_tries_are_bounded() -> None:
    tries = []

    def shows(tried: list[Step]) -> bool:
        tries.append(tried)
        return len(tries) % 3 > 0

    shrink([seeking(4 + number, 3, number) for number in range(200)], shows, 50)
    assert len(tries) <= 52


def test_candidates_come_to_an_end() -> None:
    poll = [{"fd": {"of": 8}, "for": "read", "user": 4}]
    for value in (12345, "a/b c", [3, 0, 5], {"sizes": [9, 9], "fill": 200}, {"of": 9}, poll):
        rounds = 0
        while (plainer := next(iter(candidates(value)), None)) is not None:
            value = plainer
            rounds += 1
        assert rounds < 60
