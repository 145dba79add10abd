"""Whether a leader goes on longer than an informed one would, as a verdict.

A leader who is told too good news (`distortion`, as a multiple of what the war has), or who has an office to
lose, is followed in the same wars as an informed leader with nothing but his aim at stake
(`ceasefire.bargaining.resurrection`). p is the share of wars in which he goes on longer, a tie as half. The
words are those of comparisons, under these caps, for the claim and against it alike:

* parameters from priors alone: `undetermined`;
* a leader who is misled: the mechanism `belief` alone carries it; where no fit had it, `undetermined`;
* a leader with an office: what it is worth to him is stated and not learnt, `undetermined`;
* more than half of what parameters explain assumed, or not known how much: `undetermined`;
* rival structures, or other worths of the aim and other lines of victory and disaster, on both sides of one
  half: `undetermined`; `contested` where they surely disagree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.analysis.uses import Carried
from ceasefire.claims import schema
from ceasefire.claims.carrying import Carrying
from ceasefire.claims.chartdata import ShareChart
from ceasefire.claims.modelled import NOT_KNOWN, PRIOR, Modelled, Parts
from ceasefire.claims.results import Finding
from ceasefire.claims.rules import FEWEST, HALF, NO_FIT, Rival, Verdict, rule_on_wars, signs, word_of_share
from ceasefire.claims.wording import day, exact, odds, sentence
from ceasefire.evidence.shares import jeffreys

if TYPE_CHECKING:
    from ceasefire.bargaining import Resurrection

FloatArray = npt.NDArray[np.float64]

MECHANISM = "belief"
STATED = "what is at stake is stated, and no evidence is held against it"
#: Wars under each distortion: two sides and two posteriors are asked.
WARS = 600
#: Worths of the aim, in lives, that stand beside the stated one. A judgement: none of it, and four times it.
AIMS = (0.0, 200_000.0)


@dataclasses.dataclass(frozen=True)
class Followed:
    """Leaders of a side, as they were followed, and the wars by what they assume."""

    found: Resurrection
    kinds: tuple[tuple[float, float], ...]
    """The distortion and the office of each leader that is asked about."""
    structures: Mapping[tuple[str, str], npt.NDArray[np.bool_]]
    """The wars that have each choice of a rival equation, `[N]`."""
    effective_draws: float | None = None
    """Of the posterior; None for priors."""
    parts: Parts = NOT_KNOWN
    """Where the spread of the days comes from."""


def carried(test: schema.Leader) -> Carried:
    """Return what carries it that a leader goes on: the mechanism of reports alone, or no optional one."""
    return Carried((MECHANISM,), alone=True) if test.distortion else Carried(())


def leader(test: schema.Leader, followed: Followed, carrying: Carrying) -> Finding:
    """Return what the wars say of a claim that a leader goes on longer than an informed one.

    Args:
        test: the reading's test.
        followed: leaders of the side that the test names.
        carrying: the mechanisms that carry it, and those that the wars have beside.
    """
    found = followed.found
    rivals = _rivals(test, followed)
    days = rivals["stated values"][0][1]
    share = _above(days)
    draws = float(found.draws if followed.effective_draws is None else followed.effective_draws)
    weight = min(1.0, draws / found.draws)
    low, high = _interval(days, weight)
    disagree, differ = signs(
        {name: [Rival(_above(of), *_interval(of, weight)) for _, of in rows] for name, rows in rivals.items()}
    )
    parts = followed.parts
    assumed = parts.assumed_of_explained.value
    ruling = rule_on_wars(
        *word_of_share(low, high),
        from_priors=found.posterior == PRIOR,
        assumed_share=assumed,
        disagree=disagree,
        differ=differ,
        unfitted=bool(carrying.resting),
    )
    if test.office and ruling.rule not in {NO_FIT, "priors alone decide nothing"}:
        ruling = ruling._replace(word="undetermined", rule=STATED)
    word, rule = ruling.word, ruling.rule
    cell = _cell(found, test)
    # Over wars and the halves that rules came from, as the share and the cell of the map.
    least, median, most = (float(point) for point in np.quantile(days, (0.05, 0.5, 0.95)))
    error = (high - low) / 4
    says = _says(test, found)
    span = " to ".join(exact(round(end)) for end in (least, most))
    mean = f"{exact(round(cell.days))} days on average (simulation error {cell.days_error:.0f}; 90 % of wars"
    return Finding(
        verdict=word,
        probability=share,
        interval=(least, most),
        interval_of=f"days past an informed leader by {day(found.last)}, 90 % of wars",
        mc_error=error,
        ess=found.draws * weight,
        # Reports, where no fit had them, and stakes are assumed altogether.
        assumed_share=1.0 if carrying.resting or test.office else assumed,
        structure_share=parts.structure.value,
        modelled=Modelled(
            posterior=found.posterior,
            date=found.last,
            probability=share,
            mc_error=error,
            ess=found.draws * weight,
            median=median,
            low=least,
            high=most,
            unit="days",
            parts=parts,
            of="days past an informed leader",
        ),
        reason=(
            {
                **ruling.as_reason(),
                "probability": share,
                "date": found.last,
                "draws": found.draws,
                "failed": found.failed,
                "posterior": found.posterior,
                "assumed_of_explained": assumed,
            },
            {
                "rule": "days past an informed leader",
                "side": found.side,
                "mean": cell.days,
                "mc_error": cell.days_error,
                "low": least,
                "high": most,
                "killed": cell.killed,
                "killed_error": cell.killed_error,
                "to_the_end": cell.to_the_end,
            },
            *(
                {
                    "rule": "what it turns on",
                    "kind": kind,
                    "rows": [{"what": what, "share": _above(of), "draws": of.shape[-1]} for what, of in rows],
                }
                for kind, rows in rivals.items()
                if len(rows) > 1
            ),
            *carrying.reasons(),
        ),
        quote=sentence(
            f"{_opening(found, word, rule, carrying, assumed)}: {says} goes on longer than one who is told"
            f" the truth and has nothing but his aim at stake {odds(share)}, a tie as half (95 % interval"
            f" {low:.0%} to {high:.0%}), by {mean} {span})"
        ),
        depends_on=(
            *(
                f"{kind}: from {min(map(_above, group)):.0%} of wars to {max(map(_above, group)):.0%}"
                for kind, rows in rivals.items()
                for group in [[of for _, of in rows]]
                if len(rows) > 1
            ),
            "a settlement on the line as it stands, there for the asking and kept",
            *carrying.depends(),
        ),
        different_if=_different(test, found, rivals, share, carrying),
        chart=_chart(test, found, followed, weight),
    )


def asked(tests: list[schema.Leader]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the distortions and the offices that tests ask of one side, with none of each."""
    bent = {0.0, *(test.distortion for test in tests)}
    return tuple(sorted(bent)), tuple(sorted({0.0, *(test.office for test in tests)}))


def _cell(found: Resurrection, test: schema.Leader) -> Any:
    return found.study.cell(test.distortion, found.values.aim, test.office, found.line)


def _rivals(test: schema.Leader, followed: Followed) -> dict[str, list[tuple[str, FloatArray]]]:
    """Return the days under each rival assumption, by the kind of assumption, `[V, N]` each."""
    from ceasefire.bargaining.resurrection import Line

    found = followed.found
    study, line, aim = found.study, found.line, found.values.aim
    stated = study.longer(test.distortion, aim, test.office, line)
    values = [("as stated", stated)]
    values += [
        (f"an aim worth {exact(other)} lives", study.longer(test.distortion, other, test.office, line))
        for other in AIMS
        if other != aim
    ]
    if test.office:
        other = Line("disaster", line.victory, line.disaster)
        values.append(
            ("office lost by a disaster alone", study.longer(test.distortion, aim, test.office, other))
        )
    structures = [
        (f"{name.replace('_', ' ')}: {choice.replace('_', ' ')}", stated[:, wars])
        for (name, choice), wars in followed.structures.items()
        if int(wars.sum()) >= FEWEST
    ]
    return {"stated values": values, "structures": structures}


def _interval(days: FloatArray, weight: float) -> tuple[float, float]:
    """Return the 95 % interval of the share of wars above none, each of which counts for so many."""
    wars = days.shape[1] * weight
    return jeffreys(_above(days) * wars, wars)


def _above(days: FloatArray) -> float:
    """Return the share of wars (over the halves that rules came from) above none; a tie counts half."""
    return float((np.sign(days).mean() + 1.0) / 2.0)


def _says(test: schema.Leader, found: Resurrection) -> str:
    told = {0.0: "who is told the truth", 1.0: "who is misled as the war has it"}.get(
        test.distortion, f"who is misled {exact(test.distortion)} times as much as the war has it"
    )
    office = f" and has an office worth {exact(test.office)} lives to lose" if test.office else ""
    return f"a leader of {found.side} {told}{office}"


def _opening(found: Resurrection, word: Verdict, rule: str, carrying: Carrying, assumed: float) -> str:
    if found.posterior == PRIOR:
        return "With parameters from priors alone the model cannot decide it"
    if carrying.resting:
        return f"By the model it is undetermined, {carrying.why()}"
    if rule == STATED:
        return f"By the model it is undetermined, as {STATED}"
    if not assumed <= HALF:
        return "By the fitted model it is undetermined, as most of what its parameters explain is assumed"
    return f"By the fitted model it is {word}" + (f", as {rule}" if "sign" in rule else "")


def _different(
    test: schema.Leader,
    found: Resurrection,
    rivals: Mapping[str, list[tuple[str, FloatArray]]],
    share: float,
    carrying: Carrying,
) -> tuple[str, ...]:
    lines = []
    if found.posterior == PRIOR:
        lines.append("the parameters were learnt from evidence")
    elif carrying.resting:
        lines.append(carrying.different())
    elif test.office:
        lines.append("there were evidence of what a leader has to lose")
    lines += [
        f"{what}: he would go on longer in {_above(of):.0%} of the wars"
        for what, of in rivals["stated values"][1:]
        if (_above(of) > HALF) != (share > HALF)
    ]
    return tuple(lines) or ("the wars were divided otherwise",)


def _chart(test: schema.Leader, found: Resurrection, followed: Followed, weight: float) -> ShareChart:
    rows = []
    for distortion, office in followed.kinds:
        days = found.study.longer(distortion, found.values.aim, office, found.line)
        share = _above(days)
        low, high = _interval(days, weight)
        told = "told the truth" if distortion == 0.0 else "misled"
        if distortion not in {0.0, 1.0}:
            told += f" {exact(distortion)} times as much"
        label = f"{told}, office worth {exact(office)} lives" if office else f"{told}, no office"
        rows.append(
            {
                "label": sentence(label).rstrip("."),
                "value": share,
                "low": low,
                "high": high,
                "count": float("nan"),
                "cases": float("nan"),
                "highlight": (distortion, office) == (test.distortion, test.office),
            }
        )
    return ShareChart(
        title=f"A leader of {found.side} {'misled' if test.distortion else 'with an office'} goes on longer"
        f" {odds(_above(found.study.longer(test.distortion, found.values.aim, test.office, found.line)))}",
        subtitle="share of the simulated wars in which he goes on past an informed leader with nothing but"
        f" his aim at stake, a tie as half, by {day(found.last)}; 95 % intervals; even odds marked",
        unit="share",
        frame=pd.DataFrame(rows),
        claim_value=HALF,
    )
