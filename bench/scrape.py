"""CPU and memory of scraping many exporters: our collector beside Prometheus, same pages, same interval.

    python bench/scrape.py [--targets 2000] [--interval 15] [--rounds 4] [--page FILE]

nginx serves one real node_exporter page from as many loopback addresses as there are targets, so that each
has its own connection. First Prometheus scrapes them, then our collector, each alone, for the same time after
one interval of warming up. CPU seconds are those of /proc/PID/stat divided by the requests that nginx counts;
memory is VmHWM. Prometheus also stores every series of the page, we read only what a sample needs: that is
the point of an own scraper, and the reason why the two figures differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TICKS = os.sysconf("SC_CLK_TCK")
NGINX = """
worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    sendfile on;
    keepalive_timeout 1h;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
{listen}
        root {folder}/www;
        default_type "text/plain; version=0.0.4; charset=utf-8";
        location = /served {{ stub_status; }}
    }}
}}
"""
PROMETHEUS = """
global: {{scrape_interval: {interval}s, scrape_timeout: 10s}}
scrape_configs: [{{job_name: node, static_configs: [{{targets: [{targets}]}}]}}]
"""


@dataclass(frozen=True)
class Cost:
    name: str
    pages: int
    cpu: float  # seconds
    rss: float  # MiB, highest

    @property
    def per_page(self) -> float:
        return 1000 * self.cpu / max(self.pages, 1)


def main() -> None:
    args = arguments()
    if args.collect:
        collect(args.collect, args.interval)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = args.page.read_bytes() if args.page else own_page()
        port = free_port()
        addresses = [f"127.1.{i // 250}.{i % 250 + 1}:{port}" for i in range(args.targets)]
        print(
            f"{args.targets} targets, pages of {len(page)} B, every {args.interval} s, {args.rounds} rounds"
        )
        with nginx(folder, page, addresses):
            print_table([cost(args, folder, who, addresses) for who in ("prometheus", "rightsizer")])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="CPU a page and peak memory beside Prometheus")
    parser.add_argument("--targets", type=int, default=2000)
    parser.add_argument("--interval", type=int, default=15, help="seconds between scrapes")
    parser.add_argument("--rounds", type=int, default=4, help="intervals that are measured")
    parser.add_argument("--page", type=Path, help="a file to serve; default: this host's node_exporter")
    parser.add_argument("--collect", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def own_page() -> bytes:
    """The page of this host, from a node_exporter that runs only for it."""
    port = free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as exporter:
        try:
            return asked(f"http://127.0.0.1:{port}/metrics")
        finally:
            exporter.terminate()


@contextmanager
def nginx(folder: Path, page: bytes, addresses: list[str]) -> Iterator[None]:
    (folder / "www").mkdir()
    (folder / "www" / "metrics").write_bytes(page)
    listen = "\n".join(f"        listen {address};" for address in addresses)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, listen=listen))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    folder.chmod(0o755)
    with subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]) as server:
        try:
            asked(f"http://{addresses[0]}/metrics")
            yield
        finally:
            server.terminate()


def cost(args: argparse.Namespace, folder: Path, who: str, addresses: list[str]) -> Cost:
    """What one scraper costs, after an interval of warming up."""
    start = {"prometheus": start_prometheus, "rightsizer": start_rightsizer}[who]
    with start(args, folder, addresses) as process:
        try:
            time.sleep(args.interval + 5)
            pages, cpu = served(addresses[0]), cpu_seconds(process.pid)
            time.sleep(args.interval * args.rounds)
            pages, cpu = served(addresses[0]) - pages - 1, cpu_seconds(process.pid) - cpu
            return Cost(who, pages, cpu, peak_rss(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)


def start_prometheus(args: argparse.Namespace, folder: Path, addresses: list[str]) -> subprocess.Popen[bytes]:
    config = folder / "prometheus.yml"
    config.write_text(
        PROMETHEUS.format(interval=args.interval, targets=", ".join(f'"{a}"' for a in addresses))
    )
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}", "--log.level=error"]
    return subprocess.Popen(["prometheus", *options, f"--web.listen-address=127.0.0.1:{free_port()}"])


def start_rightsizer(args: argparse.Namespace, folder: Path, addresses: list[str]) -> subprocess.Popen[bytes]:
    listing = folder / "targets"
    listing.write_text("\n".join(addresses))
    return subprocess.Popen(
        [sys.executable, __file__, "--collect", str(listing), "--interval", str(args.interval)]
    )


def collect(listing: Path, interval: int) -> None:
    """The child: what the daemon does with an exporter source, round after round, until it is stopped."""
    from collectors.exporter import ExporterCollector
    from config.sources import ExporterSource, Target

    targets = [Target(machine=a, url=f"http://{a}/metrics") for a in listing.read_text().split()]
    source = ExporterSource(name="bench", kind="exporter", targets=targets)
    collector = ExporterCollector(source, targets, interval, timedelta(seconds=0.8 * interval))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    following = time.monotonic()
    while True:
        for batch in collector.collect(datetime.now(UTC)):
            for failure in batch.failures[:3]:
                print(failure, file=sys.stderr)
        following += interval
        time.sleep(max(0.0, following - time.monotonic()))


def print_table(costs: list[Cost]) -> None:
    print(f"{'':12}{'pages':>9}{'CPU s':>9}{'ms/page':>9}{'peak RSS MiB':>14}")
    for one in costs:
        print(f"{one.name:12}{one.pages:9}{one.cpu:9.2f}{one.per_page:9.3f}{one.rss:14.0f}")
    prometheus, ours = costs
    cpu, memory = ours.per_page / prometheus.per_page, ours.rss / prometheus.rss
    print(f"ratio: {cpu:.2f}x CPU a page, {memory:.2f}x memory")


def served(address: str) -> int:
    """Requests that nginx has answered, this one included."""
    return int(asked(f"http://{address}/served").split()[9])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_rss(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def asked(url: str) -> bytes:
    """The body at `url`, tried for ten seconds while its server starts."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                body: bytes = answer.read()
                return body
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


if __name__ == "__main__":
    main()
