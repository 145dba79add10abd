"""Commands that ask what a truce would do, and what would change the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ceasefire.cli.studies import ClusterAddress, StudyFolder, computed_where, finish, within
from ceasefire.cli.terminal import day as as_day
from ceasefire.cli.terminal import progress, terminal
from ceasefire.cli.wars import Draws, Json, Posterior, Scenario, Seed, made_of

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Question

GIVEN, SOBOL = "given", "sobol"
NO_MAP, NAME_TWO = "there is no map to draw: {}", "name two columns with `--map`."

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
    study: StudyFolder = None,
    cluster: ClusterAddress = None,
) -> None:
    """Find under which terms of the truce, and in which wars, the answer to a question flips."""
    from ceasefire.analysis.varied import number_that_vary
    from ceasefire.api import discover as find
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.files import InputError, check_picture
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.report import discovery_summary, map_picture
    from ceasefire.scenario import load_scenario

    if picture is not None:
        check_picture(picture)
        # Before any war, where it can be known.
        if vary and not over and number_that_vary(vary) < 2:
            raise InputError(NO_MAP.format("fewer than two terms of the truce vary."), "--picture", NAME_TWO)
    json = within(study, json, "--json", "result.json")
    picture = within(study, picture, "--picture")
    war = load_scenario(scenario)
    check_targets(
        {"--json": json, "--picture": picture},
        {"the scenario file": war.path, "the posterior file": posterior},
    )
    with computed_where(study, cluster, made_of(war, choose_posterior(war, posterior))) as kept_in:
        with progress(f"{war.name}, truces of all kinds") as told:
            found = find(
                war,
                outcome=outcome,
                side=side,
                by=as_day(by, "--by"),
                start=as_day(start, "--from"),
                days=length,
                monitored=monitored,
                aid=aid,
                aid_to=aid_to,
                against=against,
                vary=vary,
                over=over,
                posterior=posterior,
                draws=draws,
                seed=seed,
                progress=told,
            )
        terminal.out.print(
            discovery_summary(
                found.varied, found.probability, found.conditions, found.map, found.no_map, found.likeliest
            )
        )
        terminal.out.print(found.says, markup=False)
        as_json(found.to_dict(), json)
        if picture is not None and found.map is not None:
            from ceasefire import charts

            drawn = map_picture(found.map, found.sentence, found.varied.difference.size)
            terminal.out.print(f"picture: {charts.write(drawn, picture)}", markup=False, soft_wrap=True)
        finish(kept_in, json, picture if found.map is not None else None)
    if picture is not None and found.map is None:
        raise InputError(NO_MAP.format(found.no_map), "--picture", NAME_TWO)


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
    from ceasefire.api import sensitivity as weigh
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.files import InputError, suggest
    from ceasefire.report import bars_summary, design_summary
    from ceasefire.scenario import load_scenario

    if method not in (GIVEN, SOBOL):
        raise InputError(f"'{method}' is no method.", "--method", suggest(method, (GIVEN, SOBOL)))
    if most < 1:
        raise InputError(f"{most} rows cannot be printed.", "--most", "give a number from 1.")
    if method == SOBOL and posterior not in ("default", "prior"):
        raise InputError(
            "the inputs of a posterior are correlated; total order needs independent ones.",
            "--posterior",
            f"leave it out: `--method {SOBOL}` draws from the priors. For what is known now, use"
            f" `--method {GIVEN}`.",
        )
    war = load_scenario(scenario)
    check_targets({"--json": json}, {"the scenario file": war.path, "the posterior file": posterior})
    doing = "wars of a design" if method == SOBOL else "fighting on and the truce"
    with progress(f"{war.name}, {doing}") as told:
        found = weigh(
            war,
            outcome=outcome,
            side=side,
            by=as_day(by, "--by"),
            start=as_day(start, "--from"),
            days=length,
            monitored=monitored,
            aid=aid,
            aid_to=aid_to,
            against=against,
            method=method,
            posterior=posterior,
            draws=draws,
            seed=seed,
            progress=told,
        )
    made: Any = found.made
    if method == SOBOL:
        terminal.out.print(design_summary(made, most))
    else:
        labels = dict(zip(found.frame["input"], found.frame["meaning"], strict=True))
        terminal.out.print(bars_summary(found.asked.sentence, made, labels, most))
        terminal.out.print(found.says, markup=False)
    as_json(found.to_dict(), json)


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
