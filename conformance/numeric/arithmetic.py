"""Plans for the instructions that compute values from values: operands from memory, and operands that are constants."""

from __future__ import annotations

from conformance.numeric.modules import Plan, Run, Step
from conformance.numeric.operations import OPERATIONS, shuffle
from conformance.numeric.values import cases, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from conformance.numeric.operations import Operation

STEPS = 150
"""So many steps a module has: enough to be quick, few enough to read."""
CONSTANTS = 6
"""So many steps of each operation have a constant."""
SHUFFLES = 60
_PATTERNS = (
    list(range(16)), [0] * 16, [15] * 16, [31] * 16, list(range(16, 32)), list(range(15, -1, -1)), list(range(8, 24)),
    [lane // 2 + 16 * (lane % 2) for lane in range(16)], [8 + lane // 2 + 16 * (lane % 2) for lane in range(16)],
    [lane // 4 * 4 for lane in range(16)], [lane % 4 for lane in range(16)], [lane % 8 for lane in range(16)],
    [2 * lane for lane in range(16)], [2 * lane + 1 for lane in range(16)], [(lane + 1) % 16 for lane in range(16)],
)  # fmt: skip
"""Shuffles that compilers make other code of: none, copies of a lane, halves, interleaved, every other, turned round."""


def plans(random: Random, count: int) -> Iterator[Plan]:
    """Plans with about `count` cases for each operation, and a tenth of that for each with a constant."""
    steps = [Step(operation) for operation in (*OPERATIONS, *_shuffles(random))]
    sizes = [count] * len(steps)
    for operation in OPERATIONS:
        if len(operation.parameters) > 1:
            for _ in range(CONSTANTS):
                steps.append(Step(operation, (value(random, operation.parameters[-1]),)))
                sizes.append(-(-count // 10))
    for start in range(0, len(steps), STEPS):
        chosen = steps[start : start + STEPS]
        runs = [Run(at, cases(random, step.parameters, sizes[start + at])) for at, step in enumerate(chosen)]
        yield Plan(f"arithmetic {start // STEPS}", chosen, runs)


def _shuffles(random: Random) -> Iterator[Operation]:
    for lanes in _PATTERNS:
        yield shuffle(lanes)
    for _ in range(SHUFFLES):
        yield shuffle([random.randrange(32) for _ in range(16)])
