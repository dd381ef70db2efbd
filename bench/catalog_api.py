"""The public catalog out by standards, with 50,000 entries: the action API over real HTTP, DCAT, CSV.

    python bench/catalog_api.py [--entries 50000] [--items 8] [--url URL] [--rounds 40]

Without --url a SQLite file in a temporary folder; PostgreSQL by its URL, an empty database. Entries are those
of bench/entries.py, made open. Printed: how long the first request takes, which reads the listing; p50 and
p95 of each request by one client; how long the exports take.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import update

sys.path.insert(0, str(Path(__file__).parent))

from entries import fill

from catalog.dcat import Head, lines
from catalog.public import every
from catalog.public_sheet import HEADINGS, row
from catalog.tables import Version
from config.settings import Exporter
from monitor.exporter.actions import actions
from monitor.exporter.program import Program
from monitor.exporter.server import Pages, served
from store.database import open_register, upgrade
from store.sheet_out import write_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from store.database import Register

FACETS = json.dumps(["organization", "groups"])
REQUESTS: dict[str, tuple[str, dict[str, object]]] = {
    "search, a word that many have": ("package_search", {"q": "低保"}),
    "search, a word that all have": ("package_search", {"q": "信息"}),
    "search, two words": ("package_search", {"q": "低保 身份证号"}),
    "search, a word that none has": ("package_search", {"q": "没有这个词"}),
    "search, one title": ("package_search", {"q": "低保对象信息12"}),
    "search, everything": ("package_search", {}),
    "search, a word and facets": ("package_search", {"q": "信息", "facet.field": FACETS}),
    "search, a department by title": ("package_search", {"fq": "organization:d7", "sort": "title asc"}),
    "search, the last page": ("package_search", {"start": 49_990, "sort": "name asc"}),
    "search, 1,000 rows": ("package_search", {"rows": 1000}),
    "show": ("package_show", {"id": "308007-000100"}),
    "list": ("package_list", {}),
    "organizations": ("organization_list", {"all_fields": True}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="a large public catalog over HTTP and as DCAT")
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=8, help="of each entry")
    parser.add_argument("--url", help="of an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/register.db"
        upgrade(url)
        register = open_register(url)
        fill(register, given.entries, given.items)
        with register.write() as db:
            db.execute(update(Version).values(open_type="unconditional"))
        over_http(register, given.rounds)
        exports(register, Path(folder))
        register.close()


def over_http(register: Register, rounds: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Exporter(port=port, catalog_api=True)
    with actions(register) as opened, served(settings, Pages(lambda: b"", lambda: None, opened), Program()):
        place = f"http://127.0.0.1:{port}/api/3/action"
        first = timed(lambda: asked(place, "status_show", {}))[0]
        print(f"{'the first request':34} {first * 1000:8.1f} ms")
        for name, (action, values) in REQUESTS.items():
            took = sorted(timed(lambda a=action, v=values: asked(place, a, v)) for _ in range(rounds))
            half, late = (took[int((rounds - 1) * share)][0] * 1000 for share in (0.5, 0.95))
            print(f"{name:34} p50 {half:8.1f} ms, p95 {late:8.1f} ms  {took[0][1]:,} found")


def timed(work: Callable[..., int]) -> tuple[float, int]:
    started = perf_counter()
    found = work()
    return perf_counter() - started, found


def asked(place: str, action: str, values: dict[str, object]) -> int:
    with urllib.request.urlopen(f"{place}/{action}?{urllib.parse.urlencode(values)}", timeout=30) as got:
        result = json.load(got)["result"]
    if isinstance(result, list):
        return len(result)
    return result.get("count", 1) if isinstance(result, dict) else 1


def exports(register: Register, folder: Path) -> None:
    def dcat() -> int:
        with register.read() as db, (folder / "catalog.jsonld").open("w", encoding="utf-8") as file:
            file.writelines(lines(Head("目录", "中心"), every(db)))
        return (folder / "catalog.jsonld").stat().st_size

    def sheet() -> int:
        with register.read() as db:
            write_csv(folder / "catalog.csv", HEADINGS, map(row, every(db)))
        return (folder / "catalog.csv").stat().st_size

    for name, work in (("DCAT", dcat), ("CSV", sheet)):
        took, size = timed(work)
        print(f"{name:34} {took:8.1f} s, {size / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()
