"""Peers that are late do one thing each time that they are waited for, and nothing else."""

from __future__ import annotations

import pytest

from conformance.suites.late import NAME, LateConnection, LatePeers
from kernel_sim.errors import KernelError


def test_connecting() -> None:
    peers = LatePeers([LateConnection("abc", 8, False), LateConnection("", 8, False)])
    assert peers.accept() is None and peers.readiness(False) == (False, 0, False)
    assert peers.wait([(NAME, False)], None, {})
    assert peers.readiness(False) == (True, 1, False) and peers.readiness(True) == (False, 1, False)
    first = peers.accept()
    assert first is not None and peers.accept() is None and first.readiness(False) == (False, 0, False)
    assert peers.left_open == [NAME, f"{NAME}#1"]
    peers.close()
    first.close()
    assert peers.left_open == [] and not peers.wait([(NAME, False)], 5, {})


def test_sending_in_pieces() -> None:
    peers = LatePeers([LateConnection("abcdefg", 8, True)])
    peers.wait([(NAME, False)], None, {})
    one = peers.accept()
    assert one is not None and one.read(9) is None and one.peek(9) is None
    assert peers.wait([(f"{NAME}#1", False)], None, {})
    assert (one.peek(2), one.read(2), one.read(9), one.read(9)) == (b"ab", b"ab", b"c", None)
    peers.wait([(f"{NAME}#1", False)], None, {})
    peers.wait([(f"{NAME}#1", False)], None, {})
    assert one.readiness(False) == (True, 4, True)
    assert (one.read(9), one.read(9)) == (b"defg", b"")


def test_taking() -> None:
    peers = LatePeers([LateConnection("", 3, False)])
    peers.wait([(NAME, False)], None, {})
    one = peers.accept()
    assert one is not None and one.readiness(True) == (True, 3, False)
    assert (one.write(memoryview(b"ab")), one.write(memoryview(b"cd")), one.write(memoryview(b"e"))) == (2, 1, None)
    assert one.write(memoryview(b"")) == 0 and one.readiness(True) == (False, 0, False)
    assert peers.wait([(f"{NAME}#1", True)], None, {}) and one.readiness(True) == (True, 3, False)


def test_shutting() -> None:
    one = LateConnection("abc", 3, False)
    one.shutdown(True, False)
    assert one.read(1) == b"" and one.readiness(False) == (True, 0, True)
    one.shutdown(False, True)
    assert one.readiness(True) == (True, 3, True)
    with pytest.raises(KernelError, match="PIPE"):
        one.write(memoryview(b"x"))
    one.close()
    with pytest.raises(AssertionError, match="closed twice"):
        one.close()


def test_nothing_happens_for_ever() -> None:
    peers = LatePeers([])
    assert not peers.wait([(NAME, False)], 0, {})
    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        peers.wait([(NAME, False)], None, {})
