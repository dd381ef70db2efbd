"""Other processes that work on a register at the same time."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.database import Register

START = "import sys; url = sys.argv[1]; number = int(sys.argv[2])\n"


def url_of(register: Register) -> str:
    return register.engine.url.render_as_string(hide_password=False)


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process that runs `program`, which finds `url` and `number`."""
    command = [sys.executable, "-c", START + program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def together(program: str, url: str, processes: int) -> list[str]:
    """What so many processes print that run the program at the same time; all have to end well."""
    running = [started(program, url, number) for number in range(processes)]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * processes, [err[-2000:] for _, err in answers]
    return [out.strip() for out, _ in answers]
