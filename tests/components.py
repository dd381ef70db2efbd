"""Fixtures that start the real programs we work with, each on a free loopback port, ended by pid."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NODE_EXPORTER = "/usr/bin/prometheus-node-exporter"
PROMETHEUS = "/usr/bin/prometheus"
PROMTOOL = "/usr/bin/promtool"
VICTORIA = "/usr/bin/victoria-metrics"
READY = 20.0  # seconds a program may take to start on a busy machine
SCRAPED = """
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
- job_name: node
  static_configs: [{targets: %s}]
"""


def program(path: str) -> str:
    from conftest import required

    if not Path(path).exists():
        required(path)
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def get(url: str, form: dict[str, str] | None = None, body: bytes | None = None) -> bytes:
    data = urllib.parse.urlencode(form).encode() if form else body
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
        content: bytes = answer.read()
        return content


def answers(url: str) -> bool:
    try:
        get(url)
    except (OSError, urllib.error.URLError):
        return False
    return True


def wait(ready: Callable[[], bool], what: str, seconds: float = READY) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            pytest.fail(f"{what} was not ready within {seconds:g} s")
        time.sleep(0.05)


@contextmanager
def running(
    command: list[str], ready: Callable[[], bool], log: Path, user: str | None = None, patience: float = 10
) -> Iterator[subprocess.Popen[bytes]]:
    """The program while it runs; output goes to `log`. SIGINT ends it (PostgreSQL: at once), or SIGKILL."""
    with log.open("wb") as output:
        owner = {"user": user, "group": user, "extra_groups": []} if user else {}
        process = subprocess.Popen(command, stdout=output, stderr=output, **owner)  # type: ignore[call-overload]
    try:
        wait(lambda: process.poll() is not None or ready(), command[0])
        if process.poll() is not None:
            pytest.fail(f"{command[0]} ended: {log.read_text('utf-8', 'replace')[-2000:]}")
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="session")
def node_exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the page of a node_exporter that tells about this machine."""
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}/metrics"
    command = [program(NODE_EXPORTER), f"--web.listen-address={address}", "--web.disable-exporter-metrics"]
    with running(command, lambda: answers(url), tmp_path_factory.mktemp("node_exporter") / "log"):
        yield url


@contextmanager
def prometheus_on(folder: Path, *scraped: str) -> Iterator[str]:
    """URL of a Prometheus over the blocks in `folder`; it scrapes `scraped` (host:port) every second."""
    address = f"127.0.0.1:{free_port()}"
    settings = folder.parent / f"{folder.name}.yml"
    settings.write_text(SCRAPED % json.dumps(scraped))
    command = [
        program(PROMETHEUS),
        f"--config.file={settings}",
        f"--storage.tsdb.path={folder}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    url = f"http://{address}"
    with running(command, lambda: answers(f"{url}/-/ready"), folder.parent / f"{folder.name}.log"):
        yield url


@pytest.fixture(scope="session")
def prometheus(node_exporter: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a Prometheus that scrapes `node_exporter` every second; job="node"."""
    scraped = urllib.parse.urlsplit(node_exporter).netloc
    with prometheus_on(tmp_path_factory.mktemp("prometheus") / "data", scraped) as url:
        yield url


def blocks(openmetrics: str, folder: Path) -> None:
    """Prometheus blocks out of an OpenMetrics page with times, so that a Prometheus has a past."""
    page = folder.parent / f"{folder.name}.om"
    page.write_text(openmetrics)
    command = [program(PROMTOOL), "tsdb", "create-blocks-from", "--max-block-duration=96h"]
    command += ["openmetrics", str(page), str(folder)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty VictoriaMetrics that takes samples of any age."""
    address = f"127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("victoria")
    command = [
        program(VICTORIA),
        f"-storageDataPath={folder / 'data'}",
        f"-httpListenAddr={address}",
        "-retentionPeriod=100y",
        "-loggerLevel=WARN",
    ]
    with running(command, lambda: answers(f"http://{address}/health"), folder / "log"):
        yield f"http://{address}"


def push(victoria: str, page: str, timestamp: int | None = None, **labels: str) -> None:
    """Puts an exposition page into a VictoriaMetrics, and makes it visible.

    Times in milliseconds: on the lines of the page, or one for them all.
    """
    options = [("extra_label", f"{name}={value}") for name, value in labels.items()]
    options += [("timestamp", str(timestamp))] if timestamp is not None else []
    get(f"{victoria}/api/v1/import/prometheus?{urllib.parse.urlencode(options)}", body=page.encode())
    get(f"{victoria}/internal/force_flush")


@dataclass(frozen=True)
class PostgresFolder:
    """The files of a PostgreSQL, which can be started on them again and again."""

    folder: Path
    server: str
    port: int
    user: str | None

    @contextmanager
    def started(self) -> Iterator[str]:
        """SQLAlchemy URL of its first database, while it runs."""
        # No fsync: the data dies with the fixture. No socket: only loopback TCP.
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        options = [*place, "-c", "fsync=off", "-c", "max_connections=50"]
        url = f"postgresql://rightsizer@127.0.0.1:{self.port}/postgres"
        command = [self.server, "-D", str(self.folder / "data"), *options]
        with running(command, lambda: connects(url), self.folder / "log", self.user):
            yield url.replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def postgres_folder() -> Iterator[PostgresFolder]:
    """A new, empty PostgreSQL that is not started yet."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    programs = found[-1] if found else Path("/usr/lib/postgresql/15/bin")
    user = unprivileged()
    initdb, server = program(str(programs / "initdb")), program(str(programs / "postgres"))
    folder = Path(tempfile.mkdtemp(prefix="rightsizer-postgres-"))
    try:
        if user:
            shutil.chown(folder, user, user)
        run_as(user, [initdb, "-D", str(folder / "data"), "-A", "trust", "-U", "rightsizer", "-E", "UTF8"])
        yield PostgresFolder(folder, server, free_port(), user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """SQLAlchemy URL of a PostgreSQL's first database; see `postgres_database` for one of one's own."""
    with postgres_folder() as made, made.started() as url:
        yield url


@pytest.fixture
def postgres_database(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own."""
    server = postgres.replace("+psycopg", "")
    name = f"test_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgres.removesuffix("postgres") + name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as then."""
    from conftest import required

    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        required("the user postgres")
        raise


def run_as(user: str | None, command: list[str]) -> None:
    owner = {"user": user, "group": user, "extra_groups": []} if user else {}
    subprocess.run(command, check=True, capture_output=True, timeout=60, **owner)  # type: ignore[call-overload]


def connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


Answer = tuple[int, bytes]
Form = dict[str, str]


@dataclass
class Scripted:
    """An HTTP server that answers each POST by `script(form)`; `asked` keeps the forms."""

    script: Callable[[Form], Answer]
    url: str = ""
    asked: list[Form] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)  # headers of every answer
    drip: float = 0.0  # seconds between the bytes of a body
    short: int = 0  # bytes that are promised and not sent

    def send(self, handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **self.sent}.items():
            handler.send_header(name, value)
        if status in {301, 302}:
            handler.send_header("Location", "http://127.0.0.1:9/elsewhere")
        handler.end_headers()
        step = 1 if self.drip else max(1, len(body) - self.short)
        for start in range(0, len(body) - self.short, step):
            handler.wfile.write(body[start : start + step])
            time.sleep(self.drip)


@contextmanager
def scripted(script: Callable[[Form], Answer]) -> Iterator[Scripted]:
    served = Scripted(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            served.asked.append({**form, "path": self.path})
            served.headers.append(dict(self.headers.items()))
            with suppress(ConnectionError):  # the asker has seen enough
                served.send(self, *served.script(form))

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def matrix(*series: tuple[dict[str, str], Sequence[tuple[float, str]]], **members: object) -> Answer:
    """A range answer of these series; `members` stand beside its status."""
    result = [{"metric": labels, "values": [list(pair) for pair in pairs]} for labels, pairs in series]
    data = {"resultType": "matrix", "result": result}
    return 200, json.dumps({"status": "success", "data": data, **members}).encode()
