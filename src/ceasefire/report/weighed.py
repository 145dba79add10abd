"""Policies weighed against each other, for the terminal: what each brings, which holds up, what decides."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.analysis import not_modelled
from ceasefire.analysis.policies import Weighed
from ceasefire.analysis.robustness import EVERY_WORLD, PARAMETERS
from ceasefire.analysis.worth import EVERYTHING, Partial
from ceasefire.charts import theme, trade_offs
from ceasefire.claims.wording import listed
from ceasefire.report import words
from ceasefire.report.tables import WIDTH

# What cuts across the kinds of evidence.
ORIGINS = {"learnt": "all that evidence taught already, exactly", "assumed": "all that is assumed"}
# Letters of a policy's name on a line.
NAME = 15
# A choice is said to hold where at least so many of the resamples agree.
AGREE = 0.9
CLEAR = 0.95
THOUSAND = 1000.0
HEADS = {
    "soldiers": "soldiers killed",
    "civilians": "civilians killed",
    "ground": "km\N{SUPERSCRIPT TWO} lost, net",
}


def weighed_summary(
    found: Weighed,
    *,
    holding_up: pd.DataFrame,
    choices: pd.DataFrame,
    worth: Partial | None,
    thresholds: Mapping[str, float],
    fitted: Collection[str],
) -> RenderableType:
    """Return what a side's table of policies says, with its limits.

    Args:
        found: the policies.
        holding_up: as `Weighed.holding_up` makes it.
        choices: as `Weighed.choices` makes it.
        worth: as `Weighed.worth` makes it; None: not asked for.
        thresholds: what was asked for.
        fitted: the optional mechanisms that the posterior's fit took in.
    """
    runs = found.runs
    head = f"Which policy holds up for {found.side}, by {theme.day(runs.dates[-1])}"
    draws = int(pd.unique(runs.columns.draws).size)
    return Group(
        Text(head, style="bold"),
        Text(
            f"{len(runs.policies)} policies over the same {runs.wars:,} wars of {draws:,} draws. Less is"
            " better in all that is counted. Not counted: who could choose a policy, and what it costs those"
            " who give arms or impose sanctions."
        ),
        Text(""),
        Text(f"What each brings, less '{runs.baseline}': median (90 % of the wars)", style="bold"),
        _brings(found),
        Text(""),
        Text(f"Which holds up, by '{next(iter(found.weights()))}': {in_lives(found)}", style="bold"),
        _holds_up(holding_up),
        Text(_read(holding_up, thresholds, found)),
        Text(""),
        *_horizon(found),
        Text("Does the choice stay?", style="bold"),
        *[Text(f"\N{BULLET} {line}") for line in stays(found, choices)],
        *_worth(worth),
        Text(""),
        *_limits(found, fitted),
    )


def in_lives(found: Weighed) -> str:
    """Return the first set of stated values in words."""
    chosen = next(iter(found.weights().values()))
    meanings = {one.name: one for one in found.criteria}
    told = []
    for name, weight in chosen.items():
        unit = "km\N{SUPERSCRIPT TWO} of ground" if meanings[name].unit == "km2" else _one(name)
        if weight > 0.0:
            told.append(f"{words.rounded(weight)} for each {unit}")
    return listed(told)


def _one(name: str) -> str:
    return {
        "soldiers": "own soldier",
        "civilians": "own civilian",
        "their soldiers": "soldier of the other side",
        "their civilians": "civilian of the other side",
    }[name]


def _brings(found: Weighed) -> RenderableType:
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    own = [one.name for one in found.own]
    rows = found.table()
    rows = rows[rows["outcome"].isin(own)]
    scale = {}
    for name in own:
        part = rows[rows["outcome"] == name]
        plain = part[part["policy"] == found.runs.baseline]
        shown = (part[["difference_low", "difference_high"]], plain[["low", "high"]])
        scale[name] = _scale(np.concatenate([one.to_numpy().ravel() for one in shown]))
        head = f"{HEADS[name]},\n{'thousand' if scale[name] == THOUSAND else 'each'}"
        table.add_column(head, justify="right", no_wrap=True)
    for policy, part in rows.groupby("policy", sort=False):
        base = policy == found.runs.baseline
        cells = []
        for row in part.to_dict("records"):
            low, middle, high = (
                _in(row[end if base else f"difference_{end}"], scale[row["outcome"]], signed=not base)
                for end in ("low", "median", "high")
            )
            cells.append(f"{middle} ({low} to {high})")
        table.add_row(folded(str(policy)), *cells, style="dim" if base else None)
    return table


def _horizon(found: Weighed) -> list[RenderableType]:
    """Return what each policy costs by the first set of values, less the baseline, on each day."""
    runs, label = found.runs, next(iter(found.weights()))
    rows = found.horizon()
    if len(runs.dates) == 1:
        return []
    scale = _scale(rows[["low", "high"]].to_numpy())
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    for date in runs.dates:
        table.add_column(f"by {theme.short_day(date)}", justify="right", no_wrap=True)
    for policy, part in rows.groupby("policy", sort=False):
        cells = [
            f"{_in(row['mean'], scale, signed=True)} ({_in(row['low'], scale, signed=True)} to"
            f" {_in(row['high'], scale, signed=True)})"
            for row in part.to_dict("records")
        ]
        table.add_row(folded(str(policy)), *cells)
    unit = "thousand lives" if scale == THOUSAND else "lives"
    return [
        Text(f"Over the horizon: mean cost by '{label}', less '{runs.baseline}', {unit}", style="bold"),
        table,
        Text("Below 0: fewer lives, ground counted as stated. In brackets the 90 % interval of the mean."),
        Text(""),
    ]


def _scale(values: npt.NDArray[np.float64]) -> float:
    """Return 1,000 where figures reach ten thousand, else 1."""
    return THOUSAND if float(np.abs(values).max(initial=0.0)) >= 10 * THOUSAND else 1.0


def _in(value: float, scale: float, *, signed: bool = False) -> str:
    """Return a figure on a scale: thousands with one decimal below ten, else whole, to two digits."""
    shown = float(f"{value / scale:.2g}")
    text = f"{abs(shown):.1f}" if scale > 1.0 and abs(shown) < 10.0 else f"{abs(shown):,.0f}"
    if not text.strip("0."):
        return "0"
    return ("\N{MINUS SIGN}" if shown < 0.0 else "+" if signed else "") + text


def folded(name: str) -> str:
    """Return a policy's name on lines of at most 15 letters, broken at its hyphens."""
    lines, line = [], ""
    for part in name.replace("-", "-\n").split("\n"):
        if len(line) + len(part) > NAME and line:
            lines.append(line)
            line = ""
        line += part
    return "\n".join([*lines, line])


def _holds_up(holding_up: pd.DataFrame) -> RenderableType:
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    scale = _scale(holding_up[["mean_high", "percentile_90"]].to_numpy())
    unit = "thousand lives" if scale == THOUSAND else "lives"
    for head in (f"mean regret,\n{unit}", "one in ten\nexceeds", "best\nin", "all met\nin", "on the\nfront"):
        table.add_column(head, justify="right", no_wrap=True)
    parameters = holding_up["knowing"].iloc[0] == PARAMETERS
    share = "share_of_draws" if parameters else "share_of_wars"
    for row in holding_up.sort_values("mean", kind="stable").to_dict("records"):
        mean, low, high = (_in(row[end], scale) for end in ("mean", "mean_low", "mean_high"))
        table.add_row(
            folded(row["policy"]),
            f"{mean} ({low} to {high})",
            _in(row["percentile_90"], scale),
            words.share(row[share]),
            words.share(row["met"]),
            _front(row["on_front"], row["probability"]),
        )
    return table


def _front(here: bool, probability: float) -> str:
    agree = probability if here else 1.0 - probability
    return ("yes" if here else "no") + ("" if agree >= CLEAR else f" ({words.share(agree)})")


def _figure(value: float) -> str:
    return words.rounded(value, "persons", 2) if math.isfinite(value) else "?"


def _read(holding_up: pd.DataFrame, thresholds: Mapping[str, float], found: Weighed) -> str:
    known = (
        "of one who knew each draw's parameters and not chance"
        if holding_up["knowing"].iloc[0] == PARAMETERS
        else "of one who knew each war in hindsight"
    )
    units = {one.name: one for one in found.criteria}
    asked = listed(
        [
            f"{words.rounded(limit, units[name].unit)} {words.squared(_unit(units[name].unit))} ({name})"
            for name, limit in thresholds.items()
        ]
    )
    return (
        f"Regret: what a policy falls short of the best choice {known}, with the 90 % interval of its mean."
        f" All met: at most {asked}. On the front: no other policy is as good in the mean of every column of"
        " the first table and better in one (share of resamples that agree where below 95 %)."
    )


def _unit(unit: str) -> str:
    return "killed" if unit == "persons" else unit


def stays(found: Weighed, choices: pd.DataFrame) -> list[str]:
    """Return, for each set of stated values, how the choice depends on the day and on rival equations."""
    last = found.runs.dates[-1]
    lines = []
    for label, rows in choices.groupby("values", sort=False):
        whole = rows[rows["world"] == EVERY_WORLD]
        end = whole[whole["date"] == last].iloc[0]
        ahead = f"{_figure(end['ahead'])} ({_figure(end['ahead_low'])} to {_figure(end['ahead_high'])})"
        told = f"{label}: by {theme.day(last)} " + (
            "no policy is ahead of another"
            if end["ahead_high"] == 0.0
            else f"'{end['best']}', {ahead} lives ahead of '{end['second']}' on average{_sure(end['agree'])}"
        )
        others = _by_policy(whole[whole["best"] != end["best"]], "date", "by {}")
        told += f"; {'; '.join(others)}" if others else "; the same on every day asked for"
        worlds = rows[rows["world"] != EVERY_WORLD]
        changed = worlds[worlds["best"] != end["best"]]
        if not worlds.empty:
            told += (
                ". It is the same with each choice of rival equations"
                if changed.empty
                else f". With {len(changed)} of {len(worlds)} choices of rival equations it is another: "
                + "; ".join(_by_policy(changed, "world", "{}"))
            )
        lines.append(words.sentence(told))
    return lines


def _by_policy(rows: pd.DataFrame, column: str, where: str) -> list[str]:
    """Return for each policy where it is the best, and how surely."""
    told = []
    for policy, part in rows.groupby("best", sort=False):
        places = listed(
            [
                (theme.day(row[column]) if column == "date" else row[column]) + _sure(row["agree"])
                for row in part.to_dict("records")
            ]
        )
        told.append(f"{where.format(places)} '{policy}'" if column == "date" else f"'{policy}' with {places}")
    return told


def _sure(agree: float) -> str:
    return "" if agree >= AGREE else f" (open: {words.share(agree)} of resamples agree)"


def _worth(worth: Partial | None) -> list[RenderableType]:
    if worth is None:
        return []
    perfect = worth.perfect
    everything, parameters = perfect.of_everything, perfect.of_parameters
    known = (
        " To know all parameters and not chance:"
        f" {_interval(parameters.value, parameters.low, parameters.high)}."
        if math.isfinite(parameters.value)
        else ""
    )
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("what would be known")
    for head in ("narrows, %", "is worth, lives"):
        table.add_column(head, justify="right", no_wrap=True)
    rows = worth.table[worth.table["group"] != EVERYTHING]
    whole = rows["group"].isin(ORIGINS)
    for part in (rows[~whole].sort_values("narrows", ascending=False, kind="stable"), rows[whole]):
        for row in part.to_dict("records"):
            ends = [100.0 * row[name] for name in ("narrows", "narrows_low", "narrows_high")]
            shown = [f"{end:.0f}".replace("-", "\N{MINUS SIGN}") for end in ends]
            narrows = f"{shown[0]} ({shown[1]} to {shown[2]})" if ends[1] > 0.0 else "none found"
            value = _interval(row["value"], row["low"], row["high"]) if row["above_zero"] else "none found"
            table.add_row(ORIGINS.get(row["group"], row["group"]), narrows, value)
        table.add_section()
    return [
        Text(""),
        Text("What it would be worth to know, before choosing", style="bold"),
        Text(
            f"Without more knowledge '{perfect.best}' is chosen. To know everything, chance included, would"
            f" be worth {_interval(everything.value, everything.low, everything.high)} lives.{known}"
        ),
        table,
        Text(_between(worth)),
        Text(
            "Narrows: the share of the spread of what tells policies apart that would be gone. Worth: what"
            " would be gained where the choice changes. None found: the 90 % interval holds 0; what the"
            " regression misses is in neither."
        ),
    ]


def _between(worth: Partial) -> str:
    """Return how much of the spread lies between draws, and how much of that the regression finds."""
    found = float(worth.table.iloc[-1]["narrows"])
    if not math.isfinite(worth.between_draws):
        return "How much would go if all parameters were known cannot be told: no draw has several wars."
    return (
        f"In all, {words.share(worth.between_draws)} of the spread lies between draws: so much would go if"
        " all parameters and rival equations were known. The regression on all of them finds"
        f" {words.share(found)}; what it misses stands in no row."
    )


def _interval(value: float, low: float, high: float) -> str:
    return f"{_figure(value)} ({_figure(low)} to {_figure(high)})"


def _limits(found: Weighed, fitted: Collection[str]) -> list[RenderableType]:
    runs = found.runs
    lines = []
    unfitted = found.unfitted(fitted)
    if unfitted:
        by_mechanism: dict[tuple[str, ...], list[str]] = {}
        for policy, mechanisms in unfitted.items():
            by_mechanism.setdefault(mechanisms, []).append(f"'{policy}'")
        told = [
            f"{listed(policies)} ({words.plain(listed(list(mechanisms)))})"
            for mechanisms, policies in by_mechanism.items()
        ]
        lines.append(f"Works through what no fit had, so that all of it is assumed: {listed(told)}.")
    counted = {one.name for one in found.criteria}
    if "civilians" not in counted:
        lines.append("The wars of this scenario count no civilians killed.")
    if runs.failed:
        lines.append(f"{runs.failed:,} wars failed and are left out.")
    rest = not_modelled(runs.scenario.world().structure_weights)
    lines.append(f"Not in the model, and so not weighed: {'; '.join(rest)}.")
    return [Text(line) for line in lines]


def trade_off_picture(found: Weighed, holding_up: pd.DataFrame, width: int = theme.WIDE) -> theme.Chart:
    """Draw what each policy brings, less the baseline, and which none beats.

    Raises:
        InputError: fewer than two policies.
    """
    runs = found.runs
    front = dict(zip(holding_up["policy"], holding_up["on_front"], strict=True))
    own = {one.name: one for one in found.own}
    rows = found.table()
    rows = rows[rows["outcome"].isin(own)]
    frame = pd.DataFrame(
        {
            "label": rows["policy"],
            "outcome": rows["outcome"].map(HEADS),
            "low": rows["difference_low"],
            "value": rows["difference_median"],
            "high": rows["difference_high"],
            "on_front": rows["policy"].map(front),
        }
    )
    unbeaten = sum(map(bool, front.values()))
    return trade_offs(
        frame,
        title=f"No other policy beats {unbeaten} of {len(runs.policies)} in all that befalls {found.side}",
        subtitle=f"More or fewer than under {runs.baseline}, by {theme.day(runs.dates[-1])}: medians and 90 %"
        f" of {runs.wars:,} simulated wars",
        width=width,
    )
