"""Syscalls that name files: each path is relative to a directory descriptor and can't leave it."""

from __future__ import annotations

from kernel_sim.errors import Errno, KernelError
from kernel_sim.fs.inode import Directory, FileType
from kernel_sim.fs.resolve import existing, find, resolve
from kernel_sim.fs.special import StandardStream
from kernel_sim.openfile import OpenFile, Rights, Status
from kernel_sim.syscalls.table import Calls, syscall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kernel_sim.fs.inode import Entry, Inode, Stat

RACES = 8
"""So often may another program create what we are about to create, and have it gone again when we look."""


class OpenFlags:
    """How `openat` treats what is there, or isn't."""

    CREATE = 1
    DIRECTORY = 2
    EXCLUSIVE = 4
    TRUNCATE = 8


class PathCalls(Calls):
    """The syscalls that take paths, and the one that lists a directory."""

    __slots__ = ()

    def _directory(self, fd: int) -> Directory:
        """The directory behind a descriptor; BADF if it is anything else."""
        inode = self.fds[fd].inode
        if not isinstance(inode, Directory):
            raise KernelError(Errno.BADF)
        return inode

    @syscall(32, Rights.PATH_OPEN)
    def openat(
        self, dirfd: int, path: bytes, follow: bool, flags: int, status: int, rights: int, inheriting: int
    ) -> int:
        """Open or create what `path` names; `rights` decide on reading and writing. A new descriptor.

        Errors:
            BADF    `dirfd` is not open, or a stream
            NOTDIR  `dirfd` or a component in the middle isn't a directory, or a directory was asked for
            NOENT   there is no such file and none was to be created, or the path is empty
            EXIST   it exists and was to be created exclusively
            ISDIR   a directory was to be written to, or a file created under a name that ends in "/"
            LOOP    a symbolic link in the last place, and not following; or more than 40 links
            INVAL   a directory was to be created or truncated, or the path has a NUL byte
            PERM    the path leads out of the directory, or the mount is read-only
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
            ILSEQ   the host has no such name
            MFILE   too many descriptors
            NOSPC   the file system is full
            FBIG    the host can't handle so long a file
            NOTSUP  a device or FIFO of the host
            NOTCAPABLE  rights are strict, and the directory may not do, or not hand on, what is asked for
        """
        base = self.fds[dirfd].inode
        if not isinstance(base, Directory):
            raise KernelError(Errno.NOTDIR if base.seekable else Errno.BADF)
        process = self.process
        if process.strict:
            self._check_inherited(dirfd, flags, status, rights, inheriting)
        if flags & OpenFlags.DIRECTORY and flags & ~OpenFlags.DIRECTORY:
            raise KernelError(Errno.INVAL)
        if len(self.fds) >= self.fds.limit:
            raise KernelError(Errno.MFILE)
        inode = find(base, path, follow) if not flags else self._find_or_create(base, path, follow, flags)
        truncate = flags & OpenFlags.TRUNCATE != 0
        kind = inode.type
        alters = flags & (OpenFlags.CREATE | OpenFlags.TRUNCATE) != 0
        read, write, granted, inherited = process.granted(rights, inheriting, kind == FileType.DIRECTORY, alters)
        if kind != FileType.REGULAR_FILE:
            if kind == FileType.SYMBOLIC_LINK:
                raise KernelError(Errno.LOOP)
            if kind == FileType.DIRECTORY:
                if write or truncate:
                    raise KernelError(Errno.ISDIR)
                read = False  # a directory is listed, never read
            if isinstance(inode, StandardStream):
                inode = process.stream(inode.place)
        if flags & OpenFlags.DIRECTORY and kind != FileType.DIRECTORY:
            raise KernelError(Errno.NOTDIR)
        if write or truncate:
            inode.fs.require_writable()
        return self.fds.add(OpenFile(inode.opened(read, write, truncate), read, write, status, granted, inherited))

    def _check_inherited(self, dirfd: int, flags: int, status: int, rights: int, inheriting: int) -> None:
        """Strict rights: what is asked for must be within what the directory hands on."""
        directory = self.fds[dirfd]
        needed = Rights.PATH_CREATE_FILE if flags & OpenFlags.CREATE else 0
        if flags & OpenFlags.TRUNCATE:
            needed |= Rights.PATH_FILESTAT_SET_SIZE
        if status & (Status.SYNC | Status.RSYNC):
            needed |= Rights.FD_SYNC
        if status & Status.DSYNC and not directory.rights & Rights.FD_SYNC:  # either of the two rights will do
            needed |= Rights.FD_DATASYNC
        if needed & ~directory.rights or (rights | inheriting) & ~directory.inheriting:
            raise KernelError(Errno.NOTCAPABLE)

    def _find_or_create(self, base: Directory, path: bytes, follow: bool, flags: int) -> Inode:
        """The object at `path`, created if that is asked for."""
        if not flags & OpenFlags.CREATE:
            return find(base, path, follow)
        exclusive = flags & OpenFlags.EXCLUSIVE
        if path.endswith(b"/"):  # a regular file can't be called so, whatever is there
            resolve(base, path.rstrip(b"/") or path, False)
            raise KernelError(Errno.ISDIR)
        for _ in range(RACES):
            directory, name, inode, slash = resolve(base, path, follow and not exclusive)
            if slash and name:  # by way of a link
                raise KernelError(Errno.ISDIR)
            if inode is not None:
                if exclusive:
                    raise KernelError(Errno.EXIST)
                if inode.type == FileType.DIRECTORY:
                    raise KernelError(Errno.ISDIR)
                return inode
            directory.fs.require_writable()
            try:
                return directory.create(name)
            except KernelError as error:
                if exclusive or error.errno != Errno.EXIST:
                    raise
                # in a folder of the host, somebody else was quicker: then it is theirs that is opened
        raise KernelError(Errno.EXIST)

    @syscall(33, Rights.PATH_FILESTAT_GET)
    def fstatat(self, dirfd: int, path: bytes, follow: bool) -> Stat:
        """Attributes of what `path` names.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            NOENT   there is no such file, or the path is empty
            NOTDIR  a component in the middle isn't a directory, or a final "/" asks for one
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory
            INVAL   the path has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
        """
        inode = find(self._directory(dirfd), path, follow)
        if isinstance(inode, StandardStream):
            inode = self.process.stream(inode.place)
        return inode.stat()

    @syscall(34, Rights.PATH_FILESTAT_SET_TIMES)
    def utimensat(self, dirfd: int, path: bytes, follow: bool, atime: int | None, mtime: int | None) -> None:
        """Set times of what `path` names, in nanoseconds since 1970; None leaves one alone.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            NOENT   there is no such file, or the path is empty
            NOTDIR  a component in the middle isn't a directory, or a final "/" asks for one
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory, or the mount is read-only
            INVAL   the path has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
        """
        inode = find(self._directory(dirfd), path, follow)
        inode.fs.require_writable()
        inode.set_times(atime, mtime)

    @syscall(35, Rights.PATH_CREATE_DIRECTORY)
    def mkdirat(self, dirfd: int, path: bytes) -> None:
        """Create a directory.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            EXIST   the name is taken, be it by a dangling link
            NOENT   a component in the middle doesn't exist, or the path is empty
            NOTDIR  a component in the middle isn't a directory
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory, or the mount is read-only
            INVAL   the path has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
            NOSPC   the file system is full
        """
        directory, name, inode, _ = resolve(self._directory(dirfd), path.rstrip(b"/") or path, False)
        if inode is not None:
            raise KernelError(Errno.EXIST)
        directory.fs.require_writable()
        directory.make_directory(name)

    @syscall(36, Rights.PATH_LINK_SOURCE)
    def linkat(self, dirfd: int, path: bytes, new_dirfd: int, new_path: bytes) -> None:
        """Give a file a further name; a symbolic link in the last place is linked itself.

        Errors:
            BADF    a descriptor is not open, or not a directory
            EXIST   the new name is taken
            NOENT   there is no such file, a component in the middle doesn't exist, or a path is empty
            NOTDIR  a component in the middle isn't a directory, or a final "/" asks for one
            LOOP    more than 40 symbolic links
            PERM    the file is a directory, a path leads out of its directory, or the mount is read-only
            XDEV    the directories are on different mounts
            MLINK   the host allows no more links to it
            INVAL   a path has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or a path more than 4095
            ACCES   the host forbids it
            IO      the host failed
            NOSPC   the file system is full
            NOTCAPABLE  rights are strict, and the new directory may not be linked into
        """
        source = self._directory(dirfd)
        new_base = self._directory(new_dirfd)
        if self.process.strict and not self.fds[new_dirfd].rights & Rights.PATH_LINK_TARGET:
            raise KernelError(Errno.NOTCAPABLE)
        inode = find(source, path, False)
        directory, name, taken, slash = resolve(new_base, new_path, False)
        if taken is not None or slash:
            self._refuse_taken(taken, slash)
        if inode.type == FileType.DIRECTORY:
            raise KernelError(Errno.PERM if directory.nlink else Errno.NOENT)  # no name can be made where nothing is
        directory.fs.require_writable()
        inode.fs.require_writable()  # a name in a writable place would make a read-only file writable
        directory.link(name, inode)

    def _refuse_taken(self, inode: Inode | None, slash: bool) -> None:
        """A new link's name must be free, and can't end in a slash."""
        if inode is None:
            raise KernelError(Errno.NOENT)
        if slash and inode.type != FileType.DIRECTORY:
            raise KernelError(Errno.NOTDIR)
        raise KernelError(Errno.EXIST)

    @syscall(37, Rights.PATH_SYMLINK)
    def symlinkat(self, target: bytes, dirfd: int, path: bytes) -> None:
        """Create a symbolic link at `path`; `target` may be anything relative, whether or not it exists.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            EXIST   the name is taken
            NOENT   `target` is empty, a component in the middle doesn't exist, or the path is empty or ends in "/"
            NOTDIR  a component in the middle isn't a directory
            LOOP    more than 40 symbolic links
            PERM    `target` is absolute, the path leads out of the directory, or the mount is read-only
            INVAL   a NUL byte in `target` or the path
            NAMETOOLONG  a name has more than 255 bytes, the path more than 4095, or `target` more than 4095
            ACCES   the host forbids it
            IO      the host failed
            NOSPC   the file system is full
        """
        base = self._directory(dirfd)
        if target[:1] == b"/":
            raise KernelError(Errno.PERM)
        directory, name, taken, slash = resolve(base, path, False)
        if not target:
            raise KernelError(Errno.NOENT)
        if 0 in target:
            raise KernelError(Errno.INVAL)
        if taken is not None or slash:
            self._refuse_taken(taken, slash)
        directory.fs.require_writable()
        directory.symlink(name, target)

    @syscall(38, Rights.PATH_READLINK)
    def readlinkat(self, dirfd: int, path: bytes) -> bytes:
        """The target of a symbolic link.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            INVAL   it isn't a symbolic link, or the path has a NUL byte
            NOENT   there is no such file, or the path is empty
            NOTDIR  a component in the middle isn't a directory
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory, or the target is absolute (a secret of the host)
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
        """
        target = find(self._directory(dirfd), path, False).readlink()
        if target[:1] == b"/":
            raise KernelError(Errno.PERM)
        return target

    @syscall(39, Rights.PATH_UNLINK_FILE)
    def unlinkat(self, dirfd: int, path: bytes) -> None:
        """Remove a name that isn't a directory's; the file lives on while it is open or has other names.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            ISDIR   it is a directory
            NOENT   there is no such file, or the path is empty
            NOTDIR  a component in the middle isn't a directory, or a final "/" asks for one
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory, or the mount is read-only
            INVAL   the path has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
        """
        directory, name, inode, slash = resolve(self._directory(dirfd), path, False)
        if existing(inode, slash).type == FileType.DIRECTORY:
            raise KernelError(Errno.ISDIR)
        directory.fs.require_writable()
        directory.unlink(name)

    @syscall(40, Rights.PATH_REMOVE_DIRECTORY)
    def rmdirat(self, dirfd: int, path: bytes) -> None:
        """Remove an empty directory.

        Errors:
            BADF    `dirfd` is not open, or not a directory
            NOTDIR  it isn't a directory, nor is a component in the middle
            NOTEMPTY  it has entries
            NOENT   there is no such directory, or the path is empty
            BUSY    something is mounted there
            LOOP    more than 40 symbolic links
            PERM    the path leads out of the directory, or the mount is read-only
            INVAL   the path ends in "." or "..", or has a NUL byte
            NAMETOOLONG  a name has more than 255 bytes, or the path more than 4095
            ACCES   the host forbids it
            IO      the host failed
        """
        directory, name, inode, slash = resolve(self._directory(dirfd), path.rstrip(b"/") or path, False)
        kind = existing(inode, slash).type
        if not name:
            raise KernelError(Errno.INVAL)
        if kind != FileType.DIRECTORY:
            raise KernelError(Errno.NOTDIR)
        directory.fs.require_writable()
        directory.remove_directory(name)

    @syscall(41, Rights.PATH_RENAME_SOURCE)
    def renameat(self, dirfd: int, path: bytes, new_dirfd: int, new_path: bytes) -> None:
        """Move an entry, atomically; an existing one in the new place is replaced if the kinds allow it.

        Errors:
            BADF    a descriptor is not open, or not a directory
            NOENT   there is no such file, a component in the middle doesn't exist, or a path is empty
            NOTDIR  a component in the middle isn't a directory, a final "/" asks for one, or one would replace a file
            ISDIR   a file would replace a directory
            NOTEMPTY  the directory to replace has entries
            INVAL   a directory would move into itself, or a path has a NUL byte
            BUSY    a path ends in "." or "..", or something is mounted there
            LOOP    more than 40 symbolic links
            PERM    a path leads out of its directory, or the mount is read-only
            XDEV    the directories are on different mounts
            NAMETOOLONG  a name has more than 255 bytes, or a path more than 4095
            ACCES   the host forbids it
            IO      the host failed
            NOSPC   the file system is full
            NOTCAPABLE  rights are strict, and the new directory may not be renamed into
        """
        source = self._directory(dirfd)
        new_base = self._directory(new_dirfd)
        if self.process.strict and not self.fds[new_dirfd].rights & Rights.PATH_RENAME_TARGET:
            raise KernelError(Errno.NOTCAPABLE)
        stripped, new_stripped = path.rstrip(b"/"), new_path.rstrip(b"/")  # a slash doesn't follow a link, as Linux renames
        directory, name, inode, _ = resolve(source, stripped or path, False)
        new_directory, new_name, replaced, _ = resolve(new_base, new_stripped or new_path, False)
        if not name or not new_name:
            raise KernelError(Errno.BUSY)
        if inode is None:
            raise KernelError(Errno.NOENT)
        is_directory = inode.type == FileType.DIRECTORY
        if not is_directory and (stripped != path or new_stripped != new_path):
            raise KernelError(Errno.NOTDIR)
        directory.fs.require_writable()
        new_directory.fs.require_writable()
        if replaced is not None and not is_directory and isinstance(replaced, Directory):
            raise KernelError(Errno.NOTEMPTY if directory.is_below(replaced) else Errno.ISDIR)
        directory.rename(name, new_directory, new_name)

    @syscall(42, Rights.FD_READDIR)
    def getdents(self, fd: int, cookie: int, limit: int) -> list[Entry]:
        """At most `limit` entries of a directory from `cookie` on (0: the start), with "." and "..".

        Errors:
            BADF   `fd` is not open, or not a directory
            IO     the host failed to answer
        """
        return self._directory(fd).entries(cookie, limit)
