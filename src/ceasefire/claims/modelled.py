"""What simulated wars say of a reading, and what the parameters behind them were learnt from: plain data."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ceasefire.analysis.columns import OF_A_TRUCE, STATE
from ceasefire.claims.holding import Held, flips
from ceasefire.war import REGISTRY

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Condition
    from ceasefire.inference.posterior import Posterior

PRIOR = "prior"
MOST_LEARNT = 10


@dataclasses.dataclass(frozen=True)
class Part:
    """A share of a spread, 0 to 1, with its 90 % interval; NaN where it is not known."""

    value: float
    low: float
    high: float


UNKNOWN = Part(math.nan, math.nan, math.nan)
NONE = Part(0.0, 0.0, 0.0)
ALL = Part(1.0, 1.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Parts:
    """Where the spread of a difference between two policies comes from; the four add up to 1."""

    learnt: Part = UNKNOWN
    assumed: Part = UNKNOWN
    structure: Part = UNKNOWN
    chance: Part = UNKNOWN
    assumed_of_explained: Part = ALL
    """Assumed / (assumed + learnt), which limits a verdict."""


NOT_KNOWN = Parts(assumed_of_explained=UNKNOWN)
"""Where a spread is not taken apart: nothing is said of how much of it is learnt."""


@dataclasses.dataclass(frozen=True)
class Bar:
    """How much knowing one input of the wars alone would tell of a difference; shares without unit."""

    input: str
    """Its name, as `ceasefire.analysis.bars` has it."""
    meaning: str
    """What it is, in words."""
    kind: str
    """`learnt`, `assumed` or `structure`."""
    delta: float
    """How far it would move the distribution of the difference (Borgonovo's delta); intervals are of 95 %."""
    delta_low: float
    delta_high: float
    null: float
    """What lies below is not told apart from nothing."""
    first: float
    """Share of the difference's variance that it would take away (correlation ratio)."""
    first_low: float
    first_high: float
    first_null: float
    above: float = math.nan
    """Share of the wars that go as the reading says, of those with it above its median; NaN of equations."""
    below: float = math.nan
    """The same of all others."""


@dataclasses.dataclass(frozen=True)
class Modelled:
    """What simulated wars say of a reading on its last day."""

    posterior: str
    """`prior`, or the name of the posterior."""
    date: dt.date
    probability: float
    """Share of the wars that go as the reading says; of a wider war the mean of its probabilities."""
    mc_error: float
    ess: float
    """Wars, no more than the posterior has effective draws."""
    median: float
    """Of what `of` names, such as the difference, second policy less first, with its interval."""
    low: float
    high: float
    unit: str
    parts: Parts
    sceptical: float | None = None
    """Share of the wars that go as the reading says where the truce is least likely to hold (a quarter)."""
    credulous: float | None = None
    """The same where it is most likely to hold."""
    of: str = "difference"
    """What the median and the interval are of."""
    other: str = ""
    """The other answer in a word, such as `fewer`; empty where nothing is compared."""
    conditions: tuple[Condition, ...] | None = None
    """In which wars the other answer is likelier than in all; None where that was not searched."""
    bars: tuple[Bar, ...] | None = None
    """The inputs that carry the difference, the foremost first; None where that was not asked."""
    holds: tuple[Held, ...] = ()
    """Whether the answer stays under other assumptions, those that were asked."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        found = dataclasses.asdict(dataclasses.replace(self, conditions=None))
        if self.conditions is not None:
            found["conditions"] = [
                {**one.to_dict(), "flips": flips(one), "other": self.other} for one in self.conditions
            ]
        return found


@dataclasses.dataclass(frozen=True)
class Taught:
    """What the evidence taught of one parameter or stock."""

    name: str
    meaning: str
    side: str
    kind: str
    """parameter, reporting or state."""
    contraction: float
    """1 - variance after / variance before."""
    label: str
    """learnt or assumed."""
    truce: bool = False
    """Whether nothing but a truce could teach it."""


@dataclasses.dataclass(frozen=True)
class Factor:
    """By what an origin's figures are multiplied: reported / true, estimated, with its 90 % interval."""

    root: str
    of: str
    """The side whose people or vehicles are counted."""
    about: str
    low: float
    median: float
    high: float
    before: tuple[float, float] | None
    """The prior's 90 % interval."""
    label: str
    """learnt or assumed."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """A posterior in words and numbers, as an audit shows it."""

    name: str
    known: str
    """`then` or `now`: which figures it was fitted to."""
    until: dt.date
    """The last figures lie on this day or before."""
    figures: int
    origins: int
    draws: int
    worst_rhat: float
    least_ess: float
    taught: tuple[Taught, ...]
    """Every parameter, what it learnt most first."""
    factors: tuple[Factor, ...]
    notes: tuple[str, ...] = ()
    path: str = ""
    """The file, where a user named one."""
    mechanisms: tuple[str, ...] = ()
    """Optional mechanisms of the war that the fit took in."""

    @property
    def most_learnt(self) -> tuple[Taught, ...]:
        """The parameters and stocks of which the evidence taught most."""
        return tuple(one for one in self.taught if one.kind != "reporting" and one.label == "learnt")[
            :MOST_LEARNT
        ]

    @property
    def only_a_truce(self) -> tuple[Taught, ...]:
        """What nothing but a truce could teach."""
        return tuple(one for one in self.taught if one.truce)

    def knows(self, mechanism: str) -> bool:
        """Say whether the fit had an optional mechanism of the war."""
        return mechanism in self.mechanisms

    def count(self, label: str) -> int:
        """Return how many parameters of the war are learnt or assumed."""
        return sum(one.label == label for one in self.taught if one.kind == "parameter")

    def of_input(self, name: str) -> Taught | None:
        """Return what was taught of an input of the wars, by its name among them: `state: skill (Russia)`."""
        kind = "state" if name.startswith(STATE) else "parameter"
        bare, _, side = name.removeprefix(STATE).removesuffix(")").partition(" (")
        for one in self.taught:
            if (one.kind, one.name, one.side) == (kind, bare, side):
                return one
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dataclasses.asdict(self)


def described(posterior: Posterior, names: Mapping[str, str] | None = None) -> Calibration:
    """Return what an audit shows of a posterior; `names` are the belligerents' by their codes."""
    table = posterior.contraction()
    sampled = table[table["kind"].isin(["parameter", "reporting"])]
    # Of equal contraction the name decides, so that the order is always the same.
    ordered = table[table["kind"] != "constant"].sort_values(["contraction", "name"], ascending=[False, True])
    rows = posterior.evidence_rows()
    return Calibration(
        name=posterior.name,
        known=posterior.known,
        until=posterior.until,
        figures=len(rows),
        origins=int(rows["root"].nunique()),
        draws=posterior.size,
        worst_rhat=float(sampled["rhat"].max()),
        least_ess=posterior.least_ess,
        taught=tuple(
            _taught(str(name), str(kind), float(contraction), str(label), posterior.sides)
            for name, kind, contraction, label in zip(
                ordered["name"],
                ordered["kind"],
                ordered["contraction"].to_numpy(np.float64),
                ordered["label"],
                strict=True,
            )
        ),
        factors=_factors(posterior, names or {}),
        notes=tuple(posterior.notes()),
        path=posterior.path,
        mechanisms=tuple(sorted(posterior.mechanisms)),
    )


def _taught(name: str, kind: str, contraction: float, label: str, sides: tuple[str, str]) -> Taught:
    bare, side = name.removeprefix("state: "), ""
    for one in sides:
        if bare.endswith(f" ({one})"):
            bare, side = bare.removesuffix(f" ({one})"), one
    meaning = REGISTRY[bare].meaning if bare in REGISTRY else _STOCKS.get(bare, bare.replace("_", " "))
    truce = kind == "parameter" and bare in OF_A_TRUCE
    return Taught(bare, meaning, side, kind, contraction, "assumed" if truce else label, truce)


_STOCKS = {
    "force": "soldiers at the fronts and in reserve",
    "skill": "skill of the force",
    "shells": "shells in stock",
    "armour": "armoured vehicles in service",
    "trainees": "recruits in training",
    "industry": "output of war industry",
    "pool": "men who can still be called up",
    "killed": "soldiers killed so far",
    "wounded": "soldiers wounded so far",
    "fortification": "strength of the lines",
    "intensity": "how heavy the fighting is",
    "advantage": "which side the fighting favours",
    "lethality": "how deadly the fighting is",
    "volatility": "how far the line moves by chance",
}


def _texts(posterior: Posterior) -> list[str]:
    return [str(text) for text in np.atleast_1d(posterior.tree.attrs.get("terms", [])) if str(text)]


def _factors(posterior: Posterior, names: Mapping[str, str]) -> tuple[Factor, ...]:
    """Return the reporting factors that figures weigh in, in the order of the file."""
    from ceasefire.inference.observing import FACTORS

    table = posterior.contraction().set_index("name")
    kinds = {
        (term.get("root"), term.get("side"), term.get("about")): term.get("kind")
        for term in (json.loads(text) for text in _texts(posterior))
    }
    draws = posterior.draws["reporting"]
    found = []
    for name in draws["report"].values.astype(str):
        if not name.startswith("reporting_factor[") or name.count("/") != 2:
            continue
        if name in table.index and table.loc[name, "kind"] == "constant":
            continue
        root, side, about = name.removeprefix("reporting_factor[").removesuffix("]").split("/")
        kind = (
            "names"
            if about == "names"
            else kinds.get((root, side, "vehicles" if about == "vehicles" else "people"))
        )
        prior = FACTORS[kind][0] if kind in FACTORS else None
        low, median, high = (
            float(end) for end in np.quantile(draws.sel(report=name).values, (0.05, 0.5, 0.95))
        )
        label = str(table.loc[name, "label"]) if name in table.index else "assumed"
        before = None if prior is None else (prior.low, prior.high)
        found.append(Factor(root, names.get(side, side), about, low, median, high, before, label))
    return tuple(found)
