"""Tables for the terminal: 80 columns, the verdict word first, no emoji, two colours at most, none needed."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.analysis import OUTCOMES, Comparison
from ceasefire.charts import theme
from ceasefire.claims.model_shares import DEEP
from ceasefire.claims.modelled import Modelled
from ceasefire.claims.results import Audit
from ceasefire.claims.rules import NO_FIT
from ceasefire.files import InputError, suggest
from ceasefire.report import modelled, prose, words

WIDTH = 80
ENDS = ("low", "median", "high")
OBSERVED = ("observed_low", "observed", "observed_high")

#: Verdicts differ by weight alone: what is settled stands out, what is not stands back.
STYLES = {
    "supported": "bold",
    "mostly supported": "bold",
    "contested": "",
    "not supported": "bold",
    "undetermined": "",
    "untestable": "dim",
    "not yet modelled": "dim",
}


def summary_table(audit: Audit) -> RenderableType:
    """Return the summary of an audit: one line per claim in the order of the article, and the counts.

    The verdict as known now comes first, then that as known then (an equals sign where it is the same).
    """
    table = _table()
    table.add_column("As known now", no_wrap=True)
    table.add_column("As then", no_wrap=True)
    table.add_column("No.", justify="right", no_wrap=True)
    with_rows = any(result.row for result in audit.results)
    if with_rows:
        table.add_column("Row", no_wrap=True)
    table.add_column("Claim", ratio=1, overflow="fold")
    for number, result in enumerate(audit.results, start=1):
        then = "=" if result.as_known_then == result.verdict else result.as_known_then
        claim = Text(result.short or result.id.replace("-", " "))
        if result.short and result.id != result.short:
            claim.append(f" {result.id}", style="dim")
        places = [str(number), *([result.row or ""] if with_rows else [])]
        table.add_row(
            Text(result.verdict, style=STYLES.get(result.verdict, "")),
            Text(then),
            *(Text(place) for place in places),
            claim,
        )
    title = str(audit.article.get("title", audit.article.get("id", "")))
    counts = ", ".join(f"{count} {word}" for word, count in audit.counts.items() if count)
    lines: list[RenderableType] = [
        Text(title, style="bold"),
        Text(f"As known then: {theme.day(audit.as_of)}. As known now: {theme.day(audit.known_until)}."),
        table,
        Text(f"{words.counted(len(audit.results), 'claim')}: {counts or 'none'}."),
    ]
    if not prose.compares(audit):
        lines.append(Text("No claim here is put to simulated wars."))
    elif audit.posterior == audit.posterior_then == "prior":
        lines.append(Text("Model results come from priors; no comparison gets more than undetermined."))
    else:
        lines.append(Text(modelled.posterior_line(audit)))
    if any(reading.modelled for result in audit.results for reading in result.readings):
        lines += [Text(""), *_modelled(audit), Text(modelled.held_out_sentence(audit.held_out))]
    return Group(*lines)


def _modelled(audit: Audit) -> list[RenderableType]:
    """Return the model's numbers with where their spread comes from, as known then and as known now.

    What rests on mechanisms alone that no fit had is counted only: the page has its numbers.
    """
    unfitted = 0
    table = _table()
    table.add_column("Claim, reading", ratio=1, overflow="fold")
    for head in ("Odds", "Learnt", "Assumed", "Chance"):
        table.add_column(head, justify="right", no_wrap=True)
    for number, result in enumerate(audit.results, start=1):
        for reading in result.readings:
            then, now = reading.modelled_then, reading.modelled
            if now is None:
                continue
            if any(reason.get("rule") in ON_THE_PAGE for reason in reading.reason[:1]):
                unfitted += 1
                continue
            name = f"{number} {words.dashes(reading.id)}"
            if then is not None and then != now:
                table.add_row(Text(f"{name}, then"), *_of_model(then))
                name = f"{number} {words.dashes(reading.id)}, now"
            table.add_row(Text(name), *_of_model(now))
    note = (
        "Odds: share of simulated wars (of draws of the war, where an offer is weighed) that go as the"
        " reading says, with twice the simulation error. Learnt,"
        " assumed, chance: shares of the spread of the difference between the policies with 90 % intervals;"
        " what is missing to 100 % comes from which of the rival equations holds."
    )
    lines: list[RenderableType] = [Text("Numbers of the model", style="bold")]
    lines += [table, Text(note)] if table.row_count else []
    if unfitted:
        lines.append(
            Text(
                f"{words.counted(unfitted, 'further reading')} {'rests' if unfitted == 1 else 'rest'} on"
                " mechanisms that no fit had: undetermined, with numbers on the page."
            )
        )
    return lines


# Rules by which a model result decides nothing whatever its numbers, and aid, which has a table of its own.
ON_THE_PAGE = {NO_FIT, DEEP, "each kind of aid by itself"}


def aid_table(rows: pd.DataFrame, about: Mapping[str, Any]) -> RenderableType:
    """Return what one more unit of each kind of aid saves, by side.

    Args:
        rows: `Aid.table` of one side or of both, one after another.
        about: `scenario`, `policy`, `until`, `draws`, `failed`, `posterior`, `told_by` (units that are told
            of together, by kind) and `on` (mechanisms that every war has for the purpose).
    """
    needed = ["side", "kind", "unit", "saves", "mean", "mc_error", "low", "median", "high", "probability"]
    _require(rows, needed, "aid")
    lines: list[RenderableType] = [
        Text(f"{about['scenario']}, {about['policy']}: what more aid saves by {theme.day(about['until'])}",
             style="bold"),
    ]  # fmt: skip
    for side in dict.fromkeys(rows["side"]):
        table = _table()
        table.add_column("More", ratio=1, overflow="fold")
        for head in ("Soldiers", "Civilians", "Ground, km\N{SUPERSCRIPT TWO}"):
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column("Assumed", justify="right", no_wrap=True)
        own = rows[rows["side"] == side]
        for kind in dict.fromkeys(own["kind"]):
            of = own[own["kind"] == kind].set_index("saves")
            together = int(about["told_by"][kind])
            cells = [_saved(of.loc[saves], together) for saves in ("soldiers", "civilians", "ground")]
            name = f"{together:,} {of['unit'].iloc[0]}"
            if of["unit"].iloc[0] not in words.plain(kind):
                name += f" ({words.plain(kind)})"
            assumed = "*" if of.loc["soldiers", "mechanism_assumed"] else ""
            share = of.loc["soldiers", "assumed_of_explained"]
            told = "all" if assumed else "not known" if math.isnan(share) else words.share(share)
            table.add_row(Text(name), *(Text(cell) for cell in cells), Text(f"{told}{assumed}"))
        lines += [Text(""), Text(f"More for {side}"), table]
    on = ", ".join(words.plain(name) for name in about["on"])
    failed = f" {words.counted(int(about['failed']), 'war')} failed and left out." if about["failed"] else ""
    lines.append(
        Text(
            f"Medians with 90 % intervals over {about['draws']:,} simulated wars, each run with and without a"
            " fifth more over the first year (at least a floor for each kind); below them the mean with twice"
            " its simulation error, and the share of the wars in which more of it saves some. Below zero it"
            f" costs. Assumed: of what parameters explain of the soldiers saved; * no fit had its mechanism."
            f" Every war has {on}; civilians are assumed throughout.{failed} What a unit costs is not"
            " modelled."
        )
    )
    return Group(*lines)


def _saved(row: pd.Series, together: int) -> str:
    def told(value: float) -> str:
        return words.rounded(together * float(value), digits=2)

    return (
        f"{told(row['median'])}\n({told(row['low'])} to {told(row['high'])})\nmean {told(row['mean'])}"
        f" \N{PLUS-MINUS SIGN}{words.rounded(2 * together * float(row['mc_error']), digits=1)}\n"
        f"{words.share(float(row['probability']))} of wars"
    )


def _of_model(one: Modelled) -> list[Text]:
    give = f"\N{PLUS-MINUS SIGN}{200 * one.mc_error:.1f}"
    cells = [f"{100 * one.probability:.0f} %\n{give}"]
    cells += [
        modelled.part(share).replace(" (", "\n(")
        for share in (one.parts.learnt, one.parts.assumed, one.parts.chance)
    ]
    return [Text(cell) for cell in cells]


def comparison_table(
    curve: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    first: str,
    second: str,
    dates: Sequence[Any] | None = None,
) -> RenderableType:
    """Return two futures and their difference at some dates, medians with 90 % intervals.

    Args:
        curve: one row per date, as `Comparison.curve` gives it.
        outcome: what is counted.
        unit: its unit.
        first: name of the first policy.
        second: name of the second policy.
        dates: the dates to show, each the nearest in the table; by default half a year apart and the last.

    Raises:
        InputError: a column is missing or there is no row.
    """
    needed = ["date", "probability"]
    needed += [f"{name}_{end}" for name in ("first", "second", "difference") for end in ENDS]
    _require(curve, needed, "comparison")
    chosen = _chosen(curve, dates)
    table = _table()
    table.add_column("Date", no_wrap=True)
    for head in (first, second, f"{second} - {first}"):
        table.add_column(head, justify="right", ratio=1)
    table.add_column("Odds", justify="right", no_wrap=True)
    for row in chosen.to_dict("records"):
        # The year stands on a line of its own, so that the intervals keep to one.
        cells = ["\n".join(theme.short_day(row["date"]).rsplit(" ", 1))]
        cells += [
            _stacked(*(float(row[f"{name}_{end}"]) for end in ENDS), unit=unit)
            for name in ("first", "second", "difference")
        ]
        table.add_row(*(Text(cell) for cell in cells), Text(_odds(row)))
    last = curve.iloc[-1]
    notes = [f"Median and 90 % interval over {_count(last.get('draws'))}simulated wars."]
    notes.append(f"Odds: share of wars with more under {second}.")
    if last.get("failed"):
        notes.append(f"{int(last['failed'])} failed wars are left out.")
    return Group(
        Text(f"{words.sentence(outcome).rstrip('.')}, {words.unit(unit)}", style="bold"),
        table,
        Text(" ".join(notes)),
    )


def comparison_summary(comparison: Comparison) -> RenderableType:
    """Return the main outcomes on the last day, second policy less first, in five lines."""
    first, second = comparison.sides
    wanted = (
        ("killed", None),
        ("killed", first),
        ("killed", second),
        ("losses", None),
        ("ground_lost", second),
    )
    table = _table()
    table.add_column("By then", ratio=1)
    table.add_column("Difference, 90 % interval", justify="right", no_wrap=True)
    table.add_column("Odds", justify="right", no_wrap=True)
    date = None
    for outcome, side in wanted:
        row = comparison.curve(outcome, side).iloc[-1].to_dict()
        date, unit = row["date"], OUTCOMES[outcome].unit
        low, middle, high = (words.rounded(float(row[f"difference_{end}"]), unit) for end in ENDS)
        said = f"{words.plain(outcome).capitalize()}, {side or 'both sides'}, {words.unit(unit)}"
        table.add_row(Text(said), Text(f"{middle} ({low} to {high})"), Text(_odds(row)))
    head = f"{comparison.second_policy} less {comparison.first_policy}, {theme.day(date)}"
    return Group(
        Text(head, style="bold"),
        table,
        Text(f"Odds: share of wars with more under {comparison.second_policy}."),
    )


def drivers_table(comparison: Comparison, outcome: str = "killed") -> RenderableType:
    """Return what carries the difference on the last day, both sides together: the parameters behind it."""
    date = pd.Timestamp(comparison.curve(outcome)["date"].iloc[-1]).date()
    found = comparison.drivers(outcome, None, date)
    title = f"What carries the difference: {words.plain(outcome)}, both sides, {theme.day(date)}"
    if found.empty:
        return Group(Text(title, style="bold"), Text("Nothing: the two policies come to the same."))
    table = _table()
    table.add_column("Parameter", ratio=1, overflow="fold")
    for head in ("Odds\nwhere high", "Odds\nwhere low"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in found.to_dict("records"):
        name = words.sentence(str(row["meaning"])).rstrip(".") + (
            f", {row['side']}" if isinstance(row["side"], str) else ""
        )
        odds = ("none" if pd.isna(row[end]) else theme.percent(float(row[end])) for end in ("above", "below"))
        table.add_row(Text(name), *(Text(shown) for shown in odds))
    note = (
        f"Odds: share of wars with more under {comparison.second_policy}, among those with the parameter"
        " above its median and among all others. The strongest come first."
    )
    return Group(Text(title, style="bold"), table, Text(note))


def evidence_table(rows: pd.DataFrame, *, title: str = "", most: int | None = None) -> RenderableType:
    """Return what the sources say, side by side: figure, what it counts, over which days, source and origin.

    The rows of a source stand together, the earliest first.

    Args:
        rows: observations in the one shape of the evidence; `counted`, where given, marks those that count.
        title: what stands above.
        most: how many rows to show at most, the latest of each source; the rest is counted.

    Raises:
        InputError: a column is missing.
    """
    needed = ["source", "concept", "low", "best", "high", "unit", "end", "known_on", "root"]
    _require(rows, needed, "evidence", empty=True)
    table = _table()
    table.add_column("Figure", justify="right", overflow="fold", width=19)
    table.add_column("Counts, over", overflow="fold", width=21)
    table.add_column("Until,\nknown on", no_wrap=True)
    table.add_column("Source and origin", ratio=1, overflow="fold")
    shown = _by_source(rows, most)
    units = list(dict.fromkeys(rows["unit"]))
    several = rows["side"].nunique() > 1 if "side" in rows else False
    for row in shown.to_dict("records"):
        source = Text(words.plain(row["source"]))
        if row["root"] and row["root"] != row["source"]:
            source.append(f"; origin {words.plain(row['root'])}", style="dim")
        if "counted" in row and not row["counted"]:
            source.append("; not counted", style="dim")
        figure = words.figure(row["low"], row["best"], row["high"], row["unit"] if len(units) > 1 else "")
        counts = ", ".join([words.plain(row["concept"]), *([str(row["side"])] if several else [])])
        over = _over(row)
        days = f"{_iso(row['end'])}\n{_iso(row['known_on'])}"
        table.add_row(
            Text(figure.replace(" (", "\n(")),
            Text(counts + (f"\n{over}" if over else "")),
            Text(days),
            source,
        )
    unit_words = f", in {words.unit(units[0])}" if len(units) == 1 and words.unit(units[0]) else ""
    notes = [f"{words.counted(len(rows), 'figure')}{unit_words}."]
    if len(shown) < len(rows):
        notes.append(
            f"Shown: {len(shown)}, the latest of each source; --all prints every one, --at DATE those nearest"
            " to a day."
        )
    return Group(*_titled(words.plain(title)), table, Text(" ".join(notes)))


def _by_source(rows: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """Return the rows by source, the earliest first; of many, the latest of each for which there is room."""
    place = rows["source"].map({name: number for number, name in enumerate(dict.fromkeys(rows["source"]))})
    ordered = rows.assign(place=place).sort_values(["place", "end"], kind="stable", ignore_index=True)
    if most is None or len(ordered) <= most:
        return ordered
    # The latest of every source first, then the latest but one, until there is no more room.
    ordered["age"] = ordered.groupby("place").cumcount(ascending=False)
    kept = ordered.sort_values(["age", "place"], kind="stable").index[:most]
    return ordered.loc[sorted(kept)]


#: A span of so many days, both ends counted, has a name of its own.
SPANS = {1: "day", 7: "week", 28: "month", 29: "month", 30: "month", 31: "month", 365: "year", 366: "year"}


def _over(row: Mapping[Hashable, Any]) -> str:
    """Return over which days a figure counts: a running total, a span such as a week, or a state on a day."""
    kind, start = row.get("flow_or_stock"), _iso(row.get("start"))
    if kind == "cumulative":
        return f"total from {start}" if start else "total"
    if kind == "stock":
        return "state on the day"
    if kind != "flow":
        return ""
    if not start or pd.isna(row["end"]):
        return "in a span"
    days = (pd.Timestamp(row["end"]) - pd.Timestamp(start)).days + 1
    return f"{SPANS.get(days, f'{days:,} days')} from {start}"


def check_table(rows: pd.DataFrame, *, title: str = "") -> RenderableType:
    """Return the model's 90 % interval beside what was observed, one line per observation.

    Args:
        rows: the table of a prior-predictive check: `quantity`, `side`, `first`, `date`, `unit`; `low`,
            `median`, `high` of the model; `source`, `concept`, `root`, `role`, `observed_low`, `observed`,
            `observed_high`, `position` (below, compatible, inside, above), `counted`.
        title: what stands above.

    Raises:
        InputError: a column is missing.
    """
    needed = ["quantity", "side", "first", "date", "unit", *ENDS, "source", "concept", "root", "role"]
    _require(rows, [*needed, *OBSERVED, "position", "counted"], "check", empty=True)
    parts: list[RenderableType] = _titled(title)
    for (quantity, side, unit), group in rows.groupby(["quantity", "side", "unit"], sort=False):
        parts.append(Text(f"\n{words.sentence(str(quantity)).rstrip('.')}, {side}, {words.unit(str(unit))}"))
        parts.append(_checked(group))
    counted = rows[rows["counted"].astype(bool)]
    missed = counted.assign(missed=counted["position"].isin(["below", "above"]))
    origins = missed.groupby(["quantity", "side", "root"])["missed"].any()
    note = (
        "Model: the change between two days, median and 90 % interval. Observed: the change of each origin's"
        f" own figure between the same days. Of {words.counted(len(origins), 'origin')} outside the war (once"
        f" for each quantity and side, on however many days), {int(origins.sum())} lie outside the model's"
        " interval on any day. The priors are wide and some rest on later sources: this is no independent"
        " test."
    )
    if not rows["source"].astype(bool).any():
        note = "Observed: none for this war. Model: the change between two days, median and 90 % interval."
    return Group(*parts, Text(note))


def _checked(rows: pd.DataFrame) -> Table:
    """Return the observations of one quantity and side, each beside the model's interval on its day."""
    if not rows["source"].astype(bool).any():
        return _unobserved(rows)
    table = _table()
    table.add_column("Date", no_wrap=True)
    table.add_column("Model", justify="right", no_wrap=True)
    table.add_column("Observed", justify="right", no_wrap=True)
    table.add_column("Lies", no_wrap=True)
    table.add_column("Source", ratio=1, overflow="fold")
    before = None
    for row in rows.to_dict("records"):
        span = (row["first"], row["date"])
        day = model = ""
        if span != before:
            day = f"{theme.short_day(span[0])}\nto {theme.short_day(span[1])}"
            model = _stacked(*(float(row[end]) for end in ENDS), unit=str(row["unit"]))
        before = span
        source = Text(words.plain(row["source"] or ""))
        if row["concept"]:
            source.append(f"; {words.plain(row['concept'])}", style="dim")
        if row["source"] and not row["counted"]:
            source.append("; not counted", style="dim")
        table.add_row(
            Text(day),
            Text(model),
            Text(_observed(row)),
            Text(str(row["position"] or ""), style="bold" if row["position"] in {"below", "above"} else ""),
            source,
        )
    return table


def _unobserved(rows: pd.DataFrame) -> Table:
    """Return the model's intervals alone: nothing was observed of this quantity and side."""
    table = _table()
    table.add_column("Date", no_wrap=True)
    table.add_column("Model", justify="right", no_wrap=True)
    table.add_column("Observed", ratio=1)
    for row in rows.to_dict("records"):
        day = f"{theme.short_day(row['first'])}\nto {theme.short_day(row['date'])}"
        model = _stacked(*(float(row[end]) for end in ENDS), unit=str(row["unit"]))
        table.add_row(Text(day), Text(model), Text("none for this war"))
    return table


def _observed(row: Mapping[Hashable, Any]) -> str:
    """Return an observed change, its interval on a line of its own; a floor as at least."""
    low, best, high = (words.finite(row[end]) for end in OBSERVED)
    if row["role"] == "floor":
        return theme.figure(low, math.nan, math.nan)
    shown = theme.figure(low, best, high) if row["source"] else "none"
    return shown.replace(" (", "\n(")


def _titled(title: str) -> list[RenderableType]:
    return [Text(title, style="bold")] if title else []


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")


def _require(frame: pd.DataFrame, columns: Sequence[str], name: str, *, empty: bool = False) -> None:
    where = f"the table '{name}'"
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"a table was expected, not {type(frame).__name__}.", where, "pass a pandas DataFrame."
        )
    for column in columns:
        if column not in frame.columns:
            known = [str(name) for name in frame.columns]
            raise InputError(f"the column '{column}' is missing.", where, suggest(column, known))
    if frame.empty and not empty:
        raise InputError("the table has no rows.", where, "give at least one row.")


def _chosen(curve: pd.DataFrame, dates: Sequence[Any] | None) -> pd.DataFrame:
    moments = pd.to_datetime(curve["date"])
    if dates is None:
        span = (moments.iloc[-1] - moments.iloc[0]).days
        step = max(round(span / 6 / 91), 1) * 91
        wanted = [moments.iloc[0] + pd.Timedelta(days=day) for day in range(step, span, step)]
        # The last date stands alone: no other within half a step of it.
        wanted = [day for day in wanted if (moments.iloc[-1] - day).days > step / 2] + [moments.iloc[-1]]
    else:
        wanted = [pd.Timestamp(day) for day in dates]
    places = dict.fromkeys(int((moments - day).abs().to_numpy().argmin()) for day in wanted)
    return curve.iloc[list(places)]


def _stacked(low: float, middle: float, high: float, *, unit: str) -> str:
    return f"{words.rounded(middle, unit)}\n({words.rounded(low, unit)} to {words.rounded(high, unit)})"


def _odds(row: Mapping[Hashable, Any]) -> str:
    """Return the share of wars with more under the second policy; before the policies part there is none."""
    parted = any(float(row[f"difference_{end}"]) != 0.0 for end in ENDS)
    return theme.percent(float(row["probability"])) if parted else "same"


def _count(draws: Any) -> str:
    return f"{int(draws):,} " if draws is not None and not pd.isna(draws) else ""


def _iso(value: Any) -> str:
    return "" if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}"
