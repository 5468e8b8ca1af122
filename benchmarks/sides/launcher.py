"""Starts other processes and says how long they took and how much memory they had: JSON lines, as the sides speak them.

    {"argv": [...]} -> {"seconds": S, "peak_kib": N, "exit_code": C, "stdout": TEXT}

A process's ru_maxrss is never less than that of the process which started it, since it survives exec. So the starter
is this one, which imports next to nothing, and is run with `-I -S`.
"""

from __future__ import annotations

import json
import os
import sys
import time


def launch(argv: list[str]) -> dict[str, object]:
    """Run one command to its end, its stdout into a pipe."""
    reader, writer = os.pipe()
    start = time.perf_counter()
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    output = b""
    while block := os.read(reader, 65536):
        output += block
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - start
    os.close(reader)
    code = os.waitstatus_to_exitcode(status)
    return {
        "seconds": seconds,
        "peak_kib": usage.ru_maxrss,
        "exit_code": code,
        "stdout": output.decode(errors="replace"),
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(launch(json.loads(line)["argv"])), flush=True)
