"""The stage of the demo: a folder with real files, the city's past in the lake, its exporters scraped over
HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import TYPE_CHECKING

from config.settings import Settings, load
from monitor.demo.city import city
from monitor.demo.past import history
from monitor.demo.people import settings as people
from monitor.demo.resize import resized
from monitor.demo.story import ADJUSTED
from monitor.installation import Installation, assemble
from store.delta import midnight
from store.inventory import import_departments, import_machines
from store.inventory_file import read_departments, read_inventory
from store.sheet_out import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from monitor.demo.city import City
    from notifier.content import Size

PAST = 95  # days
STEP = 300  # seconds between the samples of the past
HEAD = """\
# Settings of the demo. Its exporters live only as long as the demo runs.
data_dir: data
timezone: Asia/Shanghai
collection: {interval: 15s}
policy: {allow_expired: true}
mail: {host: 127.0.0.1, port: PORT, security: none, sender: cloud@center.example}
notices: {supervisor: [ducha@center.example], operator: [cloud@center.example]}
letters: {contact: 信息化科, phone: 0532-00000000, supervisor: 市政府督查室}
exporter: {port: PAGE}
sources:
  - {kind: host, name: host, machine: this-host}
  - kind: exporter
    name: city
    timeout: 5s
    targets:
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo's files lie, and the installation that works on them."""

    folder: Path
    house: Installation
    city: City
    mail_port: int

    @property
    def settings_file(self) -> Path:
        return self.folder / "rightsizer.yml"


def build(folder: Path, departments: int, machines: int, mail_port: int) -> Stage:
    """Writes the city's files and imports them by the same way as an operator's. Raises OSError."""
    today = datetime.now(UTC).astimezone(Settings().zone()).date()
    simulated = city(departments=departments, machines=machines, today=today)
    write_files(folder, simulated)
    write_settings(folder, simulated, mail_port, [])
    house = assemble(load(folder / "rightsizer.yml"), folder / "rightsizer.yml")
    now = house.now().moment
    with house.register.write() as db:
        import_departments(db, read_departments(folder / "departments.csv"), "demo", now)
        import_machines(db, read_inventory(folder / "inventory.csv"), "demo", now)
    return Stage(folder, house, simulated, mail_port)


def write_files(folder: Path, simulated: City) -> None:
    write_csv(
        folder / "departments.csv",
        ("code", "name", "email", "contact"),
        [(office.code, office.name, office.email, office.contact) for office in simulated.departments],
    )
    columns = ("machine", "department", "system", "address", "vcpus", "memory_gib", "disk_gib")
    dates = ("delivered_on", "deployed_on")
    machines = [
        (
            *(getattr(machine, name) for name in ("name", *columns[1:])),
            *(getattr(machine, name).isoformat() for name in dates),
        )
        for machine in simulated.machines
    ]
    write_csv(folder / "inventory.csv", (*columns, *dates), machines)


def write_settings(folder: Path, city: City, mail_port: int, targets: Sequence[tuple[str, str]]) -> None:
    """The settings file with the city's people, and these exporters as targets (machine, url)."""
    lines = [f"      - {{machine: {machine}, url: '{url}'}}\n" for machine, url in targets]
    head = HEAD if targets else HEAD[: HEAD.index("  - kind: exporter")]
    text = head.replace("PORT", str(mail_port)).replace("PAGE", str(free_port())) + "".join(lines)
    (folder / "rightsizer.yml").write_text(text + people(city), "utf-8")


def free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def fill(stage: Stage, begin: date, until: datetime, progress: Callable[[str, int, int], None]) -> None:
    """Puts PAST days before `begin` into the lake, through the moment `until`, in one commit."""
    start = midnight(begin - timedelta(days=PAST), stage.house.lake.zone)
    stage.house.lake.append(watched(past(stage, start, until), progress), until)


def go_on(
    stage: Stage, since: datetime, sizes: Mapping[str, Size], progress: Callable[[str, int, int], None]
) -> None:
    """The days from `since` to now, in which machines were resized some days after."""
    now = stage.house.now().moment
    change = since + timedelta(days=ADJUSTED)
    stage.house.lake.append(watched(resized(past(stage, since, now), sizes, change), progress), now)


def past(stage: Stage, start: datetime, end: datetime) -> Iterator[pa.Table]:
    return history(stage.city, start, end, STEP, stage.house.lake.zone)


def watched(days: Iterator[pa.Table], progress: Callable[[str, int, int], None]) -> Iterator[pa.Table]:
    for number, day in enumerate(days):
        progress("simulate", number, PAST + 1)
        yield day


def connect(stage: Stage, targets: Sequence[tuple[str, str]]) -> Stage:
    """The stage with the exporters among its sources."""
    write_settings(stage.folder, stage.city, stage.mail_port, targets)
    stage.house.register.close()
    return replace(stage, house=assemble(load(stage.settings_file), stage.settings_file))
