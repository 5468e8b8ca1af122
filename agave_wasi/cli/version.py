"""`agave-wasi --version`: ours, the engine's, Python's."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Print the versions."""
    from agave_wasi import __version__
    from agave_wasi.engines.capi import VERSION

    python = ".".join(map(str, sys.version_info[:3]))
    print(f"agave-wasi {__version__} (wasmtime {VERSION}, Python {python})")
    return 0
