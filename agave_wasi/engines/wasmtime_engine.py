"""wasmtime's JIT as an engine: one configuration of it, and compiled modules."""

from __future__ import annotations

from binascii import crc32
from ctypes import byref, c_void_p

from agave_wasi.engines import capi
from agave_wasi.engines.base import EngineConfig, EngineError, StoreLimits
from agave_wasi.engines.gates import gates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from agave_wasi.cache import CodeCache
    from agave_wasi.engines.wasmtime_store import Store

HOST_STACK = 8 << 20
"""Bytes of a fiber's stack beyond WebAssembly's own: host functions, which are Python, run there too."""
MAX_DEPTH = 100
"""So many calls of a guest by host functions may lie one inside the other, on one stack."""
NESTED_STACK = 1 << 30
"""Bytes for them: wasmtime lets each use a whole stack of WebAssembly's, from where it begins, be there one or not."""
RESERVATION = 1 << 32
"""Address space for each linear memory: a 32-bit memory then never moves, and views of it stay valid."""

MANY = 1000
"""So many gates are kept: what they look like is up to guests."""


class Module:
    """A compiled module."""

    __slots__ = ("handle",)

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def serialize(self) -> bytes:
        """The machine code and what belongs to it, as `WasmtimeEngine.load` takes it."""
        vector = capi.Bytes()
        error = capi.module_serialize(self.handle, byref(vector))
        if error:
            raise EngineError(capi.take_error(error))
        return capi.take_bytes(vector)

    def __del__(self, delete: Callable[[int], None] = capi.module_delete) -> None:
        if hasattr(self, "handle"):  # a signal may have come while it was made
            delete(self.handle)  # bound early: at the interpreter's end the module `capi` may be gone before this


def deepest(config: EngineConfig) -> int:
    """So many calls may lie one inside the other, each of which uses up its stack."""
    return max(1, min(MAX_DEPTH, NESTED_STACK // config.max_stack))


def settings_of(config: EngineConfig) -> dict[str, bool | int]:
    """wasmtime's settings by the names of its C API, in the order in which they are made."""
    return {
        "wasm_exceptions": True,
        "wasm_relaxed_simd_deterministic": True,
        "cranelift_nan_canonicalization": True,
        "consume_fuel": config.fuel,
        "memory_init_cow": not config.fuel,  # what fills memory at first is code then, which takes fuel, on every engine
        "epoch_interruption": True,
        "async_stack_size": config.max_stack * (1 + deepest(config)) + HOST_STACK,  # first: the other may not exceed it
        "max_wasm_stack": config.max_stack,
        "memory_reservation": RESERVATION,
        "memory_may_move": False,
    }


class WasmtimeEngine:
    """One configuration of wasmtime. `key` names what compiled code depends on; `deepest`: so many calls inside each other."""

    __slots__ = ("config", "key", "handle", "functypes", "gates", "deepest")

    has_fast_calls = True

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self.deepest = deepest(config)
        settings = settings_of(config)
        # wasmtime itself takes code that was compiled with other settings (of NaNs, for example): the key tells them apart.
        checksum = crc32(repr(settings).encode())
        self.key = f"wasmtime-{capi.VERSION}-fuel{int(config.fuel)}-stack{config.max_stack}-{checksum:08x}"
        raw = capi.config_new()
        for name, value in settings.items():
            capi.config_set(raw, name, value)
        self.handle: int = capi.engine_new_with_config(raw)
        self.functypes: dict[tuple[str, str], int] = {}
        self.gates: dict[object, Module] = {}

    def prepare(self, cache: CodeCache) -> None:
        """Nothing: wasmtime looks after itself."""

    def compile(self, wasm: bytes) -> Module:
        """Compile a module, binary or text; EngineError with the offset and reason if it is invalid."""
        if not wasm.startswith(b"\0asm"):
            wasm = capi.to_wasm(wasm)
        handle = c_void_p()
        error = capi.module_new(self.handle, wasm, len(wasm), byref(handle))
        if error:
            raise EngineError(capi.take_error(error))
        return Module(handle.value or 0)

    def load_file(self, path: str, wasm: bytes | memoryview = b"") -> Module:
        """Map a serialized module from a file that is trusted: it is machine code. Of `wasm` nothing more is needed."""
        handle = c_void_p()
        error = capi.module_deserialize_file(self.handle, path.encode(), byref(handle))
        if error:
            raise EngineError(capi.take_error(error))
        return Module(handle.value or 0)

    def store(self, limits: StoreLimits) -> Store:
        """A store for a guest."""
        from agave_wasi.engines.wasmtime_store import Store

        return Store(self, limits)

    def functype(self, parameters: str, results: str) -> int:
        """A core function type, made once."""
        found = self.functypes.get((parameters, results))
        if found is None:
            vectors = [_valtypes(letters) for letters in (parameters, results)]
            found = self.functypes[parameters, results] = capi.functype_new(byref(vectors[0]), byref(vectors[1]))
        return found

    def gate(self, text: bytes, compile: Callable[[bytes], Module]) -> Module:
        """A compiled module of our own, a gate or what stands behind one, made once for all guests."""
        module = self.gates.get(text)
        if module is None:
            if len(self.gates) >= MANY:
                self.gates.clear()
            module = self.gates[text] = compile(text)
        return module

    def gate_module(
        self,
        functions: Mapping[str, str],
        blocking: Collection[str],
        hot: Collection[str],
        compile: Callable[[bytes], Module],
    ) -> Module:
        """The compiled gates round `functions`, made once."""
        key = tuple(sorted(functions.items())), frozenset(blocking), tuple(hot)
        module = self.gates.get(key)
        if module is None:
            module = self.gates[key] = compile(gates(functions, blocking, hot))
        return module

    def tick(self) -> None:
        """Make every running guest look whether it is to stop. From any thread."""
        capi.increment_epoch(self.handle)


def _valtypes(letters: str) -> capi.Bytes:
    vector = capi.Bytes()
    handles = (c_void_p * len(letters))(*[capi.valtype_new(capi.KINDS[letter]) for letter in letters])
    capi.valtype_vec_new(byref(vector), len(letters), handles)
    return vector
