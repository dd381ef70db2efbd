"""The simulated city: plausible, the same from the same seed, and made for every verdict."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from oracle import fold, judge

from config.document import read
from config.policy import FOLDER, Policy
from monitor.demo.behaviours import BEHAVIOURS
from monitor.demo.city import City, city
from monitor.demo.past import blackout, history
from store.lake import SAMPLES

if TYPE_CHECKING:
    import pandas as pd

SHANGHAI = ZoneInfo("Asia/Shanghai")
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
COUNTED = ("cpu", "memory", "disk", "network", "vcpus", "memory_bytes", "disk_bytes")


def days_before_today(town: City, days: int, ago: int = 0, step: int = 300) -> list[pa.Table]:
    """That many local days, the last of them `ago` + 1 days before the city's today."""
    end = datetime.combine(town.today - timedelta(days=ago), time(), SHANGHAI)
    return list(history(town, end - timedelta(days=days), end, step, SHANGHAI))


def one_of_each() -> City:
    return city(departments=5, machines=len(BEHAVIOURS))


@pytest.fixture(scope="module")
def quarter() -> tuple[City, dict[str, pd.DataFrame]]:
    """A machine of every behaviour, and the samples of 95 days by the name of the behaviour."""
    town = one_of_each()
    frame = pa.concat_tables(days_before_today(town, 95)).to_pandas()
    by_machine = dict(iter(frame.groupby("machine")))
    return town, {one.behaviour.name: by_machine.get(one.name, frame[:0]) for one in town.machines}


def is_credit_code(code: str) -> bool:
    """GB 32100-2015 and, inside it, GB 11714, by the tables of weights in the standards."""
    total = sum(w * CODE_ALPHABET.index(c) for w, c in zip(CODE_WEIGHTS, code, strict=False))
    inner = 11 - sum(w * int(c, 36) for w, c in zip(ORGANISATION_WEIGHTS, code[8:16], strict=True)) % 11
    return code[17] == CODE_ALPHABET[(31 - total) % 31] and code[16] == {10: "X", 11: "0"}.get(
        inner, str(inner)
    )


def test_every_department_of_the_city_has_a_true_credit_code() -> None:
    codes = [department.code for department in city().departments]

    assert is_credit_code("11100000000013127D")  # a published one: the check itself works
    assert len(set(codes)) == 30
    assert all(is_credit_code(code) for code in codes)


def test_letters_of_the_demo_can_reach_nobody() -> None:
    assert all(department.email.endswith(".example") for department in city(departments=40).departments)


def test_machines_stand_in_the_order_of_their_names_and_belong_to_systems_of_the_city() -> None:
    town = city()
    names = [machine.name for machine in town.machines]
    systems = {(system.department, system.name) for system in town.systems}

    assert len(set(names)) == 300
    assert names == sorted(names)
    assert {(machine.department, machine.system) for machine in town.machines} <= systems
    assert len({machine.address for machine in town.machines}) == 300


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    assert city(seed=7).machines == city(seed=7).machines
    assert city(seed=7).machines != city(seed=8).machines


@pytest.mark.parametrize(
    ("verdict", "least", "most"),
    [("shrink", 0.40, 0.50), ("expand", 0.03, 0.08), ("idle", 0.03, 0.09), ("insufficient", 0.06, 0.13)],
)
def test_the_shares_of_the_verdicts_are_those_of_a_city(verdict: str, least: float, most: float) -> None:
    aims = Counter(machine.behaviour.verdict for machine in city().machines)

    assert least <= aims[verdict] / 300 <= most


def test_every_verdict_and_every_reason_is_aimed_at() -> None:
    aims = {(machine.behaviour.verdict, machine.behaviour.reason) for machine in city().machines}
    reasons = {"no_data", "stale", "metric_missing", "resized", "short_history", "low_coverage"}
    judged = {(verdict, None) for verdict in ("shrink", "expand", "idle", "keep")}

    assert aims == judged | {("insufficient", reason) for reason in reasons}


def test_every_behaviour_comes_to_the_verdict_that_it_is_made_for(
    quarter: tuple[City, dict[str, pd.DataFrame]],
) -> None:
    town, samples = quarter
    policy = read(FOLDER / "pddr-2020-0020001.yml", Policy)
    sizes = {name: list(getattr(policy.sizes, name)) for name in ("vcpus", "memory_gib", "disk_gib")}
    answers = {name: judge(fold(arrays(frame)), town.today, sizes) for name, frame in samples.items()}

    assert {name: (it.verdict, it.reason, it.note) for name, it in answers.items()} == {
        it.name: (it.verdict, it.reason, it.note) for it in BEHAVIOURS
    }


def arrays(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    seconds = frame["time"].astype("datetime64[s, UTC]").astype("int64").to_numpy()
    return {"time": seconds, **{name: frame[name].to_numpy() for name in COUNTED}}


def test_samples_have_the_schema_of_the_lake_and_come_by_machine_and_time() -> None:
    (table,) = days_before_today(city(machines=40), 1)
    order = list(zip(table["machine"].to_pylist(), table["time"].to_pylist(), strict=True))

    assert table.schema == SAMPLES
    assert order == sorted(order)


def test_the_same_day_is_the_same_alone_and_in_a_row_of_days() -> None:
    town = city(machines=60)
    alone = days_before_today(town, 1, ago=3)
    in_a_row = days_before_today(town, 5, ago=2)

    assert alone[0].equals(in_a_row[3])


def test_a_day_cut_at_noon_has_the_samples_of_its_morning() -> None:
    town = city(machines=30)
    midnight = datetime.combine(town.today, time(), SHANGHAI)
    noon = midnight + timedelta(hours=12)
    (whole,) = history(town, midnight, midnight + timedelta(days=1), 300, SHANGHAI)
    (morning,) = history(town, midnight, noon, 300, SHANGHAI)

    assert morning.to_pandas().equals(whole.to_pandas().query("time < @noon").reset_index(drop=True))


def test_the_blackout_leaves_no_sample_for_31_hours_for_anyone() -> None:
    town = city()
    begin, end = blackout(town, SHANGHAI)
    times = pa.concat_tables(days_before_today(town, 4, ago=21))["time"].unique().to_pylist()

    assert end - begin == timedelta(hours=31)
    assert not [moment for moment in times if begin <= moment < end]
    assert begin - timedelta(seconds=300) in times
    assert end in times


@pytest.mark.parametrize(
    ("zone", "day", "samples"),
    [("Europe/Helsinki", date(2026, 10, 25), 300), ("Europe/Helsinki", date(2026, 3, 29), 276)],
    ids=["25 hours: 25 * 12", "23 hours: 23 * 12"],
)
def test_a_day_on_which_the_clocks_change_has_the_samples_of_its_length(
    zone: str, day: date, samples: int
) -> None:
    town, there = city(machines=1, today=day), ZoneInfo(zone)
    start = datetime.combine(day, time(), there)
    (table,) = history(town, start, datetime.combine(day + timedelta(days=1), time(), there), 300, there)

    assert table.num_rows == samples


def test_a_large_city_comes_in_ranges_of_machines() -> None:
    town = city(machines=10_050)
    first, second = days_before_today(town, 1, step=1800)

    assert max(first["machine"].to_pylist()) < min(second["machine"].to_pylist())
    assert len(second["machine"].unique()) > 40


def test_a_newborn_machine_has_no_sample_before_its_delivery(
    quarter: tuple[City, dict[str, pd.DataFrame]],
) -> None:
    town, samples = quarter
    delivered = next(one.delivered_on for one in town.machines if one.behaviour.name == "newborn")

    assert samples["newborn"]["time"].min() == datetime.combine(delivered, time(), SHANGHAI).astimezone(UTC)


def test_a_resized_machine_changes_its_capacity_once_in_the_evening(
    quarter: tuple[City, dict[str, pd.DataFrame]],
) -> None:
    frame = quarter[1]["just_resized"]
    changes = frame["vcpus"].diff().fillna(0) != 0

    assert changes.sum() == 1
    assert frame["time"][changes].dt.tz_convert(SHANGHAI).dt.hour.tolist() == [22]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("half_covered", 0.49, 0.51), ("lossy", 0.84, 0.88), ("office", 1.0, 1.0)],
)
def test_samples_are_lost_as_the_behaviour_says(
    quarter: tuple[City, dict[str, pd.DataFrame]], name: str, least: float, most: float
) -> None:
    # 95 days of 288 samples, less the 31 * 12 of the blackout
    share = len(quarter[1][name]) / (95 * 288 - 31 * 12)

    assert least <= share <= most


def test_a_machine_without_meminfo_never_has_a_memory_value(
    quarter: tuple[City, dict[str, pd.DataFrame]],
) -> None:
    frame = quarter[1]["no_meminfo"]

    assert frame["memory"].isna().all()
    assert frame["cpu"].notna().all()


def test_use_moves_as_that_of_real_machines_does() -> None:
    """No constants and no white noise: cpu resembles what it was five minutes ago and differs from it."""
    (table,) = days_before_today(city(machines=60), 1)
    groups = [frame for _, frame in table.to_pandas().groupby("machine") if len(frame) == 288]
    distinct = {
        name: np.median([frame[name].nunique() for frame in groups]) for name in ("cpu", "memory", "disk")
    }
    likeness = [frame["cpu"].autocorr() for frame in groups]

    assert distinct["cpu"] > 100
    assert distinct["memory"] > 80
    assert distinct["disk"] > 20
    assert 0.5 < np.median(likeness) < 0.99
