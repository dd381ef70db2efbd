"""The fixtures themselves: what they start runs, is ours alone, and is gone afterwards."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest
from components import answers, free_port, get, running

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("_again", [1, 2])
def test_a_test_has_an_empty_postgresql_database_of_its_own(postgres_database: str, _again: int) -> None:
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE once (id integer)")
        (encoding,) = connection.execute("SHOW server_encoding").fetchone() or ("",)

    assert encoding == "UTF8"


def test_node_exporter_and_prometheus_run(node_exporter: str, prometheus: str) -> None:
    assert b"node_cpu_seconds_total" in get(node_exporter)
    assert answers(f"{prometheus}/-/ready")


def test_a_program_is_gone_with_its_fixture(tmp_path: Path) -> None:
    command = ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port := free_port())]
    with running(command, lambda: answers(f"http://127.0.0.1:{port}/"), tmp_path / "log") as process:
        assert process.poll() is None

    assert process.poll() is not None
    assert not answers(f"http://127.0.0.1:{port}/")


def test_a_program_that_ends_at_once_fails_the_test_with_its_words(tmp_path: Path) -> None:
    command = ["python3", "-c", "raise SystemExit('no such option')"]

    with (
        pytest.raises(pytest.fail.Exception, match="no such option"),
        running(command, bool, tmp_path / "log"),
    ):
        pass


def test_nothing_is_left_of_a_program_that_ignores_the_signal(tmp_path: Path) -> None:
    stubborn = "import signal as s, time; s.signal(s.SIGINT, s.SIG_IGN); print(1, flush=True); time.sleep(60)"
    log = tmp_path / "log"
    with running(["python3", "-c", stubborn], lambda: log.read_text() == "1\n", log, patience=0.5) as process:
        pid = process.pid

    assert subprocess.run(["ps", "-p", str(pid)], check=False, capture_output=True).returncode == 1
