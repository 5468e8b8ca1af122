"""The reference's process from outside: its world is laid out, it is started, and what it leaves is read and cleaned up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time_ns
from typing import Any

from agave_wasi.cache import default_folder
from agave_wasi.engines import capi
from agave_wasi.loader import to_module
from conformance.adapters.job import GuestRefused
from conformance.calls import answers
from conformance.calls.call import Call
from conformance.calls.equal import Equal, Order, reference_folders
from conformance.calls.recorder import Recording
from conformance.calls.temporary import temporary
from conformance.calls.trees import of_folder

COMPILING = 900.0
"""Seconds beyond the timeout that the process may take: large programs take a minute to compile."""
PROJECT = Path(__file__).resolve().parents[2]


class ReferenceFailed(Exception):
    """The reference couldn't be run at all; the text says why."""


@contextmanager
def order(equal: Equal, wasm: bytes, told: Iterable[Call], stop_after: int | None = None) -> Iterator[Order]:
    """An order for the reference with everything that it names, in a folder that is removed afterwards.

    `told` are calls whose answers about time and chance are given to the reference.
    """
    with temporary("agave-wasi-reference-") as folder:
        (folder / "program.wasm").write_bytes(wasm)
        (folder / "stdin").write_bytes(equal.stdin)
        libraries = [(name, str(folder / f"library{number}.wasm")) for number, (name, _) in enumerate(equal.libraries)]
        for (_, source), (_, path) in zip(equal.libraries, libraries):
            Path(path).write_bytes(to_module(Path(source).read_bytes(), source))
        answers.write(folder / "answers", told)
        yield Order(
            program=str(folder / "program.wasm"), argv=equal.argv, env=list(equal.env.items()),
            stdin=str(folder / "stdin"), stdout=str(folder / "stdout"), stderr=str(folder / "stderr"),
            calls=str(folder / "calls"), preopens=reference_folders(equal, folder), answers=str(folder / "answers"),
            timeout=equal.timeout, most_calls=equal.most_calls, stop_after=stop_after, cache=default_folder(),
            libraries=libraries, invoke=(equal.invoke[0], list(equal.invoke[1])) if equal.invoke is not None else None,
        )  # fmt: skip


def record(equal: Equal, wasm: bytes, told: Iterable[Call], stop_after: int | None = None) -> Recording:
    """Run the program on the reference, in a process of its own, and record it; ReferenceFailed."""
    with order(equal, wasm, told, stop_after) as made:
        return recorded(equal, made, "conformance.calls.reference")


def recorded(equal: Equal, made: Order, module: str) -> Recording:
    """What the reference's process, which runs `module`, does with an order; ReferenceFailed."""
    began = time_ns()
    command = [sys.executable, "-m", module]
    try:
        done = subprocess.run(
            command, input=json.dumps(made.plain()).encode(), capture_output=True, check=False, cwd=PROJECT,
            timeout=equal.timeout + COMPILING,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ReferenceFailed(f"the reference took more than {COMPILING:.0f} s to compile the program") from None
    ending = _ending(done)
    return collect(made, ending, began)


def _ending(done: subprocess.CompletedProcess[bytes]) -> list[Any]:
    if done.returncode == 124:
        return ["timeout", 124, "stopped by the timeout"]
    if done.returncode < 0:
        return ["crash", 128 - done.returncode, f"the reference's process was ended by signal {-done.returncode}"]
    last = done.stdout.decode(errors="replace").strip().splitlines()[-1:]
    if done.returncode or not last:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1].removeprefix(f"{GuestRefused.__module__}.GuestRefused: ") if said else f"exit code {done.returncode}"
        raise ReferenceFailed(f"the reference can't run this: {why}")
    ending: list[Any] = json.loads(last[0])
    return ending


def collect(made: Order, ending: list[Any], began: int) -> Recording:
    """What a run on the reference has left that `began` then, in ns since 1970."""
    recording = Recording(f"wasmtime {capi.VERSION}", _calls(Path(made.calls)), *ending)
    recording.spans = [(began, time_ns())]
    recording.stdout, recording.stderr = (_content(Path(path)) for path in (made.stdout, made.stderr))
    recording.trees = {guest: of_folder(Path(host)) for host, guest, _ in made.preopens}
    return recording


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _calls(path: Path) -> list[Call]:
    """The calls that were written; a last line that was cut off when the process died is none."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [Call.restore(json.loads(line)) for line in file if line.endswith(b"\n")]
