"""A Prometheus over the written past, and what it answers."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monitor.demo.sink import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boards.asking import Asked

SETTINGS = "global: {scrape_interval: 1h}\n"
POINTS = 360  # of a line


@dataclass(frozen=True, slots=True)
class Series:
    labels: dict[str, str]
    points: list[tuple[float, float]]  # Unix seconds, value

    @property
    def last(self) -> float:
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Server:
    """`now`: Unix seconds of the newest page."""

    url: str
    now: float

    def ask(self, asked: Asked, span: float) -> list[Series]:
        """The series over the last `span` seconds, or their values now."""
        form: dict[str, object] = {"query": asked.expr, "time": self.now}
        if asked.ranged:
            step = max(600.0, span / POINTS)
            form |= {"start": self.now - span, "end": self.now, "step": step}
        kind = "query_range" if asked.ranged else "query"
        with urllib.request.urlopen(f"{self.url}/api/v1/{kind}?{urllib.parse.urlencode(form)}") as answer:
            found = json.load(answer)["data"]["result"]
        return [Series(row["metric"], points(row)) for row in found]


def points(row: dict[str, Any]) -> list[tuple[float, float]]:
    pairs = row.get("values") or [row["value"]]
    return [(float(at), float(value)) for at, value in pairs]


@contextmanager
def serving(page: Path, now: float) -> Iterator[Server]:
    """Prometheus with the page's samples, while the block runs."""
    folder = page.parent / "prometheus"
    make = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=768h", "openmetrics"]
    subprocess.run([*make, str(page), str(folder)], check=True, capture_output=True)
    settings = page.parent / "prometheus.yml"
    settings.write_text(SETTINGS)
    url = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={settings}",
        f"--storage.tsdb.path={folder}",
        "--storage.tsdb.retention.time=100y",
        "--query.lookback-delta=1h59m",
        f"--web.listen-address={url}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command)
    try:
        wait(f"http://{url}/-/ready")
        yield Server(f"http://{url}", now)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.URLError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} did not answer")
