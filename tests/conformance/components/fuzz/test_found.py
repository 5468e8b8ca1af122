"""Programs that campaigns have found, made small: each still shows the divergence that it is named for, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.components.fuzz.campaign import replay, run
from conformance.components.fuzz.lockstep import Lockstep, known
from conformance.fuzz.steps import COMPONENTS, load

PROGRAMS = sorted((Path(run.__code__.co_filename).parent / "found").glob("*.json"))


def test_every_divergence_that_can_be_seen_has_a_program() -> None:
    assert {each.stem for each in PROGRAMS} == {each.id for each in known() if each.matches}


@pytest.mark.parametrize("path", PROGRAMS, ids=[each.stem for each in PROGRAMS])
def test_it_is_shown(path: Path) -> None:
    done = replay(load(path, COMPONENTS), Lockstep)
    assert done.finding is None and dict(done.known) == {path.stem: 1}
