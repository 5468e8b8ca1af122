"""Calls from component to component: small core modules that bring arguments and results from one memory to another.

No Python frame is ever on a guest's stack while code of a guest runs that may have to wait: an adapter is WebAssembly, and
asks Python only what returns at once. `fuse` makes one, `leaves` what it imports of Python.
"""

from agave_wasi.component.adapters.crossing import leaves
from agave_wasi.component.adapters.fuse import Adapter, Side, fuse

__all__ = ["Adapter", "Side", "fuse", "leaves"]
