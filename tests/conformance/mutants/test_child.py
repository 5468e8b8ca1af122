"""A child returns what its work returns; one that breaks or doesn't end is told as that, and nothing of it is left."""

from __future__ import annotations

import pytest

from tests.conformance.mutants.fresh import fresh

START = """
import os, select, signal, sys, time
from conformance.mutants import child
from conformance.mutants.child import in_child
child.LOOK = 0.05
"""


@pytest.mark.parametrize(
    "work, expected",
    [
        ("in_child(lambda: {'a': 1})", "{'a': 1}"),
        ("len(in_child(lambda: bytes(1 << 20)))", str(1 << 20)),
        ("in_child(lambda: print('not heard') or sys.stdout.flush())", "None"),
        ("in_child(lambda: 1 // 0)", "Broken(how='crash', text='ZeroDivisionError: integer division or modulo by zero')"),
        ("in_child(lambda: sys.exit(3))", "Broken(how='crash', text='SystemExit: 3')"),
        ("in_child(lambda: os._exit(3))", "Broken(how='crash', text='exit code 3')"),
        ("in_child(lambda: os.kill(os.getpid(), signal.SIGSEGV))", "Broken(how='crash', text='signal 11')"),
        ("in_child(lambda: time.sleep(3600), idle=0.2)", "Broken(how='timeout', text='waits for ever')"),
        ("in_child(lambda: [None for _ in iter(int, 1)], cpu=1)", "Broken(how='timeout', text='computes for ever')"),
        ("in_child(lambda: len([open(os.devnull) for _ in range(1000)])).text[:7]", "OSError"),
        ("in_child(lambda: sys.stdin.read())", ""),
    ],
)
def test_how_it_ends(work: str, expected: str) -> None:
    assert fresh(START + f"print({work})") == expected


def test_two_at_a_time() -> None:
    """Neither waits for the end of the other: the first answers while the second goes on."""
    program = """
from threading import Thread
reading, writing = os.pipe()
first, second = [], []
slow = Thread(target=lambda: first.append(in_child(lambda: os.read(reading, 1))))
slow.start()
quick = [in_child(lambda number=number: number) for number in range(20)]
os.write(writing, b"x")
slow.join()
print(quick == list(range(20)), first)
"""
    assert fresh(START + program) == "True [b'x']"


def test_one_that_takes_all_memory() -> None:
    program = "child.MEMORY = 200 << 20\nprint(in_child(lambda: [b'x' * (400 << 20), time.sleep(3600)], idle=60))"
    assert fresh(START + program) == "Broken(how='crash', text='takes all memory')"


def test_what_it_has_started_ends_with_it() -> None:
    program = """
reading, writing = os.pipe()
print(in_child(lambda: os.fork() or time.sleep(3600), idle=0.5))
os.close(writing)
print(bool(select.select([reading], [], [], 250)[0]))
"""
    assert fresh(START + program).splitlines()[-1] == "True"  # nobody else has the pipe any more
