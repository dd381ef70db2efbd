"""The command `rightsizer NOUN VERB`. Modules of commands are loaded only when they are called, heavy ones
inside them.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import click

from monitor.cli.errors import EXIT_FAILED, EXIT_TEMPORARY, explain
from monitor.cli.text import _, harmless

COMMANDS = {
    "application": _("Cloud applications: write, approve, deliver, deploy, change, release."),
    "audit": _("The journal of decisions: verify; export a case."),
    "backup": _("Copy everything that is kept into a folder."),
    "budget": _("The budget list: list, issue, show, letter, attest."),
    "calendar": _("Working days: check, import a year, count."),
    "catalog": _("The data catalog: entries, their way to the public, changes, sources."),
    "collect": _("Collect from every source once, now."),
    "config": _("Check the settings."),
    "dashboard": _("Grafana dashboards: list, export."),
    "db": _("Make or upgrade the register."),
    "deadline": _("Deadlines of every register: list, show, extend."),
    "demo": _("Show the whole product on a simulated city."),
    "department": _("Departments: import, list, add, change, show; contacts; the card of a year."),
    "doctor": _("Say what is missing on this machine."),
    "filing": _("Filings of systems (备案): list, add, submit, accept, reconcile, import, campaign."),
    "evaluation": _("Yearly evaluation of filed systems: open, list, score, confirm, appeal."),
    "finding": _("Findings: list, show, approve, reject, defer, reopen."),
    "inventory": _("Machines: import, list."),
    "judge": _("Judge every machine by the policy."),
    "machine": _("Explain a machine's verdict."),
    "notice": _("Notices: list, show, preview; receipts and answers; send anew."),
    "open": _("Opening on request: receive, correct, consult, answer; reports of use."),
    "once": _("Run every step of the pipeline once."),
    "outbox": _("Mails: list, show, try again, hold, go on."),
    "people": _("People and their roles: list, and what each role may do."),
    "platform": _("Departments' own clouds and their merge plans."),
    "plan": _("Plans: add, list, show, approve, publish; their tasks."),
    "policy": _("Show the policy; try other thresholds on the stored days."),
    "report": _("Write the report of a month."),
    "project": _("Projects: from the draft to the accepted system."),
    "purchase": _("Bought data: ask, approve, buy, put into the catalog, share, close."),
    "protection": _("Machines that may not be shrunk for a time: add, list, end."),
    "restore": _("Put a backup back in place."),
    "review": _("Walk the open findings and answer them."),
    "rules": _("Test rules on written cases."),
    "run": _("Run the daemon."),
    "service-item": _("Service items: import, list, link; papers that need not be asked for."),
    "share": _("Sharing: ask for data, answer, use it; entries without a link."),
    "service": _("The daemon as a service of systemd: install, look at, take away."),
    "savings": _("Savings promised and realised, by department and year."),
    "supervision": _("Trainings, inspections, findings, awards: add, list, revoke."),
    "task": _("What only the operator can do: list, close."),
    "usage": _("Import a history of measurements."),
}


class Commands(click.Group):
    """Finds a command in the module of its name; the list of commands costs no import."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"monitor.cli.{cmd_name.replace('-', '_')}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for word in args:
            if "\0" in word or any("\ud800" <= c <= "\udfff" for c in word):
                said = _("{word!a} is no text in UTF-8: set the terminal to UTF-8 and type it again")
                raise click.UsageError(said.format(word=word[:40]), ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = close(args[0], COMMANDS)
            raise click.UsageError(f"{error.message}{near}", ctx) from error

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl(sorted(COMMANDS.items()))


def close(word: str, known: dict[str, str]) -> str:
    import difflib

    found = difflib.get_close_matches(word, known, 1)
    return _(" Did you mean {word}?").format(word=found[0]) if found else ""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help=_("Settings file; else $RIGHTSIZER_CONFIG, XDG, /etc/rightsizer/rightsizer.yml."),
)
@click.option("--as", "other", metavar="LOGIN", help=_("Type for another of `people:`; for operators."))
@click.option("-v", "--verbose", is_flag=True, help=_("Log every step; show where an error came from."))
@click.version_option(package_name="rightsizer", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, config: Path | None, other: str | None, verbose: bool) -> None:
    """Measure every machine of a government cloud, judge it by the regulation, and show why."""
    ctx.obj = {"config": config, "as": other, "verbose": verbose}


def say(error: click.ClickException) -> None:
    """One form for every error; a mistaken call is shown its usage first, one without a word all the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    if isinstance(error, click.UsageError) and error.ctx is not None:
        path = error.ctx.command_path
        click.echo(f"{error.ctx.get_usage()}\n" + _("Try `{path} --help`.").format(path=path), err=True)
    click.echo(harmless(f"rightsizer: {error.format_message()}"), err=True)


def silent() -> TextIO:
    """Where a closed stream is written to: some start programs without."""
    return Path(os.devnull).open("w", encoding="utf-8")


def main() -> None:
    """The console script. Exit codes: 0 ok, 1 failed, 2 usage, 3 findings exist (judge --check), 75 try
    again.
    """
    sys.stdout, sys.stderr = sys.stdout or silent(), sys.stderr or silent()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    verbose = bool({"-v", "--verbose"} & set(sys.argv[1:]))
    try:
        code = root.main(standalone_mode=False)
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.Abort:
        click.echo(_("Interrupted."), err=True)
        code = 130
    except click.ClickException as error:
        say(error)
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = EXIT_FAILED
    except Exception as error:
        message = explain(error)
        if message is None or verbose:
            raise
        click.echo(harmless(f"rightsizer: {message.text}"), err=True)
        code = EXIT_TEMPORARY if message.temporary else EXIT_FAILED
    sys.exit(code if isinstance(code, int) else 0)
