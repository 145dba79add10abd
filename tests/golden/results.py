"""Golden results: numbers that users see, for fixed seeds, and how they are compared with those kept.

They are few on purpose, so that a change can be read: outcomes of the shipped scenarios under several
policies, from priors and from the shipped posterior, a difference between two policies, an answer, an offer,
deaths by month, and verdicts of shipped claims. The wars have all mechanisms that the scenario switches on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import ceasefire as cf
from ceasefire.analysis import summarise
from ceasefire.engine import good, model_fingerprint
from ceasefire.inference.casualties import casualties, posterior_path, usable_posterior

KEPT = Path(__file__).with_name("golden.json")
UPDATE = "python -m tests.golden.update"
DRAWS, SEED = 256, 1

RELATIVE = 0.002
ABSOLUTE = 0.004
"""A number has moved when it differs from the kept one by more than RELATIVE of it and by more than ABSOLUTE,
which is what one war of 256 does to a share. Words are compared exactly. Results are equal bit for bit on one
kind of processor only: elsewhere functions may differ in their last bits, and now and then a leader decides
otherwise in one of the wars. Compiled for processors with AVX-512, AVX2 and SSE 4.2 alone, all numbers
here were the same to six digits; other than x86-64 nothing was tried."""
DIGITS = 6
"""Significant digits that are kept."""

Numbers = dict[str, Any]
RUNS = (
    ("invented-war", "prior", ("fight-on", "truce")),
    ("ukraine-2022", "prior", ("fight-on", "truce")),
    (
        "ukraine-2022",
        "default",
        (
            "fight-on",
            "truce",
            "truce-monitored-aid-doubled",
            "strong-and-open",
            "clock-stopped",
        ),
    ),
)
SHOWN = ("killed", "wounded", "force", "armour", "shells", "industry", "ground_taken")
# Of these the mean: in most wars many of them are nought.
MEANS = (
    "civilians_killed",
    "displaced",
    "emigrated",
    "missiles_leaked",
    "drones_leaked",
    "capital_assaults",
    "internal_breaks",
    "ended",
)
CLAIMS = {
    "the-korean-armistice": [
        "less-deadly-once-they-talked",
        "armistice-held",
        "nobody-won",
        "a-million-killed",
    ],
    "predictions-of-2022": ["over-in-ten-days", "no-conquest", "crimea-by-august-2023"],
    "a-truce-in-december-2022": ["no-second-offensive", "russia-is-not-spent", "no-war-economy"],
    "interview-with-a-tyrant": [
        "best-resources-lost",
        "covert-mobilisation",
        "killed-in-300-days",
        "wartime-economy",
    ],
}


def wars() -> Numbers:
    """Return the outcomes of runs: 5, 50 and 95 % points on the last day, and means of what is rare."""
    found: Numbers = {}
    for name, posterior, policies in RUNS:
        scenario = cf.load_scenario(name)
        start = cf.choose_posterior(scenario, posterior).posterior or posterior
        for policy in policies:
            result = cf.run(scenario, policy, posterior=start, draws=DRAWS, seed=SEED)
            found[f"{name}, {policy}, {result.attrs['posterior'].partition('@')[2] or 'priors'}"] = told(
                result
            )
    return found


def told(result: Any) -> Numbers:
    """Return what is kept of a run."""
    rows = summarise(result)
    last = rows[(rows["date"] == rows["date"].max()) & rows["outcome"].isin(SHOWN)]
    found: Numbers = {
        f"{row['outcome']}, {row['side']}": [row["low"], row["median"], row["high"]]
        for row in last.to_dict("records")
    }
    wars_at_the_end = good(result).isel(time=-1)
    for name in MEANS:
        values = wars_at_the_end[name]
        of_sides = [f"{name}, {side}" for side in values["side"].values] if "side" in values.dims else [name]
        means = np.atleast_1d(values.mean("war", dtype=np.float64).values)
        found |= {f"mean of {one}": value for one, value in zip(of_sides, means, strict=True)}
    found["wars whose computation succeeded"] = int(good(result).sizes["war"])
    return found


def difference() -> Numbers:
    """Return what a truce does in the shipped war, after a year."""
    found = cf.compare(
        "ukraine-2022",
        "fight-on",
        "truce",
        draws=DRAWS,
        seed=SEED,
        until="2023-12-21",
        outcomes=["killed"],
    )
    rows: Numbers = {}
    for outcome, side in (("killed", None), ("killed", "Russia"), ("killed", "Ukraine")):
        row = found.at(outcome, side, found.last_day)
        name = f"{outcome}, {side or 'both sides'}"
        rows[f"{name}: truce less fight-on"] = [row[f"difference_{end}"] for end in ("low", "median", "high")]
        rows[f"{name}: share of wars with more under the truce"] = row["probability"]
    return rows


def answer() -> Numbers:
    """Return the answer to a question."""
    found = cf.ask("ukraine-2022", draws=DRAWS, seed=SEED)
    return {
        "probability": found.probability,
        "difference": [found.low, found.median, found.high],
        "share of the spread that is assumed": found.assumed.value,
        "share of the spread that is structure": found.structure,
    }


def offered() -> Numbers:
    """Return whether an offer of a truce pays, over the prior that it is meant."""
    found = cf.offer("invented-war", draws=64, wars_per_draw=2, seed=SEED)
    curve = found.curve().iloc[::4].select_dtypes("number")
    return {
        "belief that it is meant": found.belief.value,
        "share of draws in which accepting pays": found.accept_share[0],
        "table over the prior": {
            f"prior {row.pop('prior'):.3g}": row for row in curve.to_dict("records")
        },
    }  # fmt: skip


def deaths(evidence: Any) -> Numbers:
    """Return killed, and killed and wounded, of both sides by month."""
    scenario = cf.load_scenario("ukraine-2022")
    posterior = usable_posterior(posterior_path(scenario, "default", None), scenario)
    table = casualties(posterior, scenario, evidence, until=None).table
    return {
        f"{row['measure']}, {row['side']}, {row['start']} to {row['end']}": [
            row["low90"], row["median"], row["high90"]
        ]
        for row in table.to_dict("records")
    }  # fmt: skip


def verdicts(evidence: Any) -> Numbers:
    """Return words of the shipped claims: as known then, as known now, of the claim and of each reading.

    They are claims on figures and records, which no simulated war answers.
    """

    def audited(name: str, only: list[str]) -> Any:
        return cf.audit(name, only=only, posterior="prior", draws=DRAWS, seed=SEED, evidence=evidence)

    return {
        name: {
            result.id: {
                "then, now": [result.as_known_then, result.verdict],
                **{reading.id: [reading.as_known_then, reading.verdict] for reading in result.readings},
            }
            for result in audited(name, only).results
        }
        for name, only in CLAIMS.items()
    }


def compute() -> Numbers:
    """Return all golden results, as they are now."""
    evidence = cf.load_evidence()
    return rounded(
        {
            "model fingerprint": model_fingerprint(),
            "model fingerprint of its core": model_fingerprint(frozenset()),
            "wars": wars(),
            "what a truce does": difference(),
            "a question": answer(),
            "an offer": offered(),
            "deaths by month": deaths(evidence),
            "verdicts": verdicts(evidence),
        }
    )


def rounded(content: Any) -> Any:
    """Return plain values with `DIGITS` significant digits."""
    if isinstance(content, Mapping):
        return {str(name): rounded(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value) for value in content]
    if isinstance(content, str | bool) or content is None:
        return content
    number = float(f"{float(content):.{DIGITS - 1}e}")
    return int(number) if number.is_integer() else number


class Moved(NamedTuple):
    """A golden result that is not what is kept."""

    where: str
    before: Any
    """None where none is kept."""
    now: Any
    """None where there is none any more."""

    def __str__(self) -> str:
        """Return which one moved, from what to what."""
        if self.before is None:
            return f"{self.where}: {self.now} is not kept"
        if self.now is None:
            return f"{self.where}: {self.before} is not computed any more"
        share = ""
        if _is_number(self.before) and _is_number(self.now) and self.before:
            share = f" ({100 * (self.now / self.before - 1):+.2f} %)"
        return f"{self.where}: {self.before} -> {self.now}{share}"


def moved(kept: Any, now: Any) -> list[Moved]:
    """Return what differs: numbers by more than the tolerance, words at all."""
    before, after = dict(leaves(kept)), dict(leaves(now))
    names = [*before, *(name for name in after if name not in before)]
    return [
        Moved(name, before.get(name), after.get(name))
        for name in names
        if not same(before.get(name), after.get(name))
    ]


def leaves(content: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value with the names that lead to it."""
    if isinstance(content, Mapping | list):
        items = content.items() if isinstance(content, Mapping) else enumerate(content, 1)
        for name, value in items:
            yield from leaves(value, f"{where} / {name}" if where else str(name))
    else:
        yield where, content


def same(before: Any, now: Any) -> bool:
    """Say whether a result is what is kept, within the tolerance."""
    if _is_number(before) and _is_number(now):
        return math.isclose(before, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(before == now)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def says(changes: list[Moved], most: int = 40) -> str:
    """Return for people what moved and what to do."""
    lines = [f"{len(changes)} golden results moved:", *(f"  {one}" for one in changes[:most])]
    if len(changes) > most:
        lines.append(f"  and {len(changes) - most} more")
    lines += [
        "If this was not meant, find out why before anything else. If it was: say in CHANGELOG.md, in a new",
        "entry under 'Your numbers will move' of the part that is not released, which results move and why;",
        "then run",
        f"  {UPDATE}",
        "and read the difference of the file that it writes.",
    ]
    return "\n".join(lines)


# The file


def read(path: Path = KEPT) -> Numbers:
    """Return the content of the kept file: `results`, and `changelog`, its entries at that time."""
    found: Numbers = json.loads(path.read_text(encoding="utf-8"))
    return found


def written(results: Numbers, entries: Mapping[str, str]) -> str:
    """Return the text of the kept file: sorted, one number or interval to a line."""
    content = {
        "about": f"Golden results: numbers that users see, with seed {SEED}. Written by `{UPDATE}`; read"
        " docs/supply-chain.md before a change. Intervals are 5, 50 and 95 % points.",
        "changelog": dict(entries),
        "results": results,
    }
    return _lines(content) + "\n"


def _lines(content: Any, indent: str = "") -> str:
    if isinstance(content, Mapping):
        more = indent + " "
        inner = ",\n".join(
            f"{more}{json.dumps(name)}: {_lines(content[name], more)}" for name in sorted(content)
        )
        return "{\n" + inner + "\n" + indent + "}" if content else "{}"
    return json.dumps(content, ensure_ascii=False)
