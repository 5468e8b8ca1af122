"""Plain immutable records."""

from __future__ import annotations

import pytest

from agave_wasi.witparse.node import Node


class Point(Node):
    """Two numbers."""

    x: int
    y: int = 5


class Named(Point):
    """And a name."""

    name: str = ""


class Other(Node):
    """Not a point."""

    x: int
    y: int = 5


def test_attributes_are_given_by_place_by_name_or_left_out() -> None:
    assert (Point(1, 2).x, Point(1, 2).y) == (1, 2)
    assert Point(x=1) == Point(1, 5) == Point(1, y=5)
    assert Named(1, 2, "n").name == "n"
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)


def test_records_are_equal_if_class_and_values_are() -> None:
    assert Point(1) == Point(1) and hash(Point(1)) == hash(Point(1))
    assert Point(1) != Point(2) and Point(1) != Other(1) and Point(1) != Named(1)
    assert len({Point(1), Point(1), Other(1)}) == 2
    assert repr(Point(1)) == "Point(1, 5)"


def test_nothing_can_be_changed() -> None:
    with pytest.raises(AttributeError, match=r"Point\.x can't be changed"):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="can't be removed"):
        del Point(1).x


@pytest.mark.parametrize("arguments", [(1, 2, 3), ()])
def test_wrong_numbers_of_values(arguments: tuple[int, ...]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        Point(*arguments)
    with pytest.raises(TypeError, match="has the attributes x, y"):
        Point(1, z=1)  # type: ignore[call-arg]
