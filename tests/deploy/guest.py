"""A guest with a real systemd as process 1, in which rightsizer is a service; booting.py has the fixtures."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from components import program, wait
from conftest import SHARED, required

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = SHARED / "tools" / "systemd-guest.sh"
PYTHON = f"/usr/bin/python3.{sys.version_info.minor}"  # the guest's; the libraries beside us fit no other
BIN = "/opt/rightsizer/bin/rightsizer"
UNIT = "rightsizer.service"
DROP_INS = "etc/systemd/system/rightsizer.service.d"
SETTINGS = "etc/rightsizer/rightsizer.yml"
PAGE = "http://127.0.0.1:9813"
# The libraries of this test run are seen by the guest's venv; rightsizer itself is installed from the wheel.
INSTALL = f"""
set -eu
{PYTHON} -m venv --without-pip /opt/rightsizer
echo /srv/libraries > /opt/rightsizer/lib/python3.{sys.version_info.minor}/site-packages/libraries.pth
/opt/rightsizer/bin/python -m pip install --quiet --no-index --no-deps --ignore-installed /srv/wheel/*.whl
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """`folder`: where its own state lies. `environment` names it, its kind of cgroups, what it sees."""

    folder: Path
    environment: dict[str, str]

    def script(self, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *words],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.script("exec", *words)

    def call(self, *words: str) -> str:
        done = self.ask(*words)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def shell(self, script: str) -> str:
        return self.call("bash", "-c", script)

    def path(self, inside: str) -> Path:
        return Path(self.script("root").stdout.strip()) / inside

    def write(self, inside: str, text: str) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@dataclass(frozen=True, slots=True)
class Service:
    """rightsizer in the guest."""

    guest: Guest

    def systemctl(self, *words: str) -> str:
        return self.guest.call("systemctl", *words)

    def shown(self, name: str) -> str:
        return self.systemctl("show", UNIT, "--property", name, "--value").strip()

    def pid(self) -> int:
        return int(self.shown("MainPID"))

    def command(self, *words: str) -> str:
        """A command as the service's user gives it."""
        return self.guest.call(*self.by_user(*words))

    def by_user(self, *words: str, user: str = "rightsizer") -> list[str]:
        return ["runuser", "-u", user, "--", BIN, *words]

    def journal(self) -> list[str]:
        """What systemd and the daemon said since the service was made anew."""
        since = self.guest.path("srv/cursor").read_text("utf-8")
        said = self.guest.call("journalctl", "-u", UNIT, "-o", "cat", "--all", f"--after-cursor={since}")
        return said.splitlines()

    def events(self) -> list[dict[str, object]]:
        """What the daemon logged."""
        return [json.loads(line) for line in self.journal() if line.startswith("{")]

    def steps(self, pid: int) -> set[str]:
        """The steps that this process has run."""
        lines = self.guest.call("journalctl", f"_PID={pid}", "-o", "cat").splitlines()
        logged = [json.loads(line) for line in lines if line.startswith("{")]
        return {str(event["step"]) for event in logged if event["event"] == "step"}

    def page(self, path: str = "/metrics") -> str:
        return self.guest.ask("curl", "--silent", "--max-time", "10", PAGE + path).stdout

    def metric(self, series: str) -> float | None:
        found = re.search(rf"(?m)^{re.escape(series)} (\S+)$", self.page())
        return float(found[1]) if found else None

    def made_anew(self, settings: str, drop_in: str = "") -> None:
        """Stopped, without data, with these settings."""
        self.guest.ask("systemctl", "stop", UNIT)
        self.guest.shell("rm -rf /var/lib/rightsizer /srv/mails; systemd-tmpfiles --create rightsizer.conf")
        self.guest.write(SETTINGS, settings)
        self.guest.write(f"{DROP_INS}/test.conf", f"[Service]\n{drop_in}\n")
        self.systemctl("daemon-reload")
        self.guest.ask("systemctl", "reset-failed", UNIT)
        self.guest.shell(
            "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p' | tr -d '\\n' > /srv/cursor"
        )

    def start(self) -> int:
        """Started and ready; its pid."""
        self.systemctl("start", UNIT)
        return self.pid()

    def wait_for_another(self, pid: int) -> int:
        """Until systemd has started it again, and it is ready."""

        def again() -> bool:
            return self.shown("ActiveState") == "active" and self.pid() not in {0, pid}

        wait(again, "the restarted service", 60)
        return self.pid()

    def wait_for_line(self, words: str, seconds: float = 60) -> None:
        wait(lambda: any(words in line for line in self.journal()), f"{words!r} in the journal", seconds)


@contextmanager
def booted(folder: Path, cgroups: str, binds: dict[Path, str]) -> Iterator[Guest]:
    """A guest that sees these folders, read only, at the places named."""
    bound = " ".join(f"{source}:{place}:ro" for source, place in binds.items())
    environment = {
        "RS_DIR": str(folder / "guest"),
        "RS_NAME": f"rightsizer-test-{os.getpid()}-{cgroups}",
        "RS_CG": cgroups,
        "RS_BIND": bound,
    }
    guest = Guest(folder, environment)
    up = guest.script("start")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield guest
    finally:
        guest.script("stop")


def check_possible() -> None:
    """Skips where no guest can be booted."""
    if os.geteuid() != 0:
        pytest.skip("a guest with systemd is booted by root alone")
    if not SCRIPT.exists():
        required("the script that boots systemd (../shared)")
    for path in ("/lib/systemd/systemd", PYTHON, "/usr/bin/curl"):
        program(path)
