"""What all tests need of the process that they run in."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: children would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("steady", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")  # how long an example takes is the machine's affair; the rest is as it was
