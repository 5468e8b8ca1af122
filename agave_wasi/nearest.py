"""Did you mean: the name that is nearest to one that there isn't."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The most similar of `names`, or None if none is similar enough."""
    by_folded = {each.lower(): each for each in names}
    found = get_close_matches(name.lower(), by_folded, 1, cutoff)
    return by_folded[found[0]] if found else None


def unknown(complaint: str, name: str, names: Iterable[str], otherwise: str) -> str:
    """One line about a name that there isn't: the nearest one, or else where to look."""
    found = nearest(name, names)
    return f"{complaint} {name}; did you mean {found}?" if found else f"{complaint} {name}; {otherwise}"
