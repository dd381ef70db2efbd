"""`rightsizer notice resend|release`: a notice sent anew, and the issue that the circuit breaker holds."""

from __future__ import annotations

from typing import Any

import click

from monitor.cli.answer import required_reason
from monitor.cli.notice_matter import notice_argument, reason_option
from monitor.cli.notice_words import local, refusals
from monitor.cli.output import cell, count, note
from monitor.cli.session import house, operating, working
from monitor.cli.text import _


class Address(click.ParamType[str]):
    """A mail address that we are willing to write to."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        from config.addresses import is_address

        if not is_address(str(value)):
            self.fail(
                _("{value!r} is not a mail address such as office@example.gov.cn").format(value=value),
                param,
                ctx,
            )
        return str(value)


@click.command("resend")
@notice_argument
@click.option(
    "--to", multiple=True, type=Address(), help=_("This address instead of the department's; several times.")
)
@click.option(
    "--force", is_flag=True, help=_("Though earlier mails of it wait, or its matter is at its end.")
)
@reason_option
@click.pass_context
def resend(ctx: click.Context, wanted: str, to: tuple[str, ...], force: bool, reason: str | None) -> None:
    """Send a notice anew: the same letter in new mails, to the department's present addresses."""
    from monitor.resending import resend as sent_anew

    installation = working(ctx)
    now = installation.now()
    act = operating(installation, reason)
    with refusals():
        rows = sent_anew(installation, wanted, to, now, act, force=force)
    told = ", ".join(f"{row.id} {cell(row.recipient)}" for row in rows)
    said = _("{mails} in the outbox: {told}; sent with the next run")
    note(said.format(mails=count(len(rows), _("new mail")), told=told))


@click.command("release")
@required_reason
@click.pass_context
def release(ctx: click.Context, reason: str) -> None:
    """Let the issue go that the circuit breaker holds: the next run writes what was held, and no more."""
    from notifier.breaker import release as released

    installation = house(ctx)
    act = operating(installation, reason)
    with refusals(), installation.register.write() as db:
        rows = released(db, act)
        told = [(row.name, row.machines, row.departments, row.until) for row in rows]
    said = _(
        "{what} released until {until}: {departments}, {machines}; `rightsizer once` or the daemon goes on"
    )
    for name, machines, departments, until in told:
        note(
            said.format(
                what=name,
                until=local(until, installation.settings.zone()),
                departments=count(departments, _("department")),
                machines=count(machines, _("machine")),
            )
        )
