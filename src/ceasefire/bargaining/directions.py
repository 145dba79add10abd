"""How the threshold moves with the truce and with the war: directions stated beforehand, then measured.

The table `DIRECTIONS` says of each change which way the belief from which accepting pays must move, and why.
`directions` runs the branches again with each change, over the same wars, and sets the two side by side.

Measured is the threshold of expected payoffs, mu* = (W - E) / ((P - W) + (W - E)), before and after, as it
comes; its Monte-Carlo error is that of the difference over the same draws, by drawing draws again.

Known to fail: the directions are stated for P > W > E on average, and asked of expected payoffs; where a
bluff costs the one who answers nothing (W <= E), time and aid can turn the other way. They hold where
ground counts: where lives alone do, a stronger answerer fights more and loses more people, so that his own
rearming turns too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ceasefire.bargaining.payoffs import DRAWS, REPEATS, FloatArray, Progress, between, payoffs
from ceasefire.bargaining.stated import Terms, Values
from ceasefire.engine import Start
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import Scenario

RESAMPLES = 400
#: A judgement: a change so large that its direction shows in few draws.
FASTER = 3.0
#: A judgement: four months, a full course, where scenarios have a month or two.
TRAINED_DAYS = 120.0


@dataclasses.dataclass(frozen=True)
class Direction:
    """A change of the truce or of the war, and which way the threshold must move."""

    name: str
    says: str
    change: Callable[[Terms], Terms]
    sign: int
    """1: the threshold rises, an offer must be believed more; -1: it falls."""
    why: str


def _with(**values: Any) -> Callable[[Terms], Terms]:
    return lambda terms: dataclasses.replace(terms, **values)


DIRECTIONS: Mapping[str, Direction] = MappingProxyType(
    {
        one.name: one
        for one in (
            Direction(
                "offerer_rearms",
                "who offers recruits and produces three times as much in the truce",
                _with(offerer_rearms=FASTER),
                1,
                "his attack afterwards takes more: W - E rises",
            ),
            Direction(
                "answerer_rearms",
                "who answers recruits and produces three times as much in the truce",
                _with(answerer_rearms=FASTER),
                -1,
                "he meets the attack stronger: W - E falls",
            ),
            Direction(
                "training",
                "recruits of who offers are trained for 120 days",
                _with(offerer_training_days=TRAINED_DAYS),
                -1,
                "fewer are ready when the truce ends: W - E falls",
            ),
            Direction(
                "no_aid",
                "no arms from abroad reach who answers in the truce",
                _with(aid_in_truce=0.0),
                1,
                "one side alone rearms: W - E rises",
            ),
            Direction(
                "more_aid",
                "twice as many arms from abroad reach who answers in the truce",
                _with(aid_in_truce=2.0),
                -1,
                "he meets the attack stronger: W - E falls",
            ),
            Direction(
                "shorter",
                "the truce lasts half as long",
                lambda terms: dataclasses.replace(terms, days=terms.days // 2),
                -1,
                "there is less time to gain by it: W - E falls",
            ),
            Direction(
                "monitored",
                "third parties watch the truce",
                _with(monitored=True),
                -1,
                "a sincere truce collapses less often: P - W rises",
            ),
        )
    }
)


def directions(
    scenario: Scenario,
    by: str | None = None,
    *,
    posterior: Posterior | None = None,
    values: Values | None = None,
    terms: Terms | None = None,
    draws: int = DRAWS,
    repeats: int = REPEATS,
    seed: int = 1,
    progress: Progress | None = None,
    start: Start | None = None,
    shared: dict[Any, Any] | None = None,
) -> pd.DataFrame:
    """Return how the threshold of expected payoffs moves with each change of `DIRECTIONS`.

    Columns: `change`, `says`, `why`, `stated` (1 or -1); `gain_change`, `loss_change` (of P - W and of W - E,
    mean, lives); `before`, `after` (thresholds); `difference` with its `mc_error`; `inside`: whether the
    threshold before lies between 0 and 1, for which alone the directions are stated; `as_stated`: whether it
    moved that way, None where it is not inside or lies within twice its Monte-Carlo error; `lost_draws`, left
    out since all of their wars failed, before the change or after it.

    Args:
        scenario: the scenario.
        by: who offers; the initiator where not given.
        posterior: where parameters and the state come from; the priors where not given.
        values: what counts.
        terms: the truce that is changed.
        draws: draws of the parameters.
        repeats: wars of each draw.
        seed: seed of chance.
        progress: called with the wars done and the wars in all.
        start: that of the posterior (`start_of`), where it is at hand.
        shared: as in `payoffs`.

    Raises:
        InputError: as `payoffs`.
    """
    values, terms, kept = values or Values(), terms or Terms(), {} if shared is None else shared
    total = len(DIRECTIONS) + 1

    def differences(place: int, of: Terms) -> FloatArray:
        def told(done: int, whole: int) -> None:
            if progress is not None:
                progress(place * whole + done, total * whole)

        found = payoffs(
            scenario,
            by,
            posterior=posterior,
            terms=of,
            draws=draws,
            repeats=repeats,
            seed=seed,
            progress=told,
            start=start,
            shared=kept,
        )
        return between(found.answerer_differences(values))[1]

    stated = differences(0, terms)
    rows = []
    for place, one in enumerate(DIRECTIONS.values(), start=1):
        changed = differences(place, one.change(terms))
        # A draw that is lost before or after the change is in neither.
        both_known: npt.NDArray[np.bool_] = np.asarray(np.isfinite((stated + changed).sum(axis=1)))
        first, then = stated[both_known], changed[both_known]
        before, after = _threshold(first.mean(axis=0)), _threshold(then.mean(axis=0))
        chosen = np.random.default_rng(0).integers(0, len(first), (RESAMPLES, len(first)))
        resampled = _threshold(then[chosen].mean(axis=1)) - _threshold(first[chosen].mean(axis=1))
        # By quartiles: a ratio has no variance where its denominator may pass through zero.
        error = float(np.subtract(*np.quantile(resampled, (0.75, 0.25)))) / 1.349
        difference = float(after - before)
        inside = bool(0.0 < before < 1.0)
        sure = inside and abs(difference) > 2.0 * error
        gain, loss = (then - first).mean(axis=0)
        rows.append(
            {
                "change": one.name,
                "says": one.says,
                "why": one.why,
                "stated": one.sign,
                "gain_change": float(gain),
                "loss_change": float(loss),
                "before": float(before),
                "after": float(after),
                "difference": difference,
                "mc_error": error,
                "inside": inside,
                "as_stated": bool(np.sign(difference) == one.sign) if sure else None,
                "lost_draws": int((~both_known).sum()),
            }
        )
    return pd.DataFrame(rows)


def _threshold(means: FloatArray) -> FloatArray:
    gain, loss = means[..., 0], means[..., 1]
    return np.asarray(loss / (gain + loss))
