"""A component in `agave-wasi diff`: what of it can be compared, and both runs."""

from __future__ import annotations

import os
from typing import Any

from agave_wasi.binary.reader import MalformedModule
from agave_wasi.cli.failures import Failure
from agave_wasi.component.binary import decode
from agave_wasi.component.validate import validate
from agave_wasi.engines.base import EngineError
from agave_wasi.loader import BadProgram
from conformance.calls.compare import compare, file_differences
from conformance.calls.equal import Equal, Unequal
from conformance.calls.known import known
from conformance.component_calls.record import Recorded, here, there
from conformance.component_calls.rules import Values
from conformance.components.write import Unwritable
from conformance.diff.verdict import Verdict, judge


def prepare(program: str, wasm: bytes, settings: dict[str, Any]) -> Recorded:
    """The component, ready to be recorded; Failure and BadProgram say why it can't be."""
    if "invoke" in settings:
        raise Failure(f"{program} is a component, and of those only commands can be compared: leave --invoke out")
    if settings.get("preload"):
        raise Failure(f"--preload is for core modules, and {program} is a component")
    try:
        validate(decode(wasm))
        return Recorded(wasm)
    except MalformedModule as error:
        raise BadProgram(f"{program}: {error}") from None
    except (EngineError, Unwritable) as error:
        raise Failure(f"{program} can't be recorded: {error}") from None


def run(equal: Equal, made: Recorded, strict: bool) -> Verdict:
    """Both runs, and what they come to."""
    ours = here(equal, made)
    if ours.ended_by in ("full", "timeout"):
        raise Unequal(f"{equal.program} doesn't come to its end on agave-wasi: {ours.message}")
    theirs = there(equal, made, ours.calls)
    verdict = judge(os.path.basename(equal.program), compare(ours, theirs, known(), Values()), strict)
    verdict.unseen = made.unseen
    first = verdict.first
    if first is not None and first.ours is not None and first.theirs is not None:
        one = here(equal, made, first.our_number)
        other = there(equal, made, ours.calls, first.their_number)
        verdict.moment = file_differences(one, other)
    return verdict
