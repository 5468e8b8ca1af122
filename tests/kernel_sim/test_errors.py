"""The exceptions of the kernel: few, and each for one purpose."""

from __future__ import annotations

import pytest

from kernel_sim.errors import Errno, KernelError, LimitReached, ProcessExit, WouldBlock, errno_names
from kernel_sim.wait import Wait


def test_every_name_stands_for_itself() -> None:
    names = errno_names()
    assert len(names) == len(set(names)) == 76
    assert names[:2] == ("2BIG", "ACCES") and names[-1] == "NOTCAPABLE"
    for attribute, name in vars(Errno).items():
        if not attribute.startswith("_"):
            assert name == ("2BIG" if attribute == "TOOBIG" else attribute)


def test_what_is_caught_by_whom() -> None:
    assert issubclass(KernelError, Exception) and issubclass(WouldBlock, Exception)
    assert not issubclass(ProcessExit, Exception) and not issubclass(LimitReached, Exception)


def test_they_say_what_happened() -> None:
    assert str(KernelError(Errno.NOENT)) == "NOENT"
    assert str(LimitReached("output", 5)) == "the output limit of 5 was reached"
    assert ProcessExit(3).code == 3
    with pytest.raises(WouldBlock) as blocked:
        raise WouldBlock(Wait((1,), (2,), 3))
    wait = blocked.value.wait
    assert (wait.readable, wait.writable, wait.deadline, wait.least) == ((1,), (2,), 3, 0)
