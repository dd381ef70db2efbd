"""All sources side by side: a slow or broken one holds up nobody else."""

from __future__ import annotations

from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from collectors.collector import Batch, Failure, Reason
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collectors.collector import Collector

log = structlog.get_logger()
WAITING = 4  # batches of one source that may wait to be stored: bounds the memory
Found = tuple["Collector", Batch | None]


def gather(collectors: Sequence[Collector], now: datetime) -> Iterator[tuple[Collector, Batch]]:
    """Every batch of every collector, as it comes; each collector runs in a thread of its own.

    A collector that raises, which is a fault of the program, is logged with its traceback and counts as one
    failure.
    """
    found: Queue[Found] = Queue(maxsize=WAITING * max(1, len(collectors)))
    for collector in collectors:
        Thread(target=drain, args=(collector, now, found), name=collector.name, daemon=True).start()
    working = len(collectors)
    while working:
        collector, batch = found.get()
        if batch is None:
            working -= 1
        else:
            yield collector, batch


def drain(collector: Collector, now: datetime, found: Queue[Found]) -> None:
    try:
        for batch in collector.collect(now):
            found.put((collector, batch))
    except Exception as error:  # one broken source must not stop the others
        log.exception("collector_broken", source=collector.name)
        failure = Failure(collector.name, None, Reason.BROKEN, f"{type(error).__name__}: {error}"[:200])
        found.put((collector, Batch(SAMPLES.empty_table(), (failure,))))
    finally:
        found.put((collector, None))
