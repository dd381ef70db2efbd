"""The daemon: it collects until it is told to stop, and one folder has one daemon."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from test_cli import RIGHTSIZER, call

from collectors.collector import Batch
from monitor.gather import gather
from store.samples import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT = 60.0  # seconds that a busy machine may take


@contextmanager
def daemon(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`rightsizer run` on this host every five seconds; ended by its pid."""
    (folder / "rightsizer.yml").write_text(
        "data_dir: data\ncollection: {interval: 5s}\nsources: [{kind: host, name: host, machine: me}]\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [RIGHTSIZER, "--config", folder / "rightsizer.yml", "run"], stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_samples(folder: Path) -> None:
    limit = time.monotonic() + WAIT
    while not list((folder / "data").glob("lake/samples/day=*/*.parquet")) and time.monotonic() < limit:
        time.sleep(0.2)


def test_the_daemon_collects_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with daemon(tmp_path) as process:
        wait_for_samples(tmp_path)
        second = call("run", folder=tmp_path, settings=tmp_path / "rightsizer.yml")
        process.send_signal(signal.SIGTERM)
        _out, said = process.communicate(timeout=WAIT)

    events = [json.loads(line) for line in said.splitlines()]
    assert process.returncode == 0
    assert next(e["step"] for e in events if e["event"] == "step") == "collect"
    assert events[-1]["event"] in {"stopping", "step"}
    assert second.returncode == 75
    assert f"pid {process.pid}" in second.stderr


class Broken:
    name, counts = "broken", False

    def collect(self, now: datetime) -> Iterator[Batch]:
        raise ZeroDivisionError(str(now))


class Sound:
    name, counts = "sound", False

    def collect(self, now: datetime) -> Iterator[Batch]:
        yield Batch(samples({"machine": ["a"], "time": [now], "step": [60], "cpu": [1.0]})[0])


def test_a_broken_source_is_counted_and_holds_up_nobody_else() -> None:
    found = list(gather([Broken(), Sound()], datetime(2026, 11, 2, tzinfo=UTC)))

    failures = [failure for _source, batch in found for failure in batch.failures]
    assert [(failure.source, str(failure.reason)) for failure in failures] == [("broken", "broken")]
    assert sum(batch.samples.num_rows for _source, batch in found) == 1
