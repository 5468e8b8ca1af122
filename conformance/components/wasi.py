"""The interfaces of WASI 0.2 that guests of the suite may import, in an order in which each stands behind those it uses.

    python -m conformance.components.wasi > conformance/suites/preview2/imports.h
"""

from __future__ import annotations

from agave_wasi.witparse import wasi
from agave_wasi.witparse.model import Interface
from conformance.components.header import header

NAMES = (
    "io/error", "io/poll", "io/streams", "clocks/wall-clock", "clocks/monotonic-clock", "clocks/timezone", "random/random",
    "random/insecure", "random/insecure-seed", "filesystem/types", "filesystem/preopens", "cli/environment", "cli/exit",
    "cli/stdin", "cli/stdout", "cli/stderr", "cli/terminal-input", "cli/terminal-output", "cli/terminal-stdin",
    "cli/terminal-stdout", "cli/terminal-stderr",
)  # fmt: skip


def interfaces() -> list[Interface]:
    """Them, resolved."""
    found = [wasi.interface(f"wasi:{name}@{wasi.VERSION}") for name in NAMES]
    assert None not in found
    return [each for each in found if each is not None]


def imports_header() -> str:
    """The suite's imports.h."""
    return header(interfaces(), f"The imports of WASI {wasi.VERSION} that cases may call.")


if __name__ == "__main__":
    print(imports_header(), end="")
