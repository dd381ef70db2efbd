"""`rightsizer review`: the open findings one by one, largest saving first, each with a key to answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.conversation import Conversation, bold, conversation
from monitor.cli.finding import department_option, kind_option
from monitor.cli.judge import say_validity
from monitor.cli.output import cell, count, note, yuan
from monitor.cli.paper import drawings, paper
from monitor.cli.session import house, known_department, operating
from monitor.cli.text import _

if TYPE_CHECKING:
    from monitor.case import Case
    from monitor.installation import Installation, Now
    from monitor.reviewing import Wanted
    from notifier.content import Chart

AHEAD = 20  # findings whose charts are read together
DEFERRED_FOR = timedelta(days=30)
STATES = ("open", "approved", "rejected", "deferred")
EVENTS = {"a": "approve", "r": "reject", "d": "defer", "o": "reopen"}
KEYS = {**EVENTS, "o": "open", "s": "skip", "b": "back", "q": "quit", "?": "help"}
HELP = (
    _("a  approve: the next run writes a notice about it"),
    _("r  reject, with a reason and an end date: no notice until then"),
    _("d  defer, with a reason and an end date: to be looked at again then"),
    _("o  open again: take an earlier answer back"),
    _("s  skip: leave it as it is"),
    _("b  back to the one before; an answer just given to it is taken back; what `o` opened stays open"),
    _("q  quit; every answer is stored already"),
)


@dataclass(slots=True)
class Review:
    """One sitting: the findings in their order, where it stands, what was answered on the way."""

    installation: Installation
    now: Now
    queue: list[int]
    states: tuple[str, ...]
    person: Conversation
    place: int = 0
    way: list[tuple[int, str | None]] = field(default_factory=list)  # (place, event)
    given: dict[int, tuple[str, float]] = field(default_factory=dict)  # finding -> (event, saving)
    drawn: dict[str, Chart] = field(default_factory=dict)  # charts, read ahead
    news: list[str] = field(default_factory=list)  # said above the next page


@click.command("review")
@kind_option
@department_option
@click.option(
    "--state", type=click.Choice(STATES), default="open", show_default=True, help=_("Those in this state.")
)
@click.pass_context
def command(ctx: click.Context, kind: str | None, department: str | None, state: str) -> None:
    """Walk the open findings, largest saving first: evidence, charts, the machine's past; approve, reject,
    defer or skip with a key.

    Every answer is stored at once. Off a terminal the answers are read line by line from standard input.
    """
    from monitor.reviewing import Wanted, numbers

    installation = house(ctx)
    now = installation.now()
    say_validity(installation.policy.validity(now.as_of))
    wanted = Wanted(state, kind, department)
    with installation.register.read() as db:
        if department is not None:
            known_department(db, department)
        queue = numbers(db, wanted)
    if not queue:
        note(nothing(installation, wanted))
        return
    sitting = Review(installation, now, queue, (state, "open"), conversation())
    try:
        walk(sitting)
    except (EOFError, KeyboardInterrupt, click.Abort):
        note("")
    note("\n".join([*sitting.news, summary(sitting, wanted)]))


def walk(sitting: Review) -> None:
    """Until the end of the queue, or q."""
    while sitting.place < len(sitting.queue):
        seen = look(sitting)
        if seen is None:
            sitting.place += 1
            continue
        turn(sitting, seen)
        if not answered(sitting, seen):
            return


def turn(sitting: Review, seen: Case) -> None:
    """Shows the page, under what happened since the last one."""
    sitting.person.clear()
    for line in sitting.news:
        note(line)
    place = _("{number} of {total}").format(number=sitting.place + 1, total=len(sitting.queue))
    lines = paper(seen, place, chart_of(sitting, seen), len(sitting.news))
    sitting.news.clear()
    for line in lines:
        click.echo(line)


def look(sitting: Review) -> Case | None:
    """The next finding as it stands now; None, and said, when it needs no answer any more."""
    number = sitting.queue[sitting.place]
    seen = current(sitting, number)
    if seen is not None and seen.state in sitting.states:
        return seen
    words = _("gone") if seen is None else seen.state
    by = f" {_('by')} {cell(seen.reviewed_by)}" if seen is not None and seen.state in STATES else ""
    sitting.news.append(
        _("Finding {number} is {words} meanwhile{by}.").format(number=number, words=words, by=by)
    )
    return None


def current(sitting: Review, number: int) -> Case | None:
    from monitor.case import case

    with sitting.installation.register.read() as db:
        return case(db, number, sitting.installation.settings.zone(), sitting.now.today)


def chart_of(sitting: Review, seen: Case) -> Chart:
    """The machine's days, read together with those of the next findings: one by one would be slow."""
    from monitor.reviewing import machines_of

    if seen.machine not in sitting.drawn:
        ids = sitting.queue[sitting.place : sitting.place + AHEAD]
        with sitting.installation.register.read() as db:
            names = machines_of(db, ids)
        sitting.drawn = drawings(sitting.installation, names, sitting.now.as_of)
    return sitting.drawn[seen.machine]


def answered(sitting: Review, seen: Case) -> bool:
    """Asks until there is an answer to this page; False when the person leaves."""
    from monitor.reviewing import choices

    may = choices(seen.state)
    keys = [key for key in KEYS if key not in EVENTS or EVENTS[key] in may]
    question = "  ".join(f"[{key}]{_(word)}" for key in keys for word in [KEYS[key]])
    while True:
        key = sitting.person.key(bold(question) + " >", {key: KEYS[key] for key in keys})
        if key == "q":
            return False
        if key == "?":
            note("\n".join(HELP))
        elif key not in keys:
            note(_("{key!r} is none of the keys; ? explains them").format(key=cell(key)[:20]))
        elif key == "s":
            step(sitting, None)
            return True
        elif key == "b":
            if back(sitting):
                return True
        elif decided(sitting, seen, EVENTS[key]):
            return True


def step(sitting: Review, event: str | None) -> None:
    sitting.way.append((sitting.place, event))
    sitting.place += 1


def decided(sitting: Review, seen: Case, event: str) -> bool:
    """Asks for what the answer needs and stores it; False when the person thought better of it."""
    from store.workflow import OvertakenError, RefusedError

    reason, until = None, None
    if event in {"reject", "defer"}:
        reason = sitting.person.words(_("Reason (empty: back to the choice):"))
        if not reason:
            return False
        until = end_date(sitting, event)
    try:
        stored(sitting, seen, event, reason, until)
    except OvertakenError:
        sitting.news.append(
            _("Finding {number} was changed since it was shown: look again.").format(number=seen.id)
        )
        return True
    except RefusedError as error:
        note(cell(error))
        return False
    sitting.given[seen.id] = (event, seen.saving_yuan_month or 0.0)
    step(sitting, event)
    sitting.news.append(said(seen, event, until))
    return True


def end_date(sitting: Review, event: str) -> date:
    """Asked until it is a day to come; empty is the usual one."""
    today = sitting.now.today
    usual = today + DEFERRED_FOR
    if event == "reject":
        usual = today + timedelta(days=sitting.installation.settings.notices.rejected_for)
    while True:
        text = sitting.person.words(_("Silent through [{usual}]:").format(usual=usual))
        if not text:
            return usual
        try:
            until = date.fromisoformat(text)
        except ValueError:
            until = date.min
        if until > today:
            return until
        note(_("{text!r} is not a day after today such as {usual}").format(text=text, usual=usual))


def stored(sitting: Review, seen: Case, event: str, reason: str | None, until: date | None) -> None:
    """One answer in its own transaction. Raises OvertakenError, RefusedError."""
    from monitor.reviewing import give

    act = operating(sitting.installation, reason)
    with sitting.installation.register.write() as db:
        give(db, seen, event, until, act, sitting.now.today)


def back(sitting: Review) -> bool:
    """To the page before; an answer that was given to it is taken back."""
    from store.workflow import RefusedError

    if not sitting.way:
        note(_("This is the first one."))
        return False
    place, event = sitting.way[-1]
    number = sitting.queue[place]
    seen = current(sitting, number)
    if event not in {None, "reopen"} and seen is not None and seen.state != "open":
        try:
            stored(sitting, seen, "reopen", _("taken back in the review"), None)
        except RefusedError as error:
            note(_("It cannot be taken back: {error}").format(error=cell(error)))
            return False
        sitting.news.append(_("Finding {number} is open again.").format(number=number))
    sitting.given.pop(number, None)
    sitting.way.pop()
    sitting.place = place
    return True


def said(seen: Case, event: str, until: date | None) -> str:
    from monitor.reviewing import PAST

    end = f" {_('until')} {until}" if until else ""
    return f"{cell(seen.machine)}/{seen.kind}: {PAST[event]}{end}"


def summary(sitting: Review, wanted: Wanted) -> str:
    """What was answered, and what remains."""
    from monitor.reviewing import PAST, numbers

    with sitting.installation.register.read() as db:
        left = len(numbers(db, wanted))
    groups: dict[str, list[float]] = {}
    for event, saving in sitting.given.values():
        groups.setdefault(event, []).append(saving)
    parts = [
        f"{len(values)} {PAST[event]} ({yuan(sum(values))} yuan a month)" for event, values in groups.items()
    ]
    done = ", ".join(parts) or _("nothing answered")
    return _("Review: {done}; {left} {state}.").format(done=done, left=left, state=wanted.state)


def nothing(installation: Installation, wanted: Wanted) -> str:
    """Why there is nothing to review, and what to do."""
    from monitor.reviewing import Wanted as Which
    from monitor.reviewing import numbers

    with installation.register.read() as db:
        counts = {state: len(numbers(db, Which(state))) for state in (*STATES, "issued")}
    narrowed = wanted.kind or wanted.department
    lines = [
        _("No finding is {state}{narrowed}.").format(
            state=wanted.state, narrowed=_(" among those you asked for") if narrowed else ""
        )
    ]
    there = ", ".join(f"{number} {state}" for state, number in counts.items() if number)
    lines.append(_("There are: {there}.").format(there=there) if there else _("There is no finding at all."))
    if not counts["open"]:
        lines.append(_("`rightsizer judge` looks for new ones; the daemon does every day."))
    if counts["approved"]:
        waiting = count(counts["approved"], _("approved finding"))
        lines.append(_("The next run issues notices for {waiting}.").format(waiting=waiting))
    return "\n".join(lines)
