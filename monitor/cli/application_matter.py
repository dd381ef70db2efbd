"""What the commands on an application share: the application in a write transaction, their options."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.answer import Words
from monitor.cli.output import note
from monitor.cli.session import Day, Finite, acting, house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from filing.application_clocks import Desk
    from filing.application_tables import Application
    from filing.applications import Asked, Facts
    from monitor.installation import Installation
    from store.workflow import Act

number_argument = click.argument("number", metavar="N", type=click.IntRange(1, 2**31 - 1))
reason_option = click.option("-m", "--reason", type=Words(), help=_("Why; kept in the journal."))
LINE_KEYS = {
    **dict.fromkeys(("role", "角色", "用途"), "role"),
    **dict.fromkeys(("count", "数量"), "count"),
    **dict.fromkeys(("vcpus", "cpu", "核"), "vcpus"),
    **dict.fromkeys(("memory", "内存"), "memory_gib"),
    **dict.fromkeys(("system", "系统盘"), "system_disk_gib"),
    **dict.fromkeys(("data", "数据盘"), "data_disk_gib"),
    **dict.fromkeys(("os", "镜像"), "os"),
    **dict.fromkeys(("domestic", "信创"), "domestic"),
    **dict.fromkeys(("machine", "云主机"), "machine"),
}
NUMBERS = ("vcpus", "memory_gib", "system_disk_gib", "data_disk_gib")
YES, NO = ("yes", "是", "1", "true"), ("no", "否", "0", "false")


@dataclass(frozen=True, slots=True)
class Case:
    """One application in a write transaction, and who acts on it."""

    house: Installation
    db: Session
    row: Application
    desk: Desk
    act: Act


@contextmanager
def case(ctx: click.Context, number: int, reason: str | None) -> Iterator[Case]:
    """The application, in one transaction: all that is done inside is kept, or nothing."""
    from filing.application_clocks import Desk
    from filing.applications import found
    from store.calendar import calendar

    installation = house(ctx)
    now, act = installation.now(), acting(installation, reason)
    with installation.register.write() as db:
        desk = Desk(calendar(db), installation.policy.application, now.today)
        yield Case(installation, db, found(db, number), desk, act)


def kept(installation: Installation, path: Path) -> str:
    """A copy of a paper, kept with the data."""
    from monitor.proofs import FOLDER, keep

    return keep(installation.settings.data_dir / FOLDER, path)


class Line(click.ParamType[dict[str, str]]):
    """KEY=VALUE,KEY=VALUE: one line of what is asked for."""

    name = "KEY=VALUE,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:  # noqa: ANN401  (click's own)
        if isinstance(value, dict):
            return value
        told: dict[str, str] = {}
        for part in str(value).replace("，", ",").split(","):
            key, equals, text = part.partition("=")
            name = LINE_KEYS.get(key.strip())
            if name is None:
                known = "role, count, vcpus, memory, system, data, os, domestic, machine"
                said = _("{key!r} is none of {known}")
                self.fail(said.format(key=key.strip(), known=known), param, ctx)
            if name in told:
                self.fail(_("{key} stands twice").format(key=key.strip()), param, ctx)
            told[name] = text.strip() if equals else "yes"
        if "role" not in told:
            self.fail(_("a role is wanted, such as role=数据库"), param, ctx)
        return told


def asked(told: dict[str, str]) -> Asked:
    """Raises UsageError for what is no number."""
    from filing.applications import Asked

    sizes = {name: number(name, told.get(name, "0")) for name in NUMBERS}
    count = number("count", told.get("count", "1"))
    if count != int(count):
        raise click.UsageError(_("--line: count {count:g} is no whole number").format(count=count))
    domestic = told.get("domestic", "no").lower()
    if domestic not in YES + NO:
        raise click.UsageError(_("--line: domestic is yes or no, not {word}").format(word=domestic))
    return Asked(
        role=told["role"],
        count=int(count),
        os=told.get("os") or None,
        domestic=domestic in YES,
        machine=told.get("machine") or None,
        **sizes,
    )


def number(name: str, text: str) -> float:
    from math import isfinite

    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise click.UsageError(_("--line: {name} {text!r} is no number").format(name=name, text=text))
    return value


FACTS = (
    ("--project", "project_id", click.IntRange(1, 2**31 - 1), _("The project that it belongs to.")),
    (
        "--filing",
        "filing_id",
        click.IntRange(1, 2**31 - 1),
        _("The filing of the system that it belongs to."),
    ),
    (
        "--zone",
        "zone",
        click.Choice(["internet", "government", "dedicated", "dmz"]),
        _("Network zone: 互联网区, 政务外网区, 专线, DMZ."),
    ),
    ("--from", "term_from", Day(), _("The first day of the term of use.")),
    ("--to", "term_to", Day(), _("The last day of the term of use.")),
    ("--public-ips", "public_ips", click.IntRange(0, 2**31 - 1), _("Public addresses.")),
    ("--bandwidth", "bandwidth_mbps", Finite(0, 1e9), _("Bandwidth, Mbit/s.")),
    ("--backup", "backup", Words(), _("The backup that is wanted.")),
    ("--description", "description", Words(), _("What the system does (业务说明).")),
    ("--go-live", "go_live_on", Day(), _("The planned day of going live.")),
    ("--users", "users", click.IntRange(0, 2**31 - 1), _("Expected users.")),
    ("--level", "protection_level", click.IntRange(1, 4), _("Level of protection (等保), 1 to 4.")),
    ("--contact", "contact", Words(), _("Whom to ask.")),
    ("--phone", "phone", Words(), _("Their telephone.")),
)


def facts_options(command: Callable[..., None]) -> Callable[..., None]:
    for option, name, kind, words in reversed(FACTS):
        command = click.option(option, name, type=kind, help=words)(command)
    secret = _("It is 涉密: refused, this register keeps nothing secret (art. 2).")
    command = click.option("--secret", is_flag=True, help=secret)(command)
    paper = _("The signed application form; a copy is kept with the data.")
    command = click.option("--proof", type=click.Path(path_type=Path), help=paper)(command)
    line = _(
        "Machines of one kind, several times: role=数据库,count=2,vcpus=8,memory=32,system=100,data=500,"
        "os=麒麟V10,domestic=yes; machine=NAME: this one gets the size."
    )
    return click.option("--line", "lines", type=Line(), multiple=True, help=line)(command)


def facts_of(installation: Installation, given: dict[str, Any]) -> Facts:
    """What the options say. Raises RefusedError for what is secret, before anything is kept."""
    from filing.applications import Facts
    from store.workflow import RefusedError

    if given["secret"]:
        raise RefusedError(
            "a 涉密 system goes by the laws on state secrets (art. 2), not kept here: nothing was stored"
        )
    proof = given["proof"]
    paper = kept(installation, proof) if proof is not None else None
    return Facts(**{name: given[name] for _option, name, _kind, _words in FACTS}, paper=paper)


def say(row: Application, what: str) -> None:
    note(_("application {number}: {what}").format(number=row.id, what=what))
