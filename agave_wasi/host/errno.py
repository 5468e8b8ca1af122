"""Errors of the host as errors of the kernel: by name, since every host numbers them differently.

The map is built from the names of the standard `errno` module. What the kernel has no name for is IO: something went
wrong out there that no guest could handle more precisely.
"""

from __future__ import annotations

import errno

from kernel_sim.errors import Errno, KernelError, errno_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

_SYNONYMS = {
    "EOPNOTSUPP": Errno.NOTSUP,  # a number of its own on macOS
    "EWOULDBLOCK": Errno.AGAIN,
    "EDEADLOCK": Errno.DEADLK,
    "ESHUTDOWN": Errno.PIPE,
    "EHOSTDOWN": Errno.HOSTUNREACH,
    "EPFNOSUPPORT": Errno.AFNOSUPPORT,
    "ESOCKTNOSUPPORT": Errno.PROTONOSUPPORT,
    "ETIME": Errno.TIMEDOUT,
}


def _numbers() -> dict[int, str]:
    names = dict(_SYNONYMS)
    names.update(("E" + name, name) for name in errno_names())
    return {getattr(errno, name): meaning for name, meaning in names.items() if hasattr(errno, name)}


ERRNO_NAMES = _numbers()
"""From the host's error numbers to names of `Errno`."""


def kernel_error(error: OSError) -> KernelError:
    """The kernel's error for one of the host; IO if the kernel has no name for it."""
    return KernelError(ERRNO_NAMES.get(error.errno or 0, Errno.IO))


def kernel_errors(method: Callable[P, R]) -> Callable[P, R]:
    """Decorate a device's method: an OSError that leaves it becomes the KernelError of the same name."""

    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            raise kernel_error(error) from None

    door.__name__ = method.__name__  # by hand: functools is an import that a plain run doesn't otherwise need
    door.__doc__ = method.__doc__
    return door
