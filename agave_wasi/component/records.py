"""Named tuples that are quick to define: typing's, of which the import alone takes longer than linking a small component.

To be imported where a type checker gets `typing.NamedTuple`, and written as that is: fields by annotations, with defaults.
"""

from __future__ import annotations

from operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class _Fields(type):
    """Makes properties of annotations."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        cls: Any = super().__new__(mcs, name, bases, {"__slots__": ()} | namespace)
        if tuple in bases:
            return cls
        fields = cls._fields = tuple(cls.__annotations__)
        setattr(cls, "__match_args__", fields)  # noqa: B010  # which checkers know from the annotations
        cls._defaults = tuple([namespace[each] for each in fields if each in namespace])
        for place, each in enumerate(fields):
            setattr(cls, each, property(itemgetter(place)))
        return cls


class NamedTuple(tuple, metaclass=_Fields):  # type: ignore[type-arg]
    """A tuple whose items have names."""

    _fields: tuple[str, ...]
    _defaults: tuple[Any, ...]

    def __new__(cls, *values: Any, **named: Any) -> Self:
        fields = cls._fields
        if len(values) != len(fields):
            values = cls._filled(values, named)
        elif named:
            raise TypeError(f"{cls.__name__} has {', '.join(fields)}, and was given more")
        return tuple.__new__(cls, values)

    @classmethod
    def _filled(cls, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All values, of which some come by name and some are the defaults."""
        fields, rest = cls._fields, cls._fields[len(values) :]
        known = dict(zip(fields[len(fields) - len(cls._defaults) :], cls._defaults)) | named
        if len(values) > len(fields) or not named.keys() <= set(rest) or not known.keys() >= set(rest):
            raise TypeError(f"{cls.__name__} has {', '.join(fields)}, and was given {values} and {named}")
        return values + tuple([known[each] for each in rest])

    def _replace(self, **named: Any) -> Self:
        """The same with some items changed."""
        return type(self)(**dict(zip(self._fields, self)) | named)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join([f'{name}={value!r}' for name, value in zip(self._fields, self)])})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)
