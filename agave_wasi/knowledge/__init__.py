"""What names mean: data for `agave_wasi.explain` and the trace, and no code."""
