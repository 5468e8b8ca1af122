"""Clocks and sleep: only relations are printed, so that a virtual and a real clock agree."""

import select
import sys
import time

before, wall = time.monotonic(), time.time()
time.sleep(0.25)
slept = time.monotonic() - before
print("slept long enough", slept >= 0.25, slept < 5)
print("both clocks agree", abs((time.time() - wall) - slept) < 1)
print("monotonic", all(time.monotonic_ns() <= time.monotonic_ns() for _ in range(100)))
print("resolution", 0 < time.get_clock_info("monotonic").resolution <= 0.01)
print("after 2020", time.time() > 1_577_836_800, time.gmtime().tm_year >= 2020)
poller = select.poll()
poller.register(sys.stdin, select.POLLIN)
print("stdin is ready", bool(poller.poll(2000)))
print("stdout is ready", bool(select.select([], [sys.stdout], [], 2)[1]))
