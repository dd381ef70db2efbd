"""Filings in the demo (art. 10): the paper register typed in, what runs unfiled, the yearly campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing.campaigns import confirm, open_campaign
from filing.filings import accept, add, edit, submit
from filing.origin import built_by
from filing.recording import record
from filing.tables import Filing, FilingState
from monitor.demo.people import FILER, OTHER, REVIEWER, SIGNER
from monitor.demo.projects import name_of
from monitor.demo.scene import project, system
from store.calendar import calendar
from store.tables import Machine, System

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from monitor.demo.scene import Scene

PAPER = timedelta(days=200)  # before the story: when the old cards were filed on paper
TERM = timedelta(days=6)  # to file what was found
CAMPAIGN = timedelta(days=45)


def card(name: str, owner: str, built: str) -> dict[str, object]:
    """A whole registration card."""
    return {
        "name": name,
        "purpose": f"{name}的业务办理、查询和统计",
        "builder": owner,
        "builder_contact": "李华",
        "builder_phone": "0532-88888888",
        "built_on": built,
        "build_cost": 128_000_000,
        "build_source": "市财政",
        "build_mode": "自建",
        "running_cost": 0,
        "running_mode": "自主",
        "category": "应用层",
        "zombie": False,
        "users": "窗口工作人员、企业和群众",
        "frequency": "每天",
        "location": "青岛政务云",
        "secrecy": "非涉密",
        "level": "二级",
        "network": "政务外网",
    }


def typed_in(scene: Scene) -> Iterator[str]:
    """What was filed on paper long ago, but for three systems."""
    cast, day = scene.cast, scene.today - PAPER
    left = {(cast.first.code, cast.extended), (cast.second.code, cast.late), cast.silent}
    running = select(Machine.system_id).where(Machine.system_id.is_not(None))
    with scene.house.register.write() as db:
        clerk, reviewer = scene.act(db, None, "纸质登记表"), scene.act(db, REVIEWER, "纸质登记表")
        typed = 0
        for row in (
            db.scalars(select(System).where(System.id.in_(running)).order_by(System.id)).unique().all()
        ):
            if (row.department.code, row.name) in left:
                continue
            made = add(
                db, row.department, row, card(row.name, row.department.name, str(day.year - 2)), clerk, day
            )
            submit(db, made, clerk, day)
            accept(db, made, reviewer, day)
            typed += 1
    yield f"filings: {typed} registration cards of the paper register typed in"


def found(scene: Scene) -> Iterator[str]:
    """What the inventory runs and nobody filed gets a last day to file."""
    until = scene.today + TERM
    with scene.house.register.write() as db:
        act = scene.act(db, None, "机房清单与备案核对")
        keep = system(db, scene.cast.first.code, scene.cast.extended)
        noted = add(db, keep.department, keep, {"name": keep.name}, scene.act(db, FILER), scene.today)
        rows, _left = record(db, calendar(db), until, act, scene.today)
        yield f"filing {noted.id}: {keep.name} noted by {keep.department.name}, its card to follow"
        for row in rows:
            yield f"filing {row.id}: {row.name} runs unfiled, to be filed until {until}"


def called(scene: Scene) -> Iterator[str]:
    year, until = scene.today.year, scene.today + CAMPAIGN
    with scene.house.register.write() as db:
        act = scene.act(db, None, "市政府办公室通知")
        _row, departments = open_campaign(db, calendar(db), year, until, act, scene.today)
        yield f"campaign {year}: {departments} departments called to confirm their filings until {until}"


def confirmed(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        act = scene.act(db, OTHER)
        own = select(Filing).where(
            Filing.department_id == act.department_id, Filing.state == FilingState.FILED
        )
        rows = db.scalars(own.order_by(Filing.id)).all()
        for row in rows:
            confirm(db, row, scene.today.year, act, scene.today)
        yield f"campaign {scene.today.year}: {scene.cast.second.name} confirms {len(rows)} filings"


def handed_in(scene: Scene) -> Iterator[str]:
    """The system of the project, and the late one of the other department."""
    with scene.house.register.write() as db:
        row = of_system(db, scene.cast.first.code, scene.cast.extended)
        act = scene.act(db, FILER)
        edit(db, row, card(row.name, row.department.name, str(scene.today)), act, scene.today)
        built_by(db, row, project(db, name_of(scene.cast)).id, act)
        submit(db, row, scene.act(db, SIGNER), scene.today)
        yield f"filing {row.id}: {row.name} submitted, built by project {row.project_id}"
        late, act = of_system(db, scene.cast.second.code, scene.cast.late), scene.act(db, OTHER)
        edit(db, late, card(late.name, late.department.name, "2024"), act, scene.today)
        submit(db, late, act, scene.today)
        yield f"filing {late.id}: {late.name} submitted late by {late.department.name}"


def taken(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        act = scene.act(db, REVIEWER, "要素齐全")
        wanted = select(Filing).where(Filing.state == FilingState.SUBMITTED).order_by(Filing.id)
        for row in db.scalars(wanted).all():
            accept(db, row, act, scene.today)
            yield f"filing {row.id}: {row.name} accepted, filed"


def of_system(db: Session, code: str, name: str) -> Filing:
    number = system(db, code, name).id
    return db.scalars(select(Filing).where(Filing.system_id == number)).one()
