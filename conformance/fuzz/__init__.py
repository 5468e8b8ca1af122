"""Differential fuzzing: random programs on agave-wasi and on the reference, call by call.

    steps.py       a program as data, and its files
    layout.py      a step in guest memory, from the functions' signatures
    strategies.py  values for parameters, from their types and a model
    model.py       what the generator believes of descriptors and names
    generator.py   one call after the other, from a seed
    guest.py       the one guest: a memory and a wrapper for each function
    side.py        a guest called through wasmtime's quickest door
    ours.py        the guest on agave-wasi
    reference.py   the guest on wasmtime-py's WASI
    listing.py     a directory listed to its end, on both sides
    lockstep.py    a call on both sides, and everything that differs
    chain.py       a program drawn, or run again; the first thing that isn't explained
    quick.py       what differs on any two hosts, seen at once
    blame.py       is a trap earned?
    mend.py        both sides brought together behind a known divergence
    node.py        the guest on Node's own WASI
    shrink.py      a program made small
    campaign.py    many chains
    machine.py     short programs by Hypothesis
    expected.py    what a program shows here, and what may be otherwise elsewhere
    case.py        a program as a case of a suite
    programs.py    agave-wasi fuzz replay, fuzz case
    text.py        what a campaign has found, for people and as JSON
    command.py     agave-wasi fuzz
    types/         arbitrary types and values through echo components
"""
