"""Call by call: every host call of a program, recorded on agave-wasi and on the reference, and compared.

    call.py        what is recorded of one host call
    decode.py      from raw slots and guest memory to arguments, results and the memory that was written
    recorder.py    collects the calls of one run, within limits
    answers.py     what one side has been told of time and chance, given to the other
    shim.py        the WebAssembly between a guest and the reference's WASI
    older.py       what differs in the older interface, translated for a reference that has only the newer one
    sections.py    a guest rewritten so that its memories are imported
    equal.py       one description of a world, for both sides
    temporary.py   folders that are gone afterwards
    trees.py       files as data, from memory or from the host
    ours.py        a recorded run on agave-wasi
    linked.py      a module on the reference, linked through its shim
    reference.py   a recorded run on wasmtime-py's WASI; alone in its process, which `process.py` starts
    rules.py       what may differ, and why
    known.py       divergences that are known and explained (conformance/expectations)
    compare.py     two recordings side by side; the differences
    documented.py  the tables of docs/DIVERGENCES.md
"""
