"""Conformance: the same programs on agave-wasi and on other runtimes, and every difference found and explained."""
