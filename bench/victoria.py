"""VictoriaMetrics as the yardstick: it takes raw samples and computes the statistics of article 13 itself.

Its windows are open on the left and closed on the right, ours are the other way round: samples go in one
millisecond late, so that both see the same ones. Daily answers are asked for at UTC midnights with an offset,
which makes them local days. What MetricsQL cannot say (two days at least six days apart, the epoch, the order
of the verdicts) the client does, in plain Python, from daily figures.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from fleet import AS_OF, ZONE

from store.delta import midnight

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Series = dict[str, dict[int, float]]

PROGRAM = "/usr/bin/victoria-metrics"
METRICS = ("cpu", "memory", "disk", "network", "vcpus", "memory_bytes", "disk_bytes")
LATE = 1  # ms
DAY = 86_400
OFFSET = int(midnight(AS_OF, ZONE).timestamp()) % DAY - DAY  # s from UTC midnight to the local one


@dataclass
class Victoria:
    """A running server. `queries`: what it was asked, and the seconds that each took."""

    url: str
    folder: Path
    queries: list[tuple[str, float]] = field(default_factory=list)

    def push(self, samples: pa.Table) -> int:
        """Sends the samples (schema SAMPLES, sorted); how many values they were."""
        machine = samples["machine"].combine_chunks().dictionary_encode()
        times = samples["time"].cast(pa.int64()).to_numpy() // 1000 + LATE
        starts = np.flatnonzero(np.diff(machine.indices.to_numpy(), prepend=-1))
        ends = [*starts[1:].tolist(), len(times)]
        values, lines = 0, []
        for name in METRICS:
            column = samples[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
            column = np.round(column, 2)
            for who, low, high in zip(machine.dictionary.to_pylist(), starts.tolist(), ends, strict=True):
                known = low + np.flatnonzero(~np.isnan(column[low:high]))
                lines.append(line(name, who, column[known], times[known]))
                values += len(known)
        self.post("/api/v1/import", "".join(lines).encode())
        return values

    def settle(self) -> None:
        """Everything that was sent is on disk and merged."""
        self.post("/internal/force_flush")
        self.post("/internal/force_merge")
        while self.gauge("vm_active_force_merges") or self.gauge('vm_active_merges{type="storage/big"}'):
            time.sleep(0.2)

    def gauge(self, name: str) -> float:
        page = self.post("/metrics").decode().splitlines()
        return next((float(row.rpartition(" ")[2]) for row in page if row.startswith(name + " ")), 0.0)

    def each_day(self, expression: str, days: int, *, cached: bool = False) -> Series:
        """`expression` (with its window ending at the offset) for the last `days` local days, by machine.

        Keys are days before D: 1 is D-1.
        """
        end = int(midnight(AS_OF, ZONE).timestamp()) - OFFSET
        form = {"query": expression, "start": end - (days - 1) * DAY, "end": end, "step": DAY}
        form |= {} if cached else {"nocache": 1}
        found = {}
        for series in self.ask("/api/v1/query_range", form):
            points = ((int(end - moment) // DAY + 1, float(value)) for moment, value in series["values"])
            found[series["metric"]["machine"]] = dict(points)
        return found

    def ask(self, path: str, form: dict[str, object]) -> list[dict[str, Any]]:
        began = time.perf_counter()
        answer = json.loads(self.post(path, urllib.parse.urlencode(form).encode()))
        self.queries.append((str(form["query"]), time.perf_counter() - began))
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def post(self, path: str, body: bytes = b"") -> bytes:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body), timeout=1200) as answer:
            content: bytes = answer.read()
            return content

    def on_disk(self) -> int:
        """Bytes of the samples' data, without the index of names."""
        return sum(f.stat().st_size for f in (self.folder / "data").rglob("*") if f.is_file())


def line(name: str, machine: str, values: np.ndarray, times: np.ndarray) -> str:
    label = {"__name__": name, "machine": machine}
    return json.dumps({"metric": label, "values": values.tolist(), "timestamps": times.tolist()}) + "\n"


@contextmanager
def victoria(folder: Path) -> Iterator[Victoria]:
    """VictoriaMetrics on loopback over `folder`, ended by its process id."""
    address = f"127.0.0.1:{free_port()}"
    options = ["-retentionPeriod=100y", "-search.maxQueryDuration=20m", "-loggerLevel=ERROR"]
    command = [PROGRAM, f"-storageDataPath={folder}", f"-httpListenAddr={address}", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            running = Victoria(f"http://{address}", folder)
            ready(running)
            yield running
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(120)


def ready(server: Victoria) -> None:
    for _ in range(200):
        try:
            server.post("/health")
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{PROGRAM} does not answer at {server.url}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
