"""The whole way of a notice on a small real installation: judged, approved, issued, delivered to a real
mail server, received, adjusted as the lake shows it, proven, and counted as saved; and with the most hostile
names.
"""

from __future__ import annotations

import email
import email.policy
import io
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from docx import Document
from matters import operator
from smtpservers import Post, smtpd
from sqlalchemy import select
from stage import days, entries, house, now, tasks

from monitor.pipeline import Run, deliver, follow_up, issue, judge, run_steps
from notifier.savings import ledger
from notifier.tables import Delivery, DeliveryState, Item, Notice
from store.lake import DAYS
from store.review import answer
from store.tables import Department, Finding, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from monitor.installation import Installation
    from store.database import Register

pytest_plugins = ["registers"]

GIB = 2**30
OFFICE, COUNCIL = "it@minzheng.example", "ducha@center.example"
LARGE, SMALL = (16, 32, 300), (8, 16, 150)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EVIL = 'x\r\nBcc: evil@y.example\r\n<script>alert(1)</script>\u202e=HYPERLINK("http://evil.example")'
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "<script>alert(1)</script>",
    "vm\r\nBcc: evil@y.example",
    "vm\0nul",
    "vm\u202egnp.exe",
    "k" * 10_240,
    "@SUM(1+1)",
]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def measured(
    rightsizer: Installation, first: date, last: date, sizes: dict[str, tuple[int, int, int]]
) -> None:
    """Folded days of hardly used machines, straight into the lake."""
    known = {name: 288 for name in DAYS.names if name.endswith(("known", "expected"))}
    use = {
        "cpu_mean": 4.5,
        "cpu_peak": 5.0,
        "cpu_histogram": [288 * (percent == 5) for percent in range(101)],
    }
    use |= {"memory_mean": 9.0, "memory_peak": 12.0, "disk_max": 20.0, "disk_last": 20.0}
    sized = {
        name: {
            "vcpus": vcpus,
            "memory_bytes": memory * GIB,
            "disk_bytes": disk * GIB,
            "network_mean": 50_000.0,
        }
        for name, (vcpus, memory, disk) in sizes.items()
    }
    for when in days(first, last):
        rows = [{**known, **use, **size, "machine": name, "day": when} for name, size in sized.items()]
        rightsizer.lake.replace_day(when, pa.Table.from_pylist(rows, schema=DAYS), "written by hand")


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def rightsizer(sqlite: Register, tmp_path: Path, post: Post) -> Iterator[Installation]:
    with smtpd(post) as port:
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "notices@center.example"}
        notices = {"max_share": 100, "supervisor": [COUNCIL]}
        yield house(sqlite, tmp_path, mail={**mail, "bounces": "bounces@center.example"}, notices=notices)


def inventory(rightsizer: Installation, department: str, names: list[str]) -> None:
    with rightsizer.register.write() as db:
        office = Department(code="D1", name=department, email=OFFICE, contact=department)
        for name in names:
            size = dict(zip(("vcpus", "memory_gib", "disk_gib"), LARGE, strict=True))
            db.add(Machine(name=name, department=office, **size))
    issued_on = day("09-18")
    measured(
        rightsizer, issued_on - timedelta(days=36), issued_on - timedelta(days=1), dict.fromkeys(names, LARGE)
    )


def approved(rightsizer: Installation) -> None:
    with rightsizer.register.write() as db:
        answer(db, db.scalars(select(Finding)).all(), "approve", operator(day("09-18"), "证据充分"))


def ran(rightsizer: Installation, on: str, *steps: Any) -> dict[str, dict[str, int]]:
    return run_steps(Run(rightsizer, now(day(on))), steps).counts


def letter(post: Post, number: int) -> EmailMessage:
    made: EmailMessage = email.message_from_bytes(post.taken[number].content, policy=email.policy.default)
    return made


def attachments(mail: EmailMessage) -> dict[str, bytes]:
    return {part.get_content_type(): part.get_content() for part in mail.iter_attachments()}


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def sheet(content: bytes) -> str:
    """All XML of a workbook's cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [name for name in book.namelist() if "worksheets/sheet" in name or "sharedStrings" in name]
        return "".join(book.read(name).decode() for name in parts)


def test_a_notice_goes_all_the_way_to_a_proven_saving(rightsizer: Installation, post: Post) -> None:
    inventory(rightsizer, "市民政局", ["vm-001", "vm-002"])
    counts = ran(rightsizer, "09-18", judge)
    assert counts["judge"] == {"machines": 2, "opened": 2, "closed": 0}
    approved(rightsizer)
    counts = ran(rightsizer, "09-18", issue, deliver, follow_up, deliver)
    assert (counts["issue"]["notices"], counts["deliver"]) == (1, {"sent": 1, "waiting": 0})
    assert counts["follow_up"]["received"] == 1

    # The mail has its text twice and its three papers.
    (taken,) = post.taken
    assert (taken.recipients, taken.sender) == ([OFFICE], "bounces+d1@center.example")
    mail = letter(post, 0)
    assert "平数云核减〔2026〕1号" in body(mail, "plain")
    assert "vm-001" in body(mail, "html")
    papers = attachments(mail)
    assert set(papers) == {"application/pdf", WORD, SHEET}
    assert papers["application/pdf"].startswith(b"%PDF-")
    assert any("市民政局" in paragraph.text for paragraph in Document(io.BytesIO(papers[WORD])).paragraphs)
    assert "vm-002" in sheet(papers[SHEET])

    # One machine is resized on 09-22; two days later that is seen, and proven.
    measured(rightsizer, day("09-18"), day("09-21"), {"vm-001": LARGE, "vm-002": LARGE})
    measured(rightsizer, day("09-22"), day("09-23"), {"vm-001": SMALL, "vm-002": LARGE})
    counts = ran(rightsizer, "09-24", judge, issue, deliver, follow_up, deliver)
    assert counts["follow_up"]["proven"] == 1
    assert counts["issue"]["notices"] == 0
    with rightsizer.register.read() as db:
        first, second = db.scalars(select(Item).order_by(Item.machine)).all()
        assert (first.state, first.done_on, first.realised) == ("done", day("09-22"), first.promised)
        assert (second.state, second.realised) == ("received", None)
        # 8 vCPU at 35 yuan, 16 GiB at 18, 150 GiB at 0.4
        (line,) = ledger(db, day("09-24"))
        assert (line.promised, line.realised) == (2 * 628.0, 628.0)
        # saved on 09-22 and 09-23
        assert line.so_far == pytest.approx(628.0 * 2 * 12 / 365)

    # The other stays as it was: it is reminded and urged; what follows refers to the first letter.
    measured(rightsizer, day("09-24"), day("11-07"), {"vm-001": SMALL, "vm-002": LARGE})
    told = [ran(rightsizer, on, follow_up, deliver) for on in ("09-29", "09-29", "10-10", "11-08", "11-08")]
    assert [counts["follow_up"]["reminders"] for counts in told] == [1, 0, 0, 0, 0]
    assert [counts["follow_up"]["urgings"] for counts in told] == [0, 0, 1, 1, 0]
    recipients = [mail.recipients for mail in post.taken]
    assert sorted(recipients[3:]) == [[COUNCIL], [OFFICE]]
    assert recipients[:3] == [[OFFICE]] * 3
    for number in (1, 2):
        mail = letter(post, number)
        assert str(mail["References"]).split()[0] == str(letter(post, 0)["Message-ID"])
        assert "vm-002" in body(mail, "plain")
        assert "vm-001" not in body(mail, "plain")
    with rightsizer.register.read() as db:
        assert [item.state for item in db.scalars(select(Item).order_by(Item.machine))] == [
            "done",
            "escalated",
        ]
        assert [row.level for row in db.scalars(select(Notice).where(Notice.kind == "overdue"))] == [1, 3]
        assert set(db.scalars(select(Delivery.state))) == {DeliveryState.SENT}
        assert tasks(db) == []
        entries(db)


def test_fault_50_hostile_names_cannot_act_anywhere_on_the_way(rightsizer: Installation, post: Post) -> None:
    inventory(rightsizer, EVIL, HOSTILE)
    ran(rightsizer, "09-18", judge)
    approved(rightsizer)
    counts = ran(rightsizer, "09-18", issue, deliver, follow_up, deliver)
    counts = ran(rightsizer, "09-29", follow_up, deliver)  # and the letter that follows
    assert counts["follow_up"]["reminders"] == 1

    assert [taken.recipients for taken in post.taken] == [[OFFICE]] * 2
    for number, taken in enumerate(post.taken):
        mail = letter(post, number)
        head = taken.content.partition(b"\r\n\r\n")[0]
        assert head.lower().count(b"\r\nsubject:") == 1
        assert b"\r\nbcc:" not in head.lower()
        assert mail["Bcc"] is None
        assert not set("\r\n\0\u202e") & set(str(mail["Subject"]))
        for text in (body(mail, "plain"), body(mail, "html")):
            assert not set("\0\u202e") & set(text)
            assert "k" * 1000 not in text
        assert "\nBcc:" not in body(mail, "plain")
        markup = body(mail, "html").lower()
        assert "<script" not in markup
        assert "&lt;script&gt;" in markup
        papers = attachments(mail)
        assert set(papers) == {"application/pdf", WORD, SHEET}
        cells = sheet(papers[SHEET])
        assert "<f>" not in cells
        assert "<hyperlink" not in cells
        assert "=HYPERLINK(" in cells  # as text
        Document(io.BytesIO(papers[WORD]))
    with rightsizer.register.read() as db:
        assert sorted(item.machine for item in db.scalars(select(Item))) == sorted(HOSTILE)
        assert tasks(db) == []
        entries(db)
