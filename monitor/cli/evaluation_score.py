"""`rightsizer evaluation score`: fills a sheet by our own data and by what a person gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from monitor.cli.output import cell, note
from monitor.cli.session import acting, house, reason_option
from monitor.cli.text import _

if TYPE_CHECKING:
    from filing.evaluations import Given


class Item(click.ParamType[tuple[str, str]]):
    """KEY=POINTS or KEY=WORDS."""

    name = "item"

    def convert(
        self,
        value: Any,  # noqa: ANN401  (click's own)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, rest = str(value).partition("=")
        if not equals or not key.strip() or not cell(rest):
            self.fail(_("{value!r} is not KEY=VALUE").format(value=value), param, ctx)
        return key.strip(), cell(rest)


@click.command("score")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option(
    "--item", "items", type=Item(), multiple=True, metavar="KEY=POINTS", help=_("Points of an item.")
)
@click.option(
    "--leave", "left", type=Item(), multiple=True, metavar="KEY=WHY", help=_("Leave an item out, and why.")
)
@click.option("--dry-run", is_flag=True, help=_("Show what is measured, change nothing."))
@reason_option
@click.pass_context
def score(
    ctx: click.Context,
    number: int,
    items: tuple[tuple[str, str], ...],
    left: tuple[tuple[str, str], ...],
    dry_run: bool,
    reason: str | None,
) -> None:
    """Score the sheet NUMBER: what is measured fills itself, the other items are given.

    Points given before stay. An item that is measured takes points by hand only with -m; one that is neither
    measured nor given refuses the sheet, or is left out with a reason, and the others count for it.
    """
    from filing.evaluations import found_evaluation
    from filing.evaluations import score as fill
    from monitor.measuring import measured

    given = [*given_points(ctx, items, cell(reason) or None), *left_out(left)]
    installation = house(ctx)
    now, act = installation.now(), acting(installation, cell(reason) or None)
    with installation.register.read() as db:
        row = found_evaluation(db, number)
        own = measured(installation, db, row, now)
        points = {line["measure"]: line["points"] for line in row.sheet if line["measure"]}
    for name, found in own.items():
        told = _("not measured") if found.share is None else f"{found.share * points.get(name, 0):.2f}"
        note(_("{name}: {told} of {points}").format(name=name, told=told, points=points.get(name, 0)))
    if dry_run:
        note(_("nothing was changed"))
        return
    with installation.register.write() as db:
        total = fill(db, found_evaluation(db, number), given, own, act, now.today)
    note(_("{number}: {total:g} of 100 points; another person confirms").format(number=number, total=total))


def given_points(ctx: click.Context, items: tuple[tuple[str, str], ...], reason: str | None) -> list[Given]:
    from filing.evaluations import Given

    found = []
    for key, text in items:
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", text, re.ASCII):
            raise click.UsageError(
                _("--item {key}={text}: points such as 8 or 7.5").format(key=key, text=text), ctx
            )
        found.append(Given(key, float(text), reason))
    return found


def left_out(left: tuple[tuple[str, str], ...]) -> list[Given]:
    from filing.evaluations import Given

    return [Given(key, None, why) for key, why in left]
