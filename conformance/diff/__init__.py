"""`agave-wasi diff`: one program on agave-wasi and on the reference, and the first host call that differs.

    command.py     the command: options, the two runs, the exit code
    verdict.py     what the two runs come to
    text.py        for people, on a terminal
    data.py        for programs: --json
    html.py        for people, on a page: both traces side by side
    sections.py    what the document asks of each function, in our own words
"""
