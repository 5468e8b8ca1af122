"""Python without anything of the project in it yet, where mutants can be put in."""

from __future__ import annotations

import subprocess
import sys

from tests.agave_wasi.guests import ROOT
from tests.waiting import HANG


def fresh(code: str) -> str:
    """What a program prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
