"""A Dask cluster: jobs go there, and each result comes back once, whatever becomes of the workers in between.

A worker that dies takes its jobs with it. Dask may send them to another one, but how often is the scheduler's setting, so
what it gives up is sent again from here. A result counts when it has arrived here; what is computed twice arrives once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agave_wasi import __version__
from conformance.errors import HarnessError
from conformance.fleet.work import Lost, work

if TYPE_CHECKING:
    from distributed import Client, Future

SCHEME = "dask://"
CONNECTING = 10.0
"""Seconds in which a scheduler must answer."""
ALONE = 60.0
"""Seconds that a run waits for workers where there are none."""
GOODBYE = 2.0
"""Seconds that a scheduler has to hear that nobody needs it any more."""
LOOK = 1.0
"""Seconds between looks at whether anybody is still there."""
MOST_LOST = 4
"""A job that so many workers have died of is given up: it is the job that kills them."""


def address(text: str) -> str:
    """A scheduler's address as it is given, dask://HOST:PORT, as Dask writes it; ValueError."""
    host, colon, port = text.removeprefix(SCHEME).rpartition(":")
    fine = text.startswith(SCHEME) and host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if not fine or any(each in host for each in "/@ ") or (":" in host and not (host[0] == "[" and host[-1] == "]")):
        raise ValueError("it isn't the address of a Dask scheduler")
    return f"tcp://{host}:{port}"


@dataclass
class Sent:
    """A job that is on its way."""

    number: int
    job: bytes
    lost: int = 0


class Cluster:
    """A cluster that answers."""

    def __init__(self, client: Client, where: str) -> None:
        self.client = client
        self.where = where

    @property
    def threads(self) -> int:
        """How many jobs can run at once just now."""
        return sum(self._asked(self.client.nthreads).values())

    def results(self, jobs: Iterable[bytes]) -> Iterator[tuple[int, Any]]:
        """(a job's number, its result), in the order in which they come; HarnessError. Jobs are taken as there is room."""
        left = enumerate(jobs)
        sent: dict[Future[Any], Sent] = {}
        try:
            while True:
                for number, job in self._as_many(left, 2 * max(1, self.threads) - len(sent)):
                    self._send(sent, Sent(number, job))
                if not sent:
                    return
                for future in self._done(sent):
                    each = sent.pop(future)
                    if self._is_lost(future, each):
                        self._send(sent, each)
                    else:
                        yield each.number, self._asked(future.result)
        finally:
            if sent and self.client.status == "running":
                self.client.cancel(list(sent), force=True)

    def _as_many(self, left: Iterator[tuple[int, bytes]], room: int) -> Iterator[tuple[int, bytes]]:
        for _ in range(room):
            one = next(left, None)
            if one is None:
                return
            yield one

    def _send(self, sent: dict[Future[Any], Sent], each: Sent) -> None:
        sent[self.client.submit(work, __version__, each.job, pure=False)] = each

    def _done(self, sent: dict[Future[Any], Sent]) -> list[Future[Any]]:
        """Wait for some; HarnessError if nobody is there any more."""
        from distributed import wait

        alone = time.monotonic()
        while True:
            try:
                wait(list(sent), timeout=LOOK, return_when="FIRST_COMPLETED")
            except TimeoutError:
                pass
            except Exception as error:  # a future that was cancelled, as they are where the scheduler is gone
                logging.getLogger(__name__).debug("waiting: %r", error)
            threads = self.threads  # which notices whether there still is a scheduler
            done = [future for future in sent if future.done()]
            if done:
                return done
            if threads:
                alone = time.monotonic()
            elif time.monotonic() - alone > ALONE:
                raise HarnessError(f"the Dask scheduler at {self.where} has had no workers for {ALONE:.0f} s; start some")

    def _is_lost(self, future: Future[Any], each: Sent) -> bool:
        """Was it lost with its worker, so that it must be sent again? HarnessError if that has come too often, or is no use."""
        from distributed.scheduler import KilledWorker

        if future.status == "finished":
            return False
        error = self._asked(future.exception) if future.status == "error" else Lost("it was cancelled")
        if isinstance(error, HarnessError):
            raise error
        if not isinstance(error, Lost | KilledWorker):
            raise HarnessError(f"a worker of {self.where} can't do this: {type(error).__name__}: {error}; {SAME}") from error
        each.lost += 1
        if each.lost >= MOST_LOST:
            raise HarnessError(f"{MOST_LOST} workers of {self.where} have ended while they did the same piece of work: {error}")
        return True

    def _asked(self, question: Callable[[], Any]) -> Any:
        """What a question to the scheduler comes to; HarnessError if it is gone."""
        gone = HarnessError(f"the Dask scheduler at {self.where} is gone; start it, and run this again")
        if self.client.status != "running":
            raise gone
        try:
            return question()
        except OSError:
            raise gone from None


SAME = f"workers need agave-wasi {__version__}"


@contextmanager
def connected(to: str) -> Iterator[Cluster]:
    """The cluster whose scheduler is at `tcp://HOST:PORT`, with a worker at least; HarnessError says what is missing."""
    try:
        from distributed import Client
    except ImportError as error:
        raise HarnessError(f"--scheduler needs dask.distributed ({error}): pip install 'agave-wasi[dask]'") from None
    where = to.replace("tcp://", SCHEME)
    for name in ("distributed", "tornado"):  # what goes wrong is told here, and once
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(to, timeout=CONNECTING, set_as_default=False)
    except (OSError, TimeoutError):
        raise HarnessError(f"no Dask scheduler answers at {where}; start one (dask scheduler), or mend the address") from None
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECTING)
        except TimeoutError:
            raise HarnessError(f"the Dask scheduler at {where} has no workers; start some: dask worker {to}") from None
        yield Cluster(client, where)
    finally:
        with suppress(TimeoutError):  # then it finds out by itself
            client.close(timeout=GOODBYE)
