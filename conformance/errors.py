"""The one kind of error whose text is for users: what can't be used, why, and what to do."""

from __future__ import annotations


class HarnessError(Exception):
    """A suite, manifest, expectation, runtime or report can't be used as it is; the text says which, why and the cure."""


class WrongUse(HarnessError):
    """A name on the command line that nothing has."""
