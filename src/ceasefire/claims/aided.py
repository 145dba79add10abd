"""What one more unit of aid saves, as a verdict: each kind by itself, the claim by the weakest of them.

A kind of aid saves where more of it saves some in the wars, by the words and caps of comparisons
(`ceasefire.claims.counterfactuals`), that on exceptions included. A claim about each kind has the word that
is worst for it. What a unit costs is not modelled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from ceasefire.claims import schema
from ceasefire.claims.bars import bars_chart, foremost
from ceasefire.claims.carrying import Carrying, named
from ceasefire.claims.chartdata import ShareChart
from ceasefire.claims.comparing import parts_of
from ceasefire.claims.holding import different, exception, held
from ceasefire.claims.modelled import PRIOR, Bar, Modelled
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import HALF, Rival, Verdict, rule_on_wars, signs, word_of_share
from ceasefire.claims.tables import rows_of
from ceasefire.claims.wording import day, figure, listed, odds, sentence
from ceasefire.evidence.shares import jeffreys

if TYPE_CHECKING:
    from ceasefire.analysis.aid import Saved
    from ceasefire.analysis.questions import Condition

# The worst for a claim about each kind comes first.
WORST: tuple[Verdict, ...] = ("not supported", "undetermined", "contested", "mostly supported", "supported")
COUNTED = {"soldiers": "soldiers' lives", "civilians": "civilians' lives", "ground": "ground"}
# The other answer, where more of it saves some in most wars, and where it does not.
LOST, SAVED = "some lost", "some saved"


class Aided(Protocol):
    """What a verdict needs of the wars with more aid: see `ceasefire.analysis.aid.Aid`."""

    @property
    def posterior(self) -> str:
        """`prior`, or the name of a posterior."""

    @property
    def until(self) -> dt.date:
        """The last day."""

    @property
    def draws(self) -> int:
        """Wars for each kind."""

    @property
    def failed(self) -> int:
        """Wars left out."""

    @property
    def more(self) -> Mapping[str, Any]:
        """The kinds of aid."""

    def saved(self, kind: str, saves: str) -> Saved:
        """What one more unit of a kind saves."""

    def assumed(self, kind: str, saves: str) -> tuple[str, ...]:
        """The mechanisms that carry it and that no fit had."""

    def conditions(self, kind: str, saves: str) -> tuple[Condition, ...] | None:
        """In which wars the other answer is likelier than in all; None where that cannot be searched."""

    def bars(self, kind: str, saves: str) -> tuple[Bar, ...] | None:
        """The inputs that carry what is saved, the foremost first; None where that cannot be asked."""


def aid_saves(
    test: schema.AidSaves,
    aided: Aided,
    codes: Mapping[str, str],
    carrying: Carrying,
    effective_draws: float | None = None,
    bars: bool = True,
) -> Finding:
    """Return what the simulated wars say of a claim that one more unit of aid saves something.

    Args:
        test: the reading's test.
        aided: the wars with more of each kind to the side.
        codes: the belligerents' names by code and by name.
        carrying: the mechanisms that the wars have.
        effective_draws: of the posterior; None for priors.
        bars: ask too what carries the difference; it takes longer than the rest.
    """
    side = codes.get(test.side, test.side)
    kinds = list(aided.more) if test.of == "each" else [test.of]
    rows = [_of_kind(kind, test.saves, aided, effective_draws) for kind in kinds]
    # Of equal words the kind that saves in fewer wars is the weakest.
    rows.sort(key=lambda row: (WORST.index(row["word"]), row["saved"].probability))
    weakest = rows[0]
    saved: Saved = weakest["saved"]
    together = saved.kind.told_by
    low, median, high = (together * end for end in (saved.low, saved.median, saved.high))
    unit = saved.saving.unit
    parts = parts_of(saved.shares)
    noun = COUNTED[test.saves]
    weakest_of = " of the weakest," if len(rows) > 1 else ""
    told = listed([f"{_plain(row['saved'].kind.name)} {_odds(row['saved'].probability)}" for row in rows])
    conditions = weakest["conditions"]
    if conditions is None:
        conditions = aided.conditions(saved.kind.name, test.saves)
    inputs = aided.bars(saved.kind.name, test.saves) if bars else None
    return Finding(
        verdict=weakest["word"],
        probability=saved.probability,
        interval=(low, high),
        interval_of=f"saved by {together:,} {saved.kind.unit} more, 90 % of wars, {unit}",
        mc_error=weakest["error"],
        ess=weakest["ess"],
        assumed_share=parts.assumed_of_explained.value,
        structure_share=parts.structure.value,
        modelled=Modelled(
            posterior=aided.posterior,
            date=aided.until,
            probability=saved.probability,
            mc_error=weakest["error"],
            ess=weakest["ess"],
            median=median,
            low=low,
            high=high,
            unit=unit,
            parts=parts,
            other=weakest["other"],
            conditions=conditions,
            bars=inputs,
            holds=tuple(one for one in (weakest["held"],) if one is not None),
            of=f"saved by {together:,} {saved.kind.unit} more" + (", the weakest kind" if weakest_of else ""),
        ),
        reason=(
            {"rule": "each kind of aid by itself", "word": weakest["word"], "weakest": saved.kind.name},
            *(_reason(row, side) for row in rows),
            *carrying.reasons(),
        ),
        quote=sentence(
            f"{_opening(aided, weakest)}: more of it saves {noun} on the side of {side} by"
            f" {day(aided.until)} in these shares of the wars: {told};{weakest_of}"
            f" {together:,} {saved.kind.unit} more save {figure(low, median, high, unit)}"
        ),
        depends_on=(
            "how much more is sent: a fifth of what is, over the first year",
            *(
                f"{_plain(row['saved'].kind.name)}: {named(row['assumed'])} in every war, assumed, no fit had"
                " it"
                for row in rows
                if row["assumed"]
            ),
            *carrying.depends(),
            *([] if inputs is None else [foremost(inputs)]),
        ),
        different_if=(
            f"the claim spoke of {_best(rows)}"
            if len(rows) > 1
            else "the shares of the wars were on the other side",
            "what a unit costs, and what its donor could do otherwise, were counted",
            *different(conditions, weakest["other"]),
        ),
        chart=_chart(rows, noun, side, aided.until),
        beside=bars_chart(
            inputs, f"{noun} saved by more {_plain(saved.kind.name)} to {side} by {day(aided.until)}"
        ),
    )


def _of_kind(kind: str, saves: str, aided: Aided, effective: float | None) -> dict[str, Any]:
    saved = aided.saved(kind, saves)
    draws = float(aided.draws - aided.failed)
    share, error = saved.probability, saved.mc_error_of_probability
    if effective is not None:
        alike = share * (1.0 - share) / error**2 if error > 0.0 else draws
        weight = min(1.0, effective / draws, alike / draws)
    else:
        weight = 1.0
    low, high = jeffreys(share * draws * weight, draws * weight)
    rivals = {
        f"{_plain(row['structure'])}: {_plain(row['choice'])}": Rival(
            float(row["probability"]),
            *jeffreys(float(row["probability"]) * row["draws"] * weight, float(row["draws"]) * weight),
            row["draws"],
        )
        for row in rows_of(saved.by_structure)
    }
    disagree, differ = signs({"structures": tuple(rivals.values())})
    assumed = aided.assumed(kind, saves)
    word, because = word_of_share(low, high)
    other = LOST if share >= HALF else SAVED
    # Exceptions are asked for where they could change the word.
    conditions = aided.conditions(kind, saves) if word == "supported" else None
    ruling = rule_on_wars(
        word,
        because,
        from_priors=aided.posterior == PRIOR,
        assumed_share=saved.shares.assumed_of_explained.value,
        disagree=disagree,
        differ=differ,
        unfitted=bool(assumed),
        exception=exception(conditions, other),
    )
    return {
        "saved": saved,
        **ruling._asdict(),
        "assumed": assumed,
        "other": other,
        "conditions": conditions,
        "held": held("rival equations", share, rivals),
        "low": low,
        "high": high,
        "ess": draws * weight,
        "error": max(error, (high - low) / 4),
    }


def _reason(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    saved: Saved = row["saved"]
    together = saved.kind.told_by
    return {
        "rule": "one more unit of aid",
        "side": side,
        "kind": saved.kind.name,
        "unit": saved.kind.unit,
        "told_by": together,
        "saves": saved.saving.name,
        "counted_in": saved.saving.unit,
        "mean": together * saved.mean,
        "mc_error": together * saved.mc_error,
        "low": together * saved.low,
        "median": together * saved.median,
        "high": together * saved.high,
        "probability": saved.probability,
        "word": row["word"],
        "because": row["rule"],
        "word_without_the_cap": row["free"],
        "because_then": row["free_because"],
        "assumed_of_explained": saved.shares.assumed_of_explained.value,
        "mechanisms_assumed": list(row["assumed"]),
    }


def _opening(aided: Aided, weakest: Mapping[str, Any]) -> str:
    if aided.posterior == PRIOR:
        return "With parameters from priors alone the model cannot decide it"
    if weakest["assumed"]:
        return (
            f"By the model it is undetermined, as {named(weakest['assumed'])}, which no fit had, is assumed"
        )
    assumed = weakest["saved"].shares.assumed_of_explained.value
    if weakest["word"] == "undetermined" and not assumed <= HALF:
        return "By the fitted model it is undetermined, as most of what its parameters explain is assumed"
    return f"By the fitted model it is {weakest['word']}"


def _best(rows: Sequence[Mapping[str, Any]]) -> str:
    best = rows[-1]
    return f"{_plain(best['saved'].kind.name)} alone ({best['word']})"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _odds(share: float) -> str:
    return f"{share:.0%}"


def _chart(rows: Sequence[Mapping[str, Any]], noun: str, side: str, until: dt.date) -> ShareChart:
    frame = pd.DataFrame(
        [
            {
                "label": sentence(_plain(row["saved"].kind.name)).rstrip("."),
                "value": row["saved"].probability,
                "low": row["low"],
                "high": row["high"],
                "count": float("nan"),
                "cases": float("nan"),
                "highlight": place == 0,
            }
            for place, row in enumerate(rows)
        ]
    )
    weakest = rows[0]["saved"]
    return ShareChart(
        title=sentence(f"{_plain(weakest.kind.name)} save {noun} {odds(weakest.probability)}").rstrip("."),
        subtitle=f"share of the simulated wars in which more of a kind of aid to {side} saves {noun} by"
        f" {day(until)}, with 95 % intervals; even odds marked",
        unit="share",
        frame=frame,
        claim_value=HALF,
    )
