"""Whether the register may be relied on: read through once, before the daemon begins to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, OperationalError

from store.advice import RESTORE
from store.damage import damage
from store.database import StoreError, shown
from store.journal import verify

if TYPE_CHECKING:
    from store.database import Register


class UnreadError(StoreError):
    """A server that does not answer now says nothing of what it keeps: the same command can be run again."""

    temporary = True


def check_sound(register: Register) -> None:
    """Every page and index, and every entry of the journal. Raises StoreError, which names what to do;
    UnreadError when a server is away.

    What no index and no seal covers (the text of a mail, a telephone number) can change unseen.
    """
    name = shown(register.engine)
    try:
        fault = damage(register)
        if fault is not None:
            raise StoreError(f"the register {name} is damaged ({fault}): {RESTORE}")
        with register.read() as db:
            _count, broken = verify(db)
    except (DatabaseError, ValueError) as error:  # a page, a date or a JSON value that cannot be read
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        if isinstance(error, OperationalError) and register.engine.dialect.name != "sqlite":
            raise UnreadError(
                f"the register {name} cannot be read now ({said}): check the server, then try again"
            ) from error
        raise StoreError(f"the register {name} is damaged ({said}): {RESTORE}") from error
    if broken is not None:
        raise StoreError(f"the journal of {name} is not sound, {broken}: {RESTORE}")
