"""The dashboards: what lies there is what the code makes, and each panel shows something of a real daemon."""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from components import answers, get, prometheus_on, running, wait
from operating import placed
from sqlalchemy import select

from boards.__main__ import BOARDS, text
from boards.asking import Asked, Chosen, panels, queries, replaced
from config.settings import load
from monitor.cli.demo import tell
from monitor.demo.exporters import exporters
from monitor.demo.sink import sink
from monitor.demo.stage import build, connect
from monitor.exporter.families import CITY, PREFIX, SERVICE
from monitor.issuing import program as acting
from notifier.tables import Delivery, Item, ItemState
from notifier.tasks import open_task
from store.tables import Department, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.demo.stage import Stage

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
JSON = DEPLOY / "grafana" / "dashboards"
FAMILIES = {PREFIX + family.name: family for family in (*CITY, *SERVICE)}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def board(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((JSON / f"{name}.json").read_text("utf-8"))
    return found


PANELS = [(name, panel) for name in BOARDS for panel in panels(board(name))]


@pytest.mark.parametrize("name", BOARDS)
def test_the_dashboard_that_lies_there_is_what_its_code_makes(name: str) -> None:
    assert (JSON / f"{name}.json").read_text("utf-8") == text(name), "run script/dashboards"


def test_no_dashboard_lies_there_that_no_code_makes() -> None:
    assert {path.stem for path in JSON.iterdir()} == set(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_has_a_fixed_uid_a_data_source_and_links_to_the_others(name: str) -> None:
    made = board(name)
    variables = {variable["name"]: variable for variable in made["templating"]["list"]}

    assert made["uid"] == f"rightsizer-{name}"
    assert variables["datasource"]["query"] == "prometheus"
    assert [link["tags"] for link in made["links"]] == [["rightsizer"]]
    assert made["tags"] == ["rightsizer"]
    assert CHINESE.search(made["title"])
    assert "http://" not in json.dumps(made)
    assert "https://" not in json.dumps(made)


@pytest.mark.parametrize(
    ("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS]
)
def test_a_panel_says_what_it_shows_in_which_unit(name: str, panel: dict[str, Any]) -> None:
    assert CHINESE.search(panel["title"]) or panel["title"] == "CPU", name
    assert CHINESE.search(panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == SOURCE
    assert all(target["datasource"] == SOURCE for target in panel["targets"])


@pytest.mark.parametrize("name", BOARDS)
def test_panels_fill_the_grid_and_none_lies_on_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board(name)["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + column, place["y"] + row)
            for column in range(place["w"])
            for row in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells

    height = max(row for _, row in taken) + 1
    assert taken == {(column, row) for column in range(24) for row in range(height)}
    ids = [panel["id"] for panel in board(name)["panels"]]
    assert len(set(ids)) == len(ids)


def test_a_machine_and_a_department_in_a_table_open_their_dashboards() -> None:
    links = [
        (override["matcher"]["options"], entry["url"])
        for _, panel in PANELS
        if panel["type"] == "table"
        for override in panel["fieldConfig"]["overrides"]
        for found in override["properties"]
        if found["id"] == "links"
        for entry in found["value"]
    ]

    assert {column for column, _ in links} == {"云主机", "部门"}
    uids = {"云主机": "rightsizer-machine?var-machine", "部门": "rightsizer-department?var-department"}
    assert all(url.startswith(f"/d/{uids[column]}=") for column, url in links)


def test_queries_ask_for_declared_metrics_by_declared_labels() -> None:
    unknown = []
    for name, panel in PANELS:
        for asked in queries(panel, Chosen("vm-1", "x")):
            for metric, matchers in re.findall(r"\b(rightsizer_\w+)(?:\{([^}]*)\})?", asked.expr):
                known = FAMILIES.get(metric)
                labels = re.findall(r"(\w+)[=!]", matchers)
                if known is None or not set(labels) <= set(known.labels):
                    unknown.append(f"{name}: {panel['title']}: {metric} {labels}")

    assert unknown == []


def test_the_command_writes_dashboards_and_a_provider_that_finds_them(tmp_path: Path) -> None:
    place, folder = placed(tmp_path / "house"), tmp_path / "grafana"

    said = place.call("dashboard", "export", str(folder))

    assert said.code == 0
    assert len(said.out.splitlines()) == len(BOARDS) + 2 + 3
    assert (folder / "dashboards" / "city.json").read_text("utf-8") == text("city")
    assert (folder / "prometheus" / "rightsizer.alerts.yml").exists()
    provider = (folder / "provisioning/dashboards/rightsizer.yaml").read_text("utf-8")
    assert f'path: "{folder / "dashboards"}"' in provider
    again = place.call("dashboard", "export", str(folder))
    assert (again.code, "--force" in again.err) == (1, True)
    assert place.call("dashboard", "export", str(folder), "--force").code == 0


def test_the_command_lists_every_dashboard(tmp_path: Path) -> None:
    listed = placed(tmp_path / "house").json("dashboard", "list")

    assert {row["uid"] for row in listed} == {f"rightsizer-{name}" for name in BOARDS}
    assert sum(row["panels"] for row in listed) == len(PANELS)


@dataclass(frozen=True, slots=True)
class Watched:
    """A Prometheus that scrapes a real daemon, and what is chosen on the dashboards."""

    url: str
    chosen: Chosen

    def ask(self, asked: Asked) -> list[dict[str, Any]]:
        """The series that Grafana would get for the last five minutes, or the values of now."""
        end = time.time()
        form = {"query": asked.expr}
        form |= {"start": f"{end - 300}", "end": f"{end}", "step": "5"} if asked.ranged else {}
        kind = "query_range" if asked.ranged else "query"
        answer = json.loads(get(f"{self.url}/api/v1/{kind}?{urllib.parse.urlencode(form)}"))
        assert answer["status"] == "success", answer
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


def now(expr: str) -> Asked:
    return Asked("A", expr, "", ranged=False)


def trouble(stage: Stage) -> Chosen:
    """A mail that came back, a task, and the machine of a notice that is overdue."""
    moment = stage.house.now()
    with stage.house.register.write() as db:
        late = select(Item.machine).where(Item.state == ItemState.OVERDUE, Item.kind == "shrink")
        machine = db.scalars(late.order_by(Item.id)).first()
        owner = select(Department.name).join(Machine).where(Machine.name == machine)
        sent = db.scalars(select(Delivery).where(Delivery.notice_id.is_not(None))).first()
        assert machine is not None
        assert sent is not None
        sent.bounced_at = moment.moment
        open_task(db, "undelivered", "x", "it came back", acting(moment))
        return Chosen(machine, str(db.scalar(owner)))


FIRST = (  # what comes late after a start: the host, a judgement, a mail's try, use, a step's rate
    'count(rightsizer_machine_info{machine="this-host"}) == 2',
    "count(rightsizer_verdicts)",
    "sum(increase(rightsizer_mails_tried_total[5m]))",
    'rightsizer_machine_cpu_ratio{machine="$machine"}',
    'rate(rightsizer_step_runs_total{step="collect"}[1m]) > 0',
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The demo's city under `rightsizer run`, scraped by Prometheus every second under two names, as the two
    nodes of a city that say the same.
    """
    folder = tmp_path_factory.mktemp("city")
    with sink(folder / "mail") as mail:
        stage = build(folder, 6, 40, mail)
        tell(stage)
        chosen = trouble(stage)
        clock = stage.house.now
        with exporters(stage.city, lambda: clock().moment, zone=stage.house.lake.zone) as targets:
            settings = connect(stage, targets).settings_file
            words = settings.read_text("utf-8").replace("interval: 15s", "interval: 5s")
            settings.write_text(words.replace("exporter: {", "exporter: {refresh: 1s, "), "utf-8")
            page = f"127.0.0.1:{load(settings).exporter.port}"
            program = str(Path(sys.executable).parent / "rightsizer")
            command = [program, "--config", str(settings), "run"]
            ready = running(command, lambda: answers(f"http://{page}/metrics"), folder / "log", patience=60)
            second = page.replace("127.0.0.1", "localhost")
            with ready, prometheus_on(folder / "prometheus", page, second) as url:
                found = Watched(url, chosen)
                for first in FIRST:
                    asked = now(replaced(first, chosen))
                    wait(lambda asked=asked: bool(found.ask(asked)), asked.expr, 180)  # type: ignore[misc]
                yield found


@pytest.mark.parametrize(
    ("name", "panel"), PANELS, ids=[f"{name}: {panel['title']}" for name, panel in PANELS]
)
def test_every_query_of_the_panel_finds_something_of_a_real_daemon(
    watched: Watched, name: str, panel: dict[str, Any]
) -> None:
    empty = [asked.expr for asked in queries(panel, watched.chosen) if not watched.ask(asked)]

    assert empty == [], name


def test_every_metric_that_a_panel_asks_for_is_there(watched: Watched) -> None:
    asked = {
        name for _, panel in PANELS for found in queries(panel, watched.chosen) for name in names(found.expr)
    }

    assert asked
    assert [name for name in sorted(asked) if not watched.ask(now(f"count({name})"))] == []


def names(expr: str) -> list[str]:
    return re.findall(r"\brightsizer_\w+", expr)


def test_a_name_that_reads_as_a_regular_expression_stands_for_itself() -> None:
    chosen = Chosen("vm-1", 'a "b" (c)')

    assert replaced('x{department="$department"}', chosen) == r'x{department="a \"b\" (c)"}'
    found = replaced('x{department=~"$department"}', chosen)
    assert found == r'x{department=~"a\\ \"b\"\\ \\(c\\)"}'
    assert replaced('x{department=~"$department"}', Chosen("vm-1")) == 'x{department=~".*"}'


def test_what_two_nodes_both_say_counts_once(watched: Watched) -> None:
    machines = len({found["metric"]["machine"] for found in watched.ask(now("rightsizer_machine_info"))})
    twice = len(watched.ask(now("rightsizer_machine_info")))
    made = {panel["title"]: queries(panel, watched.chosen)[0] for panel in panels(board("city"))}
    shown = watched.ask(now(made["云主机"].expr))[0]["value"][1]

    assert twice == 2 * machines
    assert float(shown) == machines
    verdicts = watched.ask(now(made["判定结果"].expr))
    judged = {found["metric"]["machine"] for found in watched.ask(now("rightsizer_machine_verdict"))}
    assert sum(float(found["value"][1]) for found in verdicts) == len(judged)


def test_variables_offer_every_department_and_the_machines_of_one(watched: Watched) -> None:
    def offered(label: str, match: str) -> list[str]:
        form = urllib.parse.urlencode({"match[]": match})
        found: list[str] = json.loads(get(f"{watched.url}/api/v1/label/{label}/values?{form}"))["data"]
        return found

    variables = {found["name"]: found["query"] for found in board("machine")["templating"]["list"]}
    assert variables["department"]["query"] == "label_values(rightsizer_machine_info, department)"
    assert len(offered("department", "rightsizer_machine_info")) >= 6
    chosen = f'rightsizer_machine_info{{department=~"{watched.chosen.department}"}}'
    assert watched.chosen.machine in offered("machine", chosen)
    assert len(offered("machine", chosen)) < 40
