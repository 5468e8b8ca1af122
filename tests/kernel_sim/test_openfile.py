"""Open files: flags and rights are distinct bits, and closing tells the inode."""

from __future__ import annotations

from kernel_sim.openfile import OpenFile, Rights, Status
from tests.kernel_sim.scripts import world


def test_bits_are_distinct_and_complete() -> None:
    rights = [value for name, value in vars(Rights).items() if name.isupper() and name != "ALL"]
    assert sum(rights) == Rights.ALL and len(rights) == 30
    flags = (Status.APPEND, Status.DSYNC, Status.NONBLOCK, Status.RSYNC, Status.SYNC)
    assert sum(flags) == 31
    assert Status.CHANGEABLE == Status.APPEND | Status.NONBLOCK


def test_closing_tells_the_inode_how_it_was_open() -> None:
    pipe = world().kernel.new_pipe()
    files = [OpenFile(pipe.opened(read, write, False), read, write) for read, write in ((True, False), (False, True))]
    assert (pipe.buffer.readers, pipe.buffer.writers) == (1, 1)
    files[0].close()
    assert (pipe.buffer.readers, pipe.buffer.writers) == (0, 1)
    files[1].close()
    assert (pipe.buffer.readers, pipe.buffer.writers) == (0, 0)
