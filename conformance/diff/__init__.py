"""`agave-wasi diff`: one program on agave-wasi and on the reference, and the first host call that differs.

    command.py     the command: options, the two runs, the exit code
    verdict.py     what the two runs come to
    text.py        for people, on a terminal
    data.py        for programs: --json
    rows.py        both traces as rows of plain data, for pages and reports
    table.py       these side by side, in HTML
    html.py        for people, on a page: all of it
    sections.py    what the document asks of each function, in our own words
"""
