"""A round of reminding as the daemon does it: papers and mails, what holds it, what becomes a task."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest
from matters import owner, program
from sqlalchemy import func, select
from stage import house, now, tasks

from monitor.following import follow_all
from monitor.reminding import matters
from notifier.breaker import release
from notifier.tables import Delivery, Notice
from store.calendar import calendar
from store.deadlines import Clock, Term, start
from store.workflow import Act, Role

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.installation import Installation
    from store.database import Register

pytest_plugins = ["registers"]

BEGAN, NEAR, LATE = date(2026, 9, 18), date(2026, 9, 29), date(2026, 10, 10)
MAIL = {"host": "127.0.0.1", "security": "none", "sender": "center@pingdu.example.gov.cn"}


def clock(
    register: Register, department: str | None = "市民政局", email: str | None = "it@mz.example"
) -> None:
    with register.write() as db:
        whose = owner(db, department, email).id if department is not None else None
        one = Clock(f"project:{department}", BEGAN, whose, "补正“社会救助系统”项目的初步设计材料")
        start(db, calendar(db), "project", [one], Term("第八条 补正", 10), program(BEGAN))


def wrote(place: Installation, day: date) -> tuple[int, int]:
    found = matters(place, now(day), lambda _step, _done, _total: None)
    return found["matters_due"], found["matters_late"]


def test_a_department_gets_one_mail_with_its_papers_however_often_it_runs(
    register: Register, tmp_path: Path
) -> None:
    clock(register)
    place = house(register, tmp_path, mail=MAIL)

    assert [wrote(place, NEAR) for _ in range(2)] == [(1, 0), (0, 0)]

    with register.read() as db:
        (mail,) = db.scalars(select(Delivery)).all()
        (notice,) = db.scalars(select(Notice)).all()
        parts = [part.get_content_type() for part in message_from_bytes(mail.mime).walk()]
    assert notice.number == "平数事提醒〔2026〕1号"
    assert mail.recipient == "it@mz.example"
    assert {"text/plain", "text/html", "application/pdf"} <= set(parts)
    assert len([kind for kind in parts if "openxmlformats" in kind]) == 2


def test_a_department_without_an_address_is_a_task_to_deliver_it_on_paper(
    sqlite: Register, tmp_path: Path
) -> None:
    clock(sqlite, email=None)

    assert wrote(house(sqlite, tmp_path, mail=MAIL), NEAR) == (1, 0)

    with sqlite.read() as db:
        (task,) = tasks(db, "paper")
        assert "notice preview 1 --pdf" in task.text
        assert "task close" in task.text
        assert db.scalar(select(func.count(Delivery.id))) == 0


def test_too_many_departments_urged_at_once_wait_for_a_word_and_reminders_do_not(
    sqlite: Register, tmp_path: Path
) -> None:
    for number in range(3):
        clock(sqlite, f"单位{number}")
    place = house(sqlite, tmp_path, mail=MAIL, notices={"max_departments": 2})

    assert wrote(place, NEAR) == (3, 0)
    assert wrote(place, LATE) == (0, 0)
    with sqlite.write() as db:
        assert "3 departments in a day, more than 2" in tasks(db, "breaker")[0].text
        release(db, Act("li", Role.OPERATOR, now(LATE).moment, "looked at"))
    assert wrote(place, LATE) == (0, 3)
    with sqlite.read() as db:
        assert tasks(db, "breaker") == []


@pytest.mark.parametrize(
    ("policy", "letters"),
    [({}, 0), ({"allow_expired": True}, 1), ({"override_basis": "《办法》第八条"}, 1)],
    ids=["over", "allowed", "replaced"],
)
def test_nothing_is_written_under_a_policy_that_is_over(
    sqlite: Register, tmp_path: Path, policy: dict[str, Any], letters: int
) -> None:
    clock(sqlite)

    assert wrote(house(sqlite, tmp_path, mail=MAIL, policy=policy), NEAR) == (letters, 0)

    with sqlite.read() as db:
        assert len(tasks(db, "policy")) == 1 - letters


def test_the_centres_own_matters_stand_in_the_operators_mail(sqlite: Register, tmp_path: Path) -> None:
    clock(sqlite, None)
    place = house(sqlite, tmp_path, mail=MAIL, notices={"operator": ["yun@pingdu.example"]})

    found = follow_all(place, now(LATE), lambda _step, _done, _total: None)

    assert (found["matters_late"], found["failed"], found["told"]) == (0, 0, 1)
    with sqlite.read() as db:
        mail = message_from_bytes(db.scalars(select(Delivery.mime)).one())
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    said = text.get_payload(decode=True)
    assert isinstance(said, bytes)
    assert (
        "本中心事项：补正“社会救助系统”项目的初步设计材料（第八条 补正），2026-10-09到期，已逾期1日"
        in said.decode()
    )
