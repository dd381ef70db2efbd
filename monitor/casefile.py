"""One case as facts alone, for those who have to judge it (arts. 32 to 34): rows, journal entries, papers.

A zip file: rows/TABLE.json, journal.json, papers/, and manifest.json with the SHA-256 of every file and the
head of the journal. Nothing in it is an opinion of the program.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, func, or_, select, type_coerce

from monitor.proofs import FOLDER, fault
from store.journal import head
from store.parts import parts
from store.tables import Base, Deadline, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

SHARED = frozenset(
    {"department", "system", "machine", "journal", "deadline"}
)  # whose rows belong to many cases
# How the journal names rows of the data catalog.
SPOKEN = {
    "catalog_open": "open {id}",
    "catalog_share": "share {id}",
    "catalog_purchase": "purchase {id}",
    "catalog_ticket": "catalog ticket {id}",
    "catalog_objection": "catalog objection {id}",
    "catalog_event": "catalog event {id}",
    "catalog_service": "service {id}",
    "catalog_paper": "paper {id}",
    "catalog_entry": "{resource_code}",
}
WITHHELD = "withheld"  # of a column whose info says so: how to reach a citizen
KEPT = re.compile(r"[0-9a-f]{64}-[^/\"\\]+")
HOW = (
    "sha256sum of each file is in `files`. A journal entry's hash is the SHA-256 of its canonical JSON (keys "
    "sorted, no spaces, UTF-8) of at, actor, action, subject, before, after, reason, previous; `previous` is "
    "the hash of the entry before it. `rightsizer audit verify --anchor HEAD` proves that the journal still "
    "holds all that it held."
)


class CaseError(LookupError):
    """No such case."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """`files` by their path in the zip; `missing`: papers that are named, but not there or changed."""

    subject: str
    files: Mapping[str, bytes]
    entries: int
    missing: tuple[str, ...]


def case_file(db: Session, wanted: str, data_dir: Path) -> CaseFile:
    """The facts of a case: `project:12`, `filing:3`, `evaluation:1`, `notice:4` or a notice's number."""
    root, number = located(db, wanted)
    rows = collected(db, root, number)
    subjects = named(rows)
    clocks = deadlines(db, subjects, rows)
    told = dict.fromkeys([*subjects, *(clock.subject for clock in clocks)])
    entries = [plain(row) for row in journal(db, list(told))]
    files = {f"rows/{table}.json": dumped(found) for table, found in rows.items()}
    if clocks:
        files["rows/deadline.json"] = dumped([values(row) for row in clocks])
    files["journal.json"] = dumped(entries)
    papers, missing = proofs(data_dir, b"".join(files.values()).decode())
    files |= papers | attachments(db, rows)
    return CaseFile(f"{root.name}:{number}", files, len(entries), missing)


def located(db: Session, wanted: str) -> tuple[Table, int]:
    """The table and row that a subject names. Raises CaseError."""
    noun, _, rest = wanted.partition(":")
    tables = Base.metadata.tables
    if rest.isascii() and rest.isdecimal() and noun in tables and noun not in SHARED:
        table = tables[noun]
        if "id" in table.c and db.scalar(select(table.c.id).where(table.c.id == int(rest))) is not None:
            return table, int(rest)
    for table in tables.values():
        if "number" in table.c and "id" in table.c and isinstance(table.c.number.type, String):
            found = db.scalar(select(table.c.id).where(table.c.number == wanted))
            if found is not None:
                return table, int(found)
    raise CaseError(f"no case {wanted}: name one as project:12, filing:3, evaluation:1 or a notice's number")


def collected(db: Session, root: Table, number: int) -> dict[str, list[dict[str, Any]]]:
    """The row, what it refers to, and everything that hangs on it, by table."""
    found: dict[str, list[dict[str, Any]]] = {root.name: fetch(db, root, "id", [number])}
    for key in root.foreign_keys:
        above, value = key.column.table, found[root.name][0][key.parent.name]
        if value is not None and above is not root:
            found[above.name] = fetch(db, above, key.column.name, [value])
    waiting = [(root, [number])]
    while waiting:
        above, ids = waiting.pop()
        for table in Base.metadata.sorted_tables:
            fresh = new(found.get(table.name, []), hanging(db, table, above, ids))
            if fresh:
                found.setdefault(table.name, []).extend(fresh)
            if fresh and "id" in table.c:
                waiting.append((table, [row["id"] for row in fresh]))
    return found


def hanging(db: Session, table: Table, above: Table, ids: Sequence[object]) -> list[dict[str, Any]]:
    """The rows of a table that refer to these of `above`; none of what many cases share."""
    if table.name in SHARED:
        return []
    links = [key.parent.name for key in table.foreign_keys if key.column.table is above]
    return [row for link in links for row in fetch(db, table, link, ids)]


def new(known: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    fresh: list[dict[str, Any]] = []
    for row in rows:
        if row not in known and row not in fresh:
            fresh.append(row)
    return fresh


def fetch(db: Session, table: Table, column: str, keys: Sequence[object]) -> list[dict[str, Any]]:
    """Rows by a key, as JSON values; bytes as their SHA-256; what is withheld is said to be."""
    wanted = select(table)
    secret = {column.name for column in table.columns if column.info.get(WITHHELD)}
    return [
        {name: WITHHELD if name in secret else jsonable(value) for name, value in row.items()}
        for part in parts(keys)
        for row in db.execute(wanted.where(table.c[column].in_(part))).mappings()
    ]


def jsonable(value: object) -> object:
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest(), "bytes": len(value)}
    return value.isoformat() if isinstance(value, date) else value


def values(row: Deadline) -> dict[str, object]:
    return {column.name: jsonable(getattr(row, column.name)) for column in Deadline.__table__.columns}


def plain(row: JournalEntry) -> dict[str, object]:
    """An entry with all that its hash is over."""
    return {
        "id": row.id,
        "at": row.at.isoformat(timespec="microseconds"),
        **{name: getattr(row, name) for name in ("actor", "action", "subject", "before", "after", "reason")},
        "previous": row.previous,
        "hash": row.hash,
    }


def named(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """How the journal and the deadlines may name the rows."""
    own = {name: found for name, found in rows.items() if name not in SHARED}
    subjects = [f"{name}:{row['id']}" for name, found in own.items() for row in found if "id" in row]
    numbers = [str(row["number"]) for found in own.values() for row in found if row.get("number")]
    subjects += [SPOKEN[name].format(**row) for name, found in own.items() if name in SPOKEN for row in found]
    return [*subjects, *versions(rows), *(number for number in numbers if not number.isdecimal())]


def versions(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Versions of entries as the journal names them: 307003/000012 v2."""
    codes = {row["id"]: row["resource_code"] for row in rows.get("catalog_entry", ())}
    held = [row for row in rows.get("catalog_version", ()) if row["entry_id"] in codes]
    return [f"{codes[row['entry_id']]} v{row['number']}" for row in held]


def deadlines(
    db: Session, subjects: Sequence[str], rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> list[Deadline]:
    """Those of the subjects, and those that the rows refer to."""
    wanted = select(Deadline)
    numbers = {row["deadline_id"] for found in rows.values() for row in found if row.get("deadline_id")}
    asked = [Deadline.subject.in_(part) for part in parts(subjects)]
    asked += [Deadline.id.in_(part) for part in parts(numbers)]
    found = {row.id: row for each in asked for row in db.scalars(wanted.where(each))}
    return [found[number] for number in sorted(found)]


def journal(db: Session, subjects: Sequence[str]) -> list[JournalEntry]:
    """Entries about them, and those about deadlines of theirs, which name several."""
    found: dict[int, JournalEntry] = {}
    after = type_coerce(JournalEntry.after, Text)
    for part in parts(subjects):
        about = JournalEntry.subject.in_(part)
        under = or_(*(JournalEntry.subject.startswith(f"{name}/", autoescape=True) for name in part))
        told = or_(*(after.contains(json.dumps(name, ensure_ascii=False), autoescape=True) for name in part))
        clocks = JournalEntry.action.startswith("deadline.") & told
        for row in db.scalars(select(JournalEntry).where(about | under | clocks)):
            found[row.id] = row
    return [found[number] for number in sorted(found)]


def proofs(data_dir: Path, text: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The kept papers that the text names, and those that are missing or were changed."""
    files, missing = {}, []
    for name in sorted(set(KEPT.findall(text))):
        why = fault(data_dir / FOLDER, name)
        if why is not None:
            missing.append(why)
        else:
            files[f"papers/{name}"] = (data_dir / FOLDER / name).read_bytes()
    return files, tuple(missing)


def attachments(db: Session, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, bytes]:
    """What the rows hold as bytes: mails as they were sent."""
    files = {}
    for name, found in rows.items():
        table = Base.metadata.tables[name]
        for row in found:
            for column in [key for key, value in row.items() if isinstance(value, dict) and "bytes" in value]:
                data = db.scalar(select(table.c[column]).where(table.c.id == row["id"]))
                if isinstance(data, bytes):
                    ending = "eml" if column == "mime" else "bin"
                    files[f"papers/{name}-{row['id']}-{column}.{ending}"] = data
    return files


def dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def manifest(db: Session, case: CaseFile, by: str, at: datetime) -> bytes:
    files = [
        {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(case.files.items())
    ]
    total = db.scalar(select(func.count()).select_from(JournalEntry))
    told = {"head": head(db), "entries": total, "entries_here": case.entries}
    return dumped(
        {
            "subject": case.subject,
            "made_by": by,
            "made_at": at.isoformat(),
            "journal": told,
            "files": files,
            "missing": list(case.missing),
            "how_to_verify": HOW,
        }
    )


def zipped(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Writes a new zip. Raises FileExistsError."""
    with path.open("xb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in files:
            book.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
