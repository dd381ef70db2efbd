"""What is asked of systemd: its programs are called, and their answers are repeated to the operator."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from monitor.service.files import ServiceError

UNIT = "rightsizer.service"
RUNS = Path("/run/systemd/system")  # exists where systemd is process 1: sd_booted(3)
PATIENCE = 900  # seconds: a start waits for the register's upgrade


def runs_here() -> bool:
    return RUNS.is_dir()


def there(program: str) -> bool:
    return shutil.which(program) is not None


def call(program: str, *words: str) -> None:
    """Raises ServiceError with what it answered."""
    done = asked(program, *words)
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise ServiceError(f"{program} {' '.join(words)} failed: {said}")


def asked(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Raises ServiceError when it is not there or does not end."""
    path = shutil.which(program)
    if path is None:
        raise ServiceError(f"{program} is not there: the service needs systemd")
    try:
        return subprocess.run([path, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ServiceError(f"{program} {' '.join(words)} did not end within {PATIENCE} s") from error


def properties(*names: str) -> dict[str, str]:
    """Of our unit, as systemd knows it. Raises ServiceError."""
    said = asked("systemctl", "show", UNIT, "--property", ",".join(names)).stdout
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
