"""A child process that runs one guest on pywasm (`conformance.adapters.job`)."""

from __future__ import annotations

import sys

import pywasm

from conformance.adapters.inside import Inside
from conformance.adapters.job import GuestRefused, GuestTrapped, Job, serve


def run(job: Job) -> int:
    """Run the guest to its end; its exit code."""
    runtime = pywasm.core.Runtime()
    wasi = pywasm.wasi.Preview1(job.argv, {each["guest"]: each["host"] for each in job.folders}, job.env)
    wasi.bind(runtime)
    pywasm.wasi.os = Inside(each["host"] for each in job.folders)
    try:
        instance = runtime.instance_from_file(job.program)
    except Exception as error:  # whatever its decoder or linker raises
        if error.args[:1] == (SystemExit,):  # how it tells of proc_exit: a start function has called it
            return int(error.args[1])
        raise GuestRefused(f"{type(error).__name__}: {error}") from None
    try:
        return int(wasi.main(runtime, instance))
    except (AssertionError, ArithmeticError) as error:  # what stands for a trap there
        raise GuestTrapped(str(error) or "an assertion of the interpreter") from None


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:], run))
