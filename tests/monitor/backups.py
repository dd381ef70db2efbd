"""An installation with something of everything, and writers that go on while it is copied."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from matters import issue_notice
from operating import Place, placed
from processes import started, url_of

from config.settings import load
from monitor.installation import Installation
from store.inventory import create_machines
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import Popen

    import pyarrow as pa

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 3
NEWS = """
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo
from store.database import open_register
from store.delta import Lake
from store.inventory import create_machines
from store.samples import samples

stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
register, lake = open_register(url), Lake(Path(sys.argv[3]), ZoneInfo("Asia/Shanghai"))
moment = datetime(2026, 11, 6, tzinfo=UTC)
while not stop:
    number += 1
    moment += timedelta(minutes=5)
    table = samples({"machine": ["new"], "time": [moment], "step": [300], "cpu": [1.0]})[0]
    lake.append([table], moment)
    with register.write() as db:
        create_machines(db, [f"new-{number}"], "host", "rightsizer", moment)
    print(number, flush=True)
"""


def measured(day: int) -> pa.Table:
    times = [BEGIN + timedelta(days=day, minutes=30 * n) for n in range(48)]
    columns = {"machine": ["a"] * 48, "time": times, "step": [1800] * 48, "cpu": [10.0 + day] * 48}
    return samples(columns)[0]


def furnished(folder: Path) -> Place:
    """A register with a notice, a lake with days in two files each, a proof."""
    place = placed(folder)
    issue_notice(place.register, machines=3)
    lake = of(place).lake
    for day in range(DAYS):
        for half in (measured(day).slice(0, 24), measured(day).slice(24)):
            lake.append([half], BEGIN + timedelta(days=day + 1))
    with place.register.write() as db:
        create_machines(db, ["a"], "host", "rightsizer", BEGIN)
    proofs = folder / "data" / "proofs"
    proofs.mkdir()
    (proofs / f"{'0' * 64}-huizhi.pdf").write_bytes(b"%PDF")
    return place


def of(place: Place) -> Installation:
    file = place.folder / "rightsizer.yml"
    return Installation(load(file), file, place.register)


def known(place: Place) -> list[tuple[date, int]]:
    """The days of samples and how many rows each has."""
    lake = of(place).lake
    return [(day, lake.samples(day).num_rows) for day in lake.sample_days()]


@contextmanager
def writing(place: Place) -> Iterator[Popen[str]]:
    """A process that stores samples and machines without a pause, from its first to its last."""
    process = started(NEWS, url_of(place.register), 0, str(place.folder / "data" / "lake"))
    assert process.stdout is not None
    assert process.stdout.readline(), process.communicate()[1]
    try:
        yield process
        assert process.poll() is None, process.communicate()[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)
