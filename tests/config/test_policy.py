"""A policy pack is refused with its place when the judgement would not mean what it says."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from config.document import ConfigError, read
from config.policy import FOLDER, Policy, load_policy, with_threshold
from config.settings import PolicyChoice

if TYPE_CHECKING:
    from pathlib import Path

PACK = FOLDER / "pddr-2020-0020001.yml"
TEXT = PACK.read_text("utf-8")


# Lines and columns are those of the pack: shrink's cpu stands on line 17, its at_most at column 41.
MISTAKES = [
    pytest.param("at_most: 25", "at_most: 25.5", "17:41", "a whole number (read 25.5)", id="half a percent"),
    pytest.param("at_most: 25", "at_most: '25'", "17:41", "a whole number (read '25')", id="a text"),
    pytest.param(
        "at_most: 25", "at_most: 101", "17:9", "a threshold from 0 to 100; read 101", id="101 percent"
    ),
    pytest.param("at_most: 25", "at_most: -1", "17:9", "a threshold from 0 to 100; read -1", id="below 0"),
    pytest.param("at_most: 25", "below: 25", "17:9", "p95 is compared by at_most or above", id="p95 below"),
    pytest.param(
        "at_most: 25", "at_most: 25, above: 20", "17:9", "exactly one of at_most", id="two operators"
    ),
    pytest.param("at_most: 25, ", "", "17:9", "exactly one of at_most, below, above", id="no operator"),
    pytest.param(
        "at_most: 25", "atmost: 25", "17:41", "unknown key, did you mean at_most?", id="misspelt key"
    ),
    pytest.param("p95", "p99", "17:9", "a statistic of cpu: mean, p95, periodic_peak; read 'p99'", id="p99"),
    pytest.param("statistic: max", "statistic: p95", "19:9", "a statistic of disk: max, last", id="disk p95"),
    pytest.param(", phrase: 硬盘使用率不到50%", "", "19:9", "this key is required", id="no phrase"),
    pytest.param("combine: all", "combine: both", "12:5", "one of all, any, each (read 'both')", id="both"),
    pytest.param(
        "valid_days: 6", "valid_days: 8", "21:3", "valid_days of at most window_days", id="8 of 7 days"
    ),
    pytest.param(
        "coverage: 80", "coverage: 101", "25:5", "at most 100 (read 101)", id="101 % of the samples"
    ),
    pytest.param("  shrink:", "  shrinks:", "11:3", "unknown key, did you mean shrink?", id="misspelt rule"),
    pytest.param("vcpus: [1, 2", "vcpus: [2, 1", "42:1", "vcpus in ascending order", id="sizes in disorder"),
    pytest.param("vcpus: [1, 2", "vcpus: [0, 2", "43:11", "above 0", id="a size of nothing"),
    pytest.param(
        "PDDR-2020-0020001",
        f"PDDR-{'0' * 60}",
        "3:1",
        "text of at most 64 characters",
        id="a long document number",
    ),
    pytest.param(
        "valid_to: 2022", "valid_to: 2012", "1:1", "valid_to after valid_from", id="ends before it begins"
    ),
]
# What size.py relies on: what makes a machine smaller asks for little use, what makes it larger for much.
MISREADINGS = [
    pytest.param(
        "at_most: 25", "above: 25", "11:3", "compares by at_most or below; read cpu p95", id="shrink above"
    ),
    pytest.param(
        "above: 75", "at_most: 75", "21:3", "expand compares by above; read cpu p95", id="expand at_most"
    ),
    pytest.param(
        "at_most: 1000", "above: 1000", "31:3", "compares by at_most or below; read network", id="idle above"
    ),
    pytest.param("combine: all", "combine: any", "11:3", "shrink combines by all or each", id="shrink any"),
    pytest.param("combine: any", "combine: each", "21:3", "expand combines by any or all", id="expand each"),
    pytest.param(
        "resource: disk, statistic: max, below",
        "resource: network, statistic: mean, at_most",
        "11:3",
        "shrink looks at cpu, memory, disk; read network",
        id="shrink by network",
    ),
    pytest.param(
        "{resource: disk, statistic: last",
        "{resource: network, statistic: mean",
        "21:3",
        "expand looks at cpu, memory, disk; read network",
        id="expand by network",
    ),
]


def refusal(folder: Path, text: str) -> ConfigError:
    file = folder / "city.yml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        read(file, Policy)
    return refused.value


@pytest.mark.parametrize(("old", "new", "at", "message"), MISTAKES + MISREADINGS)
def test_a_mistake_in_a_pack_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, at: str, message: str
) -> None:
    refused = refusal(tmp_path, TEXT.replace(old, new, 1))

    assert old in TEXT
    assert any(
        found.place == f"{tmp_path}/city.yml:{at}" and message in str(found) for found in refused.problems
    ), str(refused)


def test_a_rule_without_conditions_is_refused(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    # Lines 16 to 19: conditions of shrink.
    emptied = "\n".join([*lines[:15], "    conditions: []", *lines[19:]])
    refused = refusal(tmp_path, emptied)

    assert [problem.place for problem in refused.problems] == [f"{tmp_path}/city.yml:16:5"]


def test_each_judges_a_resource_by_one_condition(tmp_path: Path) -> None:
    # "Each resource by itself" would be two answers for cpu.
    second = "      - {resource: cpu, statistic: mean, at_most: 10, phrase: CPU使用率}\n"
    lines = TEXT.splitlines(keepends=True)
    twice = "".join([*lines[:16], second, *lines[16:]])
    (tmp_path / "all.yml").write_text(twice, "utf-8")
    refused = refusal(tmp_path, twice.replace("combine: all", "combine: each", 1))

    assert read(tmp_path / "all.yml", Policy).rules.shrink.resources == ("cpu", "memory", "disk")
    assert "each takes one condition per resource" in str(refused)


# --- the pack that comes with rightsizer ----------------------------------------------------------


def test_the_pack_says_what_article_13_says() -> None:
    policy = load_policy(PolicyChoice())
    said = {
        name: [
            (c.resource, c.statistic, c.operator, c.threshold) for c in getattr(policy.rules, name).conditions
        ]
        for name in ("shrink", "expand", "idle")
    }

    assert said == {
        "shrink": [
            ("cpu", "p95", "at_most", 25),  # CPU使用率未超过25%
            ("memory", "periodic_peak", "at_most", 30),  # 内存周期性峰值未超过30%
            ("disk", "max", "below", 50),  # 硬盘使用率不到50%
        ],
        "expand": [
            ("cpu", "p95", "above", 75),  # 资源使用率超过75%
            ("memory", "periodic_peak", "above", 75),
            ("disk", "last", "above", 75),
        ],
        "idle": [("cpu", "p95", "at_most", 3), ("network", "mean", "at_most", 1000)],
    }
    assert [c.recent_days for c in policy.rules.expand.conditions if c.resource == "memory"] == [35]


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        pytest.param(date(2020, 9, 12), "PDDR-2020-0020001 begins only on 2020-09-13", id="the day before"),
        pytest.param(date(2020, 9, 13), None, id="its first day"),
        pytest.param(date(2022, 9, 12), None, id="its last day"),
        pytest.param(date(2022, 9, 13), "PDDR-2020-0020001 ended on 2022-09-12", id="the day after"),
    ],
)
def test_a_policy_says_when_it_does_not_cover_a_day(on: date, sentence: str | None) -> None:
    policy = load_policy(PolicyChoice())

    assert policy.validity(on) == sentence
    assert policy.expired(on) is (on > date(2022, 9, 12))


def test_a_city_chooses_that_each_resource_is_judged_by_itself() -> None:
    assert load_policy(PolicyChoice()).rules.shrink.combine == "all"
    chosen = load_policy(PolicyChoice(combine="each"))

    assert chosen.rules.shrink.combine == "each"
    assert chosen.rules.expand.combine == "any"


def test_a_city_cannot_choose_each_where_a_resource_has_two_conditions(tmp_path: Path) -> None:
    second = "      - {resource: cpu, statistic: mean, at_most: 10, phrase: CPU使用率}\n"
    lines = TEXT.splitlines(keepends=True)
    (tmp_path / "city.yml").write_text("".join([*lines[:16], second, *lines[16:]]), "utf-8")

    with pytest.raises(ConfigError, match=r"policy\.combine: `each` takes one condition .* several on cpu"):
        load_policy(PolicyChoice(file=tmp_path / "city.yml", combine="each"))
    assert load_policy(PolicyChoice(file=tmp_path / "city.yml", combine="all")).rules.shrink.combine == "all"


def test_a_threshold_is_changed_for_a_backtest_and_no_other() -> None:
    policy = load_policy(PolicyChoice())
    changed = with_threshold(policy, "shrink", "cpu", 20)

    assert [c.threshold for c in changed.rules.shrink.conditions] == [20, 30, 50]
    assert changed.rules.expand == policy.rules.expand
    with pytest.raises(
        KeyError, match=r"shrink\.network is not a condition; known: shrink.cpu, shrink.memory"
    ):
        with_threshold(policy, "shrink", "network", 20)
    with pytest.raises(ValueError, match="a threshold from 0 to 100; read 101"):
        with_threshold(policy, "shrink", "cpu", 101)


def test_an_unknown_pack_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"no policy pack at .*nowhere.yml; packs .*pddr-2020-0020001"
    ):
        load_policy(PolicyChoice(file=tmp_path / "nowhere.yml"))
