"""A text that one database would keep and the other refuse is kept by neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.fitting import TextError
from store.tables import Department

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ("registers",)


@pytest.mark.parametrize(
    ("name", "said"),
    [("局" * 201, "201 characters, at most 200"), ("a\0b", "no text"), ("\udcff局", "no text")],
    ids=["one too long", "a NUL", "half a character"],
)
def test_what_is_no_text_of_the_column_is_refused(register: Register, name: str, said: str) -> None:
    with pytest.raises(TextError, match=rf"department\.name: .*{said}"), register.write() as db:
        db.add(Department(code="X1", name=name))

    with register.read() as db:
        assert db.query(Department).count() == 0


def test_a_text_as_long_as_its_column_is_kept(register: Register) -> None:
    with register.write() as db:
        db.add(Department(code="X1", name="局" * 200))

    with register.read() as db:
        assert len(db.query(Department).one().name) == 200


def test_a_change_is_looked_at_like_a_new_row(register: Register) -> None:
    with register.write() as db:
        db.add(Department(code="X1", name="局"))

    with pytest.raises(TextError), register.write() as db:
        db.query(Department).one().contact = "李" * 201
