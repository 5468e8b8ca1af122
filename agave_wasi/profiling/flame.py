"""A profile as a page: one HTML file that needs no network, with a flame graph, a table, and a script that shows them."""

from __future__ import annotations

import json
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agave_wasi.profiling.places import Place
    from agave_wasi.profiling.profiler import Profiler

HERE = Path(__file__).parent
THINNEST = 20_000
"""What has less than this part of the whole is not drawn, not even zoomed in: nobody could see it."""


def page(profiler: Profiler, name: str, title: Callable[[Place], str]) -> str:
    """The page; `name` is the run's, `title` tells what a place is called."""
    data = json.dumps(_data(profiler, name, title), separators=(",", ":"))
    for char, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        data = data.replace(char, escaped)  # nothing in it can end the script that it is in
    text = _read("flame.html")
    for mark, part in {"/*STYLE*/": _read("flame.css"), "/*SCRIPT*/": _read("flame.js"), '"DATA"': data}.items():
        before, _, behind = text.partition(mark)
        text = before + part + behind
    return text


def _data(profiler: Profiler, name: str, title: Callable[[Place], str]) -> dict[str, Any]:
    """Places, and nodes as (number of the place, number of the parent, calls, own, total), parents first."""
    totals = profiler.totals()
    rows = profiler.rows()
    places = {row.place: number for number, row in enumerate(rows)}
    least = profiler.total // THINNEST
    numbers = {profiler.tree.root: 0}
    nodes = []
    for node in profiler.tree.walk():
        if node.place is not None and node.parent in numbers and totals[node] > least:
            numbers[node] = len(numbers)
            nodes.append([places[node.place], numbers[node.parent], node.calls, node.own, totals[node]])
    table = [[title(row.place), row.place.kind, row.calls, row.own, row.total] for row in rows]
    return {"name": name, "total": profiler.total, "places": table, "nodes": nodes}


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
