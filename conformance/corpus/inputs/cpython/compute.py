"""Arithmetic and the standard library, and at the end an exception that nobody catches."""

import decimal
import json
import math
import random
import re
import struct
import sys

sys.setrecursionlimit(500)


def depth(level: int) -> int:
    """Recurse until the interpreter says stop."""
    return depth(level + 1)


print(json.dumps({"pi": math.pi, "e": [math.exp(x) for x in (0.5, 1, 2)], "text": "äöü→"}, sort_keys=True))
print(random.Random(7).sample(range(1000), 5), decimal.Decimal(2).sqrt())
print(struct.pack("<d", float("nan")).hex(), struct.pack("<f", 1 / 3).hex(), 2**500 % 1_000_003)
print(re.findall(r"(\w)(\d+)", "a1 b22 c333"), sum(1 / number for number in range(1, 2000)))
try:
    depth(0)
except RecursionError:
    print("recursion stopped")
print(sorted(range(20), key=lambda number: (number * 7919) % 31))
raise SystemError("the end")
