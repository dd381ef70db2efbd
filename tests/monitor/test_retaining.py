"""What is kept for a time only: samples and days, bodies of mails; and what the daemon tidies meanwhile."""

from __future__ import annotations

import fcntl
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from backups import BEGIN, furnished, measured, of
from matters import at, deliveries, sent
from operating import MAIL, Place
from sqlalchemy import func, select, text

from monitor.installation import Now
from monitor.pipeline import Run, fold, retain, run_steps
from notifier.tables import Delivery, Notice

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 8)
SENT = date(2025, 9, 18)


def now(day: date = TODAY) -> Now:
    return Now(datetime(day.year, day.month, day.day, 4, tzinfo=UTC), day, day)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = furnished(tmp_path / "house")
    (place.folder / "rightsizer.yml").write_text(f"data_dir: data\n{MAIL}", "utf-8")
    with place.register.read() as db:
        notice = db.get_one(Notice, 1)
    sent(place.register, notice, SENT)
    return place


def files(place: Place) -> list[int]:
    """How many files the days of samples lie in, the oldest first."""
    found = of(place).lake.sample_files()
    return [len(found[day]) for day in sorted(found)]


def test_a_day_that_stayed_in_several_files_becomes_one_and_reads_the_same(place: Place) -> None:
    house = of(place)
    with (house.lake.folder / "append.lock").open("a") as lock:  # somebody appends while it is folded
        fcntl.flock(lock, fcntl.LOCK_SH)
        run_steps(Run(house, now()), (fold,))
        assert max(files(place)) > 1
    before = house.lake.of_machines(["a"], TODAY - timedelta(days=30), TODAY)

    run = run_steps(Run(house, now()), (retain,))

    assert set(files(place)) == {1}
    assert run.counts["retain"]["compacted"] > 0
    assert house.lake.pending(before=TODAY) == []
    after = house.lake.of_machines(["a"], TODAY - timedelta(days=30), TODAY)
    assert after.sort_by("day").equals(before.sort_by("day"))
    assert run_steps(Run(house, now()), (retain,)).counts["retain"]["compacted"] == 0


def test_a_day_that_is_still_going_on_is_left_alone(place: Place) -> None:
    house = of(place)
    run_steps(Run(house, now()), (fold,))
    for half in (measured(6).slice(0, 10), measured(6).slice(10, 10)):
        house.lake.append([half], BEGIN + timedelta(days=6))

    run_steps(Run(house, now()), (retain,))

    assert files(place)[-1] == 2


def test_old_bodies_go_and_every_reader_says_so(place: Place, tmp_path: Path) -> None:
    run_steps(Run(of(place), now()), (fold,))

    run = run_steps(Run(of(place), now()), (retain,))

    assert run.counts["retain"]["emptied"] == 1
    shown = place.call("outbox", "show", "1")
    assert shown.code == 0, shown.err
    assert '"sha256": "' in shown.out
    assert place.json("outbox", "show", "1")["bytes"] > 0
    saved = place.call("outbox", "show", "1", "--eml", str(tmp_path / "mail.eml"))
    assert (saved.code, "its body is kept no longer" in saved.err) == (1, True)
    assert not (tmp_path / "mail.eml").exists()
    preview = place.call("notice", "preview", "1")
    assert preview.code == 0, preview.err
    assert "the bodies of its mails are kept no longer: made of its frozen content now" in preview.err
    assert "核减" in preview.out
    eml = place.call("notice", "preview", "1", "--eml")
    assert (eml.code, "its mails are kept no longer" in eml.err) == (1, True)
    again = place.call("notice", "resend", "1", "--to", "new@minzheng.example.gov.cn", "--force")
    assert again.code == 0, again.err
    with place.register.read() as db:
        old, new = deliveries(db, db.get_one(Notice, 1))
        assert (old.mime, len(new.mime) > 1000) == (b"", True)


def test_the_register_does_not_grow_by_mails_that_come_and_go(place: Place) -> None:
    """Emptied pages are used again: no VACUUM is needed, which would hold everybody up."""
    house, sizes = of(place), []
    for number in range(6):
        with place.register.write() as db:
            notice = db.get_one(Notice, 1)
            db.add(
                Delivery(
                    notice_id=notice.id,
                    recipient=f"{number}@x.example",
                    role="to",
                    message_id=f"<{number}@x>",
                    state="sent",
                    made_at=at(SENT),
                    next_at=at(SENT),
                    sent_at=at(SENT),
                    mime=b"x" * 2_000_000,
                )
            )
        run_steps(Run(house, now()), (retain,))
        with place.register.read() as db:
            sizes.append(db.scalar(text("PRAGMA page_count")))

    assert sizes[-1] - sizes[0] < 20  # pages of 4 KiB; a mail takes 489
    assert (place.folder / "data" / "register.db-wal").stat().st_size == 0
    with place.register.read() as db:
        assert db.scalar(select(func.sum(func.length(Delivery.mime)))) == 0
