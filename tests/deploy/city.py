"""A city small enough for a guest: one department, its machines with a quiet past, a mail server."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from guest import DROP_INS, UNIT

if TYPE_CHECKING:
    from guest import Service

SECRET = "Zhongwen-42-pass"  # noqa: S105 (of the guest's mail server)
SHOWN = """
data_dir: /var/lib/rightsizer
collection: {interval: 5s}
exporter: {refresh: 1s}
policy: {allow_expired: true}
notices: {from_hour: 0, to_hour: 24, max_share: 100}
sources:
  - {kind: host, name: host, machine: monitor-1}
"""
EXPORTER = """
  - kind: exporter
    name: exporters
    targets: [{machine: web-1, url: 'http://127.0.0.1:9100/metrics'}]
"""
MAIL = """
mail:
  host: 127.0.0.1
  port: 2525
  security: none
  sender: cloud@center.example
  username: rightsizer
  password_file: mail-password
"""
QUICK = "RestartSec=1s\nWatchdogSec=6s"
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 40  # of history
HOURS = 24


def at_work(service: Service, unit: str, *words: str) -> None:
    """A program beside the daemon, started unless it runs."""
    if service.guest.ask("systemctl", "is-active", unit).returncode:
        service.guest.call("systemd-run", f"--unit={unit}", "--collect", *words)


def give_secret(service: Service) -> None:
    """As docs/operations.md says: encrypted to this machine, and a drop-in that says so."""
    service.guest.shell(
        f"printf {SECRET} | systemd-creds encrypt --name=mail-password -"
        " /etc/credstore.encrypted/rightsizer.mail-password"
    )
    line = "LoadCredentialEncrypted=mail-password:rightsizer.mail-password"
    service.guest.write(f"{DROP_INS}/credentials.conf", f"[Service]\n{line}\n")
    service.systemctl("daemon-reload")


def local_today() -> date:
    return datetime.now(UTC).astimezone(ZONE).date()


def history(*machines: str) -> str:
    """A quiet past of each: cpu 5 %, memory 10 %, disk 20 %, an hour between two samples."""
    midnight = datetime.combine(local_today(), datetime.min.time(), ZONE)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("machine", "time", "cpu", "memory", "disk", "vcpus", "memory_gib", "disk_gib"))
    for hour in range(DAYS * HOURS):
        time = (midnight - timedelta(hours=hour + 1)).isoformat()
        rows.writerows((machine, time, 5, 10, 20, 16, 64, 500) for machine in machines)
    return out.getvalue()


def every_day_works() -> dict[str, str]:
    """Year files in which today and the days around it are working days, whatever the weekday."""
    near = [local_today() + timedelta(days=days) for days in (-1, 0, 1)]
    return {
        f"srv/{year}.json": json.dumps(
            {
                "year": year,
                "papers": [],
                "days": [
                    {"name": "test", "date": day.isoformat(), "isOffDay": False}
                    for day in near
                    if day.year == year
                ],
            }
        )
        for year in {day.year for day in near}
    }


def registered(service: Service) -> None:
    """A department, its machine, its past, and the operator's yes to what is found."""
    guest = service.guest
    guest.write("srv/departments.csv", "code,name,email\nD1,市司法局,sfj@city.example\n")
    guest.write(
        "srv/inventory.csv", "machine,department,vcpus,memory_gib,disk_gib\nvm-1,市司法局,16,64,500\n"
    )
    guest.write("srv/usage.csv", history("vm-1"))
    service.command("department", "import", "/srv/departments.csv", "-m", "test")
    service.command("inventory", "import", "/srv/inventory.csv", "-m", "test")
    for inside, text in every_day_works().items():
        guest.write(inside, text)
        service.command("calendar", "import", f"/{inside}", "--incomplete", "-m", "test")
    service.command("usage", "import", "/srv/usage.csv", "--step", "1h", "-m", "test")
    service.command("judge")
    service.command("finding", "approve", "--all", "--yes", "-m", "test")


def letters_go_out(service: Service) -> None:
    """Written and posted now, not at the next tenth minute: a reload makes every tick due."""
    service.systemctl("reload", UNIT)
    service.wait_for_line('"notices": 1')
    service.systemctl("reload", UNIT)


def mails(service: Service) -> list[bytes]:
    return [path.read_bytes() for path in sorted(service.guest.path("srv/mails").glob("*.eml"))]
