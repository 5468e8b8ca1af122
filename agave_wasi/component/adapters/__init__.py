"""Calls from component to component: small core modules that bring arguments and results from one memory to another.

No Python frame is ever on a guest's stack while code of a guest runs that may have to wait: an adapter is WebAssembly, and
asks Python only what returns at once. `fuse` makes one for a function, and `leaves` what that imports of Python. `DROP` is the
one for resource.drop of a guest's resource that has a destructor, and `drop_leaves` what it imports.
"""

from agave_wasi.component.adapters.crossing import Crossing, leaves
from agave_wasi.component.adapters.drop import DROP, DROP_IMPORTS, drop_leaves
from agave_wasi.component.adapters.fuse import Adapter, Side, fuse

__all__ = ["DROP", "DROP_IMPORTS", "Adapter", "Crossing", "Side", "drop_leaves", "fuse", "leaves"]
