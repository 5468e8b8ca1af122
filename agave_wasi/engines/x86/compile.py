"""Compiling: wasmtime makes x86-64 code of a core module, in a process of its own.

That process is started when something is to be compiled, stays for the next module, and ends with this one (it sees its
input close even while it compiles), or behind a large module, whose memory it would keep while the guest runs. If it dies,
because the compiler aborts or memory runs out, only that module can't be compiled. Requests and answers are a length and
that many bytes; nobody else has the pipes, also not behind a fork.

The settings make code that the CPU model can run and that is the same on every machine: no instructions beyond those of
`CPU`, no traps by signals, no address space reserved, one result for every NaN.
"""

from __future__ import annotations

import os
import struct
import sys
from _thread import allocate_lock
from atexit import register
from binascii import crc32

from agave_wasi.engines.base import EngineError
from agave_wasi.engines.x86.vmctx import WASMTIME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.engines.base import EngineConfig

UNICORN = "2.1.4"
"""The release of the CPU model. pyproject.toml says why it is pinned."""
TARGET = b"x86_64-unknown-linux-gnu"
"""Said explicitly: otherwise wasmtime uses what this machine's CPU has, AVX for example, which the model executes wrongly."""
CPU = ("sse3", "ssse3", "sse41", "sse42", "popcnt", "lzcnt", "bmi1", "bmi2")
"""What the model has beyond the first x86-64."""
SETTINGS: dict[str, bool | int] = {
    "wasm_exceptions": True,
    "wasm_relaxed_simd_deterministic": True,
    "cranelift_nan_canonicalization": True,
    "signals_based_traps": False,
    "epoch_interruption": False,
    "native_unwind_info": False,
    "memory_reservation": 0,
    "memory_reservation_for_growth": 0,
    "memory_guard_size": 0,
    "memory_may_move": True,
    "memory_init_cow": False,
    "wasm_threads": False,
    "shared_memory": False,
    "wasm_memory64": False,
    "wasm_gc": False,
    "wasm_function_references": False,
    "wasm_stack_switching": False,
    "wasm_custom_page_sizes": False,
    "wasm_wide_arithmetic": False,
}
"""wasmtime's settings by the names of its C API. Exceptions bring the collected heap with them (gc_support is on)."""
REFUSED = {
    "threads": ("threads must be enabled", "threads support is not enabled", "shared memories"),
    "memory64": ("memory64 must be enabled", "memory64 support is not enabled"),
    "gc": ("gc feature", "gc support is not enabled", "gc proposal", "`gc` proposal"),
    "stack-switching": ("stack switching", "stack-switching"),
    "function-references": ("function references", "function-references"),
    "custom-page-sizes": ("custom page sizes",),
    "wide-arithmetic": ("wide arithmetic",),
    "legacy-exceptions": ("legacy_exceptions", "legacy exceptions"),
}
"""Features that this engine doesn't have, and what wasmtime says when a module uses one."""

_HEAD = struct.Struct("<?Q")
"""Before every message. Request: with fuel? Answer: is it an image? Then the length of what follows."""
LARGE = 1 << 20
"""Bytes of a module that takes much more time and memory to compile than a new process does."""
_TAIL = 4000
"""So many bytes of a dead compiler's last words are told."""
_CHILD = "import sys; sys.path[:] = {path!r}; from agave_wasi.engines.x86.compile import serve; serve()"


def key(config: EngineConfig) -> str:
    """The name under which compiled code is cached: it says all that the code depends on."""
    checksum = crc32(repr((TARGET, CPU, SETTINGS)).encode())
    return f"x86-wasmtime{WASMTIME}-unicorn{UNICORN}-fuel{int(config.fuel)}-{checksum:08x}"


def can_compile() -> bool:
    """Can this machine compile? wasmtime makes code for the one that it runs on only."""
    return sys.platform == "linux" and _machine() == "x86_64"


def _machine() -> str:
    return os.uname().machine if hasattr(os, "uname") else "an unknown machine"


def compile_module(wasm: bytes, config: EngineConfig) -> bytes:
    """wasmtime's ELF image for a module, binary or text; EngineError says what is wrong with it, or with this machine."""
    if not can_compile():
        raise EngineError(
            f"code for the x86 engine can be compiled on x86-64 Linux only, and this is {sys.platform} on {_machine()}: "
            "run what was compiled there before, from its code cache (AGAVE_WASI_CACHE)"
        )
    with _lock:
        return _compile(wasm, config.fuel)


def _compile(wasm: bytes, fuel: bool) -> bytes:
    global _worker
    fresh = _worker is None
    worker = _worker = _worker or Worker()
    try:
        return worker.compile(wasm, fuel)
    except EngineError:
        raise
    except (BrokenPipeError, EOFError):
        _worker = None
        how = worker.end()
        if not fresh:  # it may have died before, of something else
            return _compile(wasm, fuel)
        raise EngineError(f"the compiler died of this module ({how})") from None
    except BaseException:  # an interrupt: the answer to come would be taken for that of the next module
        _worker = None
        worker.end()
        raise
    finally:
        if len(wasm) >= LARGE:
            stop()


class Worker:
    """The process that compiles, as its client."""

    __slots__ = ("pid", "requests", "answers", "messages")

    def __init__(self) -> None:
        opened: list[int] = []
        command = [sys.executable, "-I", "-S", "-c", _CHILD.format(path=_path())]
        try:  # in a process group of its own: Ctrl-C at the terminal is for us
            for _ in range(2):
                opened += os.pipe()
            opened.append(os.memfd_create("compiler"))
            theirs, self.requests, self.answers, back, self.messages = opened
            actions = [(os.POSIX_SPAWN_DUP2, ours, fd) for fd, ours in enumerate((theirs, back, self.messages))]
            self.pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setpgroup=0)
        except BaseException as error:
            for fd in opened:
                os.close(fd)
            if not isinstance(error, OSError):
                raise
            raise EngineError(f"the compiler can't be started: {sys.executable}: {error.strerror}") from None
        os.close(theirs)
        os.close(back)

    def compile(self, wasm: bytes, fuel: bool) -> bytes:
        """The image, or an EngineError. BrokenPipeError and EOFError if the process is no more."""
        _send(self.requests, _HEAD.pack(fuel, len(wasm)), wasm)
        done, answer = _receive_message(self.answers)
        if not done:
            raise EngineError(explain(answer.decode("utf-8", "replace")))
        return answer

    def end(self) -> str:
        """Stop the process, and tell how it ended and what it said last."""
        from signal import SIGKILL, Signals

        try:
            os.kill(self.pid, SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except (ProcessLookupError, ChildProcessError):  # somebody else has waited for it
            code = 0
        size = os.fstat(self.messages).st_size
        said = os.pread(self.messages, _TAIL, max(0, size - _TAIL)).decode("utf-8", "replace").strip()
        self.close()
        how = Signals(-code).name if code < 0 else f"exit code {code}"
        return f"{how}: {said}" if said else how

    def close(self) -> None:
        """Let go of the process; behind a fork it is the parent's."""
        for fd in (self.requests, self.answers, self.messages):
            os.close(fd)


def _path() -> list[str]:
    """Where the process finds what it imports, this package first: it may be here by an import hook."""
    ours = os.path.abspath(__file__)
    for _ in __name__.split("."):
        ours = os.path.dirname(ours)
    return [ours, *(each for each in sys.path if isinstance(each, str))]


_lock = allocate_lock()
_worker: Worker | None = None


def stop() -> None:
    """End the process that compiles, if there is one; the next module starts another."""
    global _worker
    worker, _worker = _worker, None
    if worker is not None:
        worker.end()


def _forked() -> None:
    global _worker, _lock
    _lock = allocate_lock()  # whoever holds it isn't here
    if _worker is not None:
        _worker.close()
        _worker = None


register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def explain(text: str) -> str:
    """wasmtime's reason in one line, with the name of the feature if the module uses one that this engine refuses."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "Caused by:"]
    reason = "; ".join(lines)
    for feature, phrases in REFUSED.items():
        if any(phrase in reason for phrase in phrases):
            return f"the x86 engine doesn't have WebAssembly's feature {feature}: {reason}"
    return reason


def _send(fd: int, *parts: bytes) -> None:
    for part in parts:
        left = memoryview(part)
        while left:
            left = left[os.write(fd, left) :]


def _receive(fd: int, size: int) -> bytearray:
    data = bytearray(size)
    left = memoryview(data)
    while left:
        count = os.readv(fd, [left])
        if not count:
            raise EOFError
        left = left[count:]
    return data


def _receive_message(fd: int) -> tuple[bool, bytes]:
    flag, size = _HEAD.unpack(_receive(fd, _HEAD.size))
    return flag, bytes(_receive(fd, size))


def serve() -> None:
    """What the other process does: answer requests until its input closes."""
    from _thread import start_new_thread
    from resource import RLIMIT_CORE, setrlimit

    setrlimit(RLIMIT_CORE, (0, 0))  # should it abort
    while True:
        try:
            fuel, wasm = _receive_message(0)
        except EOFError:
            return
        busy = [True]
        start_new_thread(_watch, (busy,))
        try:
            done, answer = True, compile_here(wasm, fuel)
        except EngineError as error:
            done, answer = False, str(error).encode()
        busy.clear()
        _send(1, _HEAD.pack(done, len(answer)), answer)


def _watch(busy: list[bool], fd: int = 0) -> None:
    """End this process as soon as nobody waits for it: the compiler can't be interrupted."""
    from select import POLLHUP, poll

    waiting = poll()
    waiting.register(fd, POLLHUP)
    while busy:
        if waiting.poll(100):
            os._exit(0)


def compile_here(wasm: bytes, fuel: bool) -> bytes:
    """Compile a module in this process; EngineError with wasmtime's own text."""
    from ctypes import byref, c_void_p

    from agave_wasi.engines import capi

    if not wasm.startswith(b"\0asm"):
        try:
            wasm = capi.to_wasm(wasm)
        except ValueError as error:
            raise EngineError(str(error)) from None
    module, vector = c_void_p(), capi.Bytes()
    engine = _engine(fuel)
    try:
        _check(capi.module_new(engine, wasm, len(wasm), byref(module)))
        failure = capi.module_serialize(module, byref(vector))
        capi.module_delete(module)
        _check(failure)
        return capi.take_bytes(vector)
    finally:
        capi.engine_delete(engine)


def _check(error: int | None) -> None:
    from agave_wasi.engines import capi

    if error:
        raise EngineError(capi.take_error(error))


def _engine(fuel: bool) -> int:
    from agave_wasi.engines import capi

    config = capi.config_new()
    _check(capi.config_target(config, TARGET))
    for name, value in SETTINGS.items():
        capi.config_set(config, name, value)
    capi.config_set(config, "consume_fuel", fuel)
    for feature in CPU:
        capi.config_flag(config, f"has_{feature}".encode())
    engine: int = capi.engine_new_with_config(config)
    if not engine:
        raise EngineError("wasmtime refuses these settings")
    return engine
