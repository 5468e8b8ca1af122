"""Puts things that need each other into an order, or finds the circle in which they do. Without recursion: circles are long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

MOST_SHOWN = 8
"""So many members of a circle are named."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T", bound=Hashable)


class Circle(Exception):
    """Things that need each other; `members` begins and ends with the same one."""

    def __init__(self, members: Sequence[Hashable]) -> None:
        shown = list(map(str, members))
        if len(shown) > MOST_SHOWN:
            shown = [*shown[: MOST_SHOWN - 2], f"({len(shown) - MOST_SHOWN + 1} more)", shown[-1]]
        super().__init__(" -> ".join(shown))
        self.members = members


def ordered(things: Iterable[T], needs: Callable[[T], Iterable[T]]) -> list[T]:
    """Things and what they need, each behind what it needs, else in the given order; Circle."""
    done: dict[T, None] = {}
    for thing in things:
        if thing in done:
            continue
        path = {thing: iter(tuple(needs(thing)))}
        while path:
            top = next(reversed(path))
            for need in path[top]:
                if need in path:
                    members = list(path)
                    raise Circle([*members[members.index(need) :], need])
                if need not in done:
                    path[need] = iter(tuple(needs(need)))
                    break
            else:
                del path[top]
                done[top] = None
    return list(done)
