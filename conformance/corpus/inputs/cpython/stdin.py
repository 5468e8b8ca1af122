"""stdin to stdout: lines, bytes, a digest; the exit code is the number of lines."""

import hashlib
import os
import sys

print(sys.argv[1:], sorted((key, value) for key, value in os.environ.items() if key.startswith("CORPUS_")))
first = sys.stdin.buffer.readline()
rest = sys.stdin.buffer.read()
print(repr(first), len(rest), hashlib.sha256(first + rest).hexdigest())
print("to stderr", file=sys.stderr)
print(sys.stdin.isatty(), sys.stdout.isatty(), repr(sys.stdin.buffer.read()))
sys.exit(1 + rest.count(b"\n"))
