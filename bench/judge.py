"""Judging the city: 10,000 machines by 93 days, and VictoriaMetrics doing the same from raw samples.

    python bench/judge.py [--machines 10000] [--victoria 300] [--days 93] [--step 300] [--folder FOLDER]

First our side: the folded days of the simulated city lie in a lake (made once, kept in --folder; about five
minutes), a fresh process reads them as monitor.verdicts does, judges and makes every Verdict. Cold: its files
are not in the page cache. Then both sides on a smaller fleet (--victoria) with the same raw samples:
VictoriaMetrics answers the queries of bench/metricsql.py and a client makes verdicts of them, machine by
machine compared with ours. What folding costs stands beside it, so that nothing is hidden.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import meter
import metricsql
import pyarrow as pa
from fleet import AS_OF, STORED, ZONE, days_lake, fleet, inventory, past, policy, progress, samples_of
from meter import Spent
from victoria import victoria

from monitor.verdicts import machines_at_once
from rules.fold import fold
from rules.history import HISTORY_DAYS
from rules.judgement import RULES, judge
from store.delta import Lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from victoria import Victoria

    from rules.verdict import Verdict

FIGURES = ("wall", "cpu", "read", "judge", "verdicts")
COMPARED = 5000  # machines of a comparison at most: their verdicts travel between processes


def main() -> None:
    parser = argparse.ArgumentParser(description="judging a city, beside VictoriaMetrics on raw samples")
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--victoria", type=int, default=300, help="machines of the comparison; 0: none")
    parser.add_argument("--days", type=int, default=93)
    parser.add_argument("--step", type=int, default=300, help="seconds between samples")
    parser.add_argument("--folder", type=Path, help="where the folded days are kept; default: nowhere")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--fold", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        judge_lake(options.judge, options.machines)
    elif options.fold:
        fold_lake(options.fold)
    else:
        print(meter.machine())
        with folder_of(options.folder) as folder:
            ours = alone(folder, options)
            if options.victoria:
                beside(folder, options, ours)


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def alone(folder: Path, options: argparse.Namespace) -> float:
    """Our side on the whole city; its best warm seconds."""
    lake = days_lake(folder, fleet(options.machines), options.days, options.step)
    print(f"\nrightsizer, {options.machines} machines x {options.days} days, {megabytes(lake.folder)} MB")
    return timed(lake.folder, options.machines)


def timed(lake: Path, machines: int) -> float:
    """Prints one cold and three warm judgements, each in a fresh process; the best warm seconds."""
    forget(lake)
    runs = [meter.in_child(__file__, "--judge", lake, "--machines", machines) for _ in range(4)]
    rows = [
        (name, *(f"{told[figure]:.2f}" for figure in FIGURES), f"{told['rss']:.0f}")
        for name, told in zip(("cold", "warm", "warm", "warm"), runs, strict=True)
    ]
    meter.table(("", "wall s", "cpu s", "read s", "judge s", "verdicts s", "peak RSS MiB"), rows)
    return min(float(told["wall"]) for told in runs[1:])


def judge_lake(folder: Path, machines: int) -> None:
    """The child: what monitor.verdicts.judge_all does between register and register."""
    lake, known, pack = Lake(folder, ZONE), inventory(fleet(machines)), policy()
    steps: dict[str, list[meter.Spent]] = {"read": [], "judge": [], "verdicts": []}
    found = {}
    at_once = machines_at_once(len(lake.folded()))
    for start in range(0, machines, at_once):
        part = known.slice(start, at_once)
        read = meter.spent(partial(days_of, lake, part))
        judged = meter.spent(partial(judge, read.told, pack, AS_OF, part))
        made = meter.spent(partial(list, judged.told.verdicts()))
        for name, step in zip(steps, (read, judged, made), strict=True):
            steps[name].append(Spent(step.wall, step.cpu, None))
        if machines <= COMPARED:
            found = {verdict.machine: in_words(verdict) for verdict in made.told}
    every = [step for of_one in steps.values() for step in of_one]
    meter.tell(
        wall=sum(step.wall for step in every),
        cpu=sum(step.cpu for step in every),
        found=found,
        **{name: sum(step.wall for step in of_one) for name, of_one in steps.items()},
    )


def days_of(lake: Lake, known: pa.Table) -> pa.Table:
    rules = policy().rules
    histograms = max(getattr(rules, name).window_days for name in RULES)
    since, until, full = (AS_OF - timedelta(days=ago) for ago in (HISTORY_DAYS, 1, histograms))
    return lake.days(since, until, full, known["machine"].to_pylist())


def in_words(verdict: Verdict) -> str:
    because = verdict.reason or verdict.note
    return f"{verdict.kind}: {because}" if because else str(verdict.kind)


def fold_lake(folder: Path) -> None:
    """The child: the pipeline's fold of every day that is not folded."""
    lake = Lake(folder, ZONE)

    def every() -> int:
        days = lake.pending(AS_OF)
        for day in days:
            samples = lake.tidy(day)
            rows = pa.concat_tables(fold(part, day, ZONE) for part in samples.ranges())
            lake.replace_day(day, rows, samples.fingerprint)
        return len(days)

    done = meter.spent(every)
    meter.tell(wall=done.wall, cpu=done.cpu, days=done.told)


def beside(folder: Path, options: argparse.Namespace, whole: float) -> None:
    """Both sides on the same raw samples of a smaller fleet."""
    city, count = fleet(options.victoria), options.victoria
    with tempfile.TemporaryDirectory(dir=folder) as name:
        raw, lake = Path(name) / "victoria", Lake(Path(name) / "lake", ZONE)
        with victoria(raw) as server:
            values = 0
            for number, day in enumerate(past(options.days)):
                progress(f"importing {count} machines", number, options.days)
                for samples in samples_of(city, day, options.step):
                    lake.append([samples], STORED)
                    values += server.push(samples)
            server.settle()
        print(f"\nboth, {count} machines x {options.days} days, {values / 1e6:.1f} M values")
        folded = meter.in_child(__file__, "--fold", lake.folder)
        print(f"rightsizer folds {folded['days']} days: {folded['wall']:.2f} s, cpu {folded['cpu']:.2f} s")
        ours = timed(lake.folder, count)
        found = meter.in_child(__file__, "--judge", lake.folder, "--machines", count)["found"]
        names = [machine.name for machine in city.machines]
        forget(raw)
        with victoria(raw) as server:
            theirs = asked(server, names, options.step)
    agreement(found, theirs["verdicts"])
    conclude(options, theirs, ours, folded, whole)


def asked(server: Victoria, names: list[str], step: int) -> dict[str, Any]:
    """VictoriaMetrics' side: cold, three times warm, and twice with its cache of results."""
    rows, best, verdicts = [], {"deciding": float("inf"), "all": float("inf")}, {}
    for name in ("cold", "warm", "warm", "warm", "result cache", "result cache"):
        cached = name == "result cache"
        found = meter.spent(partial(metricsql.ask, server, metricsql.QUERIES, cached=cached))
        shown = meter.spent(partial(metricsql.ask, server, metricsql.SHOWN, cached=cached))
        client = meter.spent(partial(metricsql.verdicts, server, found.told, names, step))
        rows.append((name, *(f"{spent.wall:.2f}" for spent in (found, shown, client))))
        if not cached:
            verdicts = client.told
            deciding = found.wall + client.wall
            best = {
                "deciding": min(best["deciding"], deciding),
                "all": min(best["all"], deciding + shown.wall),
            }
    print("\nVictoriaMetrics; the result cache serves the same question coming twice")
    meter.table(("", f"{len(metricsql.QUERIES)} queries s", "p95 shown s", "client s"), rows)
    return {**best, "verdicts": verdicts}


def agreement(ours: dict[str, str], theirs: dict[str, str]) -> None:
    differing = [(name, ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]]
    print(f"\nsame verdict on {len(ours) - len(differing)} of {len(ours)} machines:")
    print("  " + ", ".join(f"{count} {kind}" for kind, count in Counter(ours.values()).most_common()))
    for name, our, their in differing[:20]:
        print(f"  {name}: rightsizer {our}, VictoriaMetrics {their}")


def conclude(
    options: argparse.Namespace, theirs: dict[str, Any], ours: float, folded: dict[str, Any], whole: float
) -> None:
    few, many, a_day = options.victoria, options.machines, folded["wall"] / folded["days"]
    print(f"\nVictoriaMetrics / rightsizer, best warm run of each; {many} machines: theirs grown from {few}")
    rows = []
    for name, what in (("all", "all statistics"), ("deciding", "those that decide")):
        seconds, grown = theirs[name], theirs[name] / few * many
        rows.append((f"{few} machines, {what}", *ratio(seconds, ours)))
        rows.append((f"{many} machines, {what}", *ratio(grown, whole)))
    rows.append((f"{few} machines, and yesterday folded", *ratio(theirs["all"], ours + a_day)))
    rows.append((f"{few} machines, and every day folded", *ratio(theirs["all"], ours + folded["wall"])))
    meter.table(("", "theirs s", "ours s", "times"), rows)


def ratio(theirs: float, ours: float) -> tuple[str, str, str]:
    return f"{theirs:.2f}", f"{ours:.2f}", f"{theirs / ours:.1f}"


def megabytes(folder: Path) -> int:
    return round(sum(file.stat().st_size for file in files(folder)) / 1e6)


def forget(folder: Path) -> None:
    """Takes the folder's files out of the page cache."""
    os.sync()
    for file in files(folder):
        number = os.open(file, os.O_RDONLY)
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(number)


def files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
