"""`rightsizer dashboard`: what goes along with the program for Grafana and Prometheus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import Column, output_option, show
from monitor.cli.text import _

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = "/etc/grafana/rightsizer/dashboards"  # stands in the shipped provider file
PROVIDER = Path("provisioning/dashboards/rightsizer.yaml")
SHIPPED = (
    ("grafana", "dashboards/*.json"),
    ("grafana", "provisioning/*/*.yaml"),
    ("prometheus", "*.yml"),
)
COLUMNS = (
    Column("uid", _("Uid")),
    Column("title", _("Title")),
    Column("panels", _("Panels"), right=True),
    Column("description", _("What it shows"), fold=True),
)


@click.group("dashboard", help=_("Grafana dashboards: list, export."))
def command() -> None: ...


@command.command("list")
@output_option
def list_dashboards(output: str | None) -> None:
    """List the dashboards."""
    show(rows(), COLUMNS, output)


@command.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help=_("Write over files that lie there."))
def export(folder: Path, *, force: bool) -> None:
    """Write the dashboards, Grafana's provisioning files and Prometheus's settings and rules to DIR, and
    print where they lie.

    DIR/provisioning goes to Grafana's own provisioning folder; it names DIR/dashboards.
    """
    files = {folder / name: text for name, text in contents(folder.absolute())}
    there = next((path for path in files if path.exists()), None)
    if there is not None and not force:
        raise click.ClickException(_("{path} lies here already: --force, or another DIR").format(path=there))
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        click.echo(path)


def rows() -> Iterator[dict[str, object]]:
    from monitor.shipped import shipped

    for path in sorted(shipped("grafana/dashboards").glob("*.json")):
        board = json.loads(path.read_text("utf-8"))
        panels = sum(panel["type"] != "row" for panel in board["panels"])
        yield {name: board[name] for name in ("uid", "title", "description")} | {"panels": panels}


def contents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below DIR and its text; the provider names the folder's dashboards."""
    from monitor.shipped import shipped

    for source, pattern in SHIPPED:
        for path in sorted(shipped(source).glob(pattern)):
            name, text = path.relative_to(shipped(source)), path.read_text("utf-8")
            if name == PROVIDER:
                text = text.replace(PLACE, json.dumps(str(folder / "dashboards"), ensure_ascii=False))
            yield (Path(source) / name if source == "prometheus" else name), text
