"""The cases of the project's own suites."""

from __future__ import annotations

from conformance.case import Case
from conformance.suite import our_suites, read_suite

SUITES = tuple(our_suites().values())


def cases(*names: str) -> list[Case]:
    """The cases of all suites in the order of names, or those that are named."""
    found = [case for name, folder in our_suites().items() for case in read_suite(folder, name).cases]
    return [case for case in found if not names or case.name in names]
