"""The Debian package: built here, installed by dpkg where there is no network, taken away again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from components import program
from conftest import PROJECT
from guest import booted, check_possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from guest import Guest

pytestmark = pytest.mark.slow

STAYS = ("etc/rightsizer/rightsizer.yml", "var/lib/rightsizer/register.db")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    check_possible()
    folder = tmp_path_factory.mktemp("deb")
    done = subprocess.run(
        [PROJECT / "script/deb", folder],
        env=os.environ | {"PYTHON": program("/usr/bin/python3")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


@pytest.fixture
def machine(package: Path, tmp_path: Path) -> Iterator[Guest]:
    with booted(tmp_path, "v2", {package.parent: "/srv/deb"}) as guest:
        yield guest


def control(package: Path, field: str) -> str:
    asked = [program("/usr/bin/dpkg-deb"), "--field", str(package), field]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_the_package_asks_for_the_python_that_it_was_built_with(package: Path) -> None:
    asked = ["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout.strip()

    assert f"python3 (>= {version})" in control(package, "Depends")
    assert control(package, "Package") == "rightsizer"


def test_installed_without_a_network_it_runs_is_upgraded_and_leaves_its_data(machine: Guest) -> None:
    machine.shell("umask 077; dpkg -i /srv/deb/*.deb")

    assert machine.call("dpkg", "--verify", "rightsizer") == ""
    machine.call("systemctl", "enable", "--now", "rightsizer")
    machine.call("rightsizer", "service", "status")
    first = machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value")

    machine.shell("echo '# ours' >> /etc/rightsizer/rightsizer.yml; dpkg -i /srv/deb/*.deb")

    assert machine.call("systemctl", "is-active", "rightsizer").strip() == "active"
    assert machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value") != first
    assert machine.path(STAYS[0]).read_text("utf-8").endswith("# ours\n")

    said = machine.call("dpkg", "--purge", "rightsizer")

    assert "data stay in /var/lib/rightsizer" in said
    assert [stays for stays in STAYS if not machine.path(stays).exists()] == []
    assert not machine.path("opt/rightsizer").exists()
    assert machine.ask("systemctl", "cat", "rightsizer").returncode != 0


def test_a_daemon_that_an_upgrade_stopped_runs_again_when_the_upgrade_fails(machine: Guest) -> None:
    machine.shell("dpkg -i /srv/deb/*.deb; systemctl enable --now rightsizer")
    first = machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value")
    machine.shell(
        "dpkg-deb -R /srv/deb/*.deb /srv/newer; printf '#!/bin/sh\\nexit 1\\n' > /srv/newer/DEBIAN/preinst;"
        " chmod 755 /srv/newer/DEBIAN/preinst; dpkg-deb -b -Znone /srv/newer /srv/newer.deb"
    )

    done = machine.ask("dpkg", "-i", "/srv/newer.deb")

    assert done.returncode != 0
    assert machine.call("systemctl", "is-active", "rightsizer").strip() == "active"
    assert machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value") != first


def test_where_a_package_brought_the_service_the_command_leaves_it_to_the_package(machine: Guest) -> None:
    machine.call("dpkg", "-i", "/srv/deb/" + next(machine.path("srv/deb").glob("*.deb")).name)

    done = machine.ask("rightsizer", "service", "install")

    assert done.returncode == 1
    assert "a package brought" in done.stderr
    assert not machine.path("etc/systemd/system/rightsizer.service").exists()
