"""Commands that ask what a truce would do, and what would change the answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceasefire.cli.terminal import day as as_day
from ceasefire.cli.terminal import progress, terminal
from ceasefire.cli.wars import Draws, Json, Posterior, Scenario, Seed

if TYPE_CHECKING:
    from ceasefire.analysis.mapped import Map
    from ceasefire.analysis.questions import Asked, Question
    from ceasefire.analysis.varied import Varied
    from ceasefire.inference.shipped import Chosen

GIVEN, SOBOL = "given", "sobol"

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
By = Annotated[
    str | None, typer.Option(help="By which day (YYYY-MM-DD); a year after the truce begins by default.")
]
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
    question = _question(outcome, side, by, start, length, monitored, aid, aid_to, against)
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
    over: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="What goes down and what goes across the map of the answer, given twice: terms, or anything"
            " else in which the wars differ; the two terms that tell most by default.",
        ),
    ] = None,
    posterior: Posterior = "default",
    draws: Annotated[int, typer.Option(help="Wars under each of both.")] = 20_000,
    seed: Seed = 1,
    json: Json = None,
    picture: Annotated[Path | None, typer.Option(help="Picture of the map to write: .svg or .png.")] = None,
) -> None:
    """Find under which terms of the truce, and in which wars, the answer to a question flips."""
    from ceasefire.analysis.compare import share_above
    from ceasefire.analysis.discovery import LEAST_DRAWS
    from ceasefire.analysis.questions import check_varies, conditions, fill, likeliest, widened_by
    from ceasefire.analysis.varied import TERMS, WARS_OF_A_SETTING
    from ceasefire.analysis.varied import vary as varied_wars
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.files import InputError, check_picture
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import discovery_summary, map_picture
    from ceasefire.scenario import load_scenario

    if picture is not None:
        check_picture(picture)
    war = load_scenario(scenario)
    check_targets(
        {"--json": json, "--picture": picture},
        {"the scenario file": war.path, "the posterior file": posterior},
    )
    question = _question(outcome, side, by, start, length, monitored, aid, aid_to, against)
    asked = fill(question, war)
    if draws // WARS_OF_A_SETTING < LEAST_DRAWS:
        raise InputError(
            f"{draws:,} wars are too few to vary the terms of a truce, {WARS_OF_A_SETTING} wars to a"
            " setting.",
            "--draws",
            f"give {LEAST_DRAWS * WARS_OF_A_SETTING:,} at least.",
        )
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
    check_varies(found.difference, asked.question.outcome)
    probability = float(share_above(found.difference))
    mapped, no_map = _map(found, over or (), needed=picture is not None)
    wars = (found.columns, found.labels, found.values, found.difference, probability, found.draws, seed)
    wider = widened_by(chosen.start, chosen.effective)
    boxes = conditions(*wars, setting=found.setting, widened=wider)
    dense = likeliest(*wars, known=boxes, setting=found.setting, widened=wider)
    terminal.out.print(discovery_summary(found, probability, boxes, mapped, no_map, dense))
    terminal.out.print(chosen.says, markup=False)
    as_json(
        {
            "question": asked.sentence,
            "scenario": war.name,
            "probability": probability,
            "conditions": [one.to_dict() for one in boxes],
            "likeliest": None if dense is None else dense.to_dict(),
            "map": None if mapped is None else mapped.to_dict(),
            "varied": [
                column.name
                for column, group in zip(found.columns, found.groups, strict=True)
                if group == "term"
            ],
            "draws": int(found.difference.size),
            "failed": found.failed,
            "seed": seed,
            "posterior": _name(chosen),
        },
        json,
    )
    if picture is not None and mapped is not None:
        from ceasefire import charts

        drawn = map_picture(mapped, asked.sentence, found.difference.size)
        terminal.out.print(f"picture: {charts.write(drawn, picture)}", markup=False, soft_wrap=True)


def _map(found: Varied, names: Sequence[str], needed: bool) -> tuple[Map | None, str]:
    """Return the map of the answer, or none and why; where it was asked for, why is an error."""
    from ceasefire.analysis.mapped import foremost, map_of
    from ceasefire.files import InputError

    chosen = names or foremost(found)
    if chosen is None:
        why = "fewer than two terms of the truce vary."
        if needed:
            raise InputError(f"there is no map to draw: {why}", "--picture", "name two columns with `--map`.")
        return None, why
    try:
        return map_of(found, chosen), ""
    except InputError as error:
        if needed or names:
            raise
        return None, f"{error.what} {error.todo.capitalize()}"


def sensitivity(
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
    method: Annotated[
        str,
        typer.Option(
            help="given: what knowing each input alone would tell, read off the wars of the question; sobol:"
            " what groups of inputs do alone and in all, from wars made for it with priors that are"
            " independent."
        ),
    ] = GIVEN,
    posterior: Posterior = "default",
    draws: Annotated[
        int | None,
        typer.Option(
            help="Wars under each of both: 4,000 by default; with sobol at most so many, 65,536 by default."
        ),
    ] = None,
    seed: Seed = 1,
    json: Json = None,
    most: Annotated[int, typer.Option(help="Rows to print.")] = 12,
) -> None:
    """Print which of the things that are not known carry the answer to a question."""
    from ceasefire.analysis.questions import fill
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.files import InputError, suggest
    from ceasefire.scenario import load_scenario

    if method not in (GIVEN, SOBOL):
        raise InputError(f"'{method}' is no method.", "--method", suggest(method, (GIVEN, SOBOL)))
    if most < 1:
        raise InputError(f"{most} rows cannot be printed.", "--most", "give a number from 1.")
    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    question = _question(outcome, side, by, start, length, monitored, aid, aid_to, against)
    asked = fill(question, war)
    if method == SOBOL:
        told = _designed(asked, posterior, draws, seed, most)
    else:
        told = _given(asked, posterior, 4000 if draws is None else draws, seed, most)
    as_json({"question": asked.sentence, "scenario": war.name, "seed": seed, **told}, json)


def _given(asked: Asked, posterior: str, draws: int, seed: int, most: int) -> dict[str, Any]:
    """Print what knowing each input alone would tell of an answer; return it for a file."""
    from ceasefire.analysis.bars import bars, in_words
    from ceasefire.analysis.questions import compared
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import bars_summary

    chosen = choose_posterior(asked.scenario, posterior)
    with progress(f"{asked.scenario.name}, fighting on and the truce") as told:
        wars = compared(
            asked, draws=draws, seed=seed, start=chosen.start, learnt=chosen.learnt, progress=told
        )
    found = bars(wars, asked.question.outcome, asked.question.side, wars.last_day, seed)
    labels = in_words(list(found.frame["input"]))
    terminal.out.print(bars_summary(asked.sentence, found, labels, most))
    terminal.out.print(chosen.says, markup=False)
    return {
        "method": found.method,
        "sentence": found.sentence,
        "rows": [{**row, "meaning": labels[str(row["input"])]} for row in found.frame.to_dict("records")],
        "level": found.level,
        "wars": found.wars,
        "dropped": wars.failed,
        "posterior": _name(chosen),
    }


def _designed(asked: Asked, posterior: str, draws: int | None, seed: int, most: int) -> dict[str, Any]:
    """Print what groups of inputs do in wars of independent priors; return it for a file."""
    from ceasefire.analysis.designed import MOST_WARS, designed
    from ceasefire.files import InputError
    from ceasefire.report import design_summary

    if posterior not in ("default", "prior"):
        raise InputError(
            "the inputs of a posterior are correlated; total order needs independent ones.",
            "--posterior",
            f"leave it out: `--method {SOBOL}` draws from the priors. For what is known now, use"
            f" `--method {GIVEN}`.",
        )
    with progress(f"{asked.scenario.name}, wars of a design") as told:
        made = designed(asked, wars=MOST_WARS if draws is None else draws, seed=seed, progress=told)
    found = made.found
    terminal.out.print(design_summary(made, most))
    return {
        "method": found.method,
        "sentence": found.sentence,
        "rows": [
            {**row, "meaning": made.meanings[str(row["group"])], "inputs": made.inputs[str(row["group"])]}
            for row in found.frame.to_dict("records")
        ],
        "level": found.level,
        "wars": found.wars,
        "dropped": found.dropped,
        "variance_in_the_farthest_1_percent": made.extreme,
        "posterior": "prior",
    }


def _name(chosen: Chosen) -> str:
    return "prior" if chosen.posterior is None else chosen.posterior.name


def _question(
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
        by=as_day(by, "--by"),
        start=as_day(start, "--from"),
        days=length,
        monitored=monitored,
        aid=aid,
        aid_to=aid_to,
        against=against or "",
    )
