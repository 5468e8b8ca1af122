"""The CPU model as an engine: compiled images, and stores whose guests a simulated x86-64 CPU executes.

wasmtime only compiles, in a process of its own. What runs is its machine code on `kernel_sim.cpu`, with a runtime that is ours:
instances, tables, memories, calls, traps.
"""

from __future__ import annotations

import mmap

from agave_wasi.binary.names import Names
from agave_wasi.engines.base import EngineConfig, EngineError, Frame, StoreLimits
from agave_wasi.engines.x86.compile import compile_module, key
from agave_wasi.engines.x86.image import read_image
from agave_wasi.engines.x86.module import CoreModule
from agave_wasi.engines.x86.vmctx import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:

    from agave_wasi.cache import CodeCache
    from agave_wasi.engines.x86.store import Store


NEEDS_MODEL = "--engine x86 needs the CPU model, which isn't installed: pip install 'agave-wasi[metal]'"


class Module:
    """A compiled module: its `image`, and what its `wasm` says besides code. `data` is wasmtime's ELF file."""

    __slots__ = ("wasm", "image", "core", "layout", "data", "_names", "_digest")

    def __init__(self, data: memoryview, wasm: bytes | memoryview) -> None:
        self.wasm = wasm
        self.image = read_image(data)
        self.core = CoreModule(wasm)
        self.layout = Layout(self.core, self.image)
        self.data = data
        self._names: Names | None = None
        self._digest = ""

    def serialize(self) -> bytes:
        """The image, as `X86Engine.load_file` takes it."""
        return bytes(self.data)

    @property
    def digest(self) -> str:
        """SHA-256 of the image, which tells it from others."""
        if not self._digest:
            from hashlib import sha256

            self._digest = sha256(self.data).hexdigest()
        return self._digest

    @property
    def names(self) -> Names:
        """Names and places of its functions."""
        if self._names is None:
            self._names = Names(self.wasm)
        return self._names

    def frame(self, offset: int) -> Frame | None:
        """What a backtrace says of the instruction at `offset` of its code; None if that is glue between functions."""
        function = self.image.function_at(offset)
        if function is None:
            return None
        place = self.image.wasm_offset(offset)
        body = self.names.body(function)
        begin = body[0] if body is not None else 0
        within = begin if place is None else place
        return Frame(function, within - begin, within, self.names.given(function))


class X86Engine:
    """One configuration of it. `key` names what images depend on. `counting`: its machines count instructions."""

    __slots__ = ("config", "key", "counting", "_prepared")

    has_fast_calls = False

    def __init__(self, config: EngineConfig, counting: bool = False) -> None:
        self.config = config
        self.key = key(config)
        self.counting = counting
        self._prepared = False

    def prepare(self, cache: CodeCache) -> None:
        """Compare what compiled code expects of memory with our table of it, once; EngineError names what differs."""
        if not self._prepared:
            try:
                from agave_wasi.engines.x86.selftest import ensure

                ensure(cache)
            except ModuleNotFoundError as error:
                raise _without_model(error) from None
            self._prepared = True

    def compile(self, wasm: bytes) -> Module:
        """Compile a module, binary or text; EngineError with the offset and reason if it is invalid."""
        binary = bytes(_binary(wasm))
        return self.load(compile_module(binary, self.config), binary)

    def load(self, code: bytes, wasm: bytes | memoryview) -> Module:
        """An image in memory that was made of `wasm`, binary or text; EngineError if it isn't one."""
        if not code:
            raise EngineError("the image is empty")
        data = memoryview(mmap.mmap(-1, len(code)))  # code must begin at a page
        data[:] = code
        return Module(data, _binary(wasm))

    def load_file(self, path: str, wasm: bytes | memoryview) -> Module:
        """Map an image that was made of `wasm`, binary or text; EngineError if it isn't one."""
        try:
            with open(path, "rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
        except (OSError, ValueError) as error:
            raise EngineError(f"{path} can't be mapped: {error}") from None
        return Module(data, _binary(wasm))

    def store(self, limits: StoreLimits) -> Store:
        """A store for a guest."""
        try:
            from agave_wasi.engines.x86.store import Store
        except ModuleNotFoundError as error:
            raise _without_model(error) from None
        try:
            return Store(self, limits, self.counting)
        except MemoryError as error:
            raise EngineError(f"a guest of the x86 engine needs address space, and {error} (see ulimit -v)") from None

    def tick(self) -> None:
        """Guests look up between slices, which are short."""


def _without_model(error: ModuleNotFoundError) -> Exception:
    """What to raise where a module isn't there: that the extra isn't installed, if it is one of that."""
    return EngineError(NEEDS_MODEL) if error.name in ("unicorn", "capstone") else error


def _binary(wasm: bytes | memoryview) -> bytes | memoryview:
    """A module's binary, of its text if it is that: adapters between components are text, and kept in the cache by it."""
    if wasm[:4] == b"\0asm":
        return wasm
    from agave_wasi.engines.capi import to_wasm

    return to_wasm(bytes(wasm))
