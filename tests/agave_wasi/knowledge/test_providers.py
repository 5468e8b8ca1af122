"""Who provides a function of Preview 1 elsewhere."""

from __future__ import annotations

import pytest

from agave_wasi.explain import functions
from agave_wasi.knowledge.providers import _LACKING, EVERYWHERE, provided_by


@pytest.mark.parametrize("name", functions())
def test_every_function_has_a_sentence(name: str) -> None:
    said = provided_by(name)
    if name.startswith("sock_"):
        assert "--listen" in said
    else:
        assert said.startswith(EVERYWHERE)
        assert (said == EVERYWHERE) == (name not in _LACKING)


def test_only_functions_that_there_are_are_said_to_lack_something() -> None:
    assert _LACKING.keys() <= functions().keys()
