"""The command that goes through the record of offers: what a rule would have advised, and what followed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from ceasefire.cli.terminal import day, terminal

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.bargaining.episodes import Episodes
    from ceasefire.evidence import Evidence

WIDEST = 100


def episodes(
    threshold: Annotated[
        float,
        typer.Option(
            help="Belief from which accepting pays, 0 to 1; `ceasefire offer` says what the war gives."
        ),
    ] = 0.5,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Take belief and thresholds from the offer game on this scenario, both sides' offers, in"
            " place of --threshold."
        ),
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write all of it as JSON to this file.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Offers and outcomes as known on this day; the last day of the evidence where not given.",
        ),
    ] = None,
    window: Annotated[int, typer.Option(help="Days within which an offensive counts.")] = 90,
    offensives: Annotated[
        str, typer.Option("--list", metavar="counted|all", help="Which offensives count.")
    ] = "counted",
    reference: Annotated[
        str,
        typer.Option(
            metavar="end|offer", help="Whether the window begins when a truce ended, or with the offer."
        ),
    ] = "end",
    group: Annotated[
        str, typer.Option(help="Class of past ceasefires from which belief begins.")
    ] = "interstate",
) -> None:
    """Print the record of offers as test episodes: what a rule would have advised then, and what followed."""
    import pandas as pd

    from ceasefire.bargaining import episodes as record
    from ceasefire.bargaining.past import known_day
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.evidence import load

    check_targets({"--json": json})
    evidence = load()
    when = known_day(day(as_of, "--as-of"), evidence)
    thresholds_of = {} if scenario is None else _of_game(scenario, evidence)
    rule = record.by_game(evidence, thresholds_of) if thresholds_of else record.by_belief(threshold)
    shared: dict[tuple[str, dt.date], float] = {}
    found = record.offers_as_episodes(
        evidence,
        rule,
        as_of=when,
        window_days=window,
        offensives=offensives,
        reference=reference,
        group=group,
        shared=shared,
    )
    varied = record.varied(evidence, rule, as_of=when, group=group, shared=shared)
    thresholds = record.over_thresholds(found)
    _print(found, varied, thresholds)
    for side, value in thresholds_of.items():
        _say(
            f"* Of the game on {scenario}: accepting an offer of {side} pays from a belief of {value:.2f} on."
        )
    as_json(
        {
            "sentence": found.sentence(),
            "threshold": thresholds_of or threshold,
            **found.content(),
            "varied": varied.astype(object).where(pd.notna(varied), None).to_dict("records"),
            "over_thresholds": thresholds.to_dict("records"),
        },
        json,
    )


def _of_game(name: str, evidence: Evidence) -> dict[str, float]:
    """Return the game's threshold for the offers of each side.

    Raises:
        InputError: the scenario has other sides, or the game gives no threshold for one of them.
    """
    from ceasefire.bargaining.episodes import SIDES
    from ceasefire.bargaining.offering import offer
    from ceasefire.files import InputError
    from ceasefire.inference.shipped import choose_posterior
    from ceasefire.scenario import load_scenario

    war = load_scenario(name)
    if set(war.codes) != set(SIDES):
        raise InputError(
            f"the record of offers is between {' and '.join(SIDES)}, not {' and '.join(war.codes)}.",
            "--scenario",
            "name a scenario of that war.",
        )
    chosen = choose_posterior(war)
    shared: dict[object, object] = {}
    found = {}
    for code in war.codes:
        told = offer(war, code, posterior=chosen.posterior, evidence=evidence, shared=shared)
        if told.threshold.median is None:
            raise InputError(
                f"the game gives no threshold for offers of {code}: too few draws order its payoffs.",
                "--scenario",
                "give --threshold instead.",
            )
        found[code] = told.threshold.median
    return found


def _say(text: str, *, bold: bool = False) -> None:
    terminal.out.print(Text(text, style="bold" if bold else ""), width=min(terminal.out.width, WIDEST))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold", no_wrap=number == 0)
    return table


def _print(found: Episodes, varied: pd.DataFrame, thresholds: pd.DataFrame) -> None:
    from ceasefire.bargaining.episodes import SIDES

    written = f"{found.as_of.day} {found.as_of:%B %Y}"
    _say(f"Offers between the two sides to {written}, and what followed", bold=True)
    _say(found.sentence())
    _say("")
    table = _table("", "all", "own first", "went on", "not over", "teach", "attack", "by", "quiet", "fits")
    for side in (None, *SIDES):
        for held, words in ((None, side or "both"), (True, "in force"), (False, "never")):
            tally = found.tally(side, in_force=held)
            table.add_row(
                words,
                *(
                    str(value)
                    for value in (
                        tally.episodes, tally.own_first, tally.ongoing, tally.not_over, tally.teaching,
                        tally.attacked, tally.offensives, tally.quiet, tally.right,
                    )
                ),
            )  # fmt: skip
    terminal.out.print(table)
    _say(
        "By who answers, both by the same rules. Attack: the other side's offensive came first, within the"
        " window; by so many offensives."
    )
    _say(
        "Own first, went on (ongoing: the fighting never stopped) and not over teach nothing of the other"
        " side. Rows that share an offensive are one event."
    )
    _say("Fits: of those that teach, the advice was to refuse before an attack and to accept before none.")
    _say("")
    _say("The same beliefs at other thresholds", bold=True)
    other = _table("threshold", "accepted", "attacked after", "refused, and quiet", "fits", "of")
    for row in thresholds.iloc[1::3].to_dict("records"):
        other.add_row(
            f"{row['threshold']:g}",
            *(
                str(int(row[name]))
                for name in ("accepted", "accepted_and_attacked", "refused_and_quiet", "right", "teaching")
            ),
        )
    terminal.out.print(other)
    _say(
        "Read otherwise, both sides: attacked of those that teach, and the offensives behind them", bold=True
    )
    both = varied[varied["answerer"] == "both"]
    ways = _table("window, days", *(f"{first}, from {second}" for first, second in _ways(both)))
    for window, rows in both.groupby("window_days", sort=True):
        by_way = {(row["offensives_list"], row["reference"]): row for row in rows.to_dict("records")}
        ways.add_row(
            str(window),
            *(
                f"{by_way[way]['attacked']} of {by_way[way]['teaching']} ({by_way[way]['offensives']})"
                for way in _ways(both)
            ),
        )
    terminal.out.print(ways)
    _say("Notes", bold=True)
    for note in NOTES:
        _say(f"* {note}")


def _ways(both: pd.DataFrame) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(both["offensives_list"], both["reference"], strict=True)))


NOTES = (
    "One war is one history: no share here is a rate for others, and its interval would take rows as"
    " independent.",
    "What followed an offer says nothing of why; an offer that was refused was never tested.",
    "Private offers are under-counted, and of those that became known later nobody could judge then.",
)
