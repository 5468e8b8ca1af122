"""Differential fuzzing of WASI 0.2: random calls of its functions on agave-wasi and on the reference, one by one on both.

    functions.py    what can be called: every function of some interfaces, and dropping each kind of handle
    interpreter.py  the one guest: it keeps handles by number, makes the calls that a program says, and tells their results
    values.py       arguments into a program, results out of what it tells
    sides.py        the guest on agave-wasi and on wasmtime-py
    judge.py        two results of one call: what may differ
    lockstep.py     a call on both sides, everything that differs, and how they go on behind what is known
    model.py        what the generator believes of handles and names
    generator.py    one call after the other, from a seed
    campaign.py     many chains
    text.py         what was found, for people
    command.py      agave-wasi fuzz --components

Programs, shrinking and findings are those of `conformance.fuzz`. A handle is named by the step that made it.
"""
