"""The product on one page: measurements are collected, days folded, machines judged, notices issued, mails
delivered, and every matter followed to its end.

Each step goes from the store to the store in its own transaction, so that a run that dies is simply run
again.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from monitor.delivering import deliver_all
from monitor.following import follow_all
from monitor.gather import gather
from monitor.issuing import issue_all
from monitor.meter import Silent
from monitor.retaining import empty_bodies
from monitor.verdicts import judge_all, settle_all
from rules.fold import fold as fold_day
from store.inventory import create_machines, delivered, note_source
from store.lake import DAYS
from store.upkeep import upkeep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from threading import Event

    from collectors.collector import Batch, Collector, Failure
    from monitor.installation import Installation, Now
    from monitor.meter import Meter

log = structlog.get_logger()


SILENCE = timedelta(days=7)  # without a folded day nothing is dropped: the clock may be wrong


SILENT = Silent()


def unseen(_step: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(slots=True)
class Run:
    """One run of the pipeline: what it works on, and what its steps counted."""

    house: Installation
    now: Now
    collectors: Sequence[Collector] = ()
    progress: Callable[[str, int, int], None] = unseen
    stop: Event | None = None
    meter: Meter = SILENT
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def stopped(self) -> bool:
        """What is not begun yet is left for the next run."""
        return self.stop is not None and self.stop.is_set()


def collect(run: Run) -> dict[str, int]:
    """One collection from every source; a source that fails is counted and does not stop the others."""
    counts = {"samples": 0, "failures": 0, "invalid": 0}
    for number, (collector, batch) in enumerate(gather(run.collectors, run.now.moment, run.stop)):
        run.progress("collect", number, number + 1)
        store_batch(run, collector.name, batch)
        run.meter.sampled(collector.name, batch, run.now.moment)
        counts["samples"] += batch.samples.num_rows
        counts["failures"] += len(batch.failures)
        counts["invalid"] += batch.invalid
        run.failures += batch.failures
    return counts


def store_batch(run: Run, source: str, batch: Batch) -> None:
    """Samples go into the lake; a machine that the inventory does not have yet is added, without an owner."""
    if batch.samples.num_rows:
        names = set(batch.samples["machine"].to_pylist())
        run.house.lake.append([batch.samples], run.now.moment)
        with run.house.register.write() as db:
            create_machines(db, names, source, "rightsizer", run.now.moment)
            others = [collector.name for collector in run.collectors]
            shared = note_source(db, names, source, run.now.moment, others)
            delivered(db, source, pc.max(batch.samples["time"]).as_py())
        if shared:
            log.warning("measured_twice", source=source, machines=len(shared), first=shared[0])
    for failure in batch.failures:
        log.warning("collect_failed", **asdict(failure))


def fold(run: Run) -> dict[str, int]:
    """Every closed local day whose samples changed becomes one row per machine."""
    days = run.house.lake.pending(before=run.now.as_of)
    fold_days(run, "fold", days)
    return {"days": len(days)}


def fold_days(run: Run, step: str, days: Sequence[date]) -> None:
    """Puts each day's samples into one file, and the rows made of them in place of the day's."""
    lake = run.house.lake
    kept_since = run.now.today - timedelta(days=run.house.settings.retention.samples)
    for number, day in enumerate(days):
        if run.stopped():
            return
        run.progress(step, number + 1, len(days))
        samples = lake.tidy(day)
        rows = [fold_day(part, day, lake.zone) for part in samples.ranges()]
        whole = pa.concat_tables([DAYS.empty_table(), *rows])
        lake.replace_day(day, whole, samples.fingerprint, dropped=day < kept_since)


def judge(run: Run) -> dict[str, int]:
    """Every machine's verdict by the policy; findings are opened, refreshed and closed."""
    answers = list(judge_all(run.house, run.now.as_of))
    settled = settle_all(run.house, answers, run.now)
    run.meter.judged(run.house, answers, run.now.as_of)
    if settled.held_back:
        log.warning("findings_held_back", as_of=str(run.now.as_of), reason="judged as of a later day already")
    return {"machines": len(answers), "opened": settled.opened, "closed": settled.closed}


def issue(run: Run) -> dict[str, int]:
    """Approved findings become notices, one a department and kind."""
    return issue_all(run.house, run.now, run.progress, run.stop)


def deliver(run: Run) -> dict[str, int]:
    """Every mail that is due is tried."""
    return deliver_all(run.house, run.now, run.progress, run.stop)


def follow_up(run: Run) -> dict[str, int]:
    """Receipts, clocks, proof, reminders, 催办; what it writes goes out with the next delivery."""
    return follow_all(run.house, run.now, run.progress, run.stop)


def join(run: Run) -> dict[str, int]:
    """Small files of the open day become fewer: the more there are, the dearer is every append."""
    return {"joined": int(run.house.lake.gather(run.now.today))}


def retain(run: Run) -> dict[str, int]:
    """Drops samples, days and bodies of mails that are older than they are kept; only the daemon does, as of
    today. Days that stayed in several files, because somebody appended while they were folded, become one.
    """
    keep, today, lake = run.house.settings.retention, run.now.today, run.house.lake
    newest = max(lake.folded(), default=today)
    if today - newest > SILENCE:
        log.warning("nothing_dropped", newest_day=str(newest), reason="no newer day: is the clock right?")
        return {}
    lake.forget(today - timedelta(days=keep.samples), today - timedelta(days=keep.days))
    scattered = lake.scattered(before=today)
    fold_days(run, "retain", scattered)
    emptied = empty_bodies(run.house, run.now, run.stop)
    upkeep(run.house.register)
    return {"compacted": len(scattered), "emptied": emptied}


STEPS = (collect, fold, judge, issue, deliver, follow_up, deliver)


def run_steps(run: Run, steps: Sequence[Callable[[Run], dict[str, int]]] = STEPS) -> Run:
    """Runs the steps in their order, timing and logging each."""
    for step in steps:
        if run.stopped() and step is not collect:
            break
        began = time.monotonic()
        try:
            counts = step(run)
        except BaseException:
            run.meter.stepped(step.__name__, time.monotonic() - began, None)
            raise
        seconds = time.monotonic() - began
        run.meter.stepped(step.__name__, seconds, counts)
        run.counts[step.__name__] = add(run.counts.get(step.__name__, {}), counts)
        log.info("step", step=step.__name__, seconds=round(seconds, 3), **counts)
    return run


def add(before: dict[str, int], counts: dict[str, int]) -> dict[str, int]:
    """A step that ran twice has done both; what waits is what waits at last."""
    sums = {name: before.get(name, 0) + counts.get(name, 0) for name in {**before, **counts}}
    return sums | {name: count for name, count in counts.items() if name == "waiting"}
