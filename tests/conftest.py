"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: children would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)
