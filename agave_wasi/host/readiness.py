"""Is a host descriptor ready? One question for streams, sockets and for waiting: poll(2), with what it leaves out.

A descriptor that poll() refuses (POLLNVAL) counts as ready: the read or write that follows tells what is wrong. macOS
refuses terminals there although select() can watch them, so select() is asked on macOS as long as the descriptor
numbers allow it.
"""

from __future__ import annotations

import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

READ = select.POLLIN
WRITE = select.POLLOUT
_HUNG_UP = select.POLLHUP | getattr(select, "POLLRDHUP", 0)
_FD_SETSIZE = 1024
"""select() can't express descriptors from here on (<sys/select.h>)."""
_LONGEST_POLL = (1 << 31) - 1
"""Milliseconds; poll() takes an int."""
_USE_SELECT = sys.platform == "darwin"


def wait(wanted: Mapping[int, int], timeout: int | None) -> dict[int, int]:
    """Wait until one of the descriptors in `wanted` (fd: READ, WRITE or both) is ready, `timeout` ns (None: for ever).

    Returns the poll() events of those that are; none after the timeout, or earlier if it is longer than three weeks.
    Timeouts are rounded up to milliseconds. Signal handlers run meanwhile, and what they raise comes out.
    """
    if _USE_SELECT and all(fd < _FD_SETSIZE for fd in wanted):
        try:
            return _select(wanted, timeout)
        except OSError:  # one of them is closed, which poll() can say of each by itself
            pass
    poller = select.poll()
    for fd, events in wanted.items():
        # A reader wants to know that the other side has closed its half; a writer would be woken by that for nothing.
        poller.register(fd, events | _HUNG_UP if events & READ else events)
    return dict(poller.poll(None if timeout is None else min(-(-timeout // 1_000_000), _LONGEST_POLL)))


def _select(wanted: Mapping[int, int], timeout: int | None) -> dict[int, int]:
    readers = [fd for fd, events in wanted.items() if events & READ]
    writers = [fd for fd, events in wanted.items() if events & WRITE]
    seconds = None if timeout is None else min(-(-timeout // 1_000_000), _LONGEST_POLL) / 1e3
    readable, writable, _ = select.select(readers, writers, [], seconds)
    ready = dict.fromkeys(readable, READ)
    for fd in writable:
        ready[fd] = ready.get(fd, 0) | WRITE
    return ready


def readiness(fd: int, write: bool) -> tuple[bool, int, bool]:
    """(ready, bytes known to be available, hung up) for reading from or writing to `fd` right now."""
    events = wait({fd: WRITE if write else READ}, 0).get(fd, 0)
    if write:
        return events != 0, 0, bool(events & (select.POLLHUP | select.POLLERR))
    return events != 0, available(fd) if events & READ else 0, bool(events & _HUNG_UP)


def available(fd: int) -> int:
    """How many bytes a read could get now; 0 if the host doesn't say."""
    import fcntl
    import termios

    try:
        answer = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
    except OSError:
        return 0
    return max(0, int.from_bytes(answer, sys.byteorder, signed=True))
