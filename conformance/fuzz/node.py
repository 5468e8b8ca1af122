"""The fuzzer's guest on Node's own WASI: a process of its own, asked call by call, with a mirror of its memory here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Sequence
from ctypes import addressof, c_char
from pathlib import Path
from select import select
from time import time_ns
from typing import Any

from conformance.calls.trees import Snapshot, of_folder
from conformance.folders import remove_tree
from conformance.fuzz.guest import wasm
from conformance.fuzz.layout import MEMORY, functions, slot_letters
from conformance.fuzz.ours import ENV
from conformance.fuzz.side import Answer, Ended, Piece, Side

PATIENCE = 5
"""Seconds that a call may take: some never end there."""
CHILD = Path(__file__).with_name("node_child.mjs")


class NoNode(Exception):
    """There is no node on this machine."""


class Node(Side):
    """Node's side, with everything in a folder of its own below `within`."""

    title = "node:wasi"
    has_rights = True
    also = ((MEMORY - 1, b"\0"),)

    def __init__(self, argv: Sequence[str], within: str | None = None) -> None:
        program = shutil.which("node")
        if program is None:
            raise NoNode("node isn't found here: install Node 20 or newer, or compare with wasmtime")
        self._mirror = (c_char * MEMORY)()
        super().__init__(addressof(self._mirror))
        self.silent = False
        self.began = time_ns()
        self.folder = Path(tempfile.mkdtemp(prefix="agave-wasi-fuzz-", dir=within))
        try:
            self._start(program, argv)
        except BaseException:
            remove_tree(self.folder)
            raise

    def _start(self, program: str, argv: Sequence[str]) -> None:
        self.root = self.folder / "root"
        self.root.mkdir()
        guest = self.folder / "guest.wasm"
        guest.write_bytes(wasm())
        names = [self.folder / name for name in ("stdin", "stdout", "stderr")]
        stdio = [os.open(name, os.O_CREAT | (os.O_WRONLY if number else os.O_RDONLY)) for number, name in enumerate(names)]
        settings = {"program": str(guest), "argv": list(argv), "env": ENV, "root": str(self.root), "stdio": stdio,
                    "letters": {name: slot_letters(name) for name in functions()}}  # fmt: skip
        try:
            self.process = subprocess.Popen(
                [program, "--no-warnings", str(CHILD), json.dumps(settings)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=stdio,
            )  # fmt: skip
        finally:
            for each in stdio:
                os.close(each)

    def prepare(self, fill: int, pieces: Sequence[Piece]) -> None:
        super().prepare(fill, pieces)
        self._before: dict[str, Any] = {"fill": fill, "pieces": [(at, b64encode(piece).decode()) for at, piece in pieces]}

    def put(self, at: int, number: int) -> None:
        super().put(at, number)
        self._before["pieces"].append((at, b64encode(number.to_bytes(4, "little")).decode()))

    def call(self, name: str, slots: Sequence[int]) -> Answer:
        asked = {"call": name, "slots": list(map(str, slots)), **self._before}
        answer = self._ask(asked)
        if answer is None:
            if self.silent:
                return Ended("crash", f"node gave no answer within {PATIENCE} s")
            code = self.process.wait()
            ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            return Ended("crash", f"node {ended}")
        for at, piece in answer["changed"]:
            data = b64decode(piece)
            self.memory[at : at + len(data)] = data
        if "trap" in answer:
            return Ended("trap", answer["trap"])
        return Ended("exit", code=answer["exit"]) if "exit" in answer else int(answer["errno"])

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        ready, _, _ = select([self.process.stdout], [], [], PATIENCE)
        self.silent = not ready
        if self.silent:
            return None
        line = self.process.stdout.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    @property
    def span(self) -> tuple[int, int]:
        return self.began, self.began + 10**15

    def tree(self) -> Snapshot:
        return of_folder(self.root)

    def close(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        remove_tree(self.folder)
