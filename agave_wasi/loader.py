"""From a file to a compiled module: what is it, is it cached, else compile it and keep the result."""

from __future__ import annotations

import os

from agave_wasi.binary.outline import outline
from agave_wasi.binary.reader import MAGIC, MalformedModule, kind_of, sections
from agave_wasi.cache import CodeCache, digest
from agave_wasi.engines.base import EngineConfig, EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from agave_wasi.binary.outline import Outline
    from agave_wasi.engines.base import Engine

    Progress = Callable[[str, int], AbstractContextManager[object]]

ELF = b"\x7fELF"
NOT_UTF8 = "it is neither a WebAssembly binary (which begins with \\0asm) nor text"


class BadProgram(Exception):
    """The file isn't a program that can run here; the text says why and what to do."""


class Program:
    """A module ready to be instantiated: `wasm` its binary, `name` what messages call it.

    `module` is its code for `engine`, `others` the same program for engines of other configurations, where it was run as well.
    """

    __slots__ = ("name", "wasm", "outline", "module", "engine", "others")

    is_component = False

    def __init__(self, name: str, wasm: bytes, outline: Outline, module: Any, engine: Engine) -> None:
        self.name = name
        self.wasm = wasm
        self.outline = outline
        self.module = module
        self.engine = engine
        self.others: dict[Engine, Program] = {}

    def modules_within(self) -> Iterator[tuple[str, bytes]]:
        """The core modules that it is made of, as (short name, binary)."""
        yield self.name.rpartition("/")[2], self.wasm

    def name_of(self, module: object) -> str | None:
        """What `modules_within` calls the module whose code that is; None if it is none of these."""
        return self.name.rpartition("/")[2] if module is self.module else None


_engines: dict[tuple[str, bool, int, bool], Engine] = {}


def engine_for(config: EngineConfig, kind: str = "wasmtime", counting: bool = False) -> Engine:
    """The process' engine of that kind and configuration: engines are costly and hold nothing of a guest.

    `counting` is for the CPU model, whose machines then know how many instructions they have executed.
    """
    key = kind, config.fuel, config.max_stack, counting
    engine = _engines.get(key)
    if engine is None:
        engine = _engines[key] = _make(config, kind, counting)
    return engine


def _make(config: EngineConfig, kind: str, counting: bool) -> Engine:
    if kind == "x86":
        from agave_wasi.engines.x86.engine import X86Engine

        return X86Engine(config, counting)
    from agave_wasi.engines.wasmtime_engine import WasmtimeEngine

    return WasmtimeEngine(config)


class Loader:
    """Loads programs for one engine through one cache. `progress`(name, bytes) is entered while something compiles."""

    __slots__ = ("engine", "cache", "progress")

    def __init__(self, engine: Engine, cache: CodeCache, progress: Progress | None = None) -> None:
        self.engine = engine
        self.cache = cache
        self.progress = progress

    def load_file(self, path: str, name: str) -> Program:
        """The program in a file; BadProgram if it isn't one."""
        data, status = read(path)
        return self.load(data, name, status)

    def load(self, data: bytes, name: str, status: os.stat_result | None = None) -> Program:
        """The program in `data`, binary or text; BadProgram if it isn't one. `status` is that of the file that it is in."""
        wasm = to_binary(data, name)
        key = self.cache.digest_of(wasm, status if wasm is data else None)
        if kind_of(wasm) == "component":
            from agave_wasi.components import load

            return load(wasm, name, self.cache, key)
        try:
            found = outline(wasm)
        except MalformedModule as error:
            raise BadProgram(f"{name}: {error}") from None
        return Program(name, wasm, found, self.compile(wasm, name, key), self.engine)

    def adapt(self, program: Program) -> Program:
        """The program for this loader's engine: code for another configuration (fuel, stack) can't run here."""
        engine = self.engine
        if program.is_component or program.engine is engine:  # a component's modules are compiled when they are linked
            return program
        adapted = program.others.get(engine)
        if adapted is None:
            module = self.compile(program.wasm, program.name)
            adapted = program.others[engine] = Program(program.name, program.wasm, program.outline, module, engine)
        return adapted

    def compile(self, data: bytes | memoryview, name: str = "", key: str = "") -> Any:
        """The compiled module for `data`, from the cache or into it; `key` is its name there, if not its digest."""
        key = key or digest(data)
        self.engine.prepare(self.cache)
        path = self.cache.find(self.engine.key, key)
        if path is not None:
            try:
                return self.engine.load_file(path, data)
            except EngineError:  # not what this engine wrote: compile it again
                pass
        try:
            if self.progress is not None and name:
                with self.progress(name, len(data)):
                    module = self.engine.compile(bytes(data))
            else:
                module = self.engine.compile(bytes(data))
        except EngineError as error:
            raise BadProgram(f"{name}: {_reason(str(error))}") from None
        self.cache.store(self.engine.key, key, module.serialize())
        return module


def _reason(text: str) -> str:
    """The cause in an engine's message of several lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if "Caused by:" in lines:
        causes = lines[lines.index("Caused by:") + 1 :]
        return "; ".join([lines[0], *causes])
    return " ".join(lines)


def read(path: str) -> tuple[bytes, os.stat_result | None]:
    """The bytes of a program's file, and its status if it was the same before and after; BadProgram if it can't be read."""
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            data = file.read()
            after = os.fstat(file.fileno())
            same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (len(data), after.st_mtime_ns, after.st_ctime_ns)
            return data, before if same else None
    except OSError as error:
        raise BadProgram(f"{path} can't be read: {error.strerror}") from None


def read_elf(source: str | os.PathLike[str]) -> tuple[str, bytes] | None:
    """The name and the bytes of a file that is an ELF file; None for another, or if it can't be read."""
    path = os.fspath(source)
    try:
        with open(path, "rb") as file:
            begin = file.read(len(ELF))
            return (path, begin + file.read()) if begin == ELF else None
    except OSError:
        return None


def to_binary(data: bytes, name: str) -> bytes:
    """The binary of a module or component, assembled if it is text; BadProgram for anything else."""
    kind = kind_of(data)
    if kind == "text":
        from agave_wasi.engines.capi import to_wasm

        try:
            data = to_wasm(data)
        except ValueError as error:
            raise BadProgram(f"{name}: {error}") from None
    elif data[: len(ELF)] == ELF:
        raise BadProgram(f"{name} isn't a WebAssembly program but machine code: static x86-64 ELF files run with --engine x86")
    elif kind not in ("module", "component"):
        if data[:4] == MAGIC:
            try:
                sections(data)
            except MalformedModule as error:  # of a version that nobody knows, or cut off
                raise BadProgram(f"{name}: {error}") from None
        raise BadProgram(f"{name} isn't a WebAssembly program: {NOT_UTF8}")
    return data


def to_module(data: bytes, name: str) -> bytes:
    """As `to_binary`, for those who can use core modules only."""
    wasm = to_binary(data, name)
    if kind_of(wasm) == "component":
        raise BadProgram(f"{name} is a WebAssembly component (Preview 2 or later); this works on core modules only")
    return wasm
