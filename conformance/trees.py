"""Trees of files in a simulated machine's memory: filled from a folder of the host, and looked at afterwards."""

from __future__ import annotations

import os
from pathlib import Path

from conformance.errors import HarnessError
from conformance.observation import Entry
from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.memfs import MemDirectory, MemFile, MemSymlink


def fill_tree(top: MemDirectory, folder: Path | None) -> None:
    """Put a copy of what is in a folder of the host into a directory in memory; HarnessError if it can't be had."""
    pending = [] if folder is None else [(folder, top)]
    while pending:
        here, directory = pending.pop()
        try:
            for path in sorted(here.iterdir()):
                name = os.fsencode(path.name)
                if path.is_symlink():
                    directory.symlink(name, os.fsencode(os.readlink(path)))
                elif path.is_dir():
                    pending.append((path, directory.make_directory(name)))
                elif path.is_file():
                    file = directory.create(name)
                    data = path.read_bytes()
                    if data and file.write_at(0, [memoryview(data)]) != len(data):
                        raise KernelError(Errno.NOSPC)
                else:
                    raise HarnessError(f"{path} is neither file, folder nor link")
        except OSError as error:
            raise HarnessError(f"the folder {here} can't be copied: {error}") from None
        except KernelError as error:
            raise HarnessError(f"the folder {here} doesn't fit into the guest's file system: {error.errno}") from None


def tree_entries(top: MemDirectory, guest: str = "/") -> dict[str, Entry]:
    """What lies in a directory in memory, by the path that a guest knows it by; devices and what is mounted are left out."""
    found: dict[str, Entry] = {}
    pending = [(top, guest.rstrip("/"))]
    while pending:
        directory, prefix = pending.pop()
        for name, (_, inode) in directory.names.items():
            path = f"{prefix}/{os.fsdecode(name)}"
            if isinstance(inode, MemDirectory) and inode.mounted is None:
                found[path] = Entry("directory")
                pending.append((inode, path))
            elif isinstance(inode, MemFile):
                found[path] = Entry("file", inode.content.tobytes())
            elif isinstance(inode, MemSymlink):
                found[path] = Entry("link", inode.readlink())
    return found
