"""The host calls of cases, for reports: those of agave-wasi and of the reference, side by side (`conformance.diff`).

    choice.py      which cases get their traces
    recording.py   records them, on as many threads as is said; each guest in processes that can be ended
    child.py       the process that records one case: here, and there if the reference can have its world
"""
