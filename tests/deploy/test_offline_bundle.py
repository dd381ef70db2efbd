"""The bundle for machines without a network: built here, installed where there is none."""

from __future__ import annotations

import os
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest
from conftest import PROJECT
from guest import PYTHON, booted, check_possible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from guest import Guest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that script/offline-bundle packs."""
    check_possible()
    folder = tmp_path_factory.mktemp("bundle")
    done = subprocess.run(
        [PROJECT / "script/offline-bundle", folder],
        env=os.environ | {"PYTHON": PYTHON},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with tarfile.open(done.stdout.strip()) as tar:
        tar.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


@pytest.fixture
def machine(bundle: Path, tmp_path: Path) -> Iterator[Guest]:
    """A machine that has the bundle and no network but its own loopback."""
    with booted(tmp_path, "v2", {bundle: "/srv/bundle"}) as guest:
        yield guest


def pins() -> set[str]:
    lines = (PROJECT / "constraints.txt").read_text("utf-8").splitlines()
    return {line.lower().replace("-", "_") for line in lines}


def test_the_bundle_holds_what_is_pinned_and_nothing_else(bundle: Path) -> None:
    wheels = [path.name.split("-")[:2] for path in (bundle / "wheels").iterdir()]
    named = {f"{name.lower()}=={version}" for name, version in wheels if name != "rightsizer"}

    assert named <= {pin.replace(".yaml", "_yaml") for pin in pins()}
    assert {"pip", "pandas", "deltalake", "typst"} <= {name.partition("==")[0] for name in named}


def test_the_bundle_names_no_address_and_its_sums_are_right(bundle: Path) -> None:
    texts = ["README.md", "install.sh", "bundle.env", "SHA256SUMS"]
    summed = {line.split(maxsplit=1)[1] for line in (bundle / "SHA256SUMS").read_text().splitlines()}
    files = {f"./{path.relative_to(bundle)}" for path in bundle.rglob("*") if path.is_file()}

    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, check=True, timeout=60)
    assert summed == files - {"./SHA256SUMS"}
    assert [name for name in texts if "://" in (bundle / name).read_text("utf-8")] == []


def test_without_a_network_it_is_installed_and_the_service_is_ready(machine: Guest) -> None:
    networks = [line.split()[0] for line in machine.call("ip", "-brief", "link").splitlines()]

    said = machine.shell("umask 077; /srv/bundle/install.sh --enable --now")

    assert networks == ["lo"]
    assert "written /etc/systemd/system/rightsizer.service" in said
    assert machine.call("systemctl", "is-active", "rightsizer").strip() == "active"
    assert machine.call("curl", "--silent", "http://127.0.0.1:9813/-/ready") == "rightsizer is ready\n"
    assert machine.call("systemctl", "is-enabled", "rightsizer").strip() == "enabled"
    upgraded(machine)


def upgraded(machine: Guest) -> None:
    """The bundle installed over itself: settings and data stay, the daemon runs again."""
    machine.shell("echo '# ours' >> /etc/rightsizer/rightsizer.yml")
    before = machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value")

    machine.shell("/srv/bundle/install.sh")

    assert machine.path("etc/rightsizer/rightsizer.yml").read_text("utf-8").endswith("# ours\n")
    assert machine.call("systemctl", "is-active", "rightsizer").strip() == "active"
    assert machine.call("systemctl", "show", "rightsizer", "--property", "MainPID", "--value") != before
    assert not machine.path("opt/rightsizer.before").exists()


def test_a_damaged_bundle_is_refused_before_anything_is_touched(machine: Guest) -> None:
    machine.shell("cp -r /srv/bundle /srv/damaged; echo x >> /srv/damaged/wheels/click-*.whl")

    done = machine.ask("/srv/damaged/install.sh")

    assert done.returncode == 1
    assert "the bundle is damaged" in done.stderr
    assert not machine.path("opt/rightsizer").exists()


def test_an_installation_that_fails_leaves_what_was_there(machine: Guest) -> None:
    machine.shell("mkdir -p /opt/rightsizer; echo before > /opt/rightsizer/witness")
    machine.shell(
        "cp -r /srv/bundle /srv/lacking; cd /srv/lacking; rm wheels/typst-*.whl;"
        " grep -v typst SHA256SUMS > s; mv s SHA256SUMS"
    )

    done = machine.ask("/srv/lacking/install.sh")

    assert done.returncode != 0
    assert "the one that was there stays" in done.stderr
    assert machine.path("opt/rightsizer/witness").read_text() == "before\n"


def test_an_installation_that_is_told_to_stop_leaves_what_was_there(machine: Guest) -> None:
    machine.shell("mkdir -p /opt/rightsizer; echo before > /opt/rightsizer/witness")
    told = """
        /srv/bundle/install.sh 2>/srv/said & running=$!
        until [ -e /opt/rightsizer/bin/python ]; do sleep 0.1; done
        kill -TERM $running
        if wait $running; then exit 0; fi
        exit 3
    """

    done = machine.ask("sh", "-c", told)

    assert done.returncode == 3
    assert "the one that was there stays" in machine.path("srv/said").read_text()
    assert machine.path("opt/rightsizer/witness").read_text() == "before\n"
    assert not machine.path("opt/rightsizer.before").exists()


def test_a_new_program_that_does_not_start_stays_and_says_so(machine: Guest) -> None:
    machine.shell("mkdir -p /etc/rightsizer; echo 'nonsense: 1' > /etc/rightsizer/rightsizer.yml")

    done = machine.ask("/srv/bundle/install.sh", "--now")

    assert done.returncode != 0
    assert "the new program is in /opt/rightsizer and stays" in done.stderr
    assert machine.path("opt/rightsizer/bin/rightsizer").exists()
    assert not machine.path("opt/rightsizer.before").exists()


def test_a_bundle_for_another_python_says_so(machine: Guest) -> None:
    machine.shell("cp -r /srv/bundle /srv/other; sed -i 's/^PYTHON=.*/PYTHON=3.99/' /srv/other/bundle.env")

    done = machine.ask("/srv/other/install.sh")

    assert done.returncode == 1
    assert "this bundle is for Python 3.99" in done.stderr
