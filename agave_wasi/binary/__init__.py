"""Core WebAssembly binaries as data: what a file is, what it asks for, where in its source an offset lies.

Nothing here knows an engine. `reader` and `names` are what a backtrace of a plain run needs, so they import nothing;
the rest (descriptions, features, DWARF, core dumps) is loaded when one of its names is first used. Every malformed
input raises `MalformedModule`, and nothing is allocated by a count that the input only claims.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.binary.coredump import Coredump, read_coredump, write_coredump
    from agave_wasi.binary.description import ModuleDescription
    from agave_wasi.binary.dwarf import SourceLocation, SourceMap
    from agave_wasi.binary.module import describe
    from agave_wasi.binary.names import Names
    from agave_wasi.binary.reader import MalformedModule, kind_of
    from agave_wasi.binary.report import Report, lines, render

__all__ = [
    "Coredump",
    "MalformedModule",
    "ModuleDescription",
    "Names",
    "Report",
    "SourceLocation",
    "SourceMap",
    "describe",
    "kind_of",
    "lines",
    "read_coredump",
    "render",
    "write_coredump",
]

_HOME = {
    "Coredump": "coredump",
    "MalformedModule": "reader",
    "ModuleDescription": "description",
    "Names": "names",
    "Report": "report",
    "SourceLocation": "dwarf",
    "SourceMap": "dwarf",
    "describe": "module",
    "kind_of": "reader",
    "lines": "report",
    "read_coredump": "coredump",
    "render": "report",
    "write_coredump": "coredump",
}


def __getattr__(name: str) -> object:
    """The public name `name`, from the module that defines it, imported now."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=(name,))
    value: object = getattr(module, name)
    globals()[name] = value
    return value
