"""What a notice says, frozen at issue: everything that its letters are made of, and its SHA-256.

A letter is a function of its Content alone, so that the same Content gives the same letter years later.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class NoticeKind(StrEnum):
    SHRINK = "shrink"  # 核减通知
    EXPAND = "expand"  # 扩容建议函
    IDLE = "idle"  # 停用核实
    DEPLOY = "deploy"  # 部署催办
    REMINDER = "reminder"  # 到期提醒
    OVERDUE = "overdue"  # 逾期催办
    WITHDRAWAL = "withdrawal"  # 撤销
    DUE = "due"  # 事项到期提醒
    LATE = "late"  # 事项逾期催办


FIRST = (NoticeKind.SHRINK, NoticeKind.EXPAND, NoticeKind.IDLE, NoticeKind.DEPLOY)  # open a matter
FOLLOWING = (NoticeKind.REMINDER, NoticeKind.OVERDUE, NoticeKind.WITHDRAWAL)  # refer to a first one
OF_MATTERS = (NoticeKind.DUE, NoticeKind.LATE)  # remind of deadlines of the registers; name no machine


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Figure(Frozen):
    """One condition of the deciding rule. Percents 0..100 (network: bytes/s); value None = unknown.

    `known` and `expected` count samples of the window; `share` (0..1) is the part of the known samples at or
    below the threshold (p95 only); `witnesses` are the days of a periodic peak, the earlier one first, and
    `recent_days` how many days back the later one may lie; `phrase` is the article's.
    """

    resource: Literal["cpu", "memory", "disk", "network"]
    statistic: Literal["mean", "p95", "periodic_peak", "max", "last"]
    operator: Literal["at_most", "below", "above"]
    value: float | None
    threshold: int
    holds: bool
    known: int
    expected: int
    share: float | None = None
    witnesses: tuple[date, ...] = ()
    recent_days: int | None = None
    phrase: str


class Size(Frozen):
    """vCPU, GiB, GiB; None = unknown or not to be changed."""

    vcpus: float | None = None
    memory_gib: float | None = None
    disk_gib: float | None = None


class Chart(Frozen):
    """Daily figures in percent from `since` on, a value a day, None = not measured."""

    since: date
    cpu: tuple[float | None, ...]  # p95 of the day
    memory: tuple[float | None, ...]  # highest half hour
    disk: tuple[float | None, ...]  # highest


class Row(Frozen):
    """One machine of the annex. `delivered_on` only for deployment; `state` and `due` only in what follows
    a first notice.
    """

    machine: str
    system: str | None = None
    address: str | None = None
    figures: tuple[Figure, ...] = ()
    coverage: float | None = None  # 0..1, of the deciding rule
    valid_days: int | None = None
    window_days: int | None = None
    current: Size = Size()
    advised: Size | None = None
    saving_yuan_month: float | None = None  # negative: costs
    chart: Chart | None = None
    delivered_on: date | None = None
    state: str | None = None
    due: date | None = None
    note: str | None = None  # why a notice is withdrawn, as the operator or the program put it


class Matter(Frozen):
    """One deadline of the registers, as a letter of matters lists it. `due` None: provisional; `extended`:
    due by an operator's word. `overdue` are calendar days past the end, `level` is the n of its n-th 催办.
    """

    article: str
    title: str
    started_on: date
    working_days: int
    due: date | None = None
    extended: bool = False
    overdue: int = 0
    level: int = 0


class Basis(Frozen):
    """The regulation that the notice rests on. `expired_on`: its validity ended then; `override` is the
    document that is cited in its place.
    """

    title: str
    document_number: str
    article: str
    valid_from: date
    valid_to: date | None = None
    expired_on: date | None = None
    override: str | None = None


class Office(Frozen):
    """Who writes: name, 发文机关标志, and whom to ask."""

    name: str
    mark: str
    contact: str | None = None
    phone: str | None = None
    address: str | None = None


class Parent(Frozen):
    """The first notice that a following one refers to. `due` None: provisional, or never received. `signed`:
    the department signed for it or answered; else the mail server took it, and no more is known.
    """

    number: str
    kind: NoticeKind
    issued_on: date
    received_on: date | None = None
    signed: bool = False
    due: date | None = None


class Content(Frozen):
    """`as_of` is the day D of the judgement: its window is the `window_days` days before it.

    `working_days` is the term from receipt; `answer_by` the date asked for where the clock runs already
    (following notices, matters), None = not known yet. `level` is the n of the n-th 催办; `copy_to` are
    further addressees (抄送). A letter names machines (`rows`), or `matters`.
    """

    kind: NoticeKind
    number: str
    department: str
    contact: str | None = None
    issued_on: date
    as_of: date
    window_days: int | None = None
    working_days: int
    answer_by: date | None = None
    basis: Basis
    office: Office
    rows: tuple[Row, ...]
    parent: Parent | None = None
    level: int = 0
    copy_to: tuple[str, ...] = ()
    matters: tuple[Matter, ...] = ()
    locale: Literal["zh_CN", "en"] = "zh_CN"

    def sha256(self) -> str:
        """Over the canonical JSON: keys sorted, no spaces. `matters` only where there are any: the seals of
        notices about machines are older than them.
        """
        plain = self.model_dump(mode="json", exclude=None if self.matters else {"matters"})
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()
