"""One process a runtime, driven by JSON lines on stdin and answering on stdout, one line each.

    {"do": "load", "module": PATH}                  instantiate the module in a world of its own; {"exports": [...]}
    {"do": "call", "export": NAME, "count": N}      call it with (N, fd); {"seconds": S, "answer": I}

`fd` is what the module's `setup` export returned, 3 if it has none. A failure is {"error": TEXT}. A world is a folder
on the host for the runtimes that know nothing else, and memory for agave-wasi. End of input ends the process.
"""
