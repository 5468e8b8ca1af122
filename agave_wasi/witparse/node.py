"""Plain immutable records, of which trees and models are made: equal if they are of one class and hold equal values.

Like dataclasses, whose import takes longer than linking a component may: a class lists its attributes by annotations.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

    T = TypeVar("T")
else:

    def dataclass_transform(**_: object) -> Callable[[T], T]:
        return lambda each: each


@dataclass_transform(frozen_default=True)
class Node:
    """A record; its constructor takes the attributes in the order in which they are annotated."""

    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._names = (*cls._names, *cls.__annotations__)
        setattr(cls, "__match_args__", cls._names)  # noqa: B010  # which checkers know from the annotations

    def __init__(self, *values: Any, **named: Any) -> None:
        names = self._names
        held = self.__dict__
        held.update(zip(names, values))
        for name in names[len(values) :]:
            held[name] = named.pop(name) if name in named else getattr(type(self), name)
        if named or len(values) > len(names):
            raise TypeError(f"{type(self).__name__} has the attributes {', '.join(names)}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} can't be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} can't be removed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self).__name__, *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.__dict__.values()))})"
