"""Suites of small guests that assert inside: `preview1` for any runtime, `preview1_worlds` for more than a folder of files."""
