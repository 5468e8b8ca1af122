"""The interpreter on agave-wasi, in a fresh world with a folder in memory, and on wasmtime-py, with a folder of the host."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from time import time_ns

import wasmtime
from wasmtime.component import Component, Linker

from agave_wasi import GuestTrap, Mount, World
from conformance.calls.trees import Snapshot, of_folder, of_inode
from conformance.components.fuzz.interpreter import wasm
from conformance.components.fuzz.values import Told, program, told
from conformance.fuzz.ours import ENV, SPAN
from conformance.fuzz.side import Ended
from conformance.fuzz.steps import Step
from kernel_sim.fs.inode import Directory

LARGEST = 64 << 20
"""Bytes of a file that is compared."""
ARGS = ("one", "two words")
Answer = list[Told] | Ended


class Ours:
    """agave-wasi's side, on an engine."""

    title = "agave-wasi"
    span = SPAN

    def __init__(self, engine: str = "wasmtime") -> None:
        self.world = World(env=ENV, mounts=[Mount("/", mode="memory")], engine=engine)
        try:
            self.live = self.world.instantiate(wasm(), ARGS, b"")
            self.run = self.live.exports["run"]
        except BaseException:
            self.world.close()
            raise
        top = dict(self.world.preopens)[b"/"]
        assert isinstance(top, Directory)
        self.top = top
        self.argv = [each.decode() for each in self.live._guest.process.argv]

    def call(self, *steps: Step) -> Answer:
        """Make calls; BadValue for a step that isn't one."""
        text = program(steps)
        try:
            return told(str(self.run(text)))
        except GuestTrap as ending:
            return Ended("trap", ending.message)
        except RuntimeError as error:
            if self.live.exit_code is None:
                return Ended("bug", f"{type(error).__name__}: {error}")
            return Ended("exit", code=self.live.exit_code)
        except Exception as error:
            return Ended("bug", f"{type(error).__name__}: {error}")

    def tree(self) -> Snapshot:
        """All files."""
        return of_inode(self.top)

    def close(self) -> None:
        """Free everything."""
        self.live.close()
        self.world.close()


@cache
def _compiled() -> tuple[wasmtime.Engine, Component]:
    engine = wasmtime.Engine()
    return engine, Component(engine, wasm())


class Reference:
    """wasmtime's side, with everything in a folder of its own below `within`."""

    title = "wasmtime"

    def __init__(self, argv: list[str], within: str | None = None) -> None:
        self.began = time_ns()
        self.folder = Path(tempfile.mkdtemp(prefix="agave-wasi-fuzz-", dir=within))
        try:
            self._start(argv)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _start(self, argv: list[str]) -> None:
        self.root = self.folder / "root"
        self.root.mkdir()
        stdin = self.folder / "stdin"
        stdin.touch()
        config = wasmtime.WasiConfig()
        config.argv, config.env = argv, ENV.items()
        config.stdin_file = str(stdin)
        config.stdout_file, config.stderr_file = str(self.folder / "stdout"), str(self.folder / "stderr")
        config.preopen_dir(str(self.root), "/")
        engine, component = _compiled()
        self.store = wasmtime.Store(engine)
        self.store.set_wasi(config)
        linker = Linker(engine)
        linker.add_wasip2()
        instance = linker.instantiate(self.store, component)
        run = instance.get_func(self.store, "run")
        assert run is not None
        self.run = run

    @property
    def span(self) -> tuple[int, int]:
        """When files of this run can have been touched."""
        return self.began, self.began + 10**15

    def call(self, *steps: Step) -> Answer:
        """Make calls; BadValue for a step that isn't one."""
        text = program(steps)
        try:
            answer = self.run(self.store, text)
        except wasmtime.ExitTrap as error:
            return Ended("exit", code=error.code)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            return Ended("trap", str(error).strip().rpartition("\n")[2].strip())
        self.run.post_return(self.store)
        assert isinstance(answer, str)
        return told(answer)

    def tree(self) -> Snapshot:
        """All files."""
        return of_folder(self.root)

    def can_be_read(self) -> bool:
        """Is every file small enough to be read to its end? A host's file system may hold holes of any size."""
        files = (Path(folder, name) for folder, _, names in os.walk(self.root) for name in names)
        return all(each.lstat().st_size <= LARGEST for each in files)

    def close(self) -> None:
        """Free everything."""
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)
