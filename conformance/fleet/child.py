"""The process that does a job of the cluster's (`conformance.fleet.work`): it ends when its stdin does."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO

from conformance.errors import HarnessError

PATIENCE = 30.0
"""Seconds in which whoever was interrupted can clean up."""


def follow(line: BinaryIO) -> None:
    """Interrupt the main thread when a stream has ended; after a while, whatever it is doing."""
    while line.read(1):
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    threading.Event().wait(PATIENCE)
    os._exit(1)


def main() -> None:
    """Do the job on stdin; (true, the result) or (false, a HarnessError) goes to stdout."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    function, args = pickle.load(given)  # from whoever has started us
    threading.Thread(target=follow, args=(given,), daemon=True).start()
    answer: tuple[bool, Any]
    try:
        answer = True, function(*args)
    except HarnessError as error:
        answer = False, error
    pickle.dump(answer, answers)
    answers.flush()


if __name__ == "__main__":
    code = 1
    try:
        main()
        code = 0
    except KeyboardInterrupt:
        pass
    except Exception:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)  # whatever the thread is doing, which still reads
