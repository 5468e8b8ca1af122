"""args_* and environ_*: what a program is started with."""

from __future__ import annotations

from agave_wasi.preview1.host import Host, wasi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.preview1.types import Sizes, Strings


class Args(Host):
    """Arguments and environment, as arrays of strings."""

    __slots__ = ()

    @wasi
    def args_get(self) -> Strings:
        """Read the arguments."""
        return self.kernel.arguments()

    @wasi
    def args_sizes_get(self) -> Sizes:
        """How many arguments there are, and the bytes that they take with their NULs."""
        return _sizes(self.kernel.arguments())

    @wasi
    def environ_get(self) -> Strings:
        """Read the environment, as NAME=value."""
        return self.kernel.environment()

    @wasi
    def environ_sizes_get(self) -> Sizes:
        """How many variables there are, and the bytes that they take with their NULs."""
        return _sizes(self.kernel.environment())


def _sizes(strings: list[bytes]) -> tuple[int, int]:
    return len(strings), sum(map(len, strings)) + len(strings)
