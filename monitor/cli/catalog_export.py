"""`rightsizer catalog export-dcat|export-csv`: what is public, in standard forms for other systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import note
from monitor.cli.session import house
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.public import PublicEntry

TITLE = "公共数据开放目录"
EMPTY = "nothing is public yet: `rightsizer catalog publish` makes entries public, unless they are 不予开放"


def out_argument(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("out", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))(command)


class Tally:
    """Counts what goes by."""

    def __init__(self) -> None:
        self.entries = 0

    def seen(self, entry: PublicEntry) -> PublicEntry:
        self.entries += 1
        return entry


def whole(out: Path, write: Callable[[Path], None]) -> None:
    """Writes beside OUT, then takes its place: nobody fetches half a file."""
    part = out.with_name(f".{out.name}.part")
    try:
        write(part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def told(out: Path, entries: int) -> None:
    note(_("{out}: entries of the public catalog: {entries}").format(out=out, entries=f"{entries:,}"))
    if not entries:
        note(_(EMPTY))


def checked_base(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    from catalog.public import link_of

    if value is not None and (link_of(value) is None or "#" in value or "?" in value):
        raise click.BadParameter(_("an address such as https://data.example.gov.cn/catalog/"))
    return value


@click.command("export-dcat")
@out_argument
@click.option(
    "--base",
    callback=checked_base,
    metavar="URL",
    help=_("What the addresses of entries begin with; default: urn:rightsizer:"),
)
@click.option("--title", default=TITLE, show_default=True, help=_("Name of the catalog."))
@click.pass_context
def export_dcat(ctx: click.Context, out: Path, base: str | None, title: str) -> None:
    """Write what is public as DCAT in JSON-LD to OUT."""
    from catalog.dcat import BASE, Head, lines
    from catalog.public import every

    installation, tally = house(ctx), Tally()
    base = BASE if base is None else f"{base.rstrip('/')}/"
    head = Head(title, installation.settings.letters.office, base)

    def write(path: Path) -> None:
        with installation.register.read() as db, path.open("w", encoding="utf-8") as file:
            file.writelines(lines(head, map(tally.seen, every(db))))

    whole(out, write)
    told(out, tally.entries)


@click.command("export-csv")
@out_argument
@click.pass_context
def export_csv(ctx: click.Context, out: Path) -> None:
    """Write what is public as a sheet to OUT: one row per entry, UTF-8 with a mark for spreadsheets."""
    from catalog.public import every
    from catalog.public_sheet import HEADINGS, row
    from store.sheet_out import write_csv

    installation, tally = house(ctx), Tally()

    def write(path: Path) -> None:
        with installation.register.read() as db:
            write_csv(path, HEADINGS, (row(tally.seen(entry)) for entry in every(db)))

    whole(out, write)
    told(out, tally.entries)
