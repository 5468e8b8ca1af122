"""The command `agave-wasi`: one file a command, imported when it is used.

`main` finds the command and turns what happens into a line and an exit code; `options` is the table of options from which
the parser, the configuration file, the help and the shell completion are made. A plain `run` imports only `main`,
`options` and `run`.
"""
