"""Who provides the functions of Preview 1 elsewhere, and what is missing there.

What wasmtime answers was measured on wasmtime 50 with the guests in conformance/suites/preview1.
"""

from __future__ import annotations

EVERYWHERE = "every runtime of Preview 1: wasmtime run, wasmer run, wazero run, WasmEdge, node:wasi and others"
_LACKING = {
    "clock_res_get": "wasmtime has no CPU-time clocks (BADF)",
    "clock_time_get": "wasmtime has no CPU-time clocks (BADF)",
    "fd_allocate": "wasmtime answers NOTSUP",
    "fd_fdstat_set_rights": "wasmtime answers NOTSUP, and so does agave-wasi without --rights strict",
    "proc_raise": "wasmtime answers NOTSUP",
}
_SOCKETS = "agave-wasi run --listen ADDR:PORT gives a program a socket; wasmtime 50 links the function but answers NOTSOCK"


def provided_by(function: str) -> str:
    """Runtimes and flags that provide a function of Preview 1, in a sentence."""
    if function.startswith("sock_"):
        return _SOCKETS
    lacking = _LACKING.get(function)
    return f"{EVERYWHERE}; {lacking}" if lacking else EVERYWHERE
