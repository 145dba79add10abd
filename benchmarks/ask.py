"""How long an answer takes: `ask` with 4,000 wars of a year, in a process that has asked before.

    python benchmarks/ask.py [--scenario NAME] [--outcome NAME] [--draws N] [--priors] [--json FILE]

Prints the median and the least of some repeats, of the whole and of its parts and, where a file is named,
writes a list of rows: `part`, `seconds` (the median), `least`, `processor_seconds` (the median, all cores).
Where these are more than the seconds, several cores worked.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ceasefire.analysis.columns import columns_of, described
from ceasefire.analysis.compare import Comparison, compare
from ceasefire.analysis.questions import ASKED, Question, ask, conditions, fill
from ceasefire.inference.shipped import DEFAULT, PRIOR, choose_posterior
from ceasefire.scenario import load_scenario

YEAR = dt.timedelta(days=365)


def parts(name: str, outcome: str, draws: int, posterior: str) -> dict[str, Callable[[], Any]]:
    """Return an answer, and its parts: each of them does what the answer has to do anew."""
    war = load_scenario(name)
    chosen = choose_posterior(war, posterior)
    asked = fill(Question(outcome, by=min(war.start + YEAR, war.end)), war)
    question = asked.question

    def whole() -> object:
        found = ask(
            question, war, draws=draws, start=chosen.start, learnt=chosen.learnt, effective=chosen.effective
        )
        # What it rests on, and what flips it, are computed when they are asked for.
        return found.to_dict()

    def run() -> Comparison:
        return compare(
            asked.scenario,
            question.against,
            ASKED,
            draws=draws,
            start=chosen.start,
            learnt=chosen.learnt,
            until=asked.last_day,
            outcomes=(question.outcome,),
        )

    compared = run()
    date = compared.last_day
    difference = compared.difference(question.outcome, None, date)
    probability = float(compared.at(question.outcome, None, date)["probability"])

    def find() -> object:
        wars = compared.first.isel(war=np.flatnonzero(compared.good))
        drawn = columns_of(wars, compared.start, compared.learnt)
        columns, labels = described(drawn.names)
        return conditions(columns, labels, drawn.values, difference, probability, drawn.draws, 1)

    def share() -> object:
        compared._kept.clear()
        return compared.shares(question.outcome, None, date)

    return {
        "whole": whole,
        "wars": run,
        "shares": share,
        "conditions": find,
        "curve": lambda: compared.at(question.outcome, None, date),
    }


def timed(compute: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Return the seconds of some repeats, after one that does not count."""
    compute()
    seconds, processor = [], []
    for _ in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        compute()
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    return {
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "processor_seconds": statistics.median(processor),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", default="ukraine-2022", help="a scenario")
    parser.add_argument("--outcome", default="soldiers", help="of what there would be more")
    parser.add_argument("--draws", type=int, default=4_000, help="wars under each policy")
    parser.add_argument("--priors", action="store_true", help="from the priors, not the shipped posterior")
    parser.add_argument("--repeats", type=int, default=5, help="how often each part is timed")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    posterior = PRIOR if options.priors else DEFAULT
    rows: list[dict[str, object]] = []
    for part, compute in parts(options.scenario, options.outcome, options.draws, posterior).items():
        found = timed(compute, options.repeats)
        rows.append({"part": part, **found})
        print(
            f"{part:<12} {found['seconds']:7.3f} s  least {found['least']:7.3f} s"
            f"  processors {found['processor_seconds']:7.3f} s"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
