"""The maps of errors: every error of the kernel is in both, and every answer is one that WIT has."""

from __future__ import annotations

import pytest

from agave_wasi.preview2.errors import FILESYSTEM, NETWORK
from kernel_sim.errors import errno_names

FILESYSTEM_CODES = (
    "access", "would-block", "already", "bad-descriptor", "busy", "deadlock", "quota", "exist", "file-too-large",
    "illegal-byte-sequence", "in-progress", "interrupted", "invalid", "io", "is-directory", "loop", "too-many-links",
    "message-size", "name-too-long", "no-device", "no-entry", "no-lock", "insufficient-memory", "insufficient-space",
    "not-directory", "not-empty", "not-recoverable", "unsupported", "no-tty", "no-such-device", "overflow", "not-permitted",
    "pipe", "read-only", "invalid-seek", "text-file-busy", "cross-device",
)  # fmt: skip
NETWORK_CODES = (
    "unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout", "concurrency-conflict",
    "not-in-progress", "would-block", "invalid-state", "new-socket-limit", "address-not-bindable", "address-in-use",
    "remote-unreachable", "connection-refused", "connection-reset", "connection-aborted", "datagram-too-large",
    "name-unresolvable", "temporary-resolver-failure", "permanent-resolver-failure",
)  # fmt: skip


@pytest.mark.parametrize("codes", [FILESYSTEM, NETWORK])
def test_every_error_of_the_kernel_has_a_code(codes: dict[str, str]) -> None:
    assert sorted(codes) == sorted(errno_names())


def test_codes_are_those_of_wit() -> None:
    assert set(FILESYSTEM.values()) == set(FILESYSTEM_CODES)  # POSIX has a name for each of them
    assert set(NETWORK.values()) <= set(NETWORK_CODES)
