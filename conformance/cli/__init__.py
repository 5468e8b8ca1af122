"""`agave-wasi conformance`: the harness on the command line."""
