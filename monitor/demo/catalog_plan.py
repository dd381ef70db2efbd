"""The demo's data catalog as it is planned: what every department enters, how far each entry gets, and of
which day its data is (arts. 16 and 19).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from catalog.codes import CONDITIONAL, DATABASE, FILE, IMAGE, NOT_OPEN, NOT_SHARED, SERVICE, SHEET, STREAM
from catalog.freshness import DAYS, MONTHS
from catalog.metadata import Basis, ItemFacts, Metadata
from catalog.tables import VersionState
from config.document import Document, read
from monitor.demo.city import BUREAUS, CONTACTS

FILE_OF_ENTRIES = Path(__file__).with_name("catalog.yml")
TYPES = {DATABASE: "mysql", SHEET: "xlsx", SERVICE: "rest", FILE: "pdf", IMAGE: "tif", STREAM: "mp4"}
MODES = {
    DATABASE: "database",
    SERVICE: "interface",
    STREAM: "file",
    SHEET: "file",
    FILE: "file",
    IMAGE: "file",
}
SHARES = {"u": "unconditional", "c": CONDITIONAL, "n": NOT_SHARED}
OPENS = {"u": "unconditional", "c": CONDITIONAL, "n": NOT_OPEN}
ENDINGS = {  # of an item's name: its type and length
    ("金额", "价格", "余额"): ("currency", "12,2"),
    ("日期", "期止"): ("date", None),
    ("时间",): ("datetime", None),
    ("数", "数量", "人次", "面积", "水量", "浓度", "水位", "雨量"): ("number", "10,2"),
}
DUTY, FREE = "仅用于依法履行职责，按申请的用途使用，不得转给第三方", "注明数据来源，不得歪曲数据"
LAST = 4  # place of the entry that not every department has finished
STAGES = {
    1: VersionState.DRAFT,
    2: VersionState.DEPARTMENT_REVIEW,
    3: VersionState.CENTRE_REVIEW,
    4: VersionState.FILED,
}
NEGLECTED, UNSAID = 9, 14  # of so many entries one is stale, of one nobody says of which day its data is


class Line(Document):
    """An entry of the file; `items` separated by blanks, `law` and its article too."""

    title: str
    about: str
    form: Literal["database", "spreadsheet", "service", "file", "image", "stream"]
    share: Literal["u", "c", "n"]
    open: Literal["u", "c", "n"]
    period: str
    items: str = ""
    law: str | None = None


class Offices(Document):
    offices: dict[str, list[Line]]


POWERS = Line(
    title="权责清单", about="行政权力和责任事项的公示文本", form="file", share="u", open="u", period="yearly"
)
PENALTIES = Line(
    title="行政处罚决定公示文书",
    about="行政处罚决定书的公示文本",
    form="file",
    share="u",
    open="u",
    period="weekly",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """An entry of the department with this short name, its class, and how far it gets. `age`: how old its
    newest data is at the end of the story; None: nobody says.
    """

    office: str
    class_code: str
    metadata: Metadata
    stage: VersionState
    age: timedelta | None


@cache
def planned() -> tuple[Planned, ...]:
    """Two hundred entries of thirty departments."""
    listed = read(FILE_OF_ENTRIES, Offices).offices
    found: list[Planned] = []
    for number, office in enumerate(BUREAUS):
        penalties = [PENALTIES] if number % 3 < 2 else []
        for place, line in enumerate([*listed[office], POWERS, *penalties]):
            stage = (
                STAGES.get(number % 6, VersionState.PUBLISHED) if place == LAST else VersionState.PUBLISHED
            )
            metadata = metadata_of(line, office, number, place)
            if stage == VersionState.DRAFT:
                metadata = replace(metadata, use_requirement=None, update_period=None)
            age = age_of(line.period, len(found))
            found.append(Planned(office, class_of(number), metadata, stage, age))
    return tuple(found)


def class_of(number: int) -> str:
    """The 目 of a department: its number among them below 307."""
    return f"307{number + 1:03}"


def age_of(period: str, number: int) -> timedelta | None:
    """Fresh, stale for one of NEGLECTED, unknown for one of UNSAID."""
    days = DAYS.get(period) or 28 * MONTHS.get(period, 0)
    if not days or number % UNSAID == 5:
        return None
    return timedelta(days=days + days // 2 + 5 if number % NEGLECTED == 4 else days // 2)


def metadata_of(line: Line, office: str, number: int, place: int) -> Metadata:
    """The entry by the fields of the national guide."""
    stored = float(2 + (number * 7 + place * 13) % 90)
    law, _blank, article = (line.law or "").partition(" ")
    shared = line.share != "n"
    return Metadata(
        title=line.title,
        provider_unit=CONTACTS[number % len(CONTACTS)],
        abstract=line.about,
        format_class=line.form,
        format_type=TYPES[line.form],
        share_type=SHARES[line.share],
        share_condition=DUTY if line.share == "c" else None,
        share_mode_class="platform" if shared else None,
        share_mode_type=MODES.get(line.form, "file") if shared else None,
        use_requirement=DUTY if line.share == "c" else FREE,
        open_type=OPENS[line.open],
        open_condition=FREE if line.open == "c" else None,
        update_period=line.period,
        period_other="每十年普查一次" if line.period == "other" else None,
        secret_flag="no",  # noqa: S106  (no password)
        contact="数据管理员",
        phone=f"0532-0000{number + 1:04}",
        link=f"share-platform/{office}-{place + 1:02}" if shared and (number + place) % 9 != 5 else None,
        survey={"storage_total": stored, "storage_shared": stored if shared else 0.0},
        items=tuple(item(name) for name in line.items.split()),
        basis=(Basis(f"《{law}》", article),) if law else (),
    )


def item(name: str) -> ItemFacts:
    for endings, (kind, length) in ENDINGS.items():
        if name.endswith(endings):
            return ItemFacts(name, kind, length)
    return ItemFacts(name, "string", "100")
