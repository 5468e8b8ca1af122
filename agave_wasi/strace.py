"""The trace for people: a line for each host call, as strace(1) writes them.

    path_open(3</>, symlink_follow, "in.txt", 0, fd_read, 0, 0) = 4</in.txt>
    fd_read(4</in.txt>, [1024]) = 6 "hello\\n"
    path_open(3</>, 0, "nowhere", 0, fd_read, 0, 0) = NOENT (no such file or directory)

Everything is made from the events of `kernel_sim.trace` alone, descriptors' paths included, so the same run gives the
same text.
"""

from __future__ import annotations

from agave_wasi.knowledge.errnos import ERRNOS
from agave_wasi.preview1.types import FDFLAGS, OFLAGS, RIFLAGS, RIGHTS
from kernel_sim.trace import SUCCESS, WAITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agave_wasi.result import Result
    from kernel_sim.trace import Event

DESCRIPTORS = ("fd", "to", "new_fd", "dirfd", "old_fd", "old_dirfd", "new_dirfd")
TEXTS = ("path", "old_path", "new_path", "target")
TIMES = ("atim", "mtim", "atime", "mtime", "ctime")
FLAGS = {"openat": OFLAGS, "recv": RIFLAGS}
"""What the parameter `flags` of a syscall can hold."""
OPENING = {"path_open": "path", "sock_accept": ""}
SHOWN_LIST = 6
SHOWN_RIGHTS = 3
INDENT = "    "
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\", "\0": "\\0"}


def quoted(text: str) -> str:
    """Text in quotes, what doesn't print as C has it."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Text without quotes, control characters and the like, which are written as C has them."""
    return "".join(_ESCAPES.get(char) or (char if char.isprintable() else _hexadecimal(char)) for char in text)


def _hexadecimal(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))


def data(text: str, size: int) -> str:
    """The beginning of `size` bytes, each a character of `text`."""
    shown = "".join(
        _ESCAPES.get(char) or (char if " " <= char <= "~" else f"\\x{ord(char):02x}") for char in text
    )
    return f'"{shown}"' + ("..." if size > len(text) else "")


def moment(nanoseconds: int) -> str:
    """Nanoseconds since 1970 as a date and time, to the nanosecond."""
    from datetime import UTC, datetime, timedelta

    whole, rest = divmod(nanoseconds, 1_000_000_000)
    try:
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)
    except OverflowError:
        return str(nanoseconds)
    return f"{date:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def duration(nanoseconds: int) -> str:
    """A time span in the largest unit that needs no fraction."""
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)):
        if nanoseconds and nanoseconds % size == 0:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds}ns" if nanoseconds else "0"


class Lines:
    """Writes the lines of one process. `preopens` are the names of what is open from descriptor 3 on.

    `wanted` says which host calls are written; `nested` adds their syscalls.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        preopens: Sequence[str],
        wanted: Callable[[str], bool] = lambda name: True,
        nested: bool = False,
    ) -> None:
        self.write = write
        self.wanted = wanted
        self.nested = nested
        self.names: dict[int, str] = dict(enumerate(("stdin", "stdout", "stderr", *preopens)))

    def event(self, event: Event) -> None:
        """A host call is over."""
        name = event["call"]
        if self.wanted(name):
            self.write(self._line(event))
            if self.nested:
                for each in event.get("syscalls", ()):
                    self.write(INDENT + self._syscall(each))
        self._follow(event)

    def end(self, how: str) -> None:
        """The process is over."""
        self.write(f"+++ {how} +++")

    # Descriptors and what they refer to

    def _follow(self, event: Event) -> None:
        """Keep up with what descriptors refer to."""
        name, args = event["call"], event["args"]
        if event["errno"] != SUCCESS:
            return
        if name == "path_open":
            self.names[event["result"]["result"]] = joined(self.names.get(args["fd"], "?"), args["path"])
        elif name == "sock_accept":
            self.names[event["result"]["result"]] = f"connection of {self.names.get(args['fd'], args['fd'])}"
        elif name == "fd_close":
            self.names.pop(args["fd"], None)
        elif name == "fd_renumber" and args["fd"] != args["to"]:
            moved = self.names.pop(args["fd"], None)
            if moved is not None:
                self.names[args["to"]] = moved

    def _descriptor(self, fd: int) -> str:
        name = self.names.get(fd)
        return f"{fd}<{escaped(name)}>" if name is not None else str(fd)

    # Host calls

    def _line(self, event: Event) -> str:
        name, args = event["call"], event["args"]
        if of_component(name):
            from agave_wasi.component_lines import line

            return line(event)
        shown = ", ".join(self._argument(key, value) for key, value in args.items())
        return f"{name}({shown}) = {self._outcome(event)}"

    def _argument(self, key: str, value: object) -> str:
        match value:
            case int() if key in DESCRIPTORS:
                return self._descriptor(value)
            case int() if key in TIMES and value:
                return moment(value)
            case str():
                return quoted(value) if key in TEXTS else value
            case {"bytes": int(size), "data": str(text)}:
                return f"{data(text, size)}, {size}"
            case list() if key.startswith("fs_rights"):
                return rights(value)
            case [] if not key.startswith(("iovs", "ri_data", "poll")):
                return "0"
            case [str(), *_]:
                return "|".join(map(str, value))
            case list():
                items = [self._subscription(each) if isinstance(each, dict) else str(each) for each in value[:SHOWN_LIST]]
                more = [f"... {len(value) - SHOWN_LIST} more"] if len(value) > SHOWN_LIST else []
                return f"[{', '.join(items + more)}]"
        return str(value)

    def _subscription(self, each: dict[str, object]) -> str:
        match each:
            case {"clock": str(clock), "timeout": int(timeout), "absolute": bool(absolute)}:
                if absolute:
                    return f"{{{clock} at {moment(timeout) if clock == 'realtime' else duration(timeout)}}}"
                return f"{{{clock} in {duration(timeout)}}}"
            case {"fd": int(fd), "for": str(direction)}:
                return f"{{{direction} {self._descriptor(fd)}}}"
        return str(each)

    def _outcome(self, event: Event) -> str:
        errno, name = event["errno"], event["call"]
        if errno == "":
            return "?"
        if errno != SUCCESS:
            return failure(errno)
        shown = dict(event["result"])
        seen = shown.pop("data", None)
        if len(shown) == 1:
            ((key, value),) = shown.items()
            text = self._result(name, key, value, event)
        elif shown:
            text = "{" + ", ".join(f"{key}={self._result(name, key, value, event)}" for key, value in shown.items()) + "}"
        else:
            text = "0"
        if isinstance(seen, list):
            text += f" {self._listed(seen)}"
        elif isinstance(seen, str):
            size = next(iter(shown.values()), len(seen))
            text += f" {data(seen, size if isinstance(size, int) else len(seen))}"
        return text

    def _listed(self, seen: list[object]) -> str:
        """What a call has left in a buffer: names of a directory, events of a poll."""
        items = [quoted(each) if isinstance(each, str) else _event(each) for each in seen[:SHOWN_LIST]]
        more = [f"... {len(seen) - SHOWN_LIST} more"] if len(seen) > SHOWN_LIST else []
        return f"[{', '.join(items + more)}]"

    def _result(self, name: str, key: str, value: object, event: Event) -> str:
        match value:
            case int() if name in OPENING:
                opened = joined(self.names.get(event["args"]["fd"], "?"), event["args"]["path"]) if name == "path_open" else ""
                return f"{value}<{escaped(opened)}>" if opened else str(value)
            case int() if name == "clock_time_get" and event["args"].get("id") == "realtime":
                return f"{value} ({moment(value)})"
            case list():
                return f"[{', '.join(quoted(str(each)) for each in value)}]"
            case dict():
                return "{" + ", ".join(f"{field}={_field(field, each)}" for field, each in value.items()) + "}"
        return str(value)

    # Syscalls

    def _syscall(self, event: Event) -> str:
        shown = {key: self._value(key, value) for key, value in event["args"].items()}
        if event["call"] in FLAGS:
            shown["flags"] = named(event["args"]["flags"], FLAGS[event["call"]])
        args = ", ".join(f"{key}={value}" for key, value in shown.items())
        errno = event["errno"]
        if errno == WAITS:
            outcome = "(waits)"
        elif errno != SUCCESS:
            outcome = failure(errno)
        else:
            outcome = "0" if event["result"] is None else self._value("result", event["result"])
        return f"{event['call']}({args}) = {outcome}"

    def _value(self, key: str, value: object) -> str:
        match value:
            case bool():
                return str(value).lower()
            case int() if key in DESCRIPTORS:
                return self._descriptor(value)
            case int() if key == "status":
                return named(value, FDFLAGS)
            case int() if key in ("rights", "inheriting"):
                return rights_of(value)
            case int() if key in TIMES and value:
                return moment(value)
            case str():
                return quoted(value)
            case list():
                shown = [self._value("", each) for each in value[:SHOWN_LIST]]
                return f"[{', '.join(shown)}{', ...' if len(value) > SHOWN_LIST else ''}]"
            case dict():
                return "{" + ", ".join(f"{field}={self._value(field, each)}" for field, each in value.items()) + "}"
            case None:
                return "none"
        return str(value)


def of_component(call: str) -> bool:
    """Whether a host call is a component's: those have names with their interface."""
    return "#" in call or call.startswith("resource.drop ")


def ended(result: Result) -> str:
    """How a run ended, in a few words."""
    if result.ended_by == "exit":
        return f"exited with {result.exit_code & 0xFF}"
    return f"trapped: {result.message}" if result.ended_by == "trap" else result.message


def _event(event: object) -> str:
    """An event of a poll: what happened, and to which userdata."""
    match event:
        case {"type": "clock", "userdata": int(userdata)}:
            return f"{{clock, userdata={userdata:#x}}}"
        case {"type": str(kind), "userdata": int(userdata), "nbytes": int(nbytes), "hangup": bool(hangup)}:
            return f"{{{kind}, userdata={userdata:#x}, nbytes={nbytes}{', hangup' if hangup else ''}}}"
    return str(event)


def _field(field: str, value: object) -> str:
    """A field of a struct."""
    match value:
        case int() if field in TIMES:
            return moment(value)
        case int() if field in ("rights", "inheriting"):
            return rights_of(value)
        case int() if field == "flags":
            return named(value, FDFLAGS)
    return str(value)


def named(value: int, names: Sequence[str]) -> str:
    """A set of flags by their names, from bit 0 on; what has none as a number."""
    rest = value >> len(names) << len(names)
    return "|".join([*(name for bit, name in enumerate(names) if value >> bit & 1), *([hex(rest)] if rest else [])]) or "0"


def rights_of(value: int) -> str:
    """A set of rights that is given as bits."""
    return rights([name for bit, name in enumerate(RIGHTS) if value >> bit & 1])


def rights(names: Sequence[object]) -> str:
    """A set of rights: a few by name, of many those that decide what the descriptor is for."""
    if len(names) <= SHOWN_RIGHTS:
        return "|".join(map(str, names)) or "0"
    if len(names) == len(RIGHTS):
        return "all"
    first = [str(name) for name in names if name in ("fd_read", "fd_write")]
    return "|".join([*first, f"{len(names) - len(first)} more"])


def failure(errno: str) -> str:
    """An error and what it means."""
    meaning = ERRNOS.get(errno)
    return f"{errno} ({meaning})" if meaning else errno


def joined(directory: str, path: str) -> str:
    """The path of something in a directory, as text."""
    if path.startswith("/") or directory == ".":
        return path
    return f"{directory.rstrip('/')}/{path}"


class Summary:
    """Counts host calls by function, as strace -c does. `clock` measures them in host time, if it is wanted."""

    def __init__(self, wanted: Callable[[str], bool] = lambda name: True, clock: Callable[[], int] | None = None) -> None:
        self.wanted = wanted
        self.clock = clock
        self.rows: dict[str, list[int]] = {}

    def event(self, event: Event) -> None:
        """A host call is over."""
        name = event["call"]
        if not self.wanted(name):
            return
        if of_component(name):
            from agave_wasi.component.shown import short

            name = short(name)
        row = self.rows.setdefault(name, [0, 0, 0, 0, 0])
        row[0] += 1
        row[1] += event["errno"] not in (SUCCESS, "")
        read, written = _moved(event)
        row[2] += read
        row[3] += written
        if self.clock is not None:
            row[4] += self.clock() - event["time"]

    def lines(self) -> list[str]:
        """The table, most calls first."""
        heads = ["calls", "errors", "bytes read", "bytes written"] + (["ms"] if self.clock else []) + ["function"]
        rows = sorted(self.rows.items(), key=lambda item: (-item[1][0], item[0]))
        totals = [sum(row[column] for _, row in rows) for column in range(5)]
        cells = [self._cells(name, row) for name, row in rows]
        last = self._cells("total", totals)
        widths = [max(len(row[at]) for row in [heads, *cells, last]) for at in range(len(heads))]
        rule = ["-" * width for width in widths]
        return [
            "  ".join([*(cell.rjust(width) for cell, width in zip(row[:-1], widths)), row[-1]])
            for row in [heads, rule, *cells, rule, last]
        ]

    def _cells(self, name: str, row: Sequence[int]) -> list[str]:
        numbers = [str(row[0]), *(str(value or "") for value in row[1:4])]
        return numbers + ([f"{row[4] / 1e6:.3f}"] if self.clock else []) + [name]


def _moved(event: Event) -> tuple[int, int]:
    """(bytes that the guest got, bytes that it gave) in a host call."""
    if event["errno"] != SUCCESS:
        return 0, 0
    name, result = event["call"], event["result"]
    if of_component(name):
        from agave_wasi.component_lines import moved

        return moved(event)
    count = result.get("size", result.get("result"))
    if name in ("fd_read", "fd_pread", "fd_readdir", "path_readlink", "sock_recv"):
        return count, 0
    if name in ("fd_write", "fd_pwrite", "sock_send"):
        return 0, count
    return (event["args"]["buf"], 0) if name == "random_get" else (0, 0)
