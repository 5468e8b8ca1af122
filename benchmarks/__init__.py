"""What host calls, a program, start-up and tracing cost on agave-wasi, beside two other runtimes in the same run.

    guest.py      the generated guest: one export a measured call
    guests/       guests in C: hello, and a program that mixes calls
    sides/        one process a runtime, which answers the driver's JSON lines
    driver.py     the processes, the interleaved rounds, the medians
    components.py components: calls, and CPython as one, beside wasmtime-py's component API and its WASI 0.2
    component_guest.py   the component that makes those calls
    startup.py    whole processes: seconds and peak memory
    wanted.py     what the project promises, as ratios
    report.py     the table and the JSON

Times on a shared machine wander by half; ratios of medians that were taken turn by turn wander much less. So nothing
here asserts: a row says what was measured, what is wanted and whether that is met.
"""
