"""`catalog export-dcat` and `export-csv`, and the catalog that the daemon serves, as the settings say."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from entries import SOUND, added, city, published
from operating import Place, placed
from rdflib import Graph, URIRef

from catalog.metadata import ItemFacts
from monitor.daemon.serving import catalogue
from monitor.installation import open_installation

if TYPE_CHECKING:
    from pathlib import Path

DATASET = URIRef("http://www.w3.org/ns/dcat#dataset")
OPENED = replace(
    SOUND, open_type="conditional", open_condition="按协议", items=(ItemFacts("姓名", "string"),)
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return placed(tmp_path / "office")


def opened(place: Place) -> None:
    city(place.register)
    with place.register.write() as db:
        published(db, added(db, OPENED))


def test_dcat_is_written_with_the_addresses_of_the_city(place: Place, tmp_path: Path) -> None:
    opened(place)
    out = tmp_path / "catalog.jsonld"
    said = place.call("catalog", "export-dcat", str(out), "--base", "https://data.example.gov.cn")

    assert (said.code, said.err) == (0, f"{out}: entries of the public catalog: 1\n")
    found = Graph().parse(out, format="json-ld")
    assert [str(one) for one in found.objects(None, DATASET)] == [
        "https://data.example.gov.cn/entry/307003-000001"
    ]


def test_the_sheet_is_written_for_spreadsheets(place: Place, tmp_path: Path) -> None:
    opened(place)
    out = tmp_path / "catalog.csv"
    assert place.call("catalog", "export-csv", str(out)).code == 0

    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["信息资源代码"], row["开放条件"]) == ("307003/000001", "按协议")


def test_an_empty_catalog_is_written_and_said(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "catalog.jsonld"
    said = place.call("catalog", "export-dcat", str(out))

    assert json.loads(out.read_text("utf-8"))["dcat:dataset"] == []
    assert "nothing is public yet" in said.err


@pytest.mark.parametrize("base", ["data.example.gov.cn", "https://a b/", "https://a/?b", "https://u:p@a/"])
def test_an_address_that_is_none_is_refused_and_nothing_written(
    place: Place, tmp_path: Path, base: str
) -> None:
    out = tmp_path / "catalog.jsonld"

    assert place.call("catalog", "export-dcat", str(out), "--base", base).code == 2
    assert not out.exists()


def test_a_folder_that_is_not_there_is_named_and_the_old_file_stays(place: Place, tmp_path: Path) -> None:
    said = place.call("catalog", "export-csv", str(tmp_path / "none" / "catalog.csv"))

    assert said.code != 0
    assert "none" in said.err


@pytest.mark.parametrize("open_it", [False, True], ids=["off", "on"])
def test_the_daemon_serves_the_catalog_when_the_settings_open_it(tmp_path: Path, open_it: bool) -> None:
    place = placed(tmp_path / "office", f"exporter: {{catalog_api: {str(open_it).lower()}}}\n")
    house = open_installation(place.folder / "rightsizer.yml")

    with catalogue(house) as found:
        assert (found is not None) is open_it
    house.register.close()
