"""The budget list (arts. 9 and 10): which project and which filed system may be funded on a day, and why not.

Pure, over plain values. A project without a positive opinion is never fundable (不予安排); one that was not
filed in time or failed its evaluation is stopped (停止执行). A last day that is provisional stops nobody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from filing.budget_values import Cause, Row, Verdict
from filing.tables import FilingState, ProjectState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from filing.budget_values import Facts, Outcome, Registered, Reviewed

NINE, TEN = "第九条", "第十条"
POSITIVE = frozenset(
    {
        ProjectState.APPROVED_BY_CENTRE,
        ProjectState.REPORTED,
        ProjectState.APPROVED,
        ProjectState.BUDGETED,
        ProjectState.RUNNING,
        ProjectState.COMPLETED,
        ProjectState.WITHDRAWN,  # before the day of the withdrawal
    }
)
HANDED_IN = frozenset({FilingState.SUBMITTED, FilingState.FILED, FilingState.AMENDING})
FAILING = ("fail", "lapse")


def budget(facts: Facts, as_of: date) -> list[Row]:
    """A row for every project and filing that is known on the day, in the order of departments and names."""
    projects = {each.id: each for each in facts.projects}
    filings = [each for each in facts.filings if each.since is None or each.since <= as_of]
    own = {each.id: of_filing(each, facts, as_of) for each in filings}
    built: dict[int, list[Registered]] = {}
    for each in filings:
        if each.project is not None:
            built.setdefault(each.project, []).append(each)
    rows = []
    for project in facts.projects:
        if project.created_on <= as_of:
            cause = of_project(project, built.get(project.id, ()), own, facts, as_of)
            made = row(f"project:{project.id}", project.department, project.name, cause, facts)
            rows.append(replace(made, budget_fen=project.budget_fen))
    for each in filings:
        cause = with_project(own[each.id], projects.get(each.project or 0), as_of)
        rows.append(row(f"filing:{each.id}", each.department, each.name, cause, facts))
    return sorted(rows, key=lambda each: (each.department, each.name, each.subject))


def row(subject: str, department: str, name: str, cause: Cause, facts: Facts) -> Row:
    found = {proven(facts, of, word) for of, word in cause.proof}
    entries = tuple(sorted(number for number in found if number is not None))
    return Row(subject, department, name, cause.verdict, cause.since, cause.article, cause.fact, entries)


def proven(facts: Facts, subject: str, word: str) -> int | None:
    return facts.entries.get((subject, word)) or facts.entries.get((subject, ""))


def of_project(
    project: Reviewed,
    filings: Iterable[Registered],
    own: Mapping[int, Cause],
    facts: Facts,
    as_of: date,
) -> Cause:
    refused = unreviewed(project, as_of)
    if refused is not None:
        return refused
    subject, systems = f"project:{project.id}", counting(filings, as_of)
    causes = [own[each.id] for each in systems]
    filed = any(each.filed_on is not None and each.filed_on <= as_of for each in systems)
    if not filed:
        late = overdue(subject, facts, as_of, handed=[each.submitted_on for each in systems])
        causes += [late] if late is not None else []
    stopped = [cause for cause in causes if cause.verdict is Verdict.STOPPED]
    if stopped:
        return min(stopped, key=lambda cause: (cause.since or as_of, cause.fact))
    fact, proof = approved(project, as_of, filed=filed)
    proof += [each for cause in causes for each in cause.proof]
    return Cause(Verdict.FUNDABLE, project.opinion_on, NINE, fact, tuple(proof))


def approved(project: Reviewed, as_of: date, *, filed: bool) -> tuple[str, list[tuple[str, str]]]:
    """The fact of a project that may be funded, and what proves it; an accepted one without a filed system is
    named as such.
    """
    subject = f"project:{project.id}"
    number = f"（{project.opinion_number}）" if project.opinion_number else ""
    fact = f"{written(project.opinion_on)}审核通过{number}"
    proof = [(subject, ProjectState.APPROVED_BY_CENTRE.value)]
    done = project.ended_on if project.state == ProjectState.COMPLETED else None
    if done is None or done > as_of or filed:
        return fact, proof
    return f"{fact}，{written(done)}验收，尚未备案", [*proof, (subject, ProjectState.COMPLETED.value)]


def counting(filings: Iterable[Registered], as_of: date) -> list[Registered]:
    """The systems by which a project is judged: those that ended only where no other stands, and never a
    note that was dismissed before it was filed.
    """
    known = list(filings)
    standing = [each for each in known if not over(each, as_of)]
    return standing or [each for each in known if each.filed_on is not None]


def over(filing: Registered, as_of: date) -> bool:
    return filing.state == FilingState.DEREGISTERED and (filing.ended_on is None or filing.ended_on <= as_of)


def unreviewed(project: Reviewed, as_of: date) -> Cause | None:
    """Without a positive opinion of the centre by the day: 不予安排."""
    subject = f"project:{project.id}"
    if project.state == ProjectState.WITHDRAWN and (project.ended_on is None or project.ended_on <= as_of):
        proof = ((subject, ProjectState.WITHDRAWN.value),)
        return Cause(Verdict.REFUSED, project.ended_on, NINE, "项目已撤回", proof)
    if project.state in POSITIVE and project.opinion_on is not None and project.opinion_on <= as_of:
        return None
    ended = project.ended_on or project.created_on
    if project.state == ProjectState.FAILED and ended <= as_of:
        proof = ((subject, ProjectState.FAILED.value),)
        return Cause(Verdict.REFUSED, ended, NINE, "审核未通过", proof)
    return Cause(Verdict.REFUSED, project.created_on, NINE, "未经审核", ((subject, ""),))


def with_project(cause: Cause, project: Reviewed | None, as_of: date) -> Cause:
    """A system whose project never was reviewed positively is not funded either; a stop weighs more."""
    refused = unreviewed(project, as_of) if project is not None else None
    return refused if refused is not None and cause.verdict is Verdict.FUNDABLE else cause


def of_filing(filing: Registered, facts: Facts, as_of: date) -> Cause:
    subject = f"filing:{filing.id}"
    if over(filing, as_of):
        proof = ((subject, FilingState.DEREGISTERED.value),)
        return Cause(Verdict.STOPPED, filing.ended_on, TEN, "备案已注销", proof)
    return failed(filing, facts, as_of) or unfiled(filing, facts, as_of) or fundable(filing, facts, as_of)


def failed(filing: Registered, facts: Facts, as_of: date) -> Cause | None:
    """达不到绩效要求: the last outcome that counts is a failure; a term to rectify changes nothing."""
    newest = decisive(filing, facts, as_of)
    if newest is None or newest.outcome not in FAILING:
        return None
    fact = f"{newest.year}年度绩效评价未达到要求{got(newest)}"
    proof = ((f"evaluation:{newest.evaluation}", "failed"),)
    return Cause(Verdict.STOPPED, newest.on, TEN, fact, proof)


def decisive(filing: Registered, facts: Facts, as_of: date) -> Outcome | None:
    """What the evaluation of the newest year came to in the end: what an appeal took away counts for none,
    and an older year that is decided later changes nothing.
    """
    last: dict[int, Outcome] = {}
    for each in sorted(facts.outcomes.get(filing.id, ()), key=lambda each: each.on):
        if each.on <= as_of:
            last[each.evaluation] = each
    found = [each for each in last.values() if each.outcome in {"pass", *FAILING}]
    return max(found, key=lambda each: (each.year, each.on), default=None)


def got(outcome: Outcome) -> str:
    return f"（{outcome.total:g}分）" if outcome.total is not None else ""


def unfiled(filing: Registered, facts: Facts, as_of: date) -> Cause | None:
    """未在规定时限内备案: its time limit is over. Without one nobody is stopped, however long it runs."""
    if filing.filed_on is not None and filing.filed_on <= as_of:
        return None
    subject = f"filing:{filing.id}"
    of_project = f"project:{filing.project}" if filing.project is not None else None
    limits = [each for each in (subject, of_project) if each is not None and each in facts.limits]
    for each in limits:
        late = overdue(each, facts, as_of, handed=[filing.submitted_on])
        if late is not None:
            return late
    return None


def overdue(subject: str, facts: Facts, as_of: date, *, handed: Sequence[date | None]) -> Cause | None:
    """The time limit is over on the day and nothing was handed in by its end. A clock that stands or has no
    date stops nobody.
    """
    limit = facts.limits.get(subject)
    if limit is None or limit.due_on is None or limit.due_on >= as_of:
        return None
    done = limit.met_on is not None and limit.met_on <= as_of
    stands = limit.paused_on is not None and limit.paused_on <= as_of
    in_time = any(day is not None and day <= limit.due_on for day in handed)
    if done or stands or in_time:
        return None
    fact = f"未在规定时限（{written(limit.due_on)}）内备案"
    proof = ((subject, "limit"), (subject, ""))
    return Cause(Verdict.STOPPED, limit.due_on + timedelta(days=1), TEN, fact, proof)


def fundable(filing: Registered, facts: Facts, as_of: date) -> Cause:
    subject = f"filing:{filing.id}"
    if filing.filed_on is not None and filing.filed_on <= as_of:
        fact, proof = f"{written(filing.filed_on)}已备案", [(subject, FilingState.FILED.value)]
        passed = decisive(filing, facts, as_of)
        if passed is not None:
            fact += f"，{passed.year}年度绩效评价合格{got(passed)}"
            proof.append((f"evaluation:{passed.evaluation}", "passed"))
        return Cause(Verdict.FUNDABLE, filing.filed_on, TEN, fact, tuple(proof))
    of_project = f"project:{filing.project}"
    limit = facts.limits.get(subject) or facts.limits.get(of_project)
    due = limit.due_on if limit is not None else None
    fact = f"备案期限至{written(due)}" if due is not None else "备案期限未定"
    if filing.found_on is not None and filing.found_on <= as_of:
        fact = f"{written(filing.found_on)}发现未备案运行，{fact}"
    if filing.submitted_on is not None and filing.submitted_on <= as_of and filing.state in HANDED_IN:
        fact = f"{written(filing.submitted_on)}已提交备案，待审核"
    return Cause(Verdict.FUNDABLE, None, TEN, fact, ((subject, ""),))


def restoring(rows: Sequence[Row], stopped: Mapping[str, tuple[str, int]]) -> list[Row]:
    """The rows of a new list: what was stopped (subject -> list and row) and may be funded now names the row
    that it lifts.
    """
    return [
        replace(each, restores=stopped[each.subject])
        if each.verdict is Verdict.FUNDABLE and each.subject in stopped
        else each
        for each in rows
    ]


def written(day: date | None) -> str:
    """As letters write it, without leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else ""
