"""The map from the host's error numbers: complete in both directions, and cheap to use."""

from __future__ import annotations

import errno
import os

import pytest

from agave_wasi.host.errno import ERRNO_NAMES, kernel_error, kernel_errors
from kernel_sim.errors import Errno, KernelError, errno_names


def test_every_name_of_the_kernel_that_the_host_knows_is_mapped() -> None:
    missing = {name for name in errno_names() if not hasattr(errno, "E" + name)}
    assert missing <= {Errno.NOTCAPABLE}
    for name in set(errno_names()) - missing:
        assert ERRNO_NAMES[getattr(errno, "E" + name)] == name


def test_only_names_of_the_kernel_come_out() -> None:
    for number in errno.errorcode:
        assert kernel_error(OSError(number, "")).errno in errno_names()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (errno.EOPNOTSUPP, Errno.NOTSUP),
        (errno.EWOULDBLOCK, Errno.AGAIN),
        (errno.ESHUTDOWN, Errno.PIPE),
        (errno.E2BIG, "2BIG"),
        (12345, Errno.IO),
    ],
)
def test_synonyms_and_unknown_numbers(number: int, name: str) -> None:
    assert kernel_error(OSError(number, "")).errno == name


def test_an_error_without_a_number_is_io() -> None:
    assert kernel_error(OSError("no number")).errno == Errno.IO


def test_decorator_translates_oserrors_and_nothing_else() -> None:
    @kernel_errors
    def fails(error: BaseException | None) -> int:
        """What it does."""
        if error is not None:
            raise error
        return 7

    assert fails(None) == 7
    assert (fails.__name__, fails.__doc__) == ("fails", "What it does.")
    with pytest.raises(KernelError) as caught:
        fails(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert caught.value.errno == Errno.NOSPC
    with pytest.raises(KernelError) as caught:
        fails(KernelError(Errno.LOOP))
    assert caught.value.errno == Errno.LOOP
    with pytest.raises(ZeroDivisionError):
        fails(ZeroDivisionError())
