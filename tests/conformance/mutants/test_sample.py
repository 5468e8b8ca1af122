"""The same seed draws the same mutants; more of them begin with the same ones."""

from __future__ import annotations

from conformance.mutants.places import Mutant
from conformance.mutants.sample import GENERATED, sample


def made(module: str, number: int) -> Mutant:
    return Mutant(module, "f", "a", "b", number, "constant", 1, 1)


FOUND = [made(GENERATED, number) for number in range(50)] + [made("kernel_sim.x", number) for number in range(100)]


def test_a_seed_is_a_sample() -> None:
    assert sample(FOUND, 40, 1) == sample(FOUND, 40, 1) != sample(FOUND, 40, 2)
    assert sample(FOUND, 60, 1)[:40] == sample(FOUND, 40, 1)
    assert len(set(sample(FOUND, 60, 1))) == 60


def test_other_code_is_nearly_the_same_sample() -> None:
    before, after = (set(sample(found, 40, 1)) for found in (FOUND, FOUND[:20] + FOUND[21:70] + FOUND[71:]))
    assert len(before & after) >= 38


def test_the_generated_module_has_its_share() -> None:
    assert sum(each.module == GENERATED for each in sample(FOUND, 50, 3)) == 5


def test_when_there_are_no_more() -> None:
    assert sorted(sample(FOUND, 1000, 1)) == sorted(FOUND)
    assert sample([], 10, 1) == []
