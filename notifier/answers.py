"""What a mail server's answer means for a delivery: sent, later, never, unknown, or: rest the whole channel.

Pure. Sources: RFC 5321 4.2 (reply codes), RFC 3463 and its registry (enhanced codes), RFC 4954 (login).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from notifier.oneline import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

GIVE_UP = timedelta(days=5)
STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
ENHANCED = re.compile(r"\s*#?([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
SITE = {530, 534, 535, 538}  # a login is missing, too weak, wrong, or not encrypted: whoever the recipient is
SITE_DETAILS = {"7.8", "7.9", "7.11"}  # the same, as enhanced codes
HEALING = {"2.2", "3.1", "4.4"}  # mailbox full, mail system full, unable to route
TOO_LARGE = {"3.4", "2.3"}
MAILBOX_FULL = 552
CLOSING = 421
OUT_OF_STEP = {500, 502, 503}  # command unknown or out of order: the talk went wrong, not the mail


class Outcome(StrEnum):
    SENT = "sent"  # the server has taken it over
    LATER = "later"  # this delivery backs off
    DEAD = "dead"  # never, to this address or in this form: a task for the operator
    UNKNOWN = "unknown"  # lost after the final dot: it may have arrived
    PAUSE = "pause"  # nothing can be sent until the operator mends login, TLS or sender
    UNREACHABLE = "unreachable"  # no talk came about: the whole channel rests shortly, then backs off


class Stage(IntEnum):
    """How far the talk had come when the answer came, or did not."""

    CONNECT = 0  # name, connection, TLS from the start, greeting
    HELLO = 1
    TLS = 2  # STARTTLS
    LOGIN = 3
    MAIL = 4
    RCPT = 5
    DATA = 6
    CONTENT = 7  # the message, up to its final dot
    END = 8  # the final dot was handed over


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is one line of at most 500 characters, without secrets; `code` None: there was no answer."""

    outcome: Outcome
    code: int | None
    text: str
    stage: str


def judge(stage: Stage, code: int | None, text: str, secrets: Iterable[str] = ()) -> Answer:
    """The server answered `code` (None: nothing; outside 200..599: nonsense) and `text` at `stage`."""
    return Answer(outcome(stage, code, text), code, said(text, secrets), stage.name.lower())


def outcome(stage: Stage, code: int | None, text: str) -> Outcome:
    if code is None or not 400 <= code <= 599:
        return unanswered(stage, code)
    found = ENHANCED.match(text)
    detail = f"{found[2]}.{found[3]}" if found else ""
    permanent = code >= 500 and (found is None or found[1] == "5")  # where the two differ, the milder counts
    if code in SITE or (permanent and detail in SITE_DETAILS):
        return Outcome.PAUSE
    if stage < Stage.MAIL:
        return before_mail(stage, code, permanent=permanent)
    if not permanent or heals(code, detail):
        return Outcome.LATER
    if stage is Stage.MAIL and detail not in TOO_LARGE:
        return Outcome.PAUSE  # our sender is refused, whoever the recipient is
    return Outcome.DEAD


def before_mail(stage: Stage, code: int, *, permanent: bool) -> Outcome:
    """A server that offers STARTTLS and then declines it, or refuses a login for good, needs the operator."""
    declined = stage is Stage.TLS and code != CLOSING
    return Outcome.PAUSE if declined or (stage is Stage.LOGIN and permanent) else Outcome.UNREACHABLE


def heals(code: int, detail: str) -> bool:
    """Refusals that call themselves permanent, and are not."""
    if detail in HEALING:
        return True
    if code == MAILBOX_FULL:
        return detail in {"", "0.0"}  # 552 5.3.4: too large
    return code in OUT_OF_STEP and not detail.startswith("1.")


def unanswered(stage: Stage, code: int | None) -> Outcome:
    """No answer, or none that says no. Whatever 2xx after the final dot is a yes."""
    if stage is Stage.END:
        return Outcome.SENT if code is not None and 200 <= code <= 299 else Outcome.UNKNOWN
    if stage in {Stage.TLS, Stage.LOGIN} and code is not None and 200 <= code <= 399:
        return Outcome.PAUSE  # it speaks SMTP, but not this dialogue
    return Outcome.UNREACHABLE if stage < Stage.MAIL else Outcome.LATER


def said(text: str, secrets: Iterable[str] = ()) -> str:
    """One line, `secrets` blotted out. What was no UTF-8 (it came as lone surrogates) is likely Chinese."""
    with suppress(UnicodeEncodeError):
        text = readable(text.encode("utf-8", "surrogateescape"))
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return one_line(text, 500)


def readable(raw: bytes, charset: str | None = None) -> str:
    """Text by its declared charset, else UTF-8, else the Chinese of GB 18030; never an error."""
    for name in (charset, "utf-8"):
        if name is not None:
            with suppress(LookupError, ValueError):
                return raw.decode(name)
    return raw.decode("gb18030", "replace")


def backoff(attempts: int, spread: float) -> timedelta:
    """How long to wait after the n-th try (from 1 on); `spread` 0..1 lengthens it by up to a quarter."""
    step = STEPS[min(max(attempts, 1), len(STEPS)) - 1]
    return step + step * (min(max(spread, 0.0), 1.0) / 4)
