"""An operating system, in Python, for WebAssembly programs: `World` is where they run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.types import Case, Err, Ok, Some, WitError
    from agave_wasi.engines.base import GuestTrap, Interrupted, LinkError
    from agave_wasi.functions import F32, F64, I32, I64, Caller
    from agave_wasi.instance import LiveInstance
    from agave_wasi.loader import BadProgram
    from agave_wasi.result import Result
    from agave_wasi.settings import Mount
    from agave_wasi.world import World
    from kernel_sim.errors import Deadlock, LimitReached

__version__ = "0.1.0"
__all__ = [
    "F32", "F64", "I32", "I64", "BadProgram", "Caller", "Case", "Deadlock", "Err", "GuestTrap", "Interrupted", "LimitReached",
    "LinkError", "LiveInstance", "Mount", "Ok", "Result", "Some", "WitError", "World", "__version__",
]  # fmt: skip

_HOMES = {
    "World": "agave_wasi.world", "Mount": "agave_wasi.settings", "Result": "agave_wasi.result",
    "BadProgram": "agave_wasi.loader", "LiveInstance": "agave_wasi.instance", "Caller": "agave_wasi.functions",
    "I32": "agave_wasi.functions", "I64": "agave_wasi.functions", "F32": "agave_wasi.functions",
    "F64": "agave_wasi.functions", "GuestTrap": "agave_wasi.engines.base", "LinkError": "agave_wasi.engines.base",
    "Case": "agave_wasi.component.types", "Err": "agave_wasi.component.types", "Ok": "agave_wasi.component.types",
    "Some": "agave_wasi.component.types", "WitError": "agave_wasi.component.types",
    "Interrupted": "agave_wasi.engines.base", "Deadlock": "kernel_sim.errors", "LimitReached": "kernel_sim.errors",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used: a command that needs none stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'agave_wasi' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
