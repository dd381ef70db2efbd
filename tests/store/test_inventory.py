"""Importing departments and machines: what is new, what changed, and its history."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from store.inventory import (
    Imported,
    TakenNameError,
    UnknownDepartmentError,
    create_machines,
    import_departments,
    import_machines,
    note_source,
    owners,
    sizes,
    unknown_machines,
)
from store.inventory_file import DepartmentRow, MachineRow
from store.journal import verify
from store.tables import Department, JournalEntry, Machine, MachineChange, System

if TYPE_CHECKING:
    from store.database import Register

pytest_plugins = ["registers"]

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def department(code: str, name: str, **said: str | None) -> DepartmentRow:
    facts: dict[str, Any] = dict.fromkeys(("email", "contact", "phone"))
    return DepartmentRow(code=code, name=name, sheet="", row=2, **(facts | said))


def machine(name: str, owner: str = "财政局", row: int = 2, **said: Any) -> MachineRow:
    optional = ("system", "address", "vcpus", "memory_gib", "disk_gib", "delivered_on", "deployed_on")
    return MachineRow(machine=name, department=owner, sheet="", row=row, **(dict.fromkeys(optional) | said))


@pytest.fixture
def city(register: Register) -> Register:
    with register.write() as db:
        import_departments(db, [department("D1", "财政局"), department("D2", "水利局")], "li", NOW)
    return register


def take(register: Register, *rows: MachineRow) -> Imported:
    with register.write() as db:
        return import_machines(db, rows, "li", NOW)


def history(register: Register) -> list[tuple[str, str, Any, Any]]:
    with register.read() as db:
        rows = db.execute(
            select(Machine.name, MachineChange.trait, MachineChange.before, MachineChange.after)
            .join(Machine, Machine.id == MachineChange.machine_id)
            .order_by(MachineChange.id)
        )
        return [tuple(row) for row in rows]


def journal(register: Register, action: str) -> list[tuple[str, Any, Any]]:
    with register.read() as db:
        assert verify(db)[1] is None
        rows = db.scalars(select(JournalEntry).where(JournalEntry.action == action).order_by(JournalEntry.id))
        return [(row.subject, row.before, row.after) for row in rows]


def test_departments_are_added_changed_and_left_alone(city: Register) -> None:
    rows = [
        department("D1", "财政局", email="cz@example.gov.cn"),
        department("D2", "水利局"),
        department("D3", "教育局"),
    ]
    with city.write() as db:
        first = import_departments(db, rows, "li", NOW)
    with city.write() as db:
        again = import_departments(db, rows, "li", NOW)

    assert (first, again) == (Imported(1, 1, 1), Imported(0, 0, 3))
    assert journal(city, "department.changed") == [("D1", {"email": None}, {"email": "cz@example.gov.cn"})]


def test_what_a_departments_file_leaves_out_stays(city: Register) -> None:
    with city.write() as db:
        import_departments(db, [department("D1", "财政局", phone="0532-1")], "li", NOW)
    with city.write() as db:
        import_departments(db, [department("D1", "财政和税务局")], "li", NOW)
        row = db.scalars(select(Department).where(Department.code == "D1")).one()

    assert (row.name, row.phone) == ("财政和税务局", "0532-1")


@pytest.mark.parametrize(
    "rows",
    [
        [department("D9", "财政局")],
        [department("D8", "新局"), department("D9", "新局")],
        [department("D1", "水利局")],
    ],
    ids=["known name with a new code", "twice in the file", "renamed to another's name"],
)
def test_two_codes_with_one_name_are_refused_by_name(city: Register, rows: list[DepartmentRow]) -> None:
    with pytest.raises(TakenNameError, match="has the code D") as caught, city.write() as db:
        import_departments(db, rows, "li", NOW)

    assert len(set(caught.value.codes)) == 2
    with city.read() as db:
        assert db.scalars(select(Department.name).order_by(Department.code)).all() == ["财政局", "水利局"]


def test_a_new_machine_has_no_history_yet(city: Register) -> None:
    row = machine("web-1", system="门户", vcpus=4.0, memory_gib=8.0, delivered_on=date(2026, 3, 2))

    assert take(city, row) == Imported(1, 0, 0)
    assert history(city) == []
    assert journal(city, "machine.added") == [
        (
            "web-1",
            None,
            {
                "machine": "web-1",
                "department": "财政局",
                "system": "门户",
                "vcpus": 4.0,
                "memory_gib": 8.0,
                "delivered_on": "2026-03-02",
            },
        )
    ]


def test_the_same_file_twice_changes_nothing(city: Register) -> None:
    rows = [
        machine(
            "web-1", system="门户", vcpus=4.0, memory_gib=7.5, disk_gib=0.1, delivered_on=date(2026, 3, 2)
        ),
        machine("web-2", owner="D2", address="192.0.2.7"),
    ]
    take(city, *rows)
    with city.read() as db:
        before = db.scalars(select(JournalEntry.hash)).all()

    assert take(city, *rows) == Imported(0, 0, 2)
    with city.read() as db:
        assert db.scalars(select(JournalEntry.hash)).all() == before
        assert len(db.scalars(select(System)).all()) == 1


def test_a_resize_and_a_new_owner_become_history(city: Register) -> None:
    take(city, machine("web-1", vcpus=8.0, memory_gib=16.0), machine("web-2"))

    assert take(city, machine("web-1", owner="水利局", vcpus=4.0), machine("web-2")) == Imported(0, 1, 1)
    assert history(city) == [
        (
            "web-1",
            "size",
            {"vcpus": 8.0, "memory_gib": 16.0, "disk_gib": None},
            {"vcpus": 4.0, "memory_gib": 16.0, "disk_gib": None},
        ),
        ("web-1", "owner", "财政局", "水利局"),
    ]
    assert journal(city, "machine.changed") == [
        ("web-1", {"department": "财政局", "vcpus": 8.0}, {"department": "水利局", "vcpus": 4.0})
    ]


def test_another_address_is_no_history(city: Register) -> None:
    take(city, machine("web-1", address="192.0.2.7"))

    assert take(city, machine("web-1", address="192.0.2.8")) == Imported(0, 1, 0)
    assert history(city) == []


def test_a_machine_that_changes_hands_leaves_its_system_behind(city: Register) -> None:
    take(city, machine("web-1", system="门户"), machine("web-2", system="门户"))

    take(city, machine("web-1", owner="水利局"), machine("web-2", owner="水利局", system="门户"))

    with city.read() as db:
        found = {
            row.name: row.system.department.name if row.system else None
            for row in db.scalars(select(Machine))
        }
    assert found == {"web-1": None, "web-2": "水利局"}
    assert journal(city, "machine.changed")[0] == (
        "web-1",
        {"department": "财政局", "system": "门户"},
        {"department": "水利局", "system": None},
    )


def test_a_department_is_named_by_code_or_by_name(city: Register) -> None:
    take(city, machine("a", owner="D1"), machine("b", owner="财政局"))

    with city.read() as db:
        assert owners(db) == {"a": "财政局", "b": "财政局"}


def test_unknown_departments_are_all_named_and_nothing_is_taken(city: Register) -> None:
    rows = [machine(f"m{i}", owner=f"局{i % 7}", row=i + 2) for i in range(20)] + [machine("good")]

    with pytest.raises(UnknownDepartmentError) as caught:
        take(city, *rows)
    assert "'局0' (row 2, machine m0)" in str(caught.value)
    assert "and 2 more; import the departments file first" in str(caught.value)
    assert [row.machine for row in caught.value.rows] == [f"m{i}" for i in range(7)]
    with city.read() as db:
        assert unknown_machines(db, ["good", "m0"]) == ["good", "m0"]


def test_machines_that_measurements_name_are_made_once(city: Register) -> None:
    take(city, machine("web-1"))
    with city.write() as db:
        first = create_machines(db, ["web-2", "web-1", "web-3", "web-2"], "file", "li", NOW)
    with city.write() as db:
        again = create_machines(db, ["web-2"], "file", "li", NOW)

    assert (first, again) == (2, 0)
    assert [subject for subject, _, _ in journal(city, "machine.added")] == ["web-1", "web-2", "web-3"]
    with city.read() as db:
        assert owners(db) == {"web-1": "财政局", "web-2": None, "web-3": None}


def test_another_source_of_measurements_becomes_history(city: Register) -> None:
    take(city, machine("web-1"), machine("web-2"))
    for source in ("exporters", "exporters", "metrics"):
        with city.write() as db:
            note_source(db, ["web-1", "not in the register"], source, NOW)

    assert history(city) == [
        ("web-1", "source", None, "exporters"),
        ("web-1", "source", "exporters", "metrics"),
    ]


def test_sizes_come_in_the_order_of_names_with_nulls_for_unknown(city: Register) -> None:
    with city.read() as db:
        assert sizes(db).num_rows == 0
    take(city, machine("b", vcpus=2.0), machine("a", disk_gib=10.5))

    with city.read() as db:
        assert sizes(db).to_pydict() == {
            "machine": ["a", "b"],
            "vcpus": [None, 2.0],
            "memory_gib": [None, None],
            "disk_gib": [10.5, None],
        }
