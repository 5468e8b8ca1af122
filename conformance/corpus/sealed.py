"""A job in a world without the host, done alike on both engines of agave-wasi, to the byte and call by call.

In folders of the host, traces differ by times and inodes, which programs even hand back as arguments. Here the working
folder and what the package shares are one tar archive that each step starts with and leaves behind, so nothing of the
host is in the world, and all has to be equal: exit codes, stdout, stderr, the archives with all times in them, and every
host call with its arguments, results and time.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from .jobs import Job
from .runners import Ended, Runner, launch

START = 1_767_225_600
"""When the files were made, in s since 1970: when virtual time begins."""
SHOWN = 400
"""Characters of a line of a trace, in a message."""


@dataclass
class Sealed:
    """A job done once in such a world: of each step what it showed, its trace, and the files that it left."""

    runner: Runner
    steps: list[Ended] = field(default_factory=list)
    traces: list[bytes] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    failure: str | None = None

    @property
    def title(self) -> str:
        """Its name in a message."""
        return f"{self.runner.name}, sealed"

    @property
    def seconds(self) -> float:
        """The CPU time of all steps together."""
        return sum(step.seconds for step in self.steps)

    @property
    def calls(self) -> int:
        """How many host calls all steps made."""
        return sum(trace.count(b"\n") for trace in self.traces)


def pack(job: Job, package: Path) -> bytes:
    """The job's files as a tar archive that depends on nothing but their names and contents."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in job.folders:
            archive.addfile(_plain(_folder(name)))
        for source, place in ((job.inputs, ""), *((package / host, guest.strip("/")) for host, guest in job.shares)):
            if place:
                archive.addfile(_plain(_folder(place)))
            for path in sorted(source.rglob("*")):
                name = f"{place}/{path.relative_to(source)}".strip("/")
                archive.add(path, name, recursive=False, filter=_plain)
    return out.getvalue()


def _folder(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    return info


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same member of no owner, and of no time of the host's."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = START
    return info


def run_sealed(job: Job, package: Path, runner: Runner) -> Sealed:
    """Do the job once in such a world."""
    done = Sealed(runner)
    image = pack(job, package)
    with tempfile.TemporaryDirectory(prefix="agave-corpus-") as folder:
        before, after, trace = Path(folder, "before.tar"), Path(folder, "after.tar"), Path(folder, "trace.jsonl")
        options = ["--fs", str(before), "--save-fs", str(after), "--trace", str(trace)]
        for step in job.steps:
            before.write_bytes(image)
            program = package / job.package.program
            if step.program:
                program = Path(folder, "made.wasm")
                made = members(image).get(step.program)
                if made is None:
                    done.failure = f"an earlier step did not make {step.program}"
                    break
                program.write_bytes(made.partition(b"\n")[2])
            try:
                done.steps.append(launch(runner, program, step, options))
            except subprocess.TimeoutExpired as error:
                done.failure = f"step {len(done.steps) + 1} did not end within {error.timeout:.0f} s"
                break
            if not (after.is_file() and trace.is_file()):
                done.failure = f"step {len(done.steps)} left no files or no trace"
                break
            image = after.read_bytes()
            done.images.append(image)
            done.traces.append(trace.read_bytes())
            after.unlink()
            trace.unlink()
    return done


def members(image: bytes) -> dict[str, bytes]:
    """What is in an archive by its path: a line of kind, permissions, time, size and link target, then the contents."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(image)) as archive:
        for info in archive:
            time = info.pax_headers.get("mtime", info.mtime)
            line = f"{info.type!r} {info.mode:o} {time} {info.size} {info.linkname}\n".encode()
            file = archive.extractfile(info) if info.isreg() else None
            found[info.name] = line + (file.read() if file else b"")
    return found


def disagreements(job: Job, left: Sealed, right: Sealed) -> Iterator[str]:
    """Everything that isn't the same of one job in two sealed worlds."""
    for done in (left, right):
        if done.failure:
            yield f"{done.title}: {done.failure}"
    between = f"between {left.title} and {right.title}"
    for number, (step, one, other) in enumerate(zip(job.steps, left.steps, right.steps, strict=False), 1):
        label = f"step {number} ({step.arg0})"
        for done, ended in ((left, one), (right, other)):
            if ended.exit_code != step.exit_code:
                yield f"{done.title}: {label}: exit code {ended.exit_code} instead of {step.exit_code}{ended.last_words}"
        if one.stdout != other.stdout:
            yield f"{label}: stdout differs {between}: {parting(one.stdout, other.stdout)}"
        if one.stderr != other.stderr:
            yield f"{label}: stderr differs {between}: {parting(one.stderr, other.stderr)}"
    for number, (one_trace, other_trace) in enumerate(zip(left.traces, right.traces, strict=False), 1):
        if one_trace != other_trace:
            yield f"step {number}: the trace differs {between}: {parting(one_trace, other_trace)}"
    for number, (one_image, other_image) in enumerate(zip(left.images, right.images, strict=False), 1):
        if one_image != other_image:
            one_files, other_files = members(one_image), members(other_image)
            names = sorted(one_files.keys() | other_files.keys())
            named = [name for name in names if one_files.get(name) != other_files.get(name)]
            yield f"step {number}: the files differ {between}: {', '.join(named) or 'in their order'}"


def parting(one: bytes, other: bytes) -> str:
    """Where two texts that aren't equal part: the first line that isn't the same, of both."""
    pairs = zip_longest(one.split(b"\n"), other.split(b"\n"), fillvalue=b"(its end)")
    number, pair = next((number, pair) for number, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"line {number}" + "".join(f"\n    {line[:SHOWN].decode(errors='replace')}" for line in pair)
