"""Adapters: run a case on a runtime, and return what it showed. One file a runtime, each small."""
