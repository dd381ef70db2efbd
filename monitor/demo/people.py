"""The people of the demo: the centre's clerk is whoever runs it, the others are made up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.demo.offices import lines as of_catalog
from monitor.installation import actor

if TYPE_CHECKING:
    from monitor.demo.city import City, Department

FILER, SIGNER, REVIEWER, SECOND, FINANCE = "demo-li", "demo-zhou", "demo-chen", "demo-liu", "demo-qian"
OTHER = "demo-sun"  # files for the second department
CENTRE = (
    (REVIEWER, "陈刚", "reviewer"),
    (SECOND, "刘燕", "reviewer"),
    (FINANCE, "钱进", "finance"),
    ("demo-wu", "吴静", "auditor"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Two departments: the first extends its system `extended`; the second's `late` runs unfiled and is filed
    too late. `silent`: a third system (department code, name), which nobody files; None in a tiny city.
    """

    first: Department
    second: Department
    extended: str
    late: str
    silent: tuple[str, str] | None


def cast(city: City) -> Cast:
    """Those with the most machines."""
    count = Counter((machine.department, machine.system) for machine in city.machines)
    offices = Counter(machine.department for machine in city.machines)
    codes = [code for code, _machines in offices.most_common(2)]
    known = {office.code: office for office in city.departments}
    largest = [name for (code, name), _machines in count.most_common() if code == codes[0]]
    others = [name for (code, name), _machines in count.most_common() if code == codes[1]]
    used = {(codes[0], largest[0]), (codes[1], others[-1])}
    left = sorted(pair for pair in count if pair not in used)
    return Cast(known[codes[0]], known[codes[1]], largest[0], others[-1], left[0] if left else None)


def settings(city: City) -> str:
    """The section `people:` of the settings."""
    found = cast(city)
    of_departments = (
        (FILER, "李华", "filer", found.first.name),
        (SIGNER, "周敏", "signer", found.first.name),
        (OTHER, "孙涛", "filer", found.second.name),
    )
    lines = [f"  - {{login: {json.dumps(actor())}, roles: [operator]}}\n"]
    lines += [f"  - {{login: {login}, name: {name}, roles: [{role}]}}\n" for login, name, role in CENTRE]
    lines += [
        f"  - {{login: {login}, name: {name}, roles: [{role}], department: {department}}}\n"
        for login, name, role, department in of_departments
    ]
    return "people:\n" + "".join([*lines, *of_catalog(city.departments)])
