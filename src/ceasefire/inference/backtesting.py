"""Forecasts judged by what happened: one pass through time, a forecast and its scores at each origin.

At each origin (a Tuesday, every 28 days) the population of `sampling` goes on from the likelihood of what
was known at the last origin to that of what is known at this one, revisions and all; from its states the wars
are walked on. What is chosen (which variant of the forecast) is chosen on targets before 2024 and judged on
origins from 2024.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.engine import Start, model_fingerprint
from ceasefire.evidence import Evidence
from ceasefire.files import InputError, write_atomically
from ceasefire.files.arrays import read_arrays
from ceasefire.files.bounded import is_small_file
from ceasefire.files.formats import FORMAT
from ceasefire.inference import baselines, calibrating, sampling, scoring
from ceasefire.inference.calibrating import Course, history_and_figures, lengths_of, paths_for
from ceasefire.inference.code import FORECAST, source_hash
from ceasefire.inference.diagnosing import LARGEST_RHAT, nested_rhat
from ceasefire.inference.forecasting import (
    ADDED,
    EVERYTHING,
    TREND,
    VARIANTS,
    Futures,
    Variant,
    walk_on,
)
from ceasefire.inference.observing import FACTORS, WEEKLY_REFERENCE, Layout, Observed, shared_layout
from ceasefire.inference.sampling import Population
from ceasefire.inference.starting import beginning
from ceasefire.inference.target import Target
from ceasefire.scenario import History, Scenario
from ceasefire.scenario.compiled import baseline_levers
from ceasefire.war import LEVERS, STRUCTURES, State
from ceasefire.war.levers import COLUMNS
from ceasefire.war.structure import OPTIONAL

Float64 = npt.NDArray[np.float64]
Told = Callable[[str, float], None]

SPACING_DAYS = 28
HORIZONS_DAYS = (28, 91, 182, 364)
JUDGED_FROM = dt.date(2024, 1, 1)
JUDGED_DAY = pd.Timestamp(JUDGED_FROM)
LOSSES, DEATHS, GROUND = "reported losses", "excess deaths", "area held"
OURS = "ours"
NOT_WORSE = "not shown to be worse"
"""The verdict where the bootstrap tells two forecasts not apart."""
TOLD = (
    "series",
    "horizon_days",
    "origin",
    "truth",
    "median",
    "low_50",
    "high_50",
    "low_90",
    "high_90",
    "pit",
)
"""What a report tells of one forecast; the change from the origin, in the unit of the series."""
# Moves at each stage of the way from one origin to the next, and more of them where it ends.
MOVES, MOVES_AT_AN_ORIGIN = 3, 20
# So many times as many sets on the way to the first origin, as in a calibration.
TIMES_BEFORE = 4
_MOST_SCORES = 50_000_000
LEAST_EFFECTIVE = 0.4


@dataclasses.dataclass(frozen=True)
class Settings:
    """How hard a back-test tries."""

    sets: int = 256
    replicates: int = 2
    paths: int = 32
    draws: int = 4_000
    rounds: int = 30
    """Rounds at the first origin."""
    step_days: int = 7
    """Length of a step, of the fit and of the forecasts: by days the same pass takes many hours."""
    seed: int = 1


@dataclasses.dataclass(frozen=True)
class Series:
    """What is forecast and judged: a running total or a level on Tuesdays, as known at the end."""

    name: str
    root: str
    side: int
    unit: str
    values: pd.Series
    """By day, NaN where there is none."""

    def change(self, origin: dt.date, days: int) -> float:
        """Return what was added from the origin to the target, NaN where it is not known."""
        first, last = (pd.Timestamp(origin + dt.timedelta(days=more)) for more in (0, days))
        return float(self.values.get(last, np.nan)) - float(self.values.get(first, np.nan))


def origins(scenario: Scenario, evidence: Evidence) -> list[dt.date]:
    """Return the origins: every 28 days from the scenario's start while a target lies within the evidence."""
    last = max(series.values.last_valid_index().date() for series in truths(scenario, evidence))
    found = []
    day = scenario.start
    while day + dt.timedelta(days=HORIZONS_DAYS[0]) <= min(last, scenario.end):
        found.append(day)
        day += dt.timedelta(days=SPACING_DAYS)
    return found


def truths(scenario: Scenario, evidence: Evidence) -> list[Series]:
    """Return what forecasts are judged by, as it stands in all of the evidence.

    Raises:
        InputError: the evidence holds no weekly losses or no area of the belligerents.
    """
    found: list[Series] = []
    rows = evidence.observations
    for number, code in enumerate(scenario.codes):
        people = rows[
            (rows["quantity"] == "personnel_losses")
            & (rows["side"] == code)
            & (rows["flow_or_stock"] == "cumulative")
            & rows["best"].notna()
            & (rows["kind"] != "prediction")
        ]
        weekly = people[people["concept"] == "losses_undefined"]
        sizes = weekly.groupby("source").size()
        if len(sizes) and sizes.max() >= 52:
            chosen = weekly[weekly["source"] == sizes.idxmax()]
            found.append(Series(LOSSES, str(chosen["root"].iloc[0]), number, "persons", _by_day(chosen)))
        for concept in ("killed_and_missing", "killed"):
            dead = people[(people["concept"] == concept) & ~people["root"].isin(_derived(evidence))]
            newest = dead[dead["known_on"] == dead.groupby("source")["known_on"].transform("max")]
            sizes = newest.groupby("source").size()
            if len(sizes) and sizes.max() >= 52:
                chosen = newest[newest["source"] == sizes.idxmax()]
                daily = _by_day(chosen).resample("D").interpolate("linear", limit_area="inside")
                found.append(Series(DEATHS, str(chosen["root"].iloc[0]), number, "persons", daily))
                break
        held = rows[(rows["quantity"] == "area_controlled") & (rows["side"] == code) & rows["best"].notna()]
        if len(held) >= 52:
            found.append(Series(GROUND, str(held["root"].iloc[0]), number, "km2", _by_day(held)))
    if not found:
        raise InputError(
            f"the evidence holds no weekly losses and no area for {' or '.join(scenario.codes)}.",
            scenario.name,
            "a back-test needs series of a year at least.",
        )
    return found


def _derived(evidence: Evidence) -> set[str]:
    return {name for name, root in evidence.roots.items() if root.why.startswith("a model over")}


def _by_day(rows: pd.DataFrame) -> pd.Series:
    return rows.drop_duplicates("end", keep="last").set_index("end")["best"].sort_index().astype(float)


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a calibration sees at an origin."""

    day: dt.date
    history: History
    observed: Observed


def look(
    scenario: Scenario, evidence: Evidence, day: dt.date, layout: Layout | None = None, *, step_days: int
) -> Origin:
    """Return what is known of a war on a day."""
    seen = history_and_figures(scenario, evidence, day, hindsight=False, step_days=step_days, layout=layout)
    return Origin(day, *seen)


class Pass:
    """One pass through time, with a snapshot at each origin that can be taken up again."""

    def __init__(
        self,
        scenario: Scenario,
        evidence: Evidence,
        days: Sequence[dt.date],
        settings: Settings,
        folder: Path | None = None,
        scored: str = "",
    ) -> None:
        """`scored` says what is scored at each origin; nothing kept of a pass with other scores counts."""
        self.scenario = scenario
        self.evidence = evidence
        self.scored = scored
        self.days = list(days)
        self.settings = settings
        self.layout: Layout | None = None
        self.layout = shared_layout([self.look(number).observed for number in range(len(self.days))])
        self.folder = folder
        self.name = self._identity()
        self._targets: dict[dt.date, Target] = {}

    def _identity(self) -> str:
        rows = self.evidence.observations
        digest = hashlib.sha256()
        text = (
            self.scenario.calibrated_sha256,
            model_fingerprint(self.scenario.fitted_mechanisms),
            source_hash(*FORECAST),
        )
        digest.update(repr((*text, self.settings, self.layout, self.scored)).encode())
        digest.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
        return digest.hexdigest()[:16]

    def look(self, number: int) -> Origin:
        """Return what is known on the day of an origin."""
        steps = self.settings.step_days
        return look(self.scenario, self.evidence, self.days[number], self.layout, step_days=steps)

    def target(self, origin: Origin) -> Target:
        """Return the likelihood of what is known at an origin; the last two stay, with their silent rows."""
        if origin.day not in self._targets:
            self._targets = dict([*self._targets.items()][-1:])
            self._targets[origin.day] = Target(
                origin.history.world,
                origin.observed,
                paths=paths_for(origin.observed.weeks, self.settings.paths),
                step_days=self.settings.step_days,
            )
        return self._targets[origin.day]

    def start(self) -> tuple[int, Population | None]:
        """Return the number of the next origin and the population that goes there, from disk if kept.

        An origin is done when its scores and those of all before it are there.
        """
        number, population = 0, None
        while self.folder is not None and number < len(self.days):
            kept = self._read(number)
            if kept is None or self.scores_of(number) is None:
                break
            number, population = number + 1, kept
        return number, population

    def go_on(
        self, number: int, population: Population | None, told: Told
    ) -> tuple[Origin, Population, dict[str, object]]:
        """Take the population to the next origin; say how well its replicates agree there (`health`)."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, number])
        origin = self.look(number)
        if population is None:
            population, accepted = self._first(origin, told)
            self._write(number, population)
            return origin, population, health(origin.day, population, _judged(self.target(origin)), accepted)
        new = self.target(origin)
        old = self.target(self.look(number - 1))
        population = sampling.towards(population, new, int(rng.integers(2**31)))
        tried = taken = 0.0
        while population.power < 1.0:
            population = sampling.step_forward(population, LEAST_EFFECTIVE, rng)
            acceptance = sampling.Acceptance()
            for _ in range(MOVES if population.power < 1.0 else MOVES_AT_AN_ORIGIN):
                population = sampling.move(population, old, new, rng, acceptance)
            tried, taken = tried + acceptance.tried.sum(), taken + acceptance.taken.sum()
            told(
                f"{origin.day}: {100 * population.power:.3g} % of the way,"
                f" {100 * acceptance.share():.0f} % of moves accepted",
                number / len(self.days),
            )
        self._write(number, population)
        share = float(taken / max(tried, 1.0))
        return origin, population, health(origin.day, population, _judged(new), share)

    def _first(self, origin: Origin, told: Told) -> tuple[Population, float]:
        """Return the sets at the first origin, by the stages of a calibration, and the share accepted."""
        settings = self.settings
        course = Course(
            origin.history,
            origin.observed,
            calibrating.Settings(
                sets=settings.sets,
                times_before=TIMES_BEFORE,
                replicates=settings.replicates,
                paths=settings.paths,
                step_days=settings.step_days,
                seed=settings.seed,
                rounds=settings.rounds,
            ),
        )
        stage = calibrating.begin(course)
        # The next origin goes on from its estimates, which no function of these weeks would have made.
        for stage in calibrating.stages(course, stage, settings.rounds, ahead=False):  # noqa: B020
            line, share = course.says(stage, settings.rounds)
            told(f"{origin.day}: {line}", share / len(self.days))
        self._targets[origin.day] = course.target(stage.block)
        return stage.population, stage.accepted

    def _file(self, number: int) -> Path:
        assert self.folder is not None
        return self.folder / f"backtest-{self.name}-{self.days[number]}.npz"

    def _write(self, number: int, population: Population) -> None:
        if self.folder is None:
            return
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            z=population.z,
            structure=population.structure,
            numbers=population.numbers,
            new=population.new,
            replicates=population.replicates,
            log_evidence=population.log_evidence,
            line=population.line,
        )
        write_atomically(self._file(number), buffer.getvalue())

    def keep_scores(self, number: int, table: pd.DataFrame, found: dict[str, object]) -> None:
        """Write the scores of an origin, and how well replicates agreed there: it is done."""
        if self.folder is not None:
            scores = json.loads(table.to_json(orient="records", date_format="iso"))
            text = json.dumps({"scores": scores, "health": found})
            write_atomically(self._file(number).with_suffix(".json"), text.encode())

    def scores_of(self, number: int) -> tuple[pd.DataFrame, dict[str, object]] | None:
        """Return the scores of an origin, and how well replicates agreed there; None where it is not done."""
        path = self._file(number).with_suffix(".json")
        if not is_small_file(path, _MOST_SCORES):
            return None
        try:
            kept = json.loads(path.read_text("utf-8"))
            return pd.read_json(io.StringIO(json.dumps(kept["scores"]))), dict(kept["health"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _read(self, number: int) -> Population | None:
        kept = read_arrays(self._file(number))
        if kept is None or lengths_of(kept, _SHAPES) is None:
            return None
        return Population(
            kept["z"],
            kept["structure"],
            kept["numbers"],
            np.zeros_like(kept["new"]),
            kept["new"],
            1.0,
            int(kept["replicates"]),
            kept["log_evidence"],
            kept["line"],
        )


_SHAPES: dict[str, tuple[str, str]] = {
    "z": ("f4", "DT"),
    "structure": ("i1", "KT"),
    "numbers": ("u4", "T"),
    "new": ("f4", "T"),
    "replicates": ("i8", ""),
    "log_evidence": ("f8", "R"),
    "line": ("i4", "T"),
}
"""What a population on disk holds, as `calibrating.lengths_of` takes it."""


def health(
    day: dt.date, population: Population, judged: npt.NDArray[np.bool_], accepted: float
) -> dict[str, object]:
    """Return how well the replicates of a population agree at an origin.

    Args:
        day: the origin.
        population: at the origin.
        judged: rows `[D]` that are uncertain and that figures reach.
        accepted: share of the moves on the way there that were accepted.

    Returns:
        `origin`; `worst_rhat`, the largest nested R-hat of the rows, and `share_above`, the share of rows
        above 1.01 (of so few sets in two replicates some lie above it by chance); `ancestors`, how many
        members of the first population each replicate descends from; `accepted`; `log_evidence_spread`, the
        difference between the replicates' largest and least log evidence since the first origin.
    """
    rows = population.z[judged]
    rhat = nested_rhat(rows.reshape(len(rows), population.replicates, -1))
    lines = population.line.reshape(population.replicates, -1)
    return {
        "origin": str(day),
        "worst_rhat": round(float(rhat.max(initial=1.0)), 4),
        "share_above": round(float((rhat > LARGEST_RHAT).mean()), 4) if len(rhat) else 0.0,
        "ancestors": [int(np.unique(line).size) for line in lines],
        "accepted": round(accepted, 4),
        "log_evidence_spread": round(float(np.ptp(population.log_evidence)), 4),
    }


def worst_health(table: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Return the worst of each figure of `health` over all origins."""
    return {
        "worst_rhat": max(row["worst_rhat"] for row in table),
        "share_above": max(row["share_above"] for row in table),
        "ancestors": min(min(row["ancestors"]) for row in table),
        "accepted": min(row["accepted"] for row in table),
        "log_evidence_spread": max(row["log_evidence_spread"] for row in table),
    }


def _judged(target: Target) -> npt.NDArray[np.bool_]:
    return np.asarray(target.transform.free & ~target.silent)


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The posterior at an origin, ready to be walked on."""

    parameters: npt.NDArray[np.float32]
    reporting: dict[str, npt.NDArray[np.float32]]
    structure: npt.NDArray[np.int8]
    state: State
    levers: npt.NDArray[np.float32]
    streams: tuple[int, int]

    def following(self, choice: tuple[str, str], scenario: Scenario, seed: int) -> Snapshot:
        """Return the same wars with one choice of an optional mechanism from now on.

        Its levers are those of the first day of the scenario, before any of its policies.
        """
        start = Start(self.parameters, self.structure, self.state, "")
        found = beginning(start, *choice, scenario.world(), seed)
        (mechanism,) = (one.mechanism for one in STRUCTURES if one.name == choice[0])
        levers, first = self.levers.copy(), baseline_levers(scenario.content)[0]
        for lever in LEVERS:
            if lever.mechanism == mechanism:
                levers[COLUMNS[lever.name]] = first[COLUMNS[lever.name]]
        return dataclasses.replace(
            self,
            parameters=found.parameters,
            structure=found.structure,
            state=found.state,
            levers=levers,
        )


def snapshot(through: Pass, origin: Origin, population: Population) -> Snapshot:
    """Return the states of a population at its origin."""
    target = through.target(origin)
    _, paths = target.paths_of(population.z, population.structure, population.numbers)
    parameters, reporting = (np.asarray(part) for part in target.values(population.z))
    names = [parameter.name for parameter in origin.observed.parameters]
    return Snapshot(
        parameters,
        dict(zip(names, reporting, strict=True)),
        population.structure,
        paths.state,
        origin.history.plan.levers[-1],
        origin.history.world.streams,
    )


def forecast(found: Snapshot, series: Series, codes: Sequence[str], futures: Futures, seed: int) -> Float64:
    """Return what a root is expected to report as added by the end of each week, `[W + 1, N]`."""
    rng = np.random.default_rng([seed, 5])
    if series.name == GROUND:
        sign = 1.0 if series.side == 0 else -1.0
        return np.asarray(sign * futures.ground)
    added = (futures.losses if series.name == LOSSES else futures.killed)[:, series.side]
    draws = added.shape[1]
    code = codes[series.side]
    what = "losses" if series.name == LOSSES else "killed"
    factor = found.reporting.get(f"reporting_factor[{series.root}/{code}/{what}]")
    spread = found.reporting.get(f"reporting_spread[{series.root}/{code}/people]")
    index = np.arange(draws) % found.parameters.shape[1]
    if factor is None:
        prior = FACTORS["others"][0]
        factors = prior.draw(rng.standard_normal(draws), (1e-3, 1e3))
    else:
        factors = factor[index].astype(np.float64)
    noise = 0.1 * np.ones(draws) if spread is None else spread[index].astype(np.float64)
    expected = factors * added
    if series.name == LOSSES:
        scale = np.sqrt(WEEKLY_REFERENCE / np.maximum(expected, 1.0))
    else:
        # Each 28 days have an error of their own.
        months = np.maximum(np.arange(len(added)) / 4.0, 0.25)
        scale = 1.0 / np.sqrt(months)[:, None]
    return np.asarray(expected * np.exp(np.minimum(noise * scale, 2.0) * rng.standard_normal(draws)))


@dataclasses.dataclass(frozen=True)
class Backtest:
    """Scores of every origin, and what they say."""

    scenario: str
    table: pd.DataFrame
    """Scores by origin, series, model and horizon (`scoring.score_table`)."""
    chosen: dict[str, str]
    """The variant of each series, chosen on targets before 2024."""
    about: dict[str, object]
    added: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    """Scores of the forecasts with all of the core, and with one optional mechanism more."""

    def content(self) -> dict[str, object]:
        """Return all tables as plain values, for a file."""

        def plain(table: pd.DataFrame) -> object:
            return json.loads(table.to_json(orient="records", date_format="iso"))

        return {
            "about": self.about,
            "summary": plain(self.summary()),
            "against": plain(self.against()),
            "coverage_of_the_calibrated": plain(self.calibrated_coverage()),
            "mechanisms": plain(self.mechanisms()),
            "scores": plain(self.table),
        }

    def summary_by_series(self) -> dict[str, object]:
        """Return what a report says of it (`claims.held_out`): ours beside the best baseline, by series.

        A baseline is a rival at a series and horizon where it has a forecast from every origin that ours has.
        """
        summary, against = self.summary(), self.against()
        calibrated = self.calibrated_coverage().set_index(["series", "horizon_days"])
        plain = {*baselines.FOR_TOTALS, *baselines.FOR_LEVELS}
        told: dict[str, dict[str, object]] = {}
        for (series, horizon), part in summary.groupby(["series", "horizon_days"], sort=False):
            models = part.set_index("model")
            crps, count = models["crps"], int(models["origins"][OURS])
            row: dict[str, object] = {
                "origins": count,
                "variant": self.chosen[str(series)],
                "ours": float(crps[OURS]),
                "everything": float(crps[EVERYTHING.name]),
                "trend_alone": float(crps[TREND.name]),
                "coverage_90": float(calibrated["coverage_90"][series, horizon]),
                "coverage_low": float(calibrated["low"][series, horizon]),
                "coverage_high": float(calibrated["high"][series, horizon]),
                "false_verdicts": scoring.false_verdicts(count, SPACING_DAYS, int(horizon)),
            }
            pairs = against[
                (against["series"] == series)
                & (against["horizon_days"] == horizon)
                & against["against"].isin(plain)
                & against["complete"]
            ].set_index("against")
            if len(pairs):
                rivals = crps[pairs.index]
                best = str(rivals.idxmin())
                pair = pairs.loc[best]
                row |= {
                    "best_baseline": float(rivals.min()),
                    "best_baseline_name": best,
                    # The words of the report: better, worse, or neither shown.
                    "verdict": {"not told apart": NOT_WORSE}.get(str(pair["verdict"]), str(pair["verdict"])),
                    "difference": [float(pair[end]) for end in ("low", "difference", "high")],
                }
            told.setdefault(str(series), {})[str(horizon)] = row
        return {
            "about": self.about,
            "chosen": told,
            "mechanisms": json.loads(self.mechanisms().round(4).to_json(orient="records")),
            "forecasts": self.forecasts(),
            "hindcast": self.hindcast(),
        }

    def forecasts(self) -> list[dict[str, object]]:
        """Return our forecast of every origin with what came, for a picture: `TOLD` by series and horizon."""
        return _told(self.table[self.table["model"] == OURS])

    def hindcast(self) -> list[dict[str, object]]:
        """Return the forecasts of all mechanisms from the first origin, as `forecasts`.

        Which variant is ours was chosen on targets after that day, so that ours would be no hindcast.
        """
        first = self.table["origin"].min()
        everything = self.table["model"] == EVERYTHING.name
        return _told(self.table[everything & (self.table["origin"] == first)])

    def calibrated_coverage(self) -> pd.DataFrame:
        """Return how often 90 % intervals of a perfect forecaster would hold the truth on these origins."""
        rows = []
        judged = self.judged()
        for (series, horizon), part in judged[judged["model"] == OURS].groupby(["series", "horizon_days"]):
            kind = "level_walk" if series == GROUND else "rate_walk"
            found = scoring.coverage_of_the_calibrated(len(part), SPACING_DAYS, int(horizon), 0.9, truth=kind)
            share = float(part["inside_90"].mean())
            rows.append(
                {
                    "series": series,
                    "horizon_days": int(horizon),
                    "origins": len(part),
                    "coverage_90": share,
                    "low": found.low,
                    "high": found.high,
                    "inside": bool(found.low <= share <= found.high),
                }
            )
        return pd.DataFrame(rows)

    def judged(self) -> pd.DataFrame:
        """Return the scores on origins from 2024."""
        return self.table[pd.to_datetime(self.table["origin"]) >= JUDGED_DAY]

    def mechanisms(self) -> pd.DataFrame:
        """Return what each optional mechanism does to the scores when all wars have it from the origin on.

        Returns:
            `series`, `horizon_days`, `mechanism` (the name of the variant), `origins`; `crps` with it and
            `without`; `difference` (with it less without), `low` and `high` by a paired block bootstrap at 90
            %; `verdict`: better, worse, not told apart; all on origins from 2024. `before`: the difference on
            targets before 2024, NaN where there is none. Empty where none was tried.
        """
        if self.added.empty:
            return pd.DataFrame()
        origin = pd.to_datetime(self.added["origin"])
        target = origin + pd.to_timedelta(self.added["horizon_days"], unit="D")
        keys = ["series", "horizon_days", "model"]
        late, early = self.added[origin >= JUDGED_DAY], self.added[target < JUDGED_DAY]
        means, before = (part.groupby(keys)["crps"].mean() for part in (late, early))
        pairs = scoring.compare_models(late, EVERYTHING.name, SPACING_DAYS)
        rows = []
        for pair in pairs.to_dict("records"):
            place = (pair["series"], pair["horizon_days"])
            with_it, without = (*place, pair["against"]), (*place, EVERYTHING.name)
            rows.append(
                {
                    "series": place[0],
                    "horizon_days": place[1],
                    "mechanism": pair["against"],
                    "origins": pair["origins"],
                    "crps": means[with_it],
                    "without": means[without],
                    "difference": -pair["difference"],
                    "low": -pair["high"],
                    "high": -pair["low"],
                    "verdict": {"better": "worse", "worse": "better"}.get(pair["verdict"], pair["verdict"]),
                    "before": before.get(with_it, np.nan) - before.get(without, np.nan),
                }
            )
        return pd.DataFrame(rows)

    def summary(self) -> pd.DataFrame:
        """Return mean scores and coverage on origins from 2024."""
        return scoring.summarise(self.judged())

    def against(self) -> pd.DataFrame:
        """Return ours against each other model on origins from 2024 (paired block bootstrap)."""
        return scoring.compare_models(self.judged(), OURS, SPACING_DAYS)


def _told(table: pd.DataFrame) -> list[dict[str, object]]:
    shown = table[list(TOLD)].sort_values(["series", "horizon_days", "origin"], kind="stable")
    return [
        {str(name): value if isinstance(value, str) else round(value, 4) for name, value in row.items()}
        for row in shown.to_dict("records")
    ]


def backtest(
    scenario: Scenario,
    evidence: Evidence,
    *,
    settings: Settings | None = None,
    folder: Path | None = None,
    told: Told | None = None,
    variants: Sequence[Variant] = VARIANTS,
    added: Sequence[Variant] = ADDED,
    with_baselines: bool = True,
) -> Backtest:
    """Forecast from every origin and score what came.

    Args:
        scenario: a scenario with a history.
        evidence: all of the evidence; each origin sees what was known on its day.
        settings: how hard to try.
        folder: where snapshots and scores are kept; a back-test that finds its own goes on from there.
        told: is called with progress.
        variants: ways to walk on; the ablation, and what is chosen among.
        added: the same with one optional mechanism more; they are compared with the core, never chosen.
        with_baselines: whether to score the baselines too.

    Raises:
        InputError: no history or too little evidence.
    """
    settings = settings or Settings()
    say = told or (lambda line, share: None)
    days = origins(scenario, evidence)
    judged = truths(scenario, evidence)
    # Optional mechanisms count for what is scored, if for no fit.
    everything = (scenario.sha256, model_fingerprint(frozenset(OPTIONAL)))
    scored = repr((tuple(variants), tuple(added), with_baselines, everything))
    through = Pass(scenario, evidence, days, settings, folder, scored)
    tables: list[pd.DataFrame] = []
    number, population = through.start()
    agreed: list[dict[str, object]] = []
    for done in range(number):
        kept = through.scores_of(done)
        assert kept is not None
        tables.append(kept[0])
        agreed.append(kept[1])
    while number < len(days):
        origin, population, found = through.go_on(number, population, say)
        table = _scores(through, origin, population, judged, [*variants, *added], with_baselines)
        through.keep_scores(number, table, found)
        tables.append(table)
        agreed.append(found)
        number += 1
    table = pd.concat(tables, ignore_index=True)
    table["origin"] = pd.to_datetime(table["origin"]).dt.strftime("%Y-%m-%d")
    more = {variant.name for variant in added}
    of_added = table[table["model"].isin({*more, EVERYTHING.name})]
    table = table[~table["model"].isin(more)]
    chosen = choose(table, [variant.name for variant in variants])
    ours = table[table["model"] == table["series"].map(chosen)].assign(model=OURS)
    about = {
        "scenario": scenario.name,
        "format": FORMAT,
        "model_fingerprint": model_fingerprint(scenario.fitted_mechanisms),
        "mechanisms": sorted(scenario.fitted_mechanisms),
        "settings": json.loads(json.dumps(dataclasses.asdict(settings))),
        "origins": len(days),
        "judged_from": str(JUDGED_FROM),
        "chosen": chosen,
        "agreement": {"worst": worst_health(agreed), "origins": agreed},
    }
    return Backtest(
        scenario.name,
        pd.concat([table, ours], ignore_index=True),
        chosen,
        about,
        of_added if more else pd.DataFrame(),
    )


def choose(table: pd.DataFrame, names: Sequence[str]) -> dict[str, str]:
    """Return for each series the variant with the least mean relative CRPS on targets before 2024.

    A forecast counts for the choice when its target, too, lies before 2024; where none does, the first
    variant stands.
    """
    end = pd.to_datetime(table["origin"]) + pd.to_timedelta(table["horizon_days"], unit="D")
    early = table[(end < JUDGED_DAY) & table["model"].isin(list(names))]
    chosen = dict.fromkeys((str(series) for series in table["series"].unique()), names[0])
    for series, part in early.groupby("series"):
        means = part.groupby(["horizon_days", "model"])["crps"].mean().unstack("model")
        relative = np.log(means.div(means.mean(axis=1), axis=0)).mean()
        chosen[str(series)] = str(relative.idxmin())
    return chosen


def _scores(
    through: Pass,
    origin: Origin,
    population: Population,
    judged: Sequence[Series],
    variants: Sequence[Variant],
    with_baselines: bool,
) -> pd.DataFrame:
    settings, codes = through.settings, through.scenario.codes
    standing = snapshot(through, origin, population)
    weeks = HORIZONS_DAYS[-1] // 7
    tables = []
    for variant in variants:
        found = standing
        if variant.choice is not None:
            found = standing.following(variant.choice, through.scenario, settings.seed)
        futures = walk_on(
            found.parameters,
            found.structure,
            found.state,
            found.levers,
            found.streams,
            weeks=weeks,
            draws=settings.draws,
            seed=settings.seed,
            variant=variant,
            step_days=settings.step_days,
        )
        for series in judged:
            weekly = forecast(found, series, codes, futures, settings.seed)
            for horizon in HORIZONS_DAYS:
                truth = series.change(origin.day, horizon)
                if np.isfinite(truth):
                    tables.append(_one(weekly[horizon // 7], truth, origin, series, variant.name, horizon))
    if with_baselines:
        tables += _baselines(through, origin, judged)
    return pd.concat(tables, ignore_index=True)


def _one(
    draws: Float64, truth: float, origin: Origin, series: Series, model: str, horizon: int
) -> pd.DataFrame:
    return scoring.score_table(
        draws[None],
        np.array([truth]),
        [str(origin.day)],
        series=series.name,
        model=model,
        horizon_days=horizon,
    )


def _baselines(through: Pass, origin: Origin, judged: Sequence[Series]) -> list[pd.DataFrame]:
    """Score the baselines on what was known of a series at the origin."""
    settings = through.settings
    known = truths_known(through.evidence, origin, judged)
    tables = []
    for series in judged:
        past = known.get(series.name)
        if past is None or len(past) <= baselines.LEAST_WEEKS + 1:
            continue
        models = baselines.FOR_LEVELS if series.name == GROUND else baselines.FOR_TOTALS
        weeks = [horizon // 7 for horizon in HORIZONS_DAYS]
        for name, model in models.items():
            try:
                draws = model(past, weeks, settings.draws, settings.seed)
            except InputError:
                continue
            for horizon, change in zip(HORIZONS_DAYS, draws, strict=True):
                truth = series.change(origin.day, horizon)
                if np.isfinite(truth):
                    tables.append(_one(change, truth, origin, series, name, horizon))
    return tables


def truths_known(evidence: Evidence, origin: Origin, judged: Sequence[Series]) -> dict[str, Float64]:
    """Return what was known on the day of the weekly series that are forecast (deaths come too late)."""
    found = {}
    known = evidence.known_by(origin.day)
    for series in judged:
        if series.name == DEATHS:
            continue
        rows = known.observations
        quantity = "area_controlled" if series.name == GROUND else "personnel_losses"
        rows = rows[(rows["quantity"] == quantity) & (rows["root"] == series.root) & rows["best"].notna()]
        if series.name == LOSSES:
            rows = rows[(rows["concept"] == "losses_undefined") & (rows["flow_or_stock"] == "cumulative")]
        rows = rows[rows["side"] == origin.history.world.codes[series.side]]
        past = _by_day(rows)
        # The first Tuesday of the war at the earliest: what lies before is not fighting.
        first = pd.Timestamp(origin.history.first_day)
        origin_day = pd.Timestamp(origin.day)
        number = (origin_day - first).days // 7
        days = pd.DatetimeIndex([origin_day - pd.Timedelta(days=7 * back) for back in range(number, -1, -1)])
        weekly = past.reindex(days).interpolate(limit_area="inside").dropna()
        if len(weekly):
            found[series.name] = weekly.to_numpy()
    return found
