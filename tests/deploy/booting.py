"""Fixtures: guests in which rightsizer is installed from its wheel as a service.

A test module takes them by `pytest_plugins = ["booting"]`.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from city import EXPORTER, MAIL, QUICK, SECRET, SHOWN, at_work, give_secret, registered
from components import NODE_EXPORTER, program
from conftest import PROJECT
from guest import BIN, INSTALL, Service, booted, check_possible

if TYPE_CHECKING:
    from collections.abc import Iterator


def wheel(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, PROJECT],
        check=True,
        timeout=300,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """What a guest sees of us: the wheel, the libraries, the tests' programs."""
    check_possible()
    folder = tmp_path_factory.mktemp("wheel")
    wheel(folder)
    libraries = Path(sysconfig.get_path("purelib"))
    return {folder: "/srv/wheel", libraries: "/srv/libraries", Path(__file__).parent: "/srv/deploy"}


@contextmanager
def serving(folder: Path, cgroups: str, built: dict[Path, str]) -> Iterator[Service]:
    with booted(folder, cgroups, built) as guest:
        guest.shell(INSTALL)
        guest.call(BIN, "service", "install")
        yield Service(guest)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, built: dict[Path, str]) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("v2"), "v2", built) as found:
        yield found


@pytest.fixture
def bounded(tmp_path: Path, built: dict[Path, str]) -> Iterator[Service]:
    """In a guest whose kernel enforces bounds on memory."""
    with serving(tmp_path, "hybrid", built) as found:
        yield found


@pytest.fixture
def running(service: Service) -> Service:
    """The daemon on a node_exporter and on its own machine, ready."""
    at_work(service, "pages", program(NODE_EXPORTER), "--web.listen-address=:9100")
    service.made_anew(SHOWN + EXPORTER, QUICK)
    service.start()
    return service


@pytest.fixture
def posting(service: Service) -> Service:
    """The same with a mail server that asks for a password, and a machine that is far too large."""
    service.made_anew(SHOWN + MAIL, QUICK)
    give_secret(service)
    sink = ["/opt/rightsizer/bin/python", "/srv/deploy/sink.py", "2525", "/srv/mails", "/srv/password"]
    service.guest.write("srv/password", SECRET)
    service.guest.ask("systemctl", "stop", "sink")
    at_work(service, "sink", *sink)
    service.start()
    registered(service)
    return service
