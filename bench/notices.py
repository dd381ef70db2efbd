"""A day on which every department is written to: 100 departments x 50 machines, issued, printed and mailed.

    python bench/notices.py [--departments 100] [--machines 50] [--rounds 2] [--folder FOLDER]

Made once (kept in --folder): a simulated city of machines that are too large, 93 days of it folded in the
lake, really judged, every finding approved. Then, in a fresh process over a fresh copy of the register
(SQLite, synchronous=FULL): monitor.issuing.issue_all, which prints mail, PDF, DOCX and XLSX, and
monitor.delivering.deliver_all to an SMTP server on loopback, which is a process of its own. Printed: wall and
cpu of both, what each part of them took, and the peak of resident memory (VmHWM) of that process, imports
included. The parts are timed by a clock around the functions of the product; "rest" is what is between them.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import meter
from aiosmtpd.controller import Controller
from fleet import AS_OF, ZONE, days_lake, progress
from judge import folder_of

import monitor.delivering
import monitor.issuing
import notifier.outbox
import notifier.parcels
from config.settings import Settings
from monitor.demo.city import city
from monitor.demo.sink import free_port
from monitor.demo.stage import write_files
from monitor.installation import Now, assemble
from monitor.logs import quiet
from monitor.verdicts import judge_all, settle_all
from notifier.letters.pdf import Press
from store.inventory import import_departments, import_machines
from store.inventory_file import read_departments, read_inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from monitor.demo.city import City
    from monitor.installation import Installation

P = ParamSpec("P")
T = TypeVar("T")
DAYS = 93
STEP = 1800  # seconds between the samples: a folded day has the same form whatever it was made of
NOW = Now(datetime.combine(AS_OF, time(9, 30), ZONE), AS_OF, AS_OF)
PARTS = (  # what is timed: whose, which function, what it is called
    (monitor.issuing, "drawings", "charts"),
    (monitor.issuing, "draft", "draft"),
    (notifier.parcels, "letter", "wording"),
    (notifier.parcels, "plain", "mail text"),
    (notifier.parcels, "html", "mail text"),
    (Press, "pdf", "pdf"),
    (notifier.parcels, "docx", "docx"),
    (notifier.parcels, "xlsx", "xlsx"),
    (notifier.parcels, "mime", "mime"),
    (monitor.issuing, "commit", "commit"),
    (monitor.delivering, "claim", "claim"),
    (monitor.delivering, "send", "send"),
    (monitor.delivering, "settle", "settle"),
)
ISSUING = ("charts", "draft", "wording", "mail text", "pdf", "docx", "xlsx", "mime", "commit")
DELIVERING = ("claim", "send", "settle")


def main() -> None:
    parser = argparse.ArgumentParser(description="issuing, printing and mailing a city's notices")
    parser.add_argument("--departments", type=int, default=100)
    parser.add_argument("--machines", type=int, default=50, help="of each department")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the judged city is kept; default: nowhere")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--issue", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sink:
        sink()
    elif options.prepare:
        prepare(options.prepare, options.departments, options.machines)
    elif options.issue:
        issue_and_deliver(options.issue, options.port)
    else:
        print(meter.machine())
        with folder_of(options.folder) as folder:
            report(folder, options)


def report(folder: Path, options: argparse.Namespace) -> None:
    judged = folder / f"judged-{options.departments}-{options.machines}"
    if not (judged / "ready").exists():
        arguments = ("--departments", options.departments, "--machines", options.machines)
        meter.in_child(__file__, "--prepare", judged, *arguments)
    told = [one_round(judged) for _ in range(options.rounds)]
    first = told[0]
    print(
        f"{first['notices']} notices about {first['machines']} machines; {first['sent']} mails of "
        f"{first['bytes'] / 1e3:.0f} kB; the register grew by {first['grown'] / 1e6:.0f} MB"
    )
    heads = ("", "wall s", "cpu s", "issue s", "deliver s", "peak RSS MiB", "of it after issuing")
    rows = [
        (
            f"round {number}",
            *(f"{one[name]:.1f}" for name in ("wall", "cpu", "issue", "deliver")),
            *(f"{one[name]:.0f}" for name in ("rss", "rss_issued")),
        )
        for number, one in enumerate(told, 1)
    ]
    meter.table(heads, rows)
    parts_table(min(told, key=lambda one: float(one["wall"])))


def parts_table(told: dict[str, Any]) -> None:
    """Where the wall clock of one round went."""
    print("\nof the quicker round")
    rows = []
    for whole, names in (("issue", ISSUING), ("deliver", DELIVERING)):
        parts = {name: told["parts"][name] for name in names}
        parts["rest"] = told[whole] - sum(parts.values())
        rows += [
            (f"{whole}: {name}", f"{seconds:.2f}", f"{1000 * seconds / told['notices']:.1f}")
            for name, seconds in parts.items()
        ]
    meter.table(("", "wall s", "ms a notice"), rows)


def one_round(judged: Path) -> dict[str, Any]:
    register = judged / "round.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{register}{ending}").unlink(missing_ok=True)
    shutil.copyfile(judged / "data" / "register.db", register)
    before = register.stat().st_size
    with sinking() as port:
        told = meter.in_child(__file__, "--issue", judged, "--port", port)
    with sqlite3.connect(register) as db:
        told["bytes"] = db.execute("SELECT avg(length(mime)) FROM delivery").fetchone()[0]
    db.close()
    return {**told, "grown": register.stat().st_size - before}


# ---- the children


def prepare(folder: Path, departments: int, machines: int) -> None:
    """A register with an approved finding on every machine, and the lake that it was judged on."""
    folder.mkdir(parents=True, exist_ok=True)
    simulated = oversized(departments, machines)
    write_files(folder, simulated)
    house = assemble(settings(folder, folder / "data" / "register.db", 25), None)
    lake = days_lake(folder, simulated, DAYS, STEP)
    house.settings.lake_dir().symlink_to(lake.folder)
    with house.register.write() as db:
        import_departments(db, read_departments(folder / "departments.csv"), "bench", NOW.moment)
        import_machines(db, read_inventory(folder / "inventory.csv"), "bench", NOW.moment)
    settled = settle_all(house, judge_all(house, AS_OF), NOW)
    with house.register.write() as db:
        monitor.issuing.approve_open(db, NOW)
    house.register.close()
    (folder / "ready").touch()
    meter.tell(opened=settled.opened)


def oversized(departments: int, machines: int) -> City:
    """As many machines in every department, all of a behaviour that is made for a shrink."""
    whole = city(departments, 4 * departments * machines, today=AS_OF)
    places = [n for n, machine in enumerate(whole.machines) if machine.behaviour.verdict == "shrink"]
    places = places[: departments * machines]
    systems = {system.department: system.name for system in whole.systems}
    homes = [whole.departments[number % departments].code for number in range(len(places))]
    chosen = tuple(
        replace(whole.machines[place], department=home, system=systems[home])
        for place, home in zip(places, homes, strict=True)
    )
    return replace(whole, machines=chosen, traits=whole.traits[places])


def settings(folder: Path, register: Path, port: int) -> Settings:
    """A day without the limits of the circuit breaker."""
    return Settings.model_validate(
        {
            "data_dir": folder / "data",
            "database": {"url": f"sqlite:///{register.absolute()}"},
            "policy": {"allow_expired": True},
            "notices": {"max_departments": 10_000, "max_share": 100},
            "letters": {"contact": "信息化科", "phone": "0532-00000000"},
            "mail": {
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "sender": "cloud@center.example",
                "bounces": "bounces@center.example",
            },
        }
    )


def issue_and_deliver(folder: Path, port: int) -> None:
    quiet(verbose=False)
    house = assemble(settings(folder, folder / "round.db", port), None)
    seconds = clocked()
    issued = meter.spent(lambda: monitor.issuing.issue_all(house, NOW, progress))
    rss_issued = meter.peak_rss()
    sent = meter.spent(lambda: monitor.delivering.deliver_all(house, NOW, progress))
    close(house)
    meter.tell(
        wall=issued.wall + sent.wall,
        cpu=issued.cpu + sent.cpu,
        issue=issued.wall,
        deliver=sent.wall,
        rss_issued=rss_issued,
        parts=seconds,
        **issued.told,
        **sent.told,
    )


def close(house: Installation) -> None:
    """The last connection writes the log back into the file."""
    house.register.close()


def clocked() -> dict[str, float]:
    """Puts a clock around every function of PARTS; the seconds that each part has taken."""
    seconds = dict.fromkeys((*ISSUING, *DELIVERING), 0.0)
    for owner, name, part in PARTS:
        setattr(owner, name, timed(getattr(owner, name), part, seconds))
    return seconds


def timed(function: Callable[P, T], part: str, seconds: dict[str, float]) -> Callable[P, T]:
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        began = perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[part] += perf_counter() - began

    return called


# ---- the mail server


class Counting:
    """Takes every mail and forgets it."""

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802  (the library's name)
        return "250 2.0.0 taken"


def sink() -> None:
    """The child: says its port, serves until its standard input ends."""
    controller = Controller(Counting(), hostname="127.0.0.1", port=free_port())
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()
    controller.stop()


@contextmanager
def sinking() -> Iterator[int]:
    """The port, while the server runs in a process of its own."""
    command = [sys.executable, __file__, "--sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
