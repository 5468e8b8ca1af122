"""CPython as a component, run twice in one process: `python -m benchmarks.sides.python_twice COMPONENT`.

Prints ms as JSON: {"first": T, "second": T}. The first time is from the file to the program's end, with code from the cache;
the second time the program is there, and an instance is made and run.
"""

from __future__ import annotations

import json
import sys
import time

from agave_wasi import World

world = World(files={"/hello.py": "print('hello')\n"})
taken = {}
start = time.perf_counter()
program = world.load(sys.argv[1])
for each in ("first", "second"):
    result = world.run(program, ["hello.py"])
    end = time.perf_counter()
    if (result.exit_code, result.stdout) != (0, b"hello\n"):
        sys.exit(f"exit code {result.exit_code}, stdout {result.stdout[:60]!r}")
    taken[each] = (end - start) * 1e3
    start = time.perf_counter()
print(json.dumps(taken))
