"""`rightsizer notice preview`: a notice as it was sent, or as the next run would write it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.answer import KINDS
from monitor.cli.finding import department_option
from monitor.cli.notice_words import refusals
from monitor.cli.output import Command, note
from monitor.cli.session import known_department, progress, working
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.installation import Installation
    from monitor.previews import Sheet

FORMS = {
    "text": _("The text of the mail, printed (the default)."),
    "html": _("The mail as web mail shows it."),
    "pdf": _("The formal letter."),
    "docx": _("The letter as an office can edit it."),
    "xlsx": _("The annex."),
    "eml": _("The whole mail."),
}
STDOUT = "-"


def forms(command: Command) -> Command:
    """A flag for each form."""
    for form, words in reversed(FORMS.items()):
        command = click.option(f"--{form}", "chosen", flag_value=form, help=words)(command)
    return command


@click.command("preview")
@click.argument("wanted", metavar="[NOTICE]", required=False)
@click.option("--next", "coming", is_flag=True, help=_("What the next run would issue, without numbers."))
@department_option
@click.option("--kind", type=click.Choice(KINDS), help=_("Only this kind."))
@forms
@click.option(
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help=_("Where it goes; - is standard output. Default: named by the number, here."),
)
@click.pass_context
def preview(
    ctx: click.Context,
    wanted: str | None,
    coming: bool,
    department: str | None,
    kind: str | None,
    chosen: str | None,
    output_file: Path | None,
) -> None:
    """Show a notice exactly as it was sent, or what the next run would issue.

    NOTICE is its No. or its number. Papers go into files, whose paths are printed; a file that is there
    already is overwritten only when --output-file names it.
    """
    if coming == (wanted is not None):
        raise click.UsageError(_("NOTICE, or else --next"), ctx)
    if not coming and (department is not None or kind is not None):
        raise click.UsageError(_("--department and --kind go with --next"), ctx)
    form = chosen or "text"
    installation = working(ctx)
    with refusals():
        if wanted is not None:
            put([sheet(installation, wanted, form)], form, output_file)
        else:
            put(upcoming_sheets(installation, department, kind, form), form, output_file)


def sheet(installation: Installation, wanted: str, form: str) -> Sheet:
    from monitor.previews import as_sent
    from notifier.responses import found_notice

    with installation.register.read() as db:
        return as_sent(installation, db, found_notice(db, wanted), form)


def upcoming_sheets(
    installation: Installation, department: str | None, kind: str | None, form: str
) -> list[Sheet]:
    from monitor.previews import drafts, upcoming

    now = installation.now()
    if department is not None:
        with installation.register.read() as db:
            known_department(db, department)
    groups, obstacles = upcoming(installation, now, department, kind)
    for text in obstacles:
        note(_("not yet: {text}").format(text=text))
    if not groups:
        raise click.ClickException(
            _("nothing is approved that could be issued: `rightsizer finding approve`")
        )
    sheets = []
    with progress() as advance:
        for made in drafts(installation, groups, form, now):
            sheets.append(made)
            advance("draft", len(sheets), len(groups))
    return sheets


def put(sheets: list[Sheet], form: str, file: Path | None) -> None:
    """Prints texts, writes papers; says where they lie."""
    for one in sheets:
        if one.remark is not None:
            note(one.remark)
    if file is not None and len(sheets) > 1:
        raise click.ClickException(
            _("{count} notices, one file: choose by --department and --kind").format(count=len(sheets))
        )
    if form == "text" and file is None:
        click.echo("\n\n".join(plain(one.data) for one in sheets))
    elif str(file) == STDOUT:
        printed(sheets[0].data, form)
    else:
        for one in sheets:
            click.echo(written(file or Path(one.name), one.data, over=file is not None))


def plain(data: bytes) -> str:
    """The text as a terminal shows it."""
    return data.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")


def printed(data: bytes, form: str) -> None:
    if form in {"text", "html"}:
        click.echo(plain(data))
    elif sys.stdout.isatty():
        raise click.ClickException(_("{form} is not for a terminal: name a file").format(form=form.upper()))
    else:
        sys.stdout.buffer.write(data)


def written(path: Path, data: bytes, *, over: bool) -> Path:
    """The whole file or none; one that lies there is kept unless it was named."""
    if path.exists() and not over:
        said = _("{path} lies here already: name it with --output-file to overwrite it")
        raise click.ClickException(said.format(path=path))
    if path.exists() and not path.is_file():
        raise click.ClickException(_("{path} is no regular file: name another").format(path=path))
    real = path.resolve()  # what a link points at
    made = real.with_name(f".{real.name[:40]}.new")
    try:
        made.write_bytes(data)
        made.replace(real)
    finally:
        made.unlink(missing_ok=True)
    return path
