"""From what each source says to a verdict: the rules, as code.

1. *Origins, not sources.* Each origin (root) of figures counts once. What a party to the war says is shown
   and not counted as an origin; where rule 5 lets it decide, the reason says so. What is built on other
   sources, a misprint, and a source whose origin has not been judged are shown and decide nothing.
   One row speaks for each origin: the nearest in time, then what became known last. The order in which a
   claim names its concepts decides nothing: figures of several of them that a source gives for the same day
   and made known on the same day count as one interval, which holds them all. A running
   total that starts later than the question's own span is a floor, never a ceiling.
2. *Each counted figure against the claim.* All of its interval satisfies the claim: `bears out`. None of it
   does: `against`. Otherwise `compatible`. A lone bound that leaves the claim open ("at least 20,000" on
   100,000) weighs nothing.
3. *The share.* With b, a and c origins that bear out, speak against and straddle, the share borne out is (b
   + c / 2) / (a + b + c).
4. *The word.* No origin decides (a + b = 0): `undetermined`. A share of two thirds or more: `supported`
   where every origin that weighs bears the claim out and there are at least two, else `mostly supported`;
   one origin alone is never more than that. One third or less: `not supported`. Between: `contested` where
   some bear out and some speak against, else `undetermined`. The two ends differ on purpose: who claims has
   to show it, so one origin alone may refuse a claim and cannot fully bear it out. `not supported` says that
   the evidence does not carry the claim, not that its opposite is shown.
5. *Against interest.* A party to the war has reason to count its enemy's losses high and its own low. Where
   the origins outside the war leave a claim undetermined, a party's figure may decide in the one direction
   that does not serve it: as a ceiling on its enemy's losses, as a floor under its own. One row speaks for
   each origin of a party, as for any other: what it said of the day itself, and what it said last. Only a
   party's own statement decides so; who restates it, ally or newspaper, does not speak for it. The word is
   then `not supported` or `mostly supported`, and the reason says so.
6. *Readings.* Each reading has its own word. The word of the claim is that of the reading in the article's
   own words (`main`); the others stand beside it. Words are never averaged.
7. *Reported.* A reading that asks only what one source reported is settled by that source, right or wrong.
8. *Precedents and universals.* One sure case refutes what is said of all cases, whatever other origins
   leave out. A case known by an open bound only ("at least 20,000") leaves a claim that none reached 100,000
   undetermined.
9. *Mechanisms.* A reading that needs a mechanism that is not built is `not yet modelled`; so is a claim
   whose main reading is.
10. *Model results.* How a comparison of policies is read: see `ceasefire.claims.counterfactuals`; a share of
    wars and what aid saves: `ceasefire.claims.model_shares` and `ceasefire.claims.aided`. Whatever it
    shows, its word is capped, for the claim and against it alike. `undetermined` where parameters come from
    priors alone; where more than half of what parameters explain of the spread is assumed, or the shares are
    not known; where the sign differs between rival structures, or between sceptical and credulous priors of
    what only a truce would reveal. `contested` in the last case where they surely disagree.
11. *Intent* alone is `untestable`, and so is what nobody outside can observe. A *policy* is `undetermined`
    until what it rests on is settled, and at most `mostly supported`.
12. *Mechanisms that no fit had.* Where two policies differ only through mechanisms that the posterior's fit
    had not, or where the outcome, or the event of single wars, is counted by such a mechanism alone, the word
    is `undetermined`, for the claim and against it alike: that the mechanism is there at all is assumed.
13. *Exceptions.* Wars are searched for conditions under which the other answer is likelier, in half of the
    draws; the other half judges. Where one surely flips the answer (the whole 90 % interval of its density
    above one half) and holds a tenth of all wars or more, `supported` becomes `mostly supported`, and the
    reason names it: the exceptions are shown. `not supported` stays: it says that the evidence does not carry
    the claim, which wars of one kind that do carry it do not gainsay; "different if" names them. The rule
    asks in which wars, never for whom, so that sides that change places have the same words.

As known then and as known now are the same function on two sets of evidence.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from ceasefire.claims.figures import AGAINST, BEARS_OUT, COMPATIBLE, Condition, Interval
from ceasefire.claims.wording import listed

Verdict = Literal[
    "supported",
    "mostly supported",
    "contested",
    "not supported",
    "undetermined",
    "untestable",
    "not yet modelled",
]
VERDICTS: tuple[Verdict, ...] = (
    "supported",
    "mostly supported",
    "contested",
    "not supported",
    "undetermined",
    "untestable",
    "not yet modelled",
)
# How good a verdict is for the claim; contested and undetermined stand level.
RANK: dict[Verdict, int] = {
    "supported": 3,
    "mostly supported": 2,
    "contested": 1,
    "undetermined": 1,
    "untestable": 1,
    "not yet modelled": 1,
    "not supported": 0,
}
# "Likely" and "unlikely" begin at two thirds and one third in the scale that the IPCC uses for its findings
# (Mastrandrea et al., Guidance Note on Consistent Treatment of Uncertainties, 2010, table 1, rounded there).
MOST = 2 / 3
FEW = 1 / 3
# "Very likely" begins at nine of ten in the scale that `MOST` and `FEW` are taken from (see `rules`).
SURE = 0.9
# A structure of fewer wars than this says nothing of the sign by itself.
FEWEST = 20
# A model result of which more than this is assumed decides nothing (rule 10).
HALF = 0.5
# The rule by which a party decides against itself (rule 5).
INTEREST = "a party against its own interest"
# Origins that leave the claim open are no part of the share.
MOST_OF = "two thirds or more of those that can tell"
# Rule 12.
NO_FIT = "no fit had what carries it"
# Rule 13, between what decides and the wars in which it does not hold.
EXCEPT = ", except where "
# Rounding of a share of whole and half origins stays below this.
TINY = 1e-9


@dataclasses.dataclass(frozen=True)
class Ruling:
    """A verdict, the share of origins behind it, and how many of them said what."""

    word: Verdict
    share: float | None
    bears_out: int = 0
    against: int = 0
    straddles: int = 0
    open: int = 0
    rule: str = ""


def rule_on(condition: Condition, figures: Iterable[Interval]) -> Ruling:
    """Return the verdict of independent figures on a condition (rules 2 to 4).

    Args:
        condition: what the claim says.
        figures: one interval for each counted origin.
    """
    figures = list(figures)
    words = [condition.judge(figure) for figure in figures if condition.informs(figure)]
    silent = len(figures) - len(words)
    bears, against = words.count(BEARS_OUT), words.count(AGAINST)
    straddles = words.count(COMPATIBLE)
    return _word(bears, against, straddles, silent)


def _word(bears: int, against: int, straddles: int, silent: int) -> Ruling:
    total = bears + against + straddles
    share = (bears + 0.5 * straddles) / total if total else None
    word, rule = _of_share(share, bears, against, total)
    if share is None and silent:
        rule = "only bounds that leave it open"
    return Ruling(word, share, bears, against, straddles, silent, rule)


def _of_share(share: float | None, bears: int, against: int, total: int) -> tuple[Verdict, str]:
    word: Verdict = "undetermined"
    if share is None:
        rule = "no independent origin"
    elif bears + against == 0:
        rule = "every origin straddles"
    elif share >= MOST - TINY:
        sure = bears == total and total >= 2
        word = "supported" if sure else "mostly supported"
        alone = "one origin alone" if total == 1 else f"{MOST_OF} bear it out"
        rule = "every origin bears it out" if sure else alone
    elif share <= FEW + TINY:
        word = "not supported"
        rule = "the one that can tell speaks against it" if total == 1 else f"{MOST_OF} speak against it"
    elif bears and against:
        word, rule = "contested", "some bear it out, some speak against it"
    else:
        rule = "too many straddle"
    return word, rule


def rule_against_interest(
    condition: Condition, own_losses: Sequence[Interval], enemy_losses: Sequence[Interval]
) -> Ruling | None:
    """Return what parties to the war settle against their own interest (rule 5), or None.

    Args:
        condition: what the claim says of losses.
        own_losses: figures of parties about their own losses: floors.
        enemy_losses: figures of parties about their enemy's losses: ceilings.
    """
    figures = [figure.as_floor() for figure in own_losses] + [figure.as_ceiling() for figure in enemy_losses]
    words = [condition.judge(figure) for figure in figures]
    bears, against = words.count(BEARS_OUT), words.count(AGAINST)
    silent = words.count(COMPATIBLE)
    if against and not bears:
        return Ruling("not supported", None, 0, against, 0, silent, INTEREST)
    if bears and not against:
        return Ruling("mostly supported", None, bears, 0, 0, silent, INTEREST)
    return None


def capped(
    word: Verdict,
    rule: str,
    *,
    from_priors: bool,
    assumed_share: float,
    disagree: str = "",
    differ: str = "",
    unfitted: bool = False,
    exception: str = "",
) -> tuple[Verdict, str]:
    """Return the word of a model result under its caps, and the rule that decides it (rules 10, 12 and 13).

    Args:
        word: what the simulated wars say by themselves.
        rule: why.
        from_priors: whether the parameters come from priors alone.
        assumed_share: of what parameters explain of the spread, the part that the evidence did not teach, 0
            to 1; NaN where it is not known.
        disagree: which assumptions surely disagree on the sign, in words; empty where none do.
        differ: between which assumptions the sign differs at all, in words; empty where it does not.
        unfitted: whether it rests on mechanisms alone that no fit had.
        exception: in which wars the other answer surely comes out, in words; empty where in none.
    """
    caps: tuple[tuple[bool, Verdict, str], ...] = (
        (from_priors, "undetermined", "priors alone decide nothing"),
        (unfitted, "undetermined", NO_FIT),
        (
            not assumed_share <= HALF,
            "undetermined",
            "more than half of what the parameters explain is assumed",
        ),
        (bool(disagree), "contested", f"{disagree} disagree on the sign"),
        (bool(differ), "undetermined", f"the sign differs between {differ}"),
        (word == "supported" and bool(exception), "mostly supported", f"{rule}{EXCEPT}{exception}"),
    )
    return next(((capping, why) for holds, capping, why in caps if holds), (word, rule))


class Rival(NamedTuple):
    """What the wars say under one of several rival assumptions."""

    share: float
    """Share of the wars that go as the claim says."""
    low: float
    """End of its 95 % interval."""
    high: float
    draws: float = math.inf
    """Wars behind it; of fewer than `FEWEST` the share itself says nothing of the sign."""


def word_of_share(low: float, high: float, of: str = "wars") -> tuple[Verdict, str]:
    """Return what a share of wars says by itself, from its 95 % interval, and why (rule 10).

    Args:
        low: least of the interval.
        high: most of it.
        of: what are counted.
    """
    if low >= SURE:
        return "supported", f"nine of ten {of} or more"
    if low >= MOST:
        return "mostly supported", f"two thirds of the {of} or more"
    if high <= FEW:
        return "not supported", f"one third of the {of} or fewer"
    return "undetermined", f"the {of} are divided"


def surely_disagree(intervals: Sequence[tuple[float, float]]) -> bool:
    """Say whether one share is surely two thirds or more and another surely one third or less."""
    return any(low >= MOST for low, _ in intervals) and any(high <= FEW for _, high in intervals)


def signs(rivals: Mapping[str, Sequence[Rival]]) -> tuple[str, str]:
    """Return which assumptions surely disagree on the sign, and between which it differs at all, in words.

    Args:
        rivals: by the kind of assumption.
    """
    disagree, differ = [], []
    for name, rows in rivals.items():
        if surely_disagree([(row.low, row.high) for row in rows]):
            disagree.append(name)
        shares = [row.share for row in rows if row.draws >= FEWEST]
        if shares and min(shares) < HALF < max(shares):
            differ.append(name)
    return listed(disagree), listed(differ)


class ModelRuling(NamedTuple):
    """The word of a model result under its caps, and what it would be without that on what is assumed."""

    word: Verdict
    rule: str
    free: Verdict
    free_because: str

    def as_reason(self) -> dict[str, object]:
        """Return it as the beginning of a reason."""
        return {
            "rule": self.rule,
            "word": self.word,
            "word_without_the_cap": self.free,
            "because_then": self.free_because,
        }


def rule_on_wars(
    word: Verdict,
    rule: str,
    *,
    from_priors: bool,
    assumed_share: float,
    disagree: str = "",
    differ: str = "",
    unfitted: bool = False,
    exception: str = "",
) -> ModelRuling:
    """Return the ruling on a model result; arguments as those of `capped`."""
    free = capped(
        word,
        rule,
        from_priors=False,
        assumed_share=0.0,
        disagree=disagree,
        differ=differ,
        exception=exception,
    )
    found = capped(
        word,
        rule,
        from_priors=from_priors,
        assumed_share=assumed_share,
        disagree=disagree,
        differ=differ,
        unfitted=unfitted,
        exception=exception,
    )
    return ModelRuling(*found, *free)
