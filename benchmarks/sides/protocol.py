"""The loop that every Python side shares: a line in, the work, a line out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

Exports = Mapping[str, Callable[[int, int], int]]


def repeated(call: Callable[[Any], object], value: object) -> Callable[[int, int], int]:
    """A function that calls another so many times, for what isn't a loop within the guest."""

    def loop(count: int, fd: int) -> int:
        for _ in range(count):
            call(value)
        return 0

    return loop


def serve(load: Callable[[str], Exports]) -> None:
    """Answer requests until stdin ends; `load` instantiates a module and returns its exported functions."""
    exports: Exports = {}
    fd = 3
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any]
        try:
            if request["do"] == "load":
                exports = load(request["module"])
                fd = exports["setup"](0, 0) if "setup" in exports else 3
                answer = {"exports": sorted(exports)}
            else:
                function, count = exports[request["export"]], request["count"]
                start = time.perf_counter()
                result = function(count, fd)
                answer = {"seconds": time.perf_counter() - start, "answer": result & 0xFFFFFFFF}
        except Exception as error:  # whatever a runtime raises becomes this row's text, the others go on
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
        print(json.dumps(answer), flush=True)
