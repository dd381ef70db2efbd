"""`rightsizer share submit|return|coordinate|dispute|revoke|cancel`: the steps that need no more words."""

from __future__ import annotations

from monitor.cli.asked import At, Plain, plain
from monitor.cli.text import _


def submit(here: At, number: int) -> str | None:
    from catalog.sharing import found
    from catalog.sharing import submit as hand_in

    event = hand_in(here.db, found(here.db, number), here.desk, here.act)
    if event == "coordinate":
        return _("its entry is 不予共享: the centre coordinates")
    return _("the centre checks its form")


def give_back(here: At, number: int) -> None:
    from catalog.sharing import found
    from catalog.sharing import give_back as send_back

    send_back(here.db, found(here.db, number), here.act)


def coordinate(here: At, number: int) -> None:
    from catalog.sharing import found
    from catalog.sharing_answers import coordinate as take_up

    take_up(here.db, found(here.db, number), here.desk, here.act)


def dispute(here: At, number: int) -> None:
    from catalog.sharing import found
    from catalog.sharing_answers import dispute as disagree

    disagree(here.db, found(here.db, number), here.desk, here.act)


def revoke(here: At, number: int) -> None:
    from catalog.sharing import found
    from catalog.sharing_answers import revoke as take_back

    take_back(here.db, found(here.db, number), here.desk.today, here.act)


def cancel(here: At, number: int) -> None:
    from catalog.sharing import cancel as give_up
    from catalog.sharing import found

    give_up(here.db, found(here.db, number), here.desk.today, here.act)


STEPS = (
    plain(Plain("submit", _("Hand request N in."), _("submitted")), submit),
    plain(
        Plain("return", _("Send request N back to be corrected."), _("returned to the department"), why=True),
        give_back,
    ),
    plain(
        Plain(
            "coordinate",
            _("The centre takes up request N, whose answer is overdue."),
            _("in coordination"),
            why=True,
        ),
        coordinate,
    ),
    plain(
        Plain(
            "dispute",
            _("The department that asked does not agree with the answer to N: the centre coordinates, once."),
            _("disputed, in coordination"),
            why=True,
        ),
        dispute,
    ),
    plain(Plain("revoke", _("Take the grant of request N back."), _("revoked"), why=True), revoke),
    plain(Plain("cancel", _("The department does not need request N any more."), _("cancelled")), cancel),
)
