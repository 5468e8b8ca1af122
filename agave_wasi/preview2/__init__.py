"""WASI 0.2 on the kernel: a class for every interface, by its name without the patch version; imported when asked for."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_CLASSES = {
    "wasi:io/error@0.2": "io.Errors",
    "wasi:io/poll@0.2": "io.Poll",
    "wasi:io/streams@0.2": "streams.Streams",
    "wasi:clocks/monotonic-clock@0.2": "clocks.MonotonicClock",
    "wasi:clocks/wall-clock@0.2": "clocks.WallClock",
    "wasi:clocks/timezone@0.2": "clocks.Timezone",
    "wasi:random/random@0.2": "random.Random",
    "wasi:random/insecure@0.2": "random.Insecure",
    "wasi:random/insecure-seed@0.2": "random.InsecureSeed",
    "wasi:filesystem/types@0.2": "filesystem.Filesystem",
    "wasi:filesystem/preopens@0.2": "preopens.Preopens",
    "wasi:cli/environment@0.2": "cli.Environment",
    "wasi:cli/exit@0.2": "cli.Exit",
    "wasi:cli/stdin@0.2": "cli.Stdin",
    "wasi:cli/stdout@0.2": "cli.Stdout",
    "wasi:cli/stderr@0.2": "cli.Stderr",
    "wasi:cli/terminal-input@0.2": "cli.TerminalInput",
    "wasi:cli/terminal-output@0.2": "cli.TerminalOutput",
    "wasi:cli/terminal-stdin@0.2": "cli.TerminalStdin",
    "wasi:cli/terminal-stdout@0.2": "cli.TerminalStdout",
    "wasi:cli/terminal-stderr@0.2": "cli.TerminalStderr",
    "wasi:sockets/network@0.2": "network.Networks",
    "wasi:sockets/instance-network@0.2": "network.InstanceNetwork",
    "wasi:sockets/tcp@0.2": "tcp.Tcp",
    "wasi:sockets/tcp-create-socket@0.2": "tcp.TcpCreateSocket",
    "wasi:sockets/udp@0.2": "udp.Udp",
    "wasi:sockets/udp-create-socket@0.2": "udp.UdpCreateSocket",
    "wasi:sockets/ip-name-lookup@0.2": "lookup.IpNameLookup",
    "wasi:http/types@0.2": "http.types.HttpTypes",
    "wasi:http/outgoing-handler@0.2": "http.handler.OutgoingHandler",
}
"""Interface -> module here and class."""


class _Interfaces(Mapping[str, type]):
    """The classes by the names of their interfaces."""

    def __getitem__(self, name: str) -> type:
        module, _, kind = _CLASSES[name].rpartition(".")
        from importlib import import_module

        found: type = getattr(import_module(f"{__name__}.{module}"), kind)
        return found

    def __contains__(self, name: object) -> bool:
        return name in _CLASSES

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


INTERFACES: Mapping[str, type] = _Interfaces()
