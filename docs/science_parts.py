"""Parts of hand-written pages whose figures come from the shipped files, so that they cannot go stale."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ceasefire.claims.held_out import UNITS, HeldOut, Horizon, read_held_out
from ceasefire.inference import published
from ceasefire.inference.posterior import Posterior, is_known
from ceasefire.inference.shipped import shipped_backtest, shipped_posterior
from ceasefire.report import words
from ceasefire.scenario import load_scenario
from ceasefire.war import REGISTRY

SCENARIO = "ukraine-2022"
MOST_LEARNT = 10
LABELS = ("learnt", "assumed")


def science_parts(pages: Path) -> dict[str, str]:
    """Return the parts by the name of their file.

    Args:
        pages: the folder of the hand-written pages, of which one has the result of the check by simulation.

    Raises:
        ValueError: no back-test or no posterior is shipped, or the page has no such result.
    """
    held_out = read_held_out(SCENARIO)
    if held_out is None:
        raise ValueError(f"no back-test of {SCENARIO} is shipped")
    posteriors = {known: shipped_posterior(load_scenario(SCENARIO), known) for known in ("then", "now")}
    if None in posteriors.values():
        raise ValueError(f"a posterior of {SCENARIO} is not shipped")
    fits = {known: found for known, found in posteriors.items() if found is not None}
    return {
        "forecasts.txt": forecasts(held_out),
        "forecasts-told.txt": forecasts_told(held_out),
        "mechanisms-cut.txt": mechanisms_cut(held_out),
        "one-mechanism-more.txt": one_mechanism_more(held_out),
        "simulated-wars.txt": simulated_wars((pages / "validation.md").read_text(encoding="utf-8")),
        "published.txt": published_against_ours(),
        "learnt.txt": learnt(fits),
        "learnt-most.txt": learnt_most(fits["now"]),
        "learnt-told.txt": learnt_told(fits["now"]),
    }


def forecasts(held_out: HeldOut) -> str:
    """Return how far the model's error lies from that of the best plain forecast, and what intervals held."""
    rows = [
        (
            f"{sentence(row.series)}, {words.unit(UNITS[row.series])}",
            f"{row.days} days",
            error(row.ours),
            error(row.best_baseline),
            against(row),
            held(row),
            f"{row.origins}",
        )
        for row in held_out.horizons
    ]
    heads = (
        "series",
        "ahead",
        "model",
        "best plain forecast",
        "model's error against it",
        "90 % intervals held (a calibrated forecaster)",
        "origins",
    )
    return table(heads, rows)


def forecasts_told(held_out: HeldOut) -> str:
    """Return in a few sentences where the model's forecasts are worse than plain ones, and which hold."""
    worse = [row for row in held_out.horizons if row.verdict == "worse"]
    narrow = [
        row for row in held_out.horizons if row.calibrated is False and row.coverage_90 < row.coverage_low
    ]
    each = "; ".join(f"for {name} over {spans(rows)}" for name, rows in by_series(worse))
    told = [
        f"On origins from {words.day(held_out.judged_from)} on, the mean error of the model's forecasts is"
        f" larger than that of the best plain forecast: {each}."
    ]
    told += [
        f"Of the 90 % intervals for {name}, {shares_held(rows)} held what came."
        for name, rows in by_series(narrow)
    ]
    if any(row.too_few for row in worse):
        told.append(
            "Beyond 28 days so few origins are independent that one of two equal forecasts is often called"
            " worse."
        )
    return " ".join(told) + "\n"


def mechanisms_cut(held_out: HeldOut) -> str:
    """Return the model's error with all mechanisms of the core beside that of the trend alone."""
    rows = [
        (
            sentence(row.series),
            f"{row.days} days",
            error(row.everything),
            error(row.trend_alone),
            change(row.everything, row.trend_alone),
        )
        for row in held_out.horizons
        if not math.isnan(row.everything + row.trend_alone)
    ]
    heads = ("series", "ahead", "all mechanisms", "trend alone", "what the mechanisms do to the error")
    return table(heads, rows)


def one_mechanism_more(held_out: HeldOut) -> str:
    """Return how many scores each optional mechanism betters and worsens."""
    rows = []
    for name in dict.fromkeys(row.name for row in held_out.tried):
        tried = held_out.with_more(name)
        told = [row.word for row in tried]
        if any(told):
            counts = [f"{told.count(word)} of {len(tried)}" for word in ("better", "worse")]
            changes = sorted(row.change for row in tried)
            rows.append((words.plain(name), *counts, f"{signed(changes[0])} to {signed(changes[-1])}"))
    without = len({row.name for row in held_out.tried}) - len(rows)
    return (
        table(("with", "better", "worse", "change of the error, least to most"), rows)
        + f"\n{without} others change no score that can be told apart.\n"
    )


def simulated_wars(validation: str) -> str:
    """Return the result of the check by simulated wars, as its page has it.

    Raises:
        ValueError: the page has no such result.
    """
    found = re.search(r"^\*\*Result: every.*?(?=\n\n)", validation, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("validation.md has no paragraph that begins with '**Result: every'")
    return f"{found.group()}\n"


def published_against_ours() -> str:
    """Return how many published numbers are reproduced, by topic, and each that is not."""
    rows = published.published(shipped_backtest(SCENARIO))
    statuses = (published.REPRODUCED, published.NOT_REPRODUCED, published.QUOTED)

    def counts(found: list[Any]) -> list[str]:
        return [f"{sum(row.status == status for row in found)}" for status in statuses]

    topics = {
        topic: [row for row in rows if row.topic == topic] for topic in dict.fromkeys(r.topic for r in rows)
    }
    counted = [(topic, *counts(found)) for topic, found in topics.items()]
    missed = "\n".join(
        f"* {sentence(row.item)}: published {number(row.published)} ({row.source}), ours {number(row.ours)}."
        f" {sentence(row.note)}."
        for row in rows
        if row.status == published.NOT_REPRODUCED
    )
    counted.append(("all", *counts(rows)))
    return f"{table(('topic', *statuses), counted)}\nThose not reproduced:\n\n{missed}\n"


def learnt(fits: dict[str, Posterior]) -> str:
    """Return how many rows of each fit are learnt and how many are assumed."""
    kinds = {
        "parameter": "parameters of the war",
        "state": "quantities of the last day",
        "reporting": "reporting factors, spreads and losses before the first day",
    }
    rows = []
    for known, fit in fits.items():
        told = fit.contraction()
        for kind, meaning in kinds.items():
            labels = told.loc[told["kind"] == kind, "label"]
            rows.append((f"as known {known}", meaning, *(f"{(labels == label).sum()}" for label in LABELS)))
    return table(("fit", "rows", *LABELS), rows)


def learnt_most(fit: Posterior) -> str:
    """Return the parameters of which a fit took away most of the variance."""
    told = fit.contraction()
    told = told[(told["kind"] == "parameter") & (told["label"] == "learnt")]
    told = told.sort_values("contraction", ascending=False).head(MOST_LEARNT)
    rows = [
        (f"`{row.name}`", REGISTRY[row.name.partition(" ")[0]].meaning, words.share(row.contraction))
        for row in told.itertuples(index=False)
    ]
    return table(("parameter", "meaning", "variance taken away"), rows)


def learnt_told(fit: Posterior) -> str:
    """Return in a sentence how many of a fit's parameters are learnt, and how many no fit could learn."""
    told = fit.contraction()
    told = told[told["kind"] == "parameter"]
    taught = int((told["label"] == "learnt").sum())
    mechanisms = [REGISTRY.mechanisms.get(name.partition(" ")[0]) for name in told["name"]]
    outside = sum(not is_known(mechanism, fit.mechanisms) for mechanism in mechanisms)
    return (
        f"Of {len(told)} uncertain parameters of {SCENARIO}, each side counted by itself, the fit on"
        f" {words.day(fit.until)} with what is known now has learnt {taught}. The other {len(told) - taught}"
        f" are assumed; {outside} of these belong to mechanisms that the fit did not have.\n"
    )


# Words and figures


def by_series(rows: Iterable[Horizon]) -> list[tuple[str, list[Horizon]]]:
    """Return rows by series, in their order."""
    found: dict[str, list[Horizon]] = {}
    for row in rows:
        found.setdefault(row.series, []).append(row)
    return list(found.items())


def spans(rows: list[Horizon]) -> str:
    """Return horizons with the model's error against the best plain forecast."""
    return joined(f"{row.days} days ({change(row.ours, row.best_baseline)})" for row in rows)


def shares_held(rows: list[Horizon]) -> str:
    """Return what share of intervals held, by horizon."""
    return joined(f"{words.share(row.coverage_90)} at {row.days} days" for row in rows)


def against(row: Horizon) -> str:
    """Return the model's error against the best plain forecast, and what the comparison can tell."""
    if math.isnan(row.best_baseline):
        return "no plain forecast"
    few = "; too few origins to tell" if row.too_few else ""
    return f"{change(row.ours, row.best_baseline)}, {row.verdict if row.verdict else 'not compared'}{few}"


def held(row: Horizon) -> str:
    """Return what share of intervals held, beside what a calibrated forecaster shows."""
    beside = f" ({words.share(row.coverage_low)} to {words.share(row.coverage_high)})"
    return f"{words.share(row.coverage_90)}{'' if math.isnan(row.coverage_low) else beside}"


def change(ours: float, other: float) -> str:
    """Return by how much an error is larger or smaller than another."""
    share = ours / other - 1.0
    return f"{abs(share):.0%}".replace("%", " %") + (" larger" if share >= 0 else " smaller")


def signed(share: float) -> str:
    """Return a change as per cent with its sign."""
    return f"{100 * share:+.1f} %".replace("-", "\N{MINUS SIGN}")


def error(value: float) -> str:
    """Return a score, or a dash where none was made."""
    return "none" if math.isnan(value) else words.rounded(value)


def number(value: float | str | None) -> str:
    """Return a published figure as text."""
    return f"{value:.6g}" if isinstance(value, float | int | np.floating) else str(value or "")


def sentence(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def joined(parts: Iterable[str]) -> str:
    """Return texts as a list in a sentence."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    heads = tuple(heads)
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    lines += [" | ".join(" ".join(one.split()).replace("|", "\\|") for one in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)
