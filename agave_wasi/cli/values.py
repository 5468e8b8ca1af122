"""How the text of an option becomes its value. Each reader raises ValueError with what is wrong; the option adds the cure."""

from __future__ import annotations

from agave_wasi.settings import FASTEST, LARGEST_STACK, LONGEST_STEP, SMALLEST_STACK

MOUNT_SUFFIXES = ("ro", "rw", "overlay")
_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
"""Bytes."""


def text(given: str) -> str:
    """Any text that isn't empty."""
    if not given:
        raise ValueError("it is empty")
    return without_nul(given)


def without_nul(given: str) -> str:
    """Text that a host or guest can take: a NUL ends it there."""
    if "\0" in given:
        raise ValueError("it has a NUL character")
    return given


def natural(given: str) -> int:
    """A whole number from 0 on; 0x and 1_000_000 are fine."""
    try:
        number = int(given, 0)
    except ValueError:
        raise ValueError("it is not a whole number") from None
    if number < 0:
        raise ValueError("it is negative")
    if number >> 64:
        raise ValueError("it has more than 64 bits")
    return number


def point(given: str) -> str:
    """Where a run is to stop; the rest is checked when it is known that there is a CPU model."""
    if given.partition(":")[0] not in ("icount", "call", "func") or ":" not in given:
        raise ValueError("it is icount:N, call:NAME, call:NAME:K or func:NAME")
    return without_nul(given)


def contents(given: str) -> tuple[str, str]:
    """GUEST=HOST: a file of the guest's, and that of the host which takes its place."""
    guest, equals, host = given.partition("=")
    if not guest or not equals or not host:
        raise ValueError("it isn't GUEST=HOST")
    return without_nul(guest), without_nul(host)


def clock_step(given: str) -> int:
    """Nanoseconds by which a look at the clock moves it."""
    number = natural(given)
    if number > LONGEST_STEP:
        raise ValueError("a look moves the clock by a second, 1000000000, at the most")
    return number


def count(given: str) -> int:
    """How many instructions."""
    number = natural(given)
    if number >> 63:
        raise ValueError("it has more than 63 bits")
    return number


def ips(given: str) -> int:
    """Instructions of a second."""
    number = natural(given)
    if not 1 <= number <= FASTEST:
        raise ValueError(f"it must be from 1 to {FASTEST}")
    return number


def positive(given: str) -> int:
    """A whole number from 1 on."""
    number = natural(given)
    if not number:
        raise ValueError("it must be at least 1")
    return number


def descriptors(given: str) -> int:
    """How many descriptors a process may have: at least its standard streams."""
    number = natural(given)
    if not 3 <= number <= 1 << 20:
        raise ValueError("it must be from 3 to 1048576")
    return number


def size(given: str) -> int:
    """Bytes: a number with K, M, G or T behind it, in powers of 1024."""
    plain = given.upper().removesuffix("B").removesuffix("I")
    unit = plain[-1:] if plain[-1:] in _SIZES else ""
    digits = plain[: len(plain) - len(unit)]
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("it is not a size")
    bytes = int(digits) * _SIZES[unit]
    if bytes >> 62:
        raise ValueError("it is too large")
    return bytes


def stack_size(given: str) -> int:
    """The bytes of a guest's stack."""
    bytes = size(given)
    if not SMALLEST_STACK <= bytes <= LARGEST_STACK:
        raise ValueError("it must be from 16K to 1G")
    return bytes


def seconds(given: str) -> float:
    """A time span in seconds, more than none."""
    try:
        span = float(given)
    except ValueError:
        raise ValueError("it is not a number of seconds") from None
    if not 0 < span < 1e9:
        raise ValueError("it must be more than 0, and less than 30 years")
    return span


def moment(given: str) -> int:
    """An ISO date, or date and time, as nanoseconds since 1970; UTC unless it says otherwise."""
    from datetime import UTC, datetime, timedelta

    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise ValueError("it is not a date and time as ISO 8601 has them") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    found = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
    if not 0 <= found < 1 << 63:
        raise ValueError("guests count time from 1970 to 2262")
    return found


def folder(given: str) -> tuple[str, str, str]:
    """HOST[::GUEST][:ro|:rw|:overlay] as (guest, host, mode)."""
    rest, mode = given, "rw"
    head, colon, tail = given.rpartition(":")
    if colon and tail in MOUNT_SUFFIXES and not head.endswith(":"):
        rest, mode = head, tail
    host, colons, guest = rest.partition("::")
    if not host:
        raise ValueError("the folder of the host is missing")
    if colons and not guest:
        raise ValueError("the name for the guest is missing")
    if rest is given and ":" in guest and "/" not in tail:  # a slip in "ro" must not let the guest write
        raise ValueError(f"{tail!r} is not ro, rw or overlay (a name with a colon needs one of them behind it)")
    return guest_name(guest or host), host, mode


def guest_name(given: str) -> str:
    """A path as a guest has it: UTF-8 without NUL."""
    name = text(given)
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError("guests know only names in UTF-8") from None
    return name


def variable(given: str) -> tuple[str, str | None]:
    """NAME=VALUE, or NAME alone for the value that the host has; None if it has none."""
    name, equals, value = without_nul(given).partition("=")
    if not name:
        raise ValueError("the name is missing")
    if equals:
        return name, value
    from os import environ

    return name, environ.get(name)


def named_module(given: str) -> tuple[str, str]:
    """NAME=FILE."""
    name, equals, path = given.partition("=")
    if not (name and equals and path):
        raise ValueError("it needs a name and a file")
    return name, path


def address(given: str) -> str:
    """ADDR:PORT."""
    from agave_wasi.host.sockets import parse_address

    parse_address(given)
    return given


def engine(given: str) -> str:
    """wasmtime or x86."""
    if given not in ("wasmtime", "x86"):
        raise ValueError("there are wasmtime and x86")
    return given


def rights(given: str) -> str:
    """lenient or strict."""
    if given not in ("lenient", "strict"):
        raise ValueError("there are lenient and strict")
    return given
