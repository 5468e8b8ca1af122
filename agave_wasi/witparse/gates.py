"""Feature gates: which may stand together, and which items are there for whom. Specification: WIT.md, "Feature Gates"."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from agave_wasi.witparse import tree
from agave_wasi.witparse.model import Gates
from agave_wasi.witparse.source import Name, wrong
from agave_wasi.witparse.versions import order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")


def checked(gates: tuple[tree.Gate, ...], version: Name | None) -> Gates:
    """Gates of an item as the model has them; WitError if they contradict each other or the version of their package."""
    kinds: list[str] = []
    for gate in gates:
        if gate.kind in kinds:
            raise wrong(gate.value, f"an item has at most one @{gate.kind}")
        kinds.append(gate.kind)
        if gate.kind == "unstable":
            continue
        if version is None:
            raise wrong(gate.value, f"@{gate.kind} needs a package with a version: package a:b@1.0.0;")
        if order(gate.value) > order(version):
            raise wrong(gate.value, f"@{gate.kind} names version {gate.value}, but its package is still at {version}")
    if "since" in kinds and "unstable" in kinds:
        raise wrong(gates[1].value, "an item is @since or @unstable, not both")
    if kinds == ["deprecated"]:
        raise wrong(gates[0].value, "@deprecated needs a @since or @unstable beside it")
    return tuple((gate.kind, str(gate.value)) for gate in gates)


def visible(items: Iterable[T], features: Collection[str] | None) -> list[T]:
    """The items that are there with some unstable features enabled; None enables all."""
    if features is None:
        return list(items)
    return [item for item in items if not any(each.kind == "unstable" and each.value not in features for each in _gates(item))]


def _gates(item: object) -> tuple[tree.Gate, ...]:
    head = getattr(item, "head", tree.BARE)
    return head.gates if isinstance(head, tree.Head) else ()
