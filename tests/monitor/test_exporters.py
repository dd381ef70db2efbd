"""The exporters of the simulated city: pages as node_exporter writes them, counters that tell today's use."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from conftest import required

from monitor.demo.behaviours import BEHAVIOURS, Answer
from monitor.demo.city import City, city
from monitor.demo.exporters import exporters
from monitor.demo.load import day_of, use

if TYPE_CHECKING:
    from collections.abc import Iterator

SHANGHAI = ZoneInfo("Asia/Shanghai")
LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    """A running city: a machine of each behaviour, and where its exporters are."""

    city: City
    clock: Clock
    urls: dict[str, str]

    def morning(self) -> datetime:
        return datetime.combine(self.city.today, time(10), SHANGHAI)

    def place(self, behaviour: str) -> int:
        return next(n for n, one in enumerate(self.city.machines) if one.behaviour.name == behaviour)

    def url(self, behaviour: str) -> str:
        return self.urls[self.city.machines[self.place(behaviour)].name]

    def page(self, behaviour: str, now: datetime) -> dict[tuple[str, str], float]:
        """Every value on the machine's page at that moment, by (name, labels)."""
        self.clock.now = now
        lines = map(LINE.match, fetch(self.url(behaviour)).decode().splitlines())
        return {(line[1], line[2] or ""): float(line[3]) for line in lines if line}


def fetch(url: str) -> bytes:
    with urlopen(url, timeout=10) as response:
        body: bytes = response.read()
    return body


def running(*, full: bool) -> Iterator[Town]:
    towns_people = city(departments=5, machines=len(BEHAVIOURS))
    clock = Clock(datetime.combine(towns_people.today, time(10), SHANGHAI))
    with exporters(towns_people, clock, full=full) as targets:
        yield Town(towns_people, clock, dict(targets))


@pytest.fixture
def town() -> Iterator[Town]:
    yield from running(full=False)


@pytest.fixture
def full_town() -> Iterator[Town]:
    yield from running(full=True)


def cpu_between(first: dict[tuple[str, str], float], second: dict[tuple[str, str], float]) -> float:
    """100 * (1 - d(idle + iowait) / d(total)), summed over the cores."""
    moved = {key: second[key] - first[key] for key in first if key[0] == "node_cpu_seconds_total"}
    at_rest = sum(value for (_, labels), value in moved.items() if 'mode="id' in labels or "iowait" in labels)
    return 100 * (1 - at_rest / sum(moved.values()))


def checked_by_promtool(page: bytes) -> tuple[int, str]:
    """0: faultless, 3: its names are against the custom (node_exporter's own are), 1: not a page at all."""
    if shutil.which("promtool") is None:
        required("promtool")
    ran = subprocess.run(
        ["promtool", "check", "metrics"], input=page, capture_output=True, timeout=20, check=False
    )
    return ran.returncode, ran.stderr.decode()


@pytest.mark.parametrize("behaviour", ["office", "no_meminfo", "tiny"])
def test_a_page_is_what_prometheus_reads(town: Town, behaviour: str) -> None:
    code, said = checked_by_promtool(fetch(town.url(behaviour)))

    assert code in {0, 3}, said
    assert "error" not in said


def test_a_full_page_is_what_prometheus_reads_and_as_long_as_real_ones(full_town: Town) -> None:
    machine = next(one for one in full_town.city.machines if one.vcpus <= 8 and one.answer is Answer.ALWAYS)
    page = fetch(full_town.urls[machine.name])
    code, said = checked_by_promtool(page)

    assert code in {0, 3}, said
    assert "error" not in said
    assert 50_000 < len(page) < 64_000


@pytest.mark.parametrize("behaviour", ["office", "cpu_short", "unused", "nightly", "database"])
def test_two_scrapes_give_the_use_of_the_time_between(town: Town, behaviour: str) -> None:
    first = town.page(behaviour, town.morning())
    second = town.page(behaviour, town.morning() + timedelta(minutes=5))
    place = town.place(behaviour)
    day = day_of(town.city, town.city.today, 60, SHANGHAI)
    minutes = slice(600, 605)  # 10:00 is the 600th minute of the day
    expected = use(town.city, day)
    way = "node_network_{}_bytes_total"
    moved = sum(
        second[way.format(name), 'device="eth0"'] - first[way.format(name), 'device="eth0"']
        for name in ("receive", "transmit")
    )

    # counters are printed to 0.01 s: at most 8 modes * 0.01 s of 300 s either way
    assert cpu_between(first, second) == pytest.approx(expected.cpu[place, minutes].mean(), abs=0.03)
    assert moved / 300 == pytest.approx(expected.network[place, minutes].mean(), rel=1e-3, abs=0.01)


def test_memory_and_disk_are_those_of_the_moment(town: Town) -> None:
    page = town.page("database", town.morning())
    place, day = town.place("database"), day_of(town.city, town.city.today, 60, SHANGHAI)
    expected = use(town.city, day)
    total, left = (page[f"node_memory_{name}_bytes", ""] for name in ("MemTotal", "MemAvailable"))
    real = {
        key: value
        for key, value in page.items()
        if key[0].startswith("node_filesystem") and "tmpfs" not in key[1]
    }
    size, free, avail = (
        sum(value for (name, _), value in real.items() if name == f"node_filesystem_{what}_bytes")
        for what in ("size", "free", "avail")
    )

    assert total == town.city.machines[place].memory_gib * 2**30
    assert 100 * (1 - left / total) == pytest.approx(expected.memory[place, 600], abs=0.01)
    # as df says: used / (used + avail), used = size - free
    assert 100 * (size - free) / (size - free + avail) == pytest.approx(expected.disk[place, 600], abs=0.01)
    assert size == pytest.approx(town.city.machines[place].disk_gib * 2**30, abs=2)


def test_counters_go_on_over_midnight(town: Town) -> None:
    evening = town.morning() + timedelta(hours=13, minutes=59)
    pages = [town.page("office", evening + timedelta(minutes=minutes)) for minutes in (0, 2, 4)]
    counters = [key for key in pages[0] if key[0].endswith("_total")]

    assert all(first[key] <= second[key] for first, second in pairwise(pages) for key in counters)
    assert all(0 <= cpu_between(first, second) < 30 for first, second in pairwise(pages))


def test_cores_times_seconds_pass_on_every_page(town: Town) -> None:
    first = town.page("busy", town.morning())
    second = town.page("busy", town.morning() + timedelta(seconds=15))
    passed = sum(second[key] - first[key] for key in first if key[0] == "node_cpu_seconds_total")

    assert passed == pytest.approx(15 * town.city.machines[town.place("busy")].vcpus, abs=0.1 * 64)
    assert np.diff([first["node_time_seconds", ""], second["node_time_seconds", ""]]) == pytest.approx(15)


@pytest.mark.parametrize("behaviour", ["unreachable", "gone", "fell_silent"])
def test_a_silent_machine_does_not_answer_at_all(town: Town, behaviour: str) -> None:
    with pytest.raises((ConnectionError, URLError, http.client.HTTPException)) as raised:
        fetch(town.url(behaviour))

    assert not isinstance(raised.value, HTTPError)


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as response:
            code: int = response.status
    except HTTPError as error:
        return error.code
    return code


def test_a_half_covered_machine_answers_every_other_time(town: Town) -> None:
    assert [status(town.url("half_covered")) for _ in range(6)] == [200, 503, 200, 503, 200, 503]


def test_a_lossy_machine_answers_six_times_of_seven(town: Town) -> None:
    assert [status(town.url("lossy")) for _ in range(14)].count(200) == 12


def test_a_slow_machine_answers_in_the_end() -> None:
    town = city(machines=300)
    slow = next(one.name for one in town.machines if one.answer is Answer.SLOWLY)
    with exporters(town, Clock(datetime.combine(town.today, time(10), SHANGHAI))) as targets:
        page = fetch(dict(targets)[slow])

    assert f'nodename="{slow}"'.encode() in page


def test_an_unknown_machine_is_not_found(town: Town) -> None:
    assert status(town.url("office").replace("/m/", "/m/no-")) == 404


def test_a_machine_without_meminfo_says_nothing_of_its_memory(town: Town) -> None:
    page = town.page("no_meminfo", town.morning())

    assert not [name for name, _ in page if name.startswith("node_memory")]


def test_one_connection_carries_one_scrape_after_the_other(town: Town) -> None:
    url = urlsplit(town.url("office"))
    connection = http.client.HTTPConnection(url.netloc, timeout=10)
    connection.connect()
    port = connection.sock.getsockname()[1]
    answers = []
    for _ in range(3):
        connection.request("GET", url.path)
        answers.append((connection.getresponse().read()[:6], connection.sock.getsockname()[1]))
    connection.close()

    assert answers == [(b"# HELP", port)] * 3


def test_a_connection_that_is_open_when_the_demo_ends_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    town = city(machines=1)
    with exporters(town, Clock(datetime.combine(town.today, time(10), SHANGHAI))) as targets:
        connection = http.client.HTTPConnection(urlsplit(targets[0][1]).netloc, timeout=10)
        connection.request("GET", "/m/nobody/metrics")
        connection.getresponse().read()
    connection.close()

    assert not caplog.records


def test_nobody_answers_after_the_demo() -> None:
    town = city(machines=1)
    with exporters(town, Clock(datetime.combine(town.today, time(10), SHANGHAI))) as targets:
        url = targets[0][1]

    with pytest.raises(URLError):
        fetch(url)


def test_a_city_is_not_asked_for_a_time_before_its_today() -> None:
    town = city(machines=1)
    yesterday = datetime.combine(town.today, time(), SHANGHAI) - timedelta(minutes=1)

    with pytest.raises(ValueError, match="before"), exporters(town, Clock(yesterday)):
        pass
