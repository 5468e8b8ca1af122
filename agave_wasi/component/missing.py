"""What to say of imports that nobody provides: which interface and function, who has them, and the cure."""

from __future__ import annotations

from agave_wasi.witparse import wasi
from agave_wasi.witparse.versions import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 12
_ELSEWHERE = {
    "wasi:http": "wasmtime serve and jco serve have it",
    "wasi:sockets": "wasmtime run -S inherit-network has it",
    "wasi:nn": "wasmtime built with -S nn has it",
    "wasi:config": "wasmtime run -S config has it",
    "wasi:keyvalue": "wasmtime run -S keyvalue has it",
    "wasi:tls": "wasmtime run -S tls has it",
    "wasi:webgpu": "wasi-gfx-runtime has it",
    "wasi:blobstore": "wasmCloud has it",
    "wasi:messaging": "wasmCloud has it",
    "wasi:logging": "wasmCloud and Spin have it",
    "fermyon:spin": "Spin has it",
    "wasmcloud:": "wasmCloud has it",
}
"""Who provides packages that aren't here, by the beginning of the name."""


def explained(missing: Iterable[tuple[str, str]]) -> str:
    """Lines about imports (interface, function), an interface each."""
    by_interface: dict[str, list[str]] = {}
    for interface, name in missing:
        by_interface.setdefault(interface, []).append(name)
    return "\n".join(f"  {line}" for line in _lines(by_interface))


def _lines(by_interface: dict[str, list[str]]) -> Iterator[str]:
    for interface, names in by_interface.items():
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        if not interface:
            yield f"{shown}: nothing provides it; link a component that does with --link {names[0]}=FILE.wasm"
            continue
        yield f"{interface}: {shown}: {_cure(interface, names)}"


def _cure(interface: str, names: list[str]) -> str:
    known = wasi.interface(interface)
    if known is not None:
        unknown = [name for name in names if name not in known.functions and name not in known.types]
        if unknown:
            return f"{known.id} has no such function; build it for a released version"
    version = interface.partition("@")[2]
    if interface.startswith("wasi:") and version.startswith("0.3"):
        return "this is Preview 3, and this version runs Preview 2; build it for wasm32-wasip2 (0.2)"
    elsewhere = next((text for start, text in _ELSEWHERE.items() if interface.startswith(start)), "")
    link = f"link a component that provides it with --link {canonical(interface)}=FILE.wasm"
    return f"{elsewhere}; here, {link}" if elsewhere else f"nothing provides it; {link}"
