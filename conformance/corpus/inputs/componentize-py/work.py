"""Files, JSON, digests, text and time, as scripts use them, and a process that can't be started."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import zlib
from collections import Counter
from pathlib import Path

print("arguments:", sys.argv[1:], "text:", os.environ.get("CORPUS_TEXT"), "missing:", os.environ.get("NOTHING"))

text = "To be, or not to be: that is the question. äöü → €\n" * 200
Path("/work").mkdir()
Path("/work/text.txt").write_text(text, encoding="utf-8")
print("sha256:", hashlib.sha256(text.encode()).hexdigest(), "crc:", zlib.crc32(text.encode()))
print("words:", Counter(re.findall(r"\w+", Path("/work/text.txt").read_text(encoding="utf-8"))).most_common(3))

data = {"numbers": list(range(20)), "nested": {"a": None, "b": [True, 1.5]}, "text": "ä"}
Path("/work/data.json").write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
print("json:", json.loads(Path("/work/data.json").read_text(encoding="utf-8")) == data)

with open("/work/table.csv", "w", newline="") as file:
    csv.writer(file).writerows([[i, i * i, f"row {i}"] for i in range(5)])
with open("/work/table.csv", newline="") as file:
    print("csv:", sum(int(row[1]) for row in csv.reader(file)))

with open("/work/blob", "wb") as file:
    file.write(bytes(range(256)) * 40)
    file.seek(100)
    file.write(b"HERE")
with open("/work/blob", "rb") as file:
    file.seek(98)
    print("blob:", file.read(8), file.seek(0, os.SEEK_END))
os.rename("/work/blob", "/work/renamed")
os.symlink("renamed", "/work/link")
print("stat:", os.stat("/work/link").st_size, os.path.islink("/work/link"), sorted(os.listdir("/work")))
os.truncate("/work/renamed", 10)

for attempt, path in ((os.stat, "/no/such/file"), (os.mkdir, "/work"), (os.rmdir, "/work"), (os.listdir, "/work/link")):
    try:
        attempt(path)
        print("that went well")
    except OSError as error:
        print(type(error).__name__, error.strerror)

start = time.monotonic()
time.sleep(0.01)
print("slept:", time.monotonic() - start >= 0.01, "year:", time.gmtime().tm_year >= 1970)
print("random:", len(set(os.urandom(64))) > 8)

try:
    subprocess.run(["echo", "hello"], check=True)
except OSError as error:
    print("subprocess:", type(error).__name__)

print("input:", sys.stdin.read().upper().strip())
print("done", file=sys.stderr)
sys.exit(len(sys.argv) > 2)
