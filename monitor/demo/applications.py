"""Cloud applications in the demo (arts. 12 and 13): machines for the project, and then more for the filed
system, of which measured use advises less than was asked for; their clock of deployment runs on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from filing import approval
from filing.application_tables import Application
from filing.applications import Asked, Draft, Facts, add
from filing.delivery import Handover, declare, deliver
from monitor.demo.people import FILER, REVIEWER, SECOND, SIGNER
from monitor.demo.projects import name_of
from monitor.demo.scene import department, project
from monitor.sizing import advice_for
from notifier.deployment import article_of, run_clocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from filing.approval import Size
    from monitor.demo.scene import Scene

TERM = timedelta(days=1095)
FIRST, MORE = ("sms-01",), ("app-01", "app-02")


def asked_for_project(scene: Scene) -> Iterator[str]:
    with scene.house.register.read() as db:
        facts = Facts(project_id=project(db, name_of(scene.cast)).id)
    yield from handed_in(scene, facts, Asked("短信网关", 4, 8, 100, 100, 1, "麒麟V10", domestic=True))


def asked_for_more(scene: Scene) -> Iterator[str]:
    with scene.house.register.read() as db:
        facts = Facts(filing_id=project_filing(db, scene))
    yield from handed_in(scene, facts, Asked("应用", 32, 128, 100, 400, len(MORE), "麒麟V10", domestic=True))


def project_filing(db: Session, scene: Scene) -> int:
    from filing.tables import Filing

    wanted = select(Filing.id).where(Filing.project_id == project(db, name_of(scene.cast)).id)
    return db.scalars(wanted).one()


def handed_in(scene: Scene, facts: Facts, asked: Asked) -> Iterator[str]:
    """Written, submitted with the advised size, approved by the administration."""
    more = Facts(
        project_id=facts.project_id,
        filing_id=facts.filing_id,
        zone="government",
        term_from=scene.today,
        term_to=scene.today + TERM,
        description="受理审核与短信告知",
        contact="李华",
        phone="0532-88888888",
        paper=scene.kept("云资源申请表", f"{scene.cast.extended} {asked.role}").kept,
    )
    with scene.house.register.write() as db:
        owner = department(db, scene.cast.first.code)
        row = add(db, owner, scene.cast.extended, Draft(scene.today, more, (asked,)), scene.act(db, FILER))
        number = row.id
    with scene.house.register.read() as db:
        advice = advice_for(scene.house, db, newest(db), scene.today)
    with scene.house.register.write() as db:
        row, desk = newest(db), scene.counter(db)
        approval.submit(db, desk, row, advice, scene.act(db, SIGNER))
        approval.approve(db, desk, row, {}, scene.act(db, REVIEWER, "业务需要属实"))
    size = f"{asked.vcpus:g} vCPU, {asked.memory_gib:g} GiB"
    yield f"application {number}: {asked.count} x {size} asked for; administrative approval"


def newest(db: Session) -> Application:
    return db.scalars(select(Application).order_by(Application.id.desc()).limit(1)).one()


def delivered_to_project(scene: Scene) -> Iterator[str]:
    yield from handed_over(scene, FIRST)


def delivered_more(scene: Scene) -> Iterator[str]:
    yield from handed_over(scene, MORE)


def handed_over(scene: Scene, names: tuple[str, ...]) -> Iterator[str]:
    """Approved by the technicians as advised, delivered with a receipt: the clocks of deployment run."""
    receipt = scene.kept("云主机交付回执", " ".join(names)).kept
    with scene.house.register.write() as db:
        row, desk = newest(db), scene.counter(db)
        sizes = advised(row.advice)
        why = "按实测用量核定" if sizes else "同意"
        approval.approve(db, desk, row, sizes, scene.act(db, SECOND, why))
        act = scene.act(db, None)
        new = deliver(db, desk, row, Handover(scene.today, names, receipt), act)
        clocks = run_clocks(db, desk.known, scene.house.policy, new, act)
        last = max((clock.due_on for clock in clocks if clock.due_on), default=None)
        said = "technical approval as advised" if sizes else "technical approval"
        until = f", to be deployed by {last}" if last else ""
        yield f"application {row.id}: {said}; delivered {', '.join(names)}{until}"


def advised(advice: object) -> dict[int, Size]:
    lines = advice["lines"] if isinstance(advice, dict) else []
    return {line["number"]: approval.Size(**line["advised"]) for line in lines if line["advised"]}


def deployed(scene: Scene) -> Iterator[str]:
    with scene.house.register.write() as db:
        row = newest(db)
        article = article_of(scene.house.policy)
        declare(db, scene.counter(db), row, scene.today, article, scene.act(db, FILER))
        yield f"application {row.id}: deployed in time, running"
