"""The small language in which the tests of Preview 2 are written: what a call ends in, as plain words.

    outcome(stream.read, 4) == b"abcd"
    outcome(stream.read, 4) == "closed"           an err, by the name of its case
    outcome(stream.write, b"x") == "TRAP"         the guest broke the rules
    outcome(stream.blocking_read, 4) == "WAITS"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agave_wasi.abi.memory import Trap
from agave_wasi.component.types import Case, WitError
from kernel_sim.errors import KernelError, WouldBlock

TRAP, WAITS = "TRAP", "WAITS"


def outcome(call: Callable[..., Any], *values: Any, host: Any = None) -> Any:
    """What `call(*values)` ends in; `host` is the interface that knows what its kernel errors mean."""
    try:
        result = call(*values)
    except WitError as error:
        return plain(error.value)
    except KernelError as error:
        if host is None:
            raise
        return plain(host.failure(error))
    except WouldBlock:
        return WAITS
    except Trap:
        return TRAP
    return bytes(result) if isinstance(result, bytearray) else result


def plain(value: Any) -> Any:
    """The payload of an err as a word; what a failed operation failed with stands behind it."""
    if isinstance(value, Case):
        return value.name if value.value is None else f"{value.name}: {value.value.to_debug_string()}"
    return value
