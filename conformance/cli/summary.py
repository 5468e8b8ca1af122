"""What a run came to, on stdout: everything that isn't a plain pass with its reasons, and a line for each runtime."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from agave_wasi.terminal import colours, one_line
from conformance.adapters.base import Found
from conformance.outcome import Outcome, Verdict

STYLES = {
    Verdict.PASS: "32", Verdict.FAIL: "1;31", Verdict.SKIP: "36", Verdict.XFAIL: "33", Verdict.XPASS: "1;31",
    Verdict.FLAKY: "1;35", Verdict.ERROR: "1;31",
}  # fmt: skip
WIDTH = 5


def show_summary(outcomes: Sequence[Outcome], chosen: Mapping[str, Found], reference: str) -> None:
    """Print it."""
    coloured = sys.stdout is not None and colours(1)
    for line in lines(outcomes, chosen, reference, coloured):
        print(line)


def lines(outcomes: Sequence[Outcome], chosen: Mapping[str, Found], reference: str, coloured: bool = False) -> Iterator[str]:
    """The summary, line by line."""
    agreeing = {outcome.case.full_name: outcome for outcome in outcomes if outcome.reference}
    for outcome in outcomes:
        if outcome.verdict is Verdict.PASS:
            continue
        name = one_line(outcome.case.full_name) + (f" on {outcome.runtime}" if len(chosen) > 1 else "")
        reasons = [one_line(each) for each in outcome.reasons]
        if outcome.verdict is Verdict.SKIP:
            yield f"{word(outcome.verdict, coloured)} {name}: {'; '.join(reasons)}"
            continue
        yield f"{word(outcome.verdict, coloured)} {name}"
        yield from (f"      {each}" for each in reasons)
        if outcome.unexpected and outcome.case.full_name in agreeing:
            yield f"      {against(agreeing[outcome.case.full_name])}"
    for name, found in chosen.items():
        yield tally([outcome for outcome in outcomes if outcome.runtime == name], name, found, name == reference, coloured)


def against(reference: Outcome) -> str:
    """What the reference does where another runtime fails."""
    words = {Verdict.PASS: "passes", Verdict.SKIP: "isn't given this case", Verdict.XFAIL: "fails as well, as is known"}
    return f"the reference, {reference.runtime}, {words.get(reference.verdict, f'says {reference.verdict} as well')}"


def tally(outcomes: Sequence[Outcome], name: str, found: Found, reference: bool, coloured: bool) -> str:
    """A runtime's line: how many of each verdict, and whether anything is unexpected."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    told = ", ".join(f"{counts[verdict]} {word(verdict, coloured).strip()}" for verdict in Verdict if counts[verdict])
    unexpected = sum(outcome.unexpected for outcome in outcomes)
    end = (
        "the reference, which isn't judged" if reference else f"{unexpected} unexpected" if unexpected else "nothing unexpected"
    )
    return f"{name} {one_line(found.version)}: {told or 'no cases'}; {end}"


def word(verdict: Verdict, coloured: bool) -> str:
    """A verdict's name, in its colour where there are colours."""
    text = f"{verdict:{WIDTH}}"
    return f"\x1b[{STYLES[verdict]}m{text}\x1b[0m" if coloured else text
