"""Plans (art. 6): development plan and yearly work plan, drafted, approved, published; their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from filing.plan_tables import Plan, PlanKind, PlanState, PlanTask
from store.deadlines import Clock, meet, standing
from store.fixed_deadlines import start_until
from store.journal import Entry, append
from store.workflow import RefusedError, Role, Step, Workflow, barred, move

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from config.workdays import Calendar
    from store.workflow import Act

ARTICLE = "第六条 年度工作计划"
CENTRE = frozenset({Role.OPERATOR, Role.REVIEWER})
REVIEWER = frozenset({Role.REVIEWER})
OWNERS = frozenset({Role.FILER, Role.SIGNER, Role.OPERATOR})


def approved(row: Plan) -> str | None:
    return None if row.approval_number else "it has no approval of the city government"


PLAN = Workflow(
    "plan",
    {
        (PlanState.DRAFT, "approve"): Step(PlanState.APPROVED, REVIEWER, apart="drafted_by"),
        (PlanState.APPROVED, "publish"): Step(PlanState.PUBLISHED, CENTRE, guard=approved),
    },
)
TASK = Step("done", OWNERS)


class PlanError(ValueError, LookupError):
    """A plan or a task that cannot be made or found, and why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`year`: of the yearly plan, or the first of a development plan."""

    kind: PlanKind
    year: int
    title: str


def subject(plan: Plan) -> str:
    return f"plan:{plan.id}"


def task_subject(task: PlanTask) -> str:
    return f"plan_task:{task.id}"


def found_plan(db: Session, number: int) -> Plan:
    """Raises PlanError."""
    row = db.get(Plan, number)
    if row is None:
        raise PlanError(f"no plan {number}: `rightsizer plan list` shows them")
    return row


def found_task(db: Session, number: int) -> PlanTask:
    """Raises PlanError."""
    row = db.scalar(select(PlanTask).where(PlanTask.id == number).options(joinedload(PlanTask.plan)))
    if row is None:
        raise PlanError(f"no task {number}: `rightsizer plan show` shows those of a plan")
    return row


def tasks_of(db: Session, plan: Plan) -> list[PlanTask]:
    wanted = select(PlanTask).where(PlanTask.plan_id == plan.id).options(joinedload(PlanTask.department))
    return list(db.scalars(wanted.order_by(PlanTask.due_on, PlanTask.id)))


def centre(act: Act) -> None:
    if not CENTRE & act.roles:
        raise RefusedError(f"plans are for {', '.join(sorted(CENTRE))}; {act.actor} is neither")


def add(db: Session, draft: Draft, act: Act, today: date) -> Plan:
    """A draft. Raises PlanError for a second yearly plan of a year, RefusedError."""
    centre(act)
    same = select(Plan).where(Plan.kind == PlanKind.YEARLY, Plan.year == draft.year)
    other = db.scalar(same) if draft.kind is PlanKind.YEARLY else None
    if other is not None:
        raise PlanError(
            f"{draft.year} has its yearly plan already: {other.id}, {other.title} ({other.state})"
        )
    row = Plan(
        kind=draft.kind,
        year=draft.year,
        title=draft.title,
        state=PlanState.DRAFT,
        drafted_on=today,
        drafted_by=act.actor,
    )
    db.add(row)
    db.flush()
    said = {"kind": draft.kind, "year": draft.year, "title": draft.title}
    append(db, act.now, Entry(act.actor, "plan.add", subject(row), None, said, act.reason))
    return row


def approve(db: Session, plan: Plan, number: str, on: date, act: Act, today: date) -> None:
    """The city government approved it (经市政府同意) on a day. Raises PlanError for an impossible day."""
    if on > today or on < plan.drafted_on:
        raise PlanError(f"approved on {on}: between its draft ({plan.drafted_on}) and today ({today})")
    move(db, PLAN, [(plan, subject(plan))], "approve", act, approval_number=number, approved_on=on)


def publish(db: Session, plan: Plan, known: Calendar, on: date, act: Act, today: date) -> int:
    """向社会公布; the clocks of its tasks run from that day. Returns how many. Raises PlanError, RefusedError
    before the approval.
    """
    if plan.approved_on is not None and on < plan.approved_on:
        raise PlanError(f"published on {on}, before its approval of {plan.approved_on}: correct the day")
    if on > today:
        raise PlanError(f"published on {on}: that day has not come, today is {today}")
    tasks = [task for task in tasks_of(db, plan) if task.done_on is None]
    early = [task for task in tasks if task.due_on <= on]
    if early:
        raise PlanError(
            f"task {early[0].id} is due on {early[0].due_on}, not after {on}: correct one of them"
        )
    move(db, PLAN, [(plan, subject(plan))], "publish", act, published_on=on)
    clocks(db, tasks, known, on, act)
    return len(tasks)


def add_task(db: Session, task: PlanTask, known: Calendar, act: Act, today: date) -> None:
    """A task of `task.plan`; of a published plan its clock runs from now. Raises PlanError, RefusedError."""
    centre(act)
    if task.due_on <= today:
        raise PlanError(f"a task that is due on {task.due_on}: a day after today, {today}")
    db.add(task)
    db.flush()
    said = {"plan": task.plan_id, "title": task.title, "due_on": task.due_on}
    append(db, act.now, Entry(act.actor, "plan_task.add", task_subject(task), None, said, act.reason))
    if task.plan.state == PlanState.PUBLISHED:
        clocks(db, [task], known, today, act)


def clocks(db: Session, tasks: Sequence[PlanTask], known: Calendar, on: date, act: Act) -> None:
    """The plan names the day, not a number of days."""
    for task in tasks:
        title = f"完成年度工作计划任务：{task.title}"[:300]
        clock = Clock(task_subject(task), on, task.department_id, title)
        start_until(db, known, subject(task.plan), [clock], (ARTICLE, task.due_on), act)


def progress(db: Session, task: PlanTask, percent: int, act: Act, on: date) -> None:
    """How far its owner is; 100 is done on the day. Raises PlanError, RefusedError for another's task."""
    why = barred(TASK, task, act)  # type: ignore[arg-type]  # a task has an owner, no state
    if why is not None:
        raise RefusedError(f"task {task.id}: {why}")
    if task.plan.state != PlanState.PUBLISHED:
        raise PlanError(f"task {task.id}: its plan is {task.plan.state}; it binds once it is published")
    if task.done_on is not None:
        raise PlanError(f"task {task.id} was done on {task.done_on}")
    if not task.progress < percent <= 100:
        raise PlanError(f"task {task.id} is at {task.progress} %: more than that, at most 100, not {percent}")
    before, task.progress = task.progress, percent
    task.done_on = on if percent == 100 else None
    append(
        db, act.now, Entry(act.actor, "plan_task.progress", task_subject(task), before, percent, act.reason)
    )
    if task.done_on is not None:
        rows = standing(db, [task_subject(task)], ARTICLE).values()
        meet(db, subject(task.plan), rows, on, act)
