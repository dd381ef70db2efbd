"""What a submission lacks (art. 8): the five parts, the fields of the form, a budget that adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from filing.project_papers import lines, papers
from filing.project_tables import DESIGN, PAPERS
from filing.projects import NEED

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from filing.tables import Project

FIELDS = {
    "basis": "立项依据",
    "goals": "建设目标",
    "content": "建设内容",
    "fund_source": "资金来源",
    "contact": "联系人",
    "phone": "联系电话",
}
EDIT = {"budget": "资金概算", "lines": "概算明细", "sum": "概算明细与总额一致", "cloud": "云资源需求数量"}


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: its key, and its name in the letters."""

    key: str
    name: str


def lacking(db: Session, project: Project) -> list[Lack]:
    """Everything that the submission lacks, in the order of the form; empty when it is complete."""
    there = {paper.kind for paper in papers(db, project)}
    found = [Lack(key, name) for key, name in FIELDS.items() if not (getattr(project, key) or "").strip()]
    found += [Lack(key, EDIT[key]) for key in of_budget(project, [line.fen for line in lines(db, project)])]
    if not sized(project.cloud_need):
        found.append(Lack("cloud_need", EDIT["cloud"]))
    return [*found, *(Lack(str(kind), PAPERS[kind]) for kind in DESIGN if kind not in there)]


def of_budget(project: Project, fens: list[int]) -> list[str]:
    if project.budget_fen is None:
        return ["budget"]
    if not fens:
        return ["lines"]
    return [] if sum(fens) == project.budget_fen else ["sum"]


def sized(need: object) -> bool:
    """A cloud need with its three numbers: all of them more than 0, or all 0 when no machine is needed."""
    values = [need.get(key) for key in NEED] if isinstance(need, dict) else []
    if not values or any(value is None for value in values):
        return False
    return len({bool(value) for value in values}) == 1


def listed(lacks: list[Lack]) -> str:
    return "、".join(lack.name for lack in lacks)
