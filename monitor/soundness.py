"""Whether the register may be relied on: read through once, before the daemon begins to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError

from store.advice import RESTORE
from store.damage import damage
from store.database import StoreError, shown
from store.journal import verify

if TYPE_CHECKING:
    from store.database import Register


def check_sound(register: Register) -> None:
    """Every page and index, and every entry of the journal. Raises StoreError, which names what to do.

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
        said = getattr(error, "orig", None) or error
        raise StoreError(f"the register {name} is damaged ({said}): {RESTORE}") from error
    if broken is not None:
        raise StoreError(f"the journal of {name} is not sound, {broken}: {RESTORE}")
