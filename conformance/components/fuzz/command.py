"""`agave-wasi fuzz --components`, and the replay of what it has found."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from agave_wasi.cli.failures import Failure
from agave_wasi.terminal import colours
from conformance.components.fuzz import campaign as campaigns
from conformance.components.fuzz.lockstep import Lockstep
from conformance.components.fuzz.text import replayed, text
from conformance.components.fuzz.values import BadValue
from conformance.fuzz.campaign import Campaign
from conformance.fuzz.steps import COMPONENTS, BadProgramFile, load
from conformance.fuzz.text import data, finding_data

EXIT_FOUND = 1


def told(done: Campaign, saved: list[str], as_json: bool) -> str:
    """What the command prints."""
    return json.dumps(data(done, saved), indent=2) if as_json else "\n".join(text(done, saved, colours(1)))


def replay(path: Path, within: str | None, as_json: bool, engine: str = "wasmtime") -> int:
    """Run a program that was kept on both sides, ours on `engine`; the exit code. BadProgramFile."""
    steps = load(path, COMPONENTS)
    try:
        done = campaigns.replay(steps, partial(Lockstep, within, engine))
    except BadValue as error:
        raise BadProgramFile(f"{path}: {error}; programs are as agave-wasi fuzz --components writes them") from None
    except OSError as error:
        raise Failure(f"the reference's files can't be had: {error}") from None
    if as_json:
        found = finding_data(done.finding) if done.finding is not None else None
        print(json.dumps({"calls": done.calls, "known": dict(done.known), "found": found}, indent=2))
    else:
        print("\n".join(replayed(done, colours(1))))
    return EXIT_FOUND if done.finding is not None else 0
