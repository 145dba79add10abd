"""Commands that ask what a truce would do, and what would change the answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from ceasefire.cli.terminal import day as as_day
from ceasefire.cli.terminal import progress, terminal
from ceasefire.cli.wars import Draws, Json, Posterior, Scenario, Seed

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Question

Outcome = Annotated[
    str,
    typer.Option(
        help="Of what there would be more: soldiers, civilians, all (killed), area (lost), assault (on the"
        " enemy's capital), or any outcome of `ceasefire compare`."
    ),
]
Side = Annotated[
    str | None, typer.Option(help="Whose, by name or code; both sides together where not given.")
]
By = Annotated[str | None, typer.Option(help="By which day (YYYY-MM-DD); a year after the start by default.")]
From = Annotated[
    str | None, typer.Option("--from", help="First day of the truce; the day after the start by default.")
]
Length = Annotated[int, typer.Option(help="How long the truce is to last, days.")]
Monitored = Annotated[bool, typer.Option("--monitored", help="Third parties watch the truce.")]
Aid = Annotated[
    float, typer.Option(help="Share of arms from abroad that is sent in the truce; 1 is today's.")
]
AidTo = Annotated[
    str | None, typer.Option(help="To whom these arms go; the one side that gets any by default.")
]
Against = Annotated[
    str | None, typer.Option(help="Policy to compare with; fighting on, with nothing changed, by default.")
]


def ask(
    scenario: Scenario,
    outcome: Outcome = "soldiers",
    side: Side = None,
    by: By = None,
    start: From = None,
    length: Length = 182,
    monitored: Monitored = False,
    aid: Aid = 1.0,
    aid_to: AidTo = None,
    against: Against = None,
    posterior: Posterior = "default",
    draws: Draws = 4000,
    seed: Seed = 1,
    json: Json = None,
) -> None:
    """Ask whether a truce would lead to more of an outcome by a day than fighting on."""
    from ceasefire.analysis.questions import ask as answer_of
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import answer_summary
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    question = _question(
        war.start, war.end, outcome, side, by, start, length, monitored, aid, aid_to, against
    )
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, fighting on and the truce") as told:
        found = answer_of(
            question,
            war,
            draws=draws,
            seed=seed,
            start=chosen.start,
            learnt=chosen.learnt,
            effective=chosen.effective,
            progress=told,
        )
    terminal.out.print(answer_summary(found))
    terminal.out.print(chosen.says, markup=False)
    as_json(found.to_dict(), json)


def discover(
    scenario: Scenario,
    outcome: Outcome = "soldiers",
    side: Side = None,
    by: By = None,
    start: From = None,
    length: Length = 182,
    monitored: Monitored = False,
    aid: Aid = 1.0,
    aid_to: AidTo = None,
    against: Against = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="A term of the truce that varies: days, monitored, aid, recruitment, production; once for"
            " each, all of them by default."
        ),
    ] = None,
    posterior: Posterior = "default",
    draws: Annotated[int, typer.Option(help="Wars under each of both.")] = 20_000,
    seed: Seed = 1,
    json: Json = None,
) -> None:
    """Find under which terms of the truce, and in which wars, the answer to a question flips."""
    from ceasefire.analysis.compare import share_above
    from ceasefire.analysis.questions import conditions, fill
    from ceasefire.analysis.varied import TERMS
    from ceasefire.analysis.varied import vary as varied_wars
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import discovery_summary
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    question = _question(
        war.start, war.end, outcome, side, by, start, length, monitored, aid, aid_to, against
    )
    asked = fill(question, war)
    chosen = choose_posterior(war, posterior)
    with progress(f"{war.name}, truces of all kinds") as told:
        found = varied_wars(
            asked,
            war,
            terms=vary or tuple(TERMS),
            wars=draws,
            seed=seed,
            start=chosen.start,
            learnt=chosen.learnt,
            progress=told,
        )
    probability = float(share_above(found.difference))
    boxes = conditions(
        found.columns, found.labels, found.values, found.difference, probability, found.draws, seed
    )
    terminal.out.print(discovery_summary(found, probability, boxes))
    terminal.out.print(chosen.says, markup=False)
    as_json(
        {
            "question": asked.sentence,
            "scenario": war.name,
            "probability": probability,
            "conditions": [one.to_dict() for one in boxes],
            "varied": [
                column.name
                for column, group in zip(found.columns, found.groups, strict=True)
                if group == "term"
            ],
            "draws": int(found.difference.size),
            "failed": found.failed,
            "seed": seed,
            "posterior": "prior" if chosen.posterior is None else chosen.posterior.name,
        },
        json,
    )


def _question(
    first: dt.date,
    last: dt.date,
    outcome: str,
    side: str | None,
    by: str | None,
    start: str | None,
    length: int,
    monitored: bool,
    aid: float,
    aid_to: str | None,
    against: str | None,
) -> Question:
    from ceasefire.analysis.questions import Question

    return Question(
        outcome=outcome,
        side=side,
        by=as_day(by, "--by") or min(first + dt.timedelta(days=365), last),
        start=as_day(start, "--from"),
        days=length,
        monitored=monitored,
        aid=aid,
        aid_to=aid_to,
        against=against or "",
    )
