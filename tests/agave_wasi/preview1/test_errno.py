"""Errno numbers: exhaustive over the kernel's names, as the specification counts them."""

from __future__ import annotations

from agave_wasi.preview1.errno import NAMES, NUMBERS
from kernel_sim.errors import errno_names

# wasi_snapshot_preview1.witx lists them in this order, from 0 on; from "acces" on it is alphabetical but for the last.
OFFICIAL = """
    success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child connaborted
    connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr inval io
    isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile nobufs nodev noent noexec
    nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup notty nxio
    overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy xdev notcapable
"""


def test_the_map_is_exhaustive() -> None:
    assert set(NUMBERS) == set(errno_names())


def test_numbers_are_the_official_ones() -> None:
    names = OFFICIAL.upper().split()
    assert len(names) == 77
    assert {number: names[number] for number in range(77)} == NAMES


def test_names_and_numbers_are_each_other_s_inverse() -> None:
    assert {NAMES[number]: number for number in NAMES if number} == NUMBERS
