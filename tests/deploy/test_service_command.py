"""`rightsizer service`: what it writes for a package, what it says, what it refuses."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import config
from monitor.cli import root
from monitor.service.files import ServiceError, ServiceFile, check_reachable, this_program

BIN = Path(sys.executable).absolute().parent / "rightsizer"
UNIT = "usr/lib/systemd/system/rightsizer.service"
SETTINGS = "etc/rightsizer/rightsizer.yml"
FILES = {UNIT, "usr/lib/sysusers.d/rightsizer.conf", "usr/lib/tmpfiles.d/rightsizer.conf", SETTINGS}
EXAMPLE = Path(config.__file__).parent / "rightsizer.example.yml"


def service(*words: str) -> Result:
    return CliRunner().invoke(root, ["service", *words])


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }


def test_a_packager_gets_the_files_as_a_package_lays_them_out(tmp_path: Path) -> None:
    said = service("install", "--root", str(tmp_path))

    assert said.exit_code == 0, said.output
    assert set(tree(tmp_path)) == FILES
    assert {Path(line.removeprefix("written ")) for line in said.stdout.splitlines()} == {
        tmp_path / path for path in FILES
    }
    assert stat.S_IMODE((tmp_path / SETTINGS).stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / UNIT).stat().st_mode) == 0o644


def test_the_unit_starts_the_program_that_installed_it(tmp_path: Path) -> None:
    service("install", "--root", str(tmp_path))

    text = (tmp_path / UNIT).read_text("utf-8")
    assert f"ExecStart={BIN} run\n" in text
    assert "/opt/rightsizer" not in text


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    service("install", "--root", str(tmp_path))
    before = tree(tmp_path)

    said = service("install", "--root", str(tmp_path))

    assert tree(tmp_path) == before
    assert {line.split()[0] for line in said.stdout.splitlines()} == {"stays"}


def test_an_older_unit_is_replaced_and_settings_never(tmp_path: Path) -> None:
    service("install", "--root", str(tmp_path))
    (tmp_path / UNIT).write_text("[Service]\n")
    (tmp_path / SETTINGS).write_text("timezone: Asia/Urumqi\n")

    service("install", "--root", str(tmp_path))

    assert "Type=notify" in (tmp_path / UNIT).read_text("utf-8")
    assert (tmp_path / SETTINGS).read_text("utf-8") == "timezone: Asia/Urumqi\n"


def test_the_first_settings_are_the_example(tmp_path: Path) -> None:
    service("install", "--root", str(tmp_path))

    assert (tmp_path / SETTINGS).read_text("utf-8") == EXAMPLE.read_text("utf-8")


def test_a_dry_run_names_every_file_and_writes_none(tmp_path: Path) -> None:
    said = service("install", "--root", str(tmp_path), "--dry-run")

    assert tree(tmp_path) == {}
    assert len([line for line in said.stdout.splitlines() if line.startswith("would write ")]) == 4


def test_a_package_enables_nothing_by_itself(tmp_path: Path) -> None:
    said = service("install", "--root", str(tmp_path), "--enable")

    assert said.exit_code == 2
    assert "nothing is enabled" in said.output
    assert tree(tmp_path) == {}


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "units" / "rightsizer.service"
    ServiceFile(place, "old\n").write()
    (place.parent / f".{place.name}.new").mkdir()  # the new one cannot be made

    with pytest.raises(IsADirectoryError):
        ServiceFile(place, "new\n").write()

    assert place.read_text("utf-8") == "old\n"


def test_a_program_that_the_services_user_cannot_reach_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "rightsizer"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)

    with pytest.raises(ServiceError, match=r"(cannot see this folder|may not run it)"):
        check_reachable(program)


def test_a_program_in_the_packages_tree_is_named_as_it_will_lie_on_the_machine() -> None:
    prefix = Path(sys.executable).absolute().parents[2]

    assert this_program(prefix) == Path("/") / BIN.relative_to(prefix)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may; tests/deploy/test_guest.py asks as another user")
@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_who_is_not_root_is_told_so(verb: str) -> None:
    said = subprocess.run([BIN, "service", verb], capture_output=True, text=True, timeout=60, check=False)

    assert said.returncode == 1
    assert "run it as root" in said.stderr
