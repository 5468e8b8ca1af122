"""pywasm, an interpreter in pure Python; a child process for each case, which `inside` keeps in the case's folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from conformance.adapters.base import Found, Missing
from conformance.adapters.job import ChildRuntime
from conformance.processes import python_command

VARIABLE = "AGAVE_WASI_PYWASM"
ASK = "import importlib.metadata, pywasm; print(importlib.metadata.version('pywasm'))"


class Pywasm(ChildRuntime):
    """pywasm in this Python, or in the one that AGAVE_WASI_PYWASM names."""

    name = "pywasm"
    about = "pywasm, an interpreter in Python"
    provides = frozenset({"exit code", "relative folders", "no folder", "stdin"})

    def find(self) -> Found | Missing:
        python = self.python()
        try:
            asked = subprocess.run([python, "-P", "-c", ASK], capture_output=True, text=True, timeout=30, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            return Missing(f"{python} doesn't work: {error}; {VARIABLE} names the Python that has pywasm")
        if asked.returncode:
            return Missing(f"pip install 'agave-wasi[peers]'; {VARIABLE} may name another Python that has it")
        return Found(asked.stdout.strip(), python)

    def python(self) -> str:
        """The Python that has pywasm."""
        named = os.environ.get(VARIABLE)
        return (shutil.which(named) or named) if named else sys.executable

    def command(self) -> list[str]:
        return [self.python(), *python_command("conformance.adapters.pywasm_child")[1:]]
