"""Does the suite see? Mutants of the kernel and of Preview 1 are made mechanically; cases and random calls must notice them.

    python -m conformance.mutants [--scope components] [--count N] [--seed N] [--minutes M] [--state FILE] [--write]

A mutant is one small slip (`operators`) at one place of the code (`places`, and what is left out: `scope`). A sample is drawn
by a seed; each is judged in a child process that loads the changed module instead of the file's (`loading`, `child`): first by
the suites' cases, those that run the line before the others (`reach`, `trials`), then by random calls in step with the
reference (`judge`). Verdicts are kept (`state`), survivors explained (`explained`), and the whole told in docs/TESTING.md
(`table`).

`--scope components` mutates the component floors instead, and lets their tests judge (`components`).

No maintained tool fits: what judges is no pytest but the suites and the fuzzer, in one process with the mutant. mutmut runs
pytest alone since its third version, and calls each function by way of another one, which hides the annotations that
host-call code is made from; cosmic-ray rewrites the files of the checkout and starts a command for each mutant.
"""
