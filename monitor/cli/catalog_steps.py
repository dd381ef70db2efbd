"""`rightsizer catalog submit|confirm|return|withdraw|file|publish|offline|discard|revise`: an entry's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from monitor.cli.answer import required_reason
from monitor.cli.catalog_matter import codes_argument, desk
from monitor.cli.output import note
from monitor.cli.session import reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from catalog.tables import Entry, Version
    from monitor.cli.catalog_matter import Desk

FUNCTIONS = {"return": "send_back", "offline": "take_offline"}  # others are called as the step is


def step(name: str, words: str, why: Callable[..., Any]) -> click.Command:
    """A command that takes entries by their codes through one step, all or none."""

    @click.command(name, help=words)
    @codes_argument
    @why
    @click.pass_context
    def taken(ctx: click.Context, codes: tuple[str, ...], reason: str | None) -> None:
        from catalog.entries import found, subject

        lines = []
        with desk(ctx, reason) as at:
            for code in dict.fromkeys(codes):
                entry = found(at.db, code)
                version, more = carried_out(at, name, entry)
                lines.append(f"{subject(entry, version)}: {version.state}{more}")
        note("\n".join(lines))

    return taken


def carried_out(at: Desk, name: str, entry: Entry) -> tuple[Version, str]:
    """The version that was moved, and what else is to be said."""
    from catalog import entries, passage

    if name == "publish":
        version, late = passage.publish(at.db, entry, at.today, at.act)
        return version, "".join(
            _("; change {number} ({what}) stays open: it was submitted before that").format(
                number=event.id, what=event.what
            )
            for event in late
        )
    if name == "revise":
        return entries.revise(at.db, entry, at.today, at.act), ""
    move: Callable[..., Version] = getattr(passage, FUNCTIONS.get(name, name))
    return move(at.db, entry, at.today, at.act), remarks(at, name, entry)


def remarks(at: Desk, name: str, entry: Entry) -> str:
    """What the reviewer should look up when it is filed."""
    from catalog.entries import version_of
    from catalog.knowledge import Knowledge
    from catalog.passage import doubtful

    if name != "file":
        return ""
    found = doubtful(Knowledge(at.db, at.today), entry, version_of(at.db, entry))
    return "".join(f"; {one}" for one in found)


STEPS = (
    step("submit", _("Submit drafts to the department's signer (部门审核)."), reason_option),
    step(
        "confirm",
        _("Sign for the department what an editor submitted: to the centre."),
        reason_option,
    ),
    step("return", _("Send entries back to their editors, and say why."), required_reason),
    step("withdraw", _("Take submitted entries back, as drafts."), reason_option),
    step("file", _("File entries with the centre (备案)."), reason_option),
    step("publish", _("Publish filed entries; a version before it is replaced."), reason_option),
    step("offline", _("Take published entries out of the public catalog."), required_reason),
    step("discard", _("Give drafts up; what stood before them stays."), reason_option),
    step("revise", _("Begin new versions; the published ones stay until the new ones are."), reason_option),
)
