"""Files and folders as a Python program uses them; what it prints depends on nothing but the answers it gets."""

import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def attempt(label: str, function: Callable[..., object], *arguments: Any) -> None:
    """Say what the call answered: its value, or the name of its error."""
    try:
        print(label, "->", function(*arguments))
    except OSError as error:
        print(label, "->", type(error).__name__, error.errno)


root = Path("/work")
root.mkdir()
for name in ("b/c", "b/d", "a", "unicode-äöü-→"):
    (root / name).mkdir(parents=True)
for number in range(40):
    (root / "b" / "d" / f"file{number:02}").write_text(f"number {number}\n" * number)

print("walk")
for folder, folders, names in os.walk(root):
    folders.sort()
    print(" ", folder, folders, len(names), sum(os.path.getsize(os.path.join(folder, name)) for name in names))

print("links")
(root / "original").write_bytes(b"same bytes")
attempt("link", os.link, root / "original", root / "twin")
print("nlink", os.stat(root / "twin").st_nlink, os.path.samefile(root / "original", root / "twin"))
attempt("symlink", os.symlink, "original", root / "sign")
print(
    "readlink", os.readlink(root / "sign"), (root / "sign").read_text(), stat.S_ISLNK(os.lstat(root / "sign").st_mode)
)
attempt("dangling", os.symlink, "nowhere", root / "dangling")
attempt("open dangling", open, root / "dangling")
attempt("loop", os.symlink, "loop", root / "loop")
attempt("open loop", open, root / "loop")
attempt("link again", os.link, root / "original", root / "twin")

print("rename")
attempt("over a file", os.rename, root / "twin", root / "b" / "d" / "file01")
attempt("folder over full folder", os.rename, root / "a", root / "b")
attempt("folder into itself", os.rename, root / "b", root / "b" / "c" / "b")
attempt("missing", os.rename, root / "missing", root / "other")
attempt("folder", os.rename, root / "b" / "c", root / "c")
attempt("file over folder", os.rename, root / "original", root / "c")
print(sorted(os.listdir(root)), sorted(entry.name for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)))

print("errors")
attempt("mkdir again", os.mkdir, root / "a")
attempt("rmdir full", os.rmdir, root / "b")
attempt("unlink folder", os.unlink, root / "a")
attempt("rmdir file", os.rmdir, root / "original")
attempt("open folder to write", open, root / "a", "w")
attempt("listdir file", os.listdir, root / "original")
attempt("stat below file", os.stat, root / "original" / "below")
attempt("trailing slash", os.stat, f"{root}/original/")
attempt("long name", os.mkdir, root / ("x" * 300))
attempt("out of the root", os.listdir, "/../../etc")

print("offsets")
with open(root / "numbers", "w+b", buffering=0) as file:
    print(file.write(bytes(range(200))), file.seek(-50, os.SEEK_END), file.read(3), file.tell())
    print(
        file.seek(10_000),
        file.write(b"end"),
        os.fstat(file.fileno()).st_size,
        file.truncate(150),
        file.seek(0, os.SEEK_END),
    )
    print(os.pread(file.fileno(), 4, 100), os.pwrite(file.fileno(), b"....", 100), os.pread(file.fileno(), 6, 99))
    attempt("negative seek", os.lseek, file.fileno(), -1, os.SEEK_SET)
with open(root / "numbers", "ab") as longer:
    longer.write(b"tail")
print((root / "numbers").read_bytes()[-8:])
attempt("exclusive", open, root / "numbers", "x")

print("times")
os.utime(root / "numbers", ns=(1_234_567_890_123_456_789, 981_173_106_789_000_000))
print(os.stat(root / "numbers").st_atime_ns, os.stat(root / "numbers").st_mtime_ns)
attempt("of a link", lambda: os.utime(root / "sign", ns=(1, 2_000_000_000), follow_symlinks=False))
print(os.lstat(root / "sign").st_mtime_ns)

print("temporary")
os.makedirs("/tmp", exist_ok=True)
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "inner").mkdir()
    Path(folder, "inner", "x").write_text("x")
    with tempfile.TemporaryFile(dir=folder) as scratch:
        scratch.write(b"y" * 100_000)
        scratch.seek(99_990)
        print(len(scratch.read()))
print(os.listdir("/tmp"))

print("copy and remove")
shutil.copytree(root / "b", root / "copy", symlinks=True)
print(len(list((root / "copy").rglob("*"))))
shutil.rmtree(root / "copy")
print((root / "copy").exists(), sorted(os.listdir(root)))
