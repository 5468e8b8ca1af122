"""A profile in speedscope's file format (https://www.speedscope.app/file-format-schema.json).

One evented profile whose axis is instructions. A path of calls is there once, with all that it had, in the order in which paths
were first taken: the run summed up, not its course.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from agave_wasi.profiling.calls import Node
    from agave_wasi.profiling.places import Place
    from agave_wasi.profiling.profiler import Profiler

SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def document(profiler: Profiler, name: str, files: Sequence[str]) -> dict[str, Any]:
    """The document; `name` is the run's, `files` names the modules."""
    numbers: dict[Place, int] = {}
    frames: list[dict[str, str]] = []
    events: list[dict[str, str | int]] = []
    at = profiler.tree.root.own
    open_nodes: list[Node] = []

    def close(depth: int) -> None:
        while open_nodes and open_nodes[-1].depth >= depth:
            events.append({"type": "C", "frame": _number(open_nodes.pop()), "at": at})

    def _number(node: Node) -> int:
        assert node.place is not None
        return numbers[node.place]

    for node in profiler.tree.walk():
        place = node.place
        if place is None:
            continue
        close(node.depth)
        if place not in numbers:
            numbers[place] = len(frames)
            frames.append({"name": place.name, "file": files[place.module]} if place.kind == "function" else
                          {"name": place.name, "file": f"[{place.kind}]"})  # fmt: skip
        events.append({"type": "O", "frame": numbers[place], "at": at})
        open_nodes.append(node)
        at += node.own
    close(0)
    profile = {"type": "evented", "name": name, "unit": "none", "startValue": 0, "endValue": at, "events": events}
    return {
        "$schema": SCHEMA,
        "name": name,
        "exporter": "agave-wasi",
        "activeProfileIndex": 0,
        "shared": {"frames": frames},
        "profiles": [profile],
    }
