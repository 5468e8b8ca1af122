"""Host calls of components as lines for people, in the manner of `agave_wasi.strace`.

    descriptor#3.open-at({symlink-follow}, "in.txt", {}, {read}) = descriptor#5
    descriptor#5.read(length=4096, offset=0) = ("hello\\n", true)
    monotonic-clock.now() = 1000
    descriptor#3.open-at({}, "nowhere", {}, {read}) = no-entry
"""

from __future__ import annotations

from agave_wasi.component.shown import title
from agave_wasi.strace import data, quoted
from kernel_sim.trace import SUCCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.trace import Event


def line(event: Event) -> str:
    """A host call of a component and what came of it."""
    args = dict(event["args"])
    owner, name = title(event["call"])
    this = args.pop("self", None) if "[method]" in event["call"] or name == "drop" else None
    if isinstance(this, int):
        this = {"resource": owner, "handle": this}
    head = value(this) if this is not None else owner
    label = f"{head}.{name}" if head and name else head or name
    shown = ", ".join(f"{key}={value(each)}" for key, each in args.items())
    return f"{label}({shown}) = {_outcome(event)}"


def _outcome(event: Event) -> str:
    if event["errno"] == "":
        return "?"
    if event["errno"] != SUCCESS:
        return str(event["errno"])
    result = event["result"]
    return value(result["result"]) if "result" in result else "()"


def moved(event: Event) -> tuple[int, int]:
    """(bytes that the guest got, bytes that it gave) in a host call."""
    if event["errno"] != SUCCESS:
        return 0, 0
    return _bytes(event["result"].get("result")), sum(map(_bytes, event["args"].values()))


def _bytes(plain: object) -> int:
    match plain:
        case {"bytes": int(size)}:
            return size
        case [{"bytes": int(size)}, *_]:
            return size
    return 0


def value(plain: object) -> str:
    """A value, from the plain data of an event."""
    match plain:
        case {"bytes": int(size), "data": str(text)}:
            return data(text, size)
        case {"resource": str(resource), "handle": int(handle)}:
            return f"{resource}#{handle}"
        case {"flags": list(names)}:
            return "{" + "|".join(map(str, names)) + "}"
        case {"ok": inner}:
            return value(inner)
        case dict():
            return "{" + ", ".join(f"{key}={value(each)}" for key, each in plain.items()) + "}"
        case list():
            return f"[{', '.join(map(value, plain))}]"
        case str():
            return quoted(plain)
        case bool():
            return str(plain).lower()
        case None:
            return "none"
    return str(plain)
