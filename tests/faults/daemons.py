"""The real `rightsizer run` in a process of its own: its page, its log, its end."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components import free_port, wait
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Iterator

RIGHTSIZER = Path(sys.executable).parent / "rightsizer"
PATIENCE = 60.0  # seconds that a busy machine may take
HOST = "sources: [{kind: host, name: host, machine: me}]\ncollection: {interval: 5s}\n"


@dataclass
class Daemon:
    process: subprocess.Popen[bytes]
    place: str
    log: Path

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.place}/-/ready", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def unready(self) -> str:
        """What it says of why it does not work; empty when it works, or does not answer."""
        try:
            with urllib.request.urlopen(f"http://{self.place}/-/ready", timeout=10):
                return ""
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def value(self, name: str, **labels: str) -> float:
        """A metric of its page, 0 where it is not shown, or not yet."""
        try:
            with urllib.request.urlopen(f"http://{self.place}/metrics", timeout=10) as answer:
                page = answer.read().decode()
        except OSError:
            return 0.0
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name == f"rightsizer_{name}" and sample.labels == labels:
                    return float(sample.value)
        return 0.0

    def rounds(self) -> float:
        return self.value("step_runs_total", step="collect", outcome="ok")

    def events(self) -> list[dict[str, Any]]:
        lines = self.log.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def named(self, event: str) -> list[dict[str, Any]]:
        return [found for found in self.events() if found["event"] == event]


def written(folder: Path, settings: str, port: int) -> Path:
    """The settings file of a daemon whose page is on `port`."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    file = folder / "rightsizer.yml"
    page = f"exporter: {{port: {port}, refresh: 1s}}\n"
    file.write_text(f"data_dir: data\n{page}{settings}", "utf-8")
    return file


@contextmanager
def daemon(
    folder: Path, settings: str = HOST, *options: str, ready: bool = True, log: Path | None = None
) -> Iterator[Daemon]:
    """`rightsizer run` in the folder, once it is ready; killed by its pid at the end."""
    port = free_port()
    file = written(folder, settings, port)
    log = log or folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen([RIGHTSIZER, "--config", file, *options, "run"], stderr=output)
    made = Daemon(process, f"127.0.0.1:{port}", log)
    try:
        if ready:
            wait(lambda: process.poll() is not None or made.ready(), "the daemon", PATIENCE)
        yield made
    finally:
        process.kill()
        process.wait()
