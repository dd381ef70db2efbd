"""The people of the demo's data catalog: in every department one edits, another signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.demo.city import BUREAUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from monitor.demo.city import Department

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
EDITS, SIGNS = ("静", "磊"), ("志强", "秀英")
SHORT = {names[0]: short for short, names in BUREAUS.items()}


def editor(office: str) -> str:
    return f"{office}-editor"


def signer(office: str) -> str:
    return f"{office}-signer"


def lines(departments: Iterable[Department]) -> Iterator[str]:
    """Lines of the section `people:` of the settings, for the departments that have a part of the catalog."""
    for number, department in enumerate(departments):
        office = SHORT.get(department.name)
        if office is None:
            continue
        surname, other = SURNAMES[number % len(SURNAMES)], SURNAMES[(number + 11) % len(SURNAMES)]
        for login, name, role in (
            (editor(office), surname + EDITS[number % 2], "editor"),
            (signer(office), other + SIGNS[number % 2], "signer"),
        ):
            whose = f"department: {department.name}"
            yield f"  - {{login: {login}, name: {name}, roles: [{role}], {whose}}}\n"
