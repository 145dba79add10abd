"""All evidence, and the questions that can be put to it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from ceasefire.evidence.counting import count_roots
from ceasefire.evidence.rates import mean_rates
from ceasefire.evidence.records import Records, read_records
from ceasefire.evidence.shape import COLUMNS, DATES, FIGURES, TEXTS, Day, as_day, check_observations
from ceasefire.evidence.sources import Root, Source, make_source, read_sources
from ceasefire.files import InputError, read_yaml, suggest
from ceasefire.files.bounded import is_small_file

HERE = Path(__file__).parent
FOLDER_VARIABLE = "CEASEFIRE_EVIDENCE"
DEFAULT_FOLDER = Path(".ceasefire") / "evidence"
LARGEST_TABLE = 200_000_000
"""Bytes of a table of imported evidence."""
# What makes two rows the same figure at two times of publication.
SAME_FIGURE = ["quantity", "concept", "side", "place", "flow_or_stock", "unit", "source", "start", "end"]
SERIES = ["quantity", "concept", "side", "place", "flow_or_stock", "unit", "source"]


@dataclasses.dataclass(frozen=True)
class Evidence:
    """What was observed and who said so, frozen: each change returns another `Evidence`.

    Days are pandas Timestamps (datetime64) in every frame; wherever a day is asked for, a
    `datetime.date`, a Timestamp or `YYYY-MM-DD` will do.
    """

    _observations: pd.DataFrame
    sources: Mapping[str, Source]
    roots: Mapping[str, Root]
    _records: Records
    _meanings: pd.DataFrame
    _known: pd.DataFrame
    as_known_on: pd.Timestamp | None = None

    @property
    def observations(self) -> pd.DataFrame:
        """All observations in canonical shape, as a copy."""
        return self._observations.copy()

    @property
    def sha256(self) -> str:
        """Hash of all observations."""
        return hashlib.sha256(self._observations.to_csv(index=False).encode("utf-8")).hexdigest()

    def quantities(self) -> pd.DataFrame:
        """Return one row per quantity: what it means, its unit, and how much there is of it."""
        groups = self._observations.groupby("quantity", sort=True)
        counts = pd.DataFrame(
            {
                "concepts": groups["concept"].agg(_joined),
                "sides": groups["side"].agg(_joined),
                "rows": groups.size(),
                "sources": groups["source"].nunique(),
                "roots": groups["root"].nunique(),
                "first": groups["end"].min(),
                "last": groups["end"].max(),
            }
        )
        table = self._meanings.set_index("quantity").join(counts, how="right")
        units = groups["unit"].agg(_joined)
        table["unit"] = table["unit"].where(table["unit"].notna(), units)
        return (
            table.fillna({"topic": "imported", "meaning": "", "caution": ""})
            .rename_axis("quantity")
            .reset_index()
        )

    def ask(
        self,
        quantity: str,
        *,
        concept: str | Sequence[str] | None = None,
        side: str | None = None,
        place: str | None = None,
        flow_or_stock: str | None = None,
        at: Day | None = None,
        window_days: int | None = None,
        between: tuple[Day, Day] | None = None,
        known_by: Day | None = None,
        all_vintages: bool = False,
    ) -> pd.DataFrame:
        """Return what every source says about a quantity, side by side, none of them chosen.

        Args:
            quantity: a name of `quantities()`.
            concept: one concept or several, such as killed; all where not given.
            side: the side that the figure is about, such as RU.
            place: such as whole_front.
            flow_or_stock: stock, cumulative or flow.
            at: per source the rows whose end lies nearest to this day are returned, with the column
                `days_from_target` (days, negative before); on a tie the row that was known later, then the
                one that ends later. A misprint hides no other row.
            window_days: how far from `at` an end may lie, in days; any distance where not given.
            between: first and last day of the ends that are returned.
            known_by: only rows that could be read on this day.
            all_vintages: also the older statements of the same figure; otherwise the newest one.

        Raises:
            InputError: an unknown name, with the nearest known one; a window that cannot be.
        """
        rows = self._observations
        self._check_names(quantity, concept, side, place, flow_or_stock)
        keep = rows["quantity"] == quantity
        for column, wanted in (("side", side), ("place", place), ("flow_or_stock", flow_or_stock)):
            if wanted is not None:
                keep &= rows[column] == wanted
        if concept is not None:
            keep &= rows["concept"].isin([concept] if isinstance(concept, str) else list(concept))
        if known_by is not None:
            keep &= rows["known_on"] <= as_day(known_by, "known_by")
        if between is not None:
            first, last = as_day(between[0], "between"), as_day(between[1], "between")
            if first > last:
                raise InputError("the first day lies after the last.", "between", "swap the two days.")
            keep &= (rows["end"] >= first) & (rows["end"] <= last)
        found = rows[keep]
        if not all_vintages:
            found = newest_vintage(found)
        if at is not None:
            found = _nearest(found, as_day(at, "at"), window_days, all_vintages)
        elif window_days is not None:
            raise InputError("window_days needs a day to count from.", "ask", "give `at` as well.")
        order = [
            column for column in ("concept", "side", "place", "source", "end", "known_on") if column in found
        ]
        return found.sort_values(order, kind="stable").reset_index(drop=True)

    def known_by(self, day: Day) -> Evidence:
        """Return the evidence that could be read on a day: rows and records known on it or before."""
        when = as_day(day, "known_by")
        if self.as_known_on is not None:
            when = min(when, self.as_known_on)
        rows = self._observations[self._observations["known_on"] <= when].reset_index(drop=True)
        return dataclasses.replace(
            self, _observations=rows, _records=self._records.known_by(when), as_known_on=when
        )

    def without(self, roots: Collection[str]) -> Evidence:
        """Return the evidence without what has its origin in some roots, and all that restates them.

        Raises:
            InputError: there is no such root.
        """
        there = set(self._observations["root"])
        for root in roots:
            if root not in there:
                raise InputError(f"no figure has its origin in '{root}'.", "without", suggest(root, there))
        rows = self._observations[~self._observations["root"].isin(list(roots))].reset_index(drop=True)
        return dataclasses.replace(self, _observations=rows)

    def with_observations(self, frame: pd.DataFrame, sources: Mapping[str, Source] | None = None) -> Evidence:
        """Return the evidence with rows added.

        Args:
            frame: observations in canonical shape.
            sources: manifest entries of sources that are not yet known.

        Raises:
            InputError: a row does not pass `check_observations`.
        """
        known = {**(sources or {}), **self.sources}
        rows = check_observations(frame, sources=known)
        return self._with(pd.concat([self._observations, rows], ignore_index=True), known)

    def replace_observations(
        self, frame: pd.DataFrame, sources: Mapping[str, Source] | None = None
    ) -> Evidence:
        """Return the evidence with these rows in place of all of its own, to ask what if.

        Args:
            frame: observations in canonical shape.
            sources: manifest entries of sources that are not yet known.

        Raises:
            InputError: a row does not pass `check_observations`.
        """
        known = {**(sources or {}), **self.sources}
        return self._with(check_observations(frame, sources=known), known)

    def records(self, name: str) -> pd.DataFrame:
        """Return a table of records that are no observations, such as events or offers, as a copy.

        Raises:
            InputError: there is no such table.
        """
        return self._records.table(name)

    def record_names(self) -> list[str]:
        """Return the names of the tables of records, sorted."""
        return self._records.names()

    def rate(
        self,
        quantity: str,
        *,
        side: str,
        concept: str,
        at: Day,
        days: int,
        place: str | None = None,
        known_by: Day | None = None,
    ) -> pd.DataFrame:
        """Return the mean amount per day over the `days` days that end on `at`, per source and place.

        From running totals x the mean is (x(at) - x(at - days)) / days; from flows it is the mean of the
        flows in the window, weighted by days.

        Args:
            quantity: a name of `quantities()`.
            side: the side that the figure is about.
            concept: one concept.
            at: last day of the window.
            days: length of the window, in days.
            place: one place, or all of them apart.
            known_by: only rows that could be read on this day.

        Returns:
            One row per source and place with low, best, high (unit per day), `method` (difference, stated,
            difference_interpolated or mean_of_flows), `coverage` (share of the window that the rows cover)
            and `known_on` (day on which the last row used became known).

        Raises:
            InputError: an unknown name, or a window of less than one day.
        """
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise InputError(
                f"a window of {days} days cannot be.", "rate", "use a whole number of at least 1."
            )
        rows = self.ask(quantity, concept=concept, side=side, place=place, known_by=known_by)
        return mean_rates(rows, as_day(at, "at"), days)

    def independent_roots(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with `counted` (one row per origin outside the war) and `why`.

        Not counted are: parties to the war, sources built on other roots, misprints, and further rows of a
        root that counts already (the one nearest to the target, then the one known last, stands for it).
        """
        return count_roots(rows, self.sources, self.roots)

    def _with(self, rows: pd.DataFrame, sources: Mapping[str, Source]) -> Evidence:
        known = pd.concat([self._known, _names(rows)], ignore_index=True).drop_duplicates()
        roots = dict(self.roots)
        for source in sources.values():
            roots.setdefault(source.root, Root(source.root, source.party, "given with the observations"))
        if self.as_known_on is not None:
            rows = rows[rows["known_on"] <= self.as_known_on].reset_index(drop=True)
        return dataclasses.replace(
            self,
            _observations=rows,
            _known=known,
            sources=MappingProxyType(dict(sources)),
            roots=MappingProxyType(roots),
        )

    def _check_names(
        self,
        quantity: str,
        concept: str | Sequence[str] | None,
        side: str | None,
        place: str | None,
        flow_or_stock: str | None,
    ) -> None:
        known = self._known
        if not (known["quantity"] == quantity).any():
            raise InputError(
                f"there is no quantity '{quantity}' in the evidence.",
                "",
                suggest(quantity, known["quantity"]),
            )
        known = known[known["quantity"] == quantity]
        concepts = [concept] if isinstance(concept, str) else list(concept or ())
        asked: list[tuple[str, str | None]] = [("concept", word) for word in concepts]
        asked += [("side", side), ("place", place), ("flow_or_stock", flow_or_stock)]
        for column, word in asked:
            if word is not None and not (known[column] == word).any():
                what = f"'{quantity}' has no {column.replace('_', ' ')} '{word}'."
                raise InputError(what, "", suggest(word, known[column]))


def newest_vintage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, of each figure that was stated several times, the statement that became known last."""
    newest = rows.groupby(SAME_FIGURE, sort=False)["known_on"].transform("max")
    return rows[rows["known_on"] == newest]


def _nearest(
    rows: pd.DataFrame, at: pd.Timestamp, window_days: int | None, all_vintages: bool
) -> pd.DataFrame:
    if window_days is not None and window_days < 0:
        raise InputError(f"a window of {window_days} days cannot be.", "window_days", "use 0 or more.")
    distance = (rows["end"] - at).dt.days
    rows = rows.assign(days_from_target=distance)
    if window_days is not None:
        rows = rows[distance.abs() <= window_days]
    if rows.empty:
        return rows
    # A misprint hides no other figure of its source.
    rows = rows.assign(_gap=rows["days_from_target"].abs(), _misprint=rows["kind"] == "misprint")
    series = [*SERIES, "_misprint"]
    rows = rows[rows["_gap"] == rows.groupby(series, sort=False)["_gap"].transform("min")]
    if not all_vintages:
        for day in ("known_on", "end"):
            rows = rows[rows[day] == rows.groupby(series, sort=False)[day].transform("max")]
    return rows.drop(columns=["_gap", "_misprint"])


def _join(
    evidence: Evidence, rows: pd.DataFrame, sources: Mapping[str, Source], meanings: Mapping[str, str]
) -> Evidence:
    """Add imported rows, without those that repeat a figure that could be read by then anyway."""
    same = [*SAME_FIGURE, *FIGURES]
    first = evidence._observations.groupby(same, dropna=False)["known_on"].min().rename("first_known_on")
    there = rows[same].merge(first, how="left", left_on=same, right_index=True)["first_known_on"]
    rows = rows[~(there <= rows["known_on"])].reset_index(drop=True)
    told = evidence._meanings
    new = [name for name in meanings if name not in set(told["quantity"])]
    added = pd.DataFrame({"topic": "imported", "quantity": new, "meaning": [meanings[name] for name in new]})
    return dataclasses.replace(
        evidence.with_observations(rows, sources),
        _meanings=pd.concat([told, added], ignore_index=True),
    )


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))


def _names(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["quantity", "concept", "side", "place", "flow_or_stock"]].drop_duplicates()


def read_table(path: Path) -> pd.DataFrame:
    """Read one table of observations as it stands on disk, without checking it."""
    kinds: dict[str, type] = dict.fromkeys((*TEXTS, *DATES), str)
    frame = pd.read_csv(
        path, dtype={**kinds, **dict.fromkeys(FIGURES, float)}, keep_default_na=False,
        na_values={column: [""] for column in FIGURES}, encoding="utf-8",
    )  # fmt: skip
    for column in DATES:
        frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d").astype("datetime64[s]")
    return frame


@functools.cache
def _own() -> Evidence:
    sources, roots = read_sources(HERE / "sources.yaml")
    tables = [read_table(path) for path in sorted((HERE / "tables").glob("*.csv"))]
    rows = pd.concat(tables, ignore_index=True)[list(COLUMNS)]
    meanings = pd.read_csv(HERE / "quantities.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    return Evidence(
        _observations=rows,
        sources=MappingProxyType(sources),
        roots=MappingProxyType(roots),
        _records=read_records(HERE / "tables" / "records"),
        _meanings=meanings,
        _known=_names(rows),
    )


def user_folder(folder: Path | str | None = None) -> Path:
    """Return the folder of imports: the one given, else CEASEFIRE_EVIDENCE, else ./.ceasefire/evidence."""
    if folder is not None:
        return Path(folder)
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def load(extra: Path | str | None = None) -> Evidence:
    """Return the package's evidence, with the imports of the folder `extra` where one is given.

    Raises:
        InputError: the folder is not there, or a table in it does not pass the check.
    """
    evidence = _own()
    if extra is None:
        return evidence
    folder = Path(extra)
    if not folder.is_dir():
        raise InputError("there is no such folder of imported evidence.", str(folder), "import a file first.")
    for path in sorted(folder.glob("*.csv")):
        manifest = read_yaml(path.with_suffix(".yaml"))
        entries = manifest.data if isinstance(manifest.data, dict) else {}
        described = entries.get("sources")
        if not isinstance(described, dict):
            raise InputError("the manifest names no sources.", manifest.name, "import the file again.")
        meanings = entries.get("quantities") or {}
        if not isinstance(meanings, dict) or not all(isinstance(told, str) for told in meanings.values()):
            raise InputError(
                "the manifest does not say what its quantities mean.", manifest.name, "import the file again."
            )
        sources = {name: make_source(name, entry, manifest.name) for name, entry in described.items()}
        if not is_small_file(path, LARGEST_TABLE):
            raise InputError(
                f"this is no file, or larger than {LARGEST_TABLE / 1e6:.0f} MB.", str(path), "take it away."
            )
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        except (ValueError, OSError) as error:
            raise InputError(
                "the table cannot be read as UTF-8 text with commas.", str(path), "import the file again."
            ) from error
        rows = check_observations(frame, sources=sources, name=str(path))
        evidence = _join(evidence, rows, sources, meanings)
    return evidence
