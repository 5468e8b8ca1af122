"""wasi:cli: what a program is started with, its standard streams, terminals, and its end. `run` is the program's own part."""

from __future__ import annotations

from agave_wasi.component.host import Host, interface, resource
from agave_wasi.component.types import Err
from agave_wasi.preview2.streams import InputStream, OutputStream, SharedFd
from kernel_sim.errors import KernelError
from kernel_sim.fs.inode import Directory, FileType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agave_wasi.component.types import Ok
    from kernel_sim.fs.inode import Inode

STDIN, STDOUT, STDERR = 0, 1, 2
LISTING = 1 << 30
"""More than the entries of any directory."""


@interface("wasi:cli/environment@0.2")
class Environment(Host):
    """What the program is started with."""

    __slots__ = ()

    def get_environment(self) -> list[tuple[str, str]]:
        """The environment, as names and values."""
        pairs = (_text(each).partition("=") for each in self.kernel.environment())
        return [(name, value) for name, _, value in pairs]

    def get_arguments(self) -> list[str]:
        """The arguments, the program's name first."""
        return [_text(each) for each in self.kernel.arguments()]

    def initial_cwd(self) -> str | None:
        """Where the program is: the directory that was preopened as ".", if one was, by the names of the others."""
        tops = [(file.preopen, file.inode) for file in self.kernel.fds.values() if file.preopen is not None]
        directory = next((inode for name, inode in tops if name == b"."), None)
        return None if directory is None else _text(_path(directory, tops))


def _path(directory: Inode, tops: list[tuple[bytes, Inode]]) -> bytes:
    """A directory's path from one of `tops`; "." if it isn't below any."""
    path = b""
    while isinstance(directory, Directory):
        for top, inode in tops:
            if inode is directory and top != b".":
                return top.rstrip(b"/") + path or b"/"
        above: Inode = getattr(directory, "parent", directory)
        name = None if above is directory or not isinstance(above, Directory) else _name(directory, above)
        if name is None:
            break
        directory, path = above, b"/" + name + path
    return b"."


def _name(directory: Directory, above: Directory) -> bytes | None:
    """The name of a directory in the one above it, be it that of where it is mounted."""
    for each in above.entries(0, LISTING):
        if each.type == FileType.DIRECTORY and each.name not in (b".", b".."):
            inode = above.find(each.name)
            found = inode and (inode.mounted or inode)
            if found is not None and found.fs is directory.fs and found.number == directory.number:
                return each.name
    return None


def _text(octets: bytes) -> str:
    """A string of the embedder's, who needn't have given UTF-8."""
    return octets.decode("utf-8", "replace")


@interface("wasi:cli/exit@0.2")
class Exit(Host):
    """The program's end."""

    __slots__ = ()

    def exit(self, status: Ok | Err) -> None:
        """End the program: 0 if it went well, else 1."""
        self.kernel.exit(1 if isinstance(status, Err) else 0)

    def exit_with_code(self, status_code: int) -> None:
        """End the program with that code."""
        self.kernel.exit(status_code)


@interface("wasi:cli/stdin@0.2")
class Stdin(Host):
    """Standard input."""

    __slots__ = ()

    def get_stdin(self) -> InputStream:
        """A stream that reads it."""
        return InputStream(self.kernel, SharedFd(STDIN, 1))


@interface("wasi:cli/stdout@0.2")
class Stdout(Host):
    """Standard output."""

    __slots__ = ()

    def get_stdout(self) -> OutputStream:
        """A stream that writes to it."""
        return OutputStream(self.kernel, SharedFd(STDOUT, 1))


@interface("wasi:cli/stderr@0.2")
class Stderr(Host):
    """Standard error."""

    __slots__ = ()

    def get_stderr(self) -> OutputStream:
        """A stream that writes to it."""
        return OutputStream(self.kernel, SharedFd(STDERR, 1))


@resource("wasi:cli/terminal-input@0.2", "terminal-input")
class Terminal(Host):
    """The input side of a terminal, about which nothing can be asked yet."""

    __slots__ = ()


@resource("wasi:cli/terminal-output@0.2", "terminal-output")
class Screen(Host):
    """The output side of a terminal, about which nothing can be asked yet."""

    __slots__ = ()


@interface("wasi:cli/terminal-input@0.2", Terminal)
class TerminalInput(Host):
    """Its resource alone."""

    __slots__ = ()


@interface("wasi:cli/terminal-output@0.2", Screen)
class TerminalOutput(Host):
    """Its resource alone."""

    __slots__ = ()


class _Standard(Host):
    """What the interfaces about the standard streams share."""

    __slots__ = ()

    def _is_terminal(self, fd: int) -> bool:
        try:
            return self.kernel.fstat(fd).type == FileType.CHARACTER_DEVICE
        except KernelError:
            return False


@interface("wasi:cli/terminal-stdin@0.2")
class TerminalStdin(_Standard):
    """Is standard input a terminal?"""

    __slots__ = ()

    def get_terminal_stdin(self) -> Terminal | None:
        """The terminal, if it is one."""
        return Terminal(self.kernel) if self._is_terminal(STDIN) else None


@interface("wasi:cli/terminal-stdout@0.2")
class TerminalStdout(_Standard):
    """Is standard output a terminal?"""

    __slots__ = ()

    def get_terminal_stdout(self) -> Screen | None:
        """The terminal, if it is one."""
        return Screen(self.kernel) if self._is_terminal(STDOUT) else None


@interface("wasi:cli/terminal-stderr@0.2")
class TerminalStderr(_Standard):
    """Is standard error a terminal?"""

    __slots__ = ()

    def get_terminal_stderr(self) -> Screen | None:
        """The terminal, if it is one."""
        return Screen(self.kernel) if self._is_terminal(STDERR) else None
