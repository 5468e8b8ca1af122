"""`python -m agave_wasi`: the same as the command `agave-wasi`."""

from __future__ import annotations

from agave_wasi.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
