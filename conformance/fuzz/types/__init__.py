"""Arbitrary types and values through echo components, on agave-wasi and on wasmtime-py.

A batch is a component with many functions, each of a type that a seed has drawn. Its echoes are lifted functions that call a
function of the host with what they got, and return what that answered: so each value is lowered and lifted twice, and where
the batch has a chain of components it crosses an adapter in both directions as well. Others return raw memory that may be
spoiled in one place, or call with it; what is trapped on one side must be trapped on the other, for the same reason.

    drawing.py    functions and values, from a seed
    batch.py      what one component has in it
    text.py       its text
    raw.py        raw core values and memory, and how one place of them is spoiled
    ours.py       a batch on agave-wasi's linker
    reference.py  a batch on wasmtime-py
    cvalues.py    values as wasmtime's C API has them
    traps.py      why a call trapped, whoever says it
    sameness.py   are two values the same?
    campaign.py   many batches, and what they found
    report.py     what a campaign has found, for people and as JSON
"""
