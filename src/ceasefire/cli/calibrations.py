"""Commands that hold the model against the evidence: calibrate, backtest."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ceasefire.cli.evidence import Imports, with_imports
from ceasefire.cli.studies import ClusterAddress, StudyFolder, computed_where, finish, within
from ceasefire.cli.terminal import day, terminal

if TYPE_CHECKING:
    import pandas as pd

    from ceasefire.evidence import Evidence
    from ceasefire.inference.backtesting import Backtest
    from ceasefire.inference.posterior import Posterior
    from ceasefire.scenario import Scenario as War

Scenario = Annotated[str, typer.Argument(help="A shipped scenario by its name, or a YAML file.")]
Seed = Annotated[int, typer.Option(help="Seed; the same seed gives the same fit.")]
Json = Annotated[Path | None, typer.Option(help="Write the tables as JSON to this file.")]

WORK = Path(".ceasefire") / "work"


@contextlib.contextmanager
def stages() -> Iterator[Callable[[str, float], None]]:
    """Give a function that says each stage with the time since the start and the share done."""
    started = time.monotonic()

    def told(line: str, share: float) -> None:
        minutes, seconds = divmod(int(time.monotonic() - started), 60)
        terminal.err.print(
            f"{minutes:3d}:{seconds:02d} {100 * share:3.0f} %  {line}", markup=False, soft_wrap=True
        )

    yield told


def calibrate(
    scenario: Scenario,
    until: Annotated[
        str, typer.Option(help="Day of the posterior, whole weeks after the history's first: YYYY-MM-DD.")
    ],
    hindsight: Annotated[
        bool, typer.Option("--hindsight", help="Use figures of that time that became known later, too.")
    ] = False,
    sets: Annotated[
        int | None,
        typer.Option(
            min=16, help="Sets of parameters in each of 4 replicates; 256 if not given, 64 beyond a year."
        ),
    ] = None,
    paths: Annotated[
        int | None,
        typer.Option(
            min=4,
            help="Paths of the war for each set; 48 if not given, 32 with --weekly; beyond a year 96 and"
            " more in proportion.",
        ),
    ] = None,
    weekly: Annotated[
        bool, typer.Option("--weekly", help="Walk by weeks instead of days: quicker and coarser.")
    ] = False,
    seed: Seed = 1,
    begin_at: Annotated[
        Path | None,
        typer.Option(
            help="A posterior of the same scenario, day and evidence that failed or was coarser: go on from"
            " its draws instead of from the prior, into another --out."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Posterior file to write (ArviZ, netCDF).")] = None,
    cross_check: Annotated[
        bool,
        typer.Option(
            "--cross-check",
            help="Instead: draw from one posterior by Hamiltonian Monte Carlo and by this method, for one"
            " structure and weekly steps, and say how far they differ.",
        ),
    ] = False,
    imported: Imports = None,
    study: StudyFolder = None,
    cluster: ClusterAddress = None,
) -> None:
    """Fit a scenario's war to the evidence known on a day; goes on where it was interrupted."""
    from ceasefire.cli.output import check_targets
    from ceasefire.files import InputError
    from ceasefire.inference.calibrating import calibrate as fit
    from ceasefire.inference.calibrating import usual_settings
    from ceasefire.inference.posterior import load_posterior
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    when = day(until, "--until")
    if when is None:
        raise InputError("the day is missing.", "--until", "write a day as YYYY-MM-DD.")
    if cross_check and begin_at is not None:
        raise InputError(
            "a cross-check begins at nothing.", "--begin-at", "leave it out, or leave --cross-check out."
        )
    if cross_check:
        _cross_check(war, with_imports(imported), when, hindsight=hindsight, seed=seed)
        return
    known = "now" if hindsight else "then"
    target = within(study, out, "--out", "posterior.nc") or Path(f"{war.name}-{when}-known-{known}.nc")
    sources = {"the scenario file": war.path} | ({} if begin_at is None else {"--begin-at": begin_at})
    check_targets({"--out": target}, sources)
    earlier = None if begin_at is None else load_posterior(begin_at)
    settings = usual_settings(war, when, weekly=weekly, sets=sets, paths=paths, seed=seed)
    evidence = with_imports(imported)
    made_of = _made_of(war, evidence) | ({} if earlier is None else {"begin_at": earlier.name})
    with computed_where(study, cluster, made_of) as kept, stages() as told:
        posterior = fit(
            war,
            evidence,
            when,
            hindsight=hindsight,
            settings=settings,
            folder=WORK if kept is None else kept.work_folder(),
            told=told,
            save_to=target,
            begin_at=earlier,
        )
        finish(kept, target)
    _print_posterior(posterior)
    terminal.out.print(f"posterior: {target}", markup=False, soft_wrap=True)


def _made_of(war: War, evidence: Evidence) -> dict[str, str]:
    """Return what a fit is made of besides the program: a study is of no other."""
    return {"scenario": war.calibrated_sha256, "evidence": evidence.sha256}


def _cross_check(war: War, evidence: Evidence, until: dt.date, *, hindsight: bool, seed: int) -> None:
    from ceasefire.inference.crosscheck import Settings, crosscheck

    with stages() as told:
        found = crosscheck(
            war,
            evidence,
            until,
            hindsight=hindsight,
            settings=Settings(seed=seed),
            told=told,
        )
    terminal.out.print(found.summary(), markup=False, soft_wrap=True)
    table = Table(title="Where the two methods differ most", title_justify="left")
    table.add_column("row", overflow="fold")
    for heading in ("difference", "its error", "ratio of deviations"):
        table.add_column(heading, justify="right", max_width=12)
    worst = found.table.sort_values("difference", key=abs, ascending=False).head(10)
    for row in worst.itertuples():
        table.add_row(
            Text(str(row.name)),
            f"{row.difference:+.2f} sd",
            f"{row.error:.2f} sd",
            f"{math.exp(row.log_sd_ratio):.2f}",
        )
    terminal.out.print(table)


def _print_posterior(posterior: Posterior) -> None:
    told, judged = posterior.contraction(), posterior.diagnostics()
    sampled = told[told["kind"].isin(["parameter", "reporting"])]
    judged, counted = judged[judged["kind"] != "constant"], told[told["kind"] != "constant"]
    state = "passed its diagnostics" if posterior.passed else "FAILED its diagnostics and is used by nothing"
    rows = posterior.evidence_rows()
    terminal.out.print(
        f"{posterior.name} {state}: R-hat at most {judged['rhat'].max():.3f}, at least"
        f" {counted['ess'].min():,.0f} effective draws; {len(rows):,} figures of"
        f" {rows['root'].nunique()} origins weigh.",
        markup=False,
        soft_wrap=True,
    )
    if not posterior.passed:
        terminal.out.print(str(posterior.tree.attrs["why"]), markup=False, soft_wrap=True)
    if begun_at := str(posterior.tree.attrs.get("begun_at", "")):
        terminal.out.print(f"begun at the draws of {begun_at}", markup=False, soft_wrap=True)
    learnt = sampled[sampled["label"] == "learnt"].sort_values("contraction", ascending=False)
    table = Table(title="What the evidence taught", title_justify="left")
    table.add_column("parameter")
    table.add_column("variance taken away", justify="right")
    table.add_column("shift of the mean", justify="right")
    for row in learnt.itertuples():
        # A name may hold brackets, which are no markup.
        table.add_row(Text(str(row.name)), f"{100 * row.contraction:.0f} %", f"{row.shift:+.1f} sd")
    terminal.out.print(table)
    assumed = int((sampled["label"] == "assumed").sum())
    terminal.out.print(
        f"{assumed} of {len(sampled)} stay assumed: the evidence took away half of their variance or less.",
        soft_wrap=True,
    )
    for note in posterior.notes():
        terminal.out.print(f"note: {note}", markup=False, soft_wrap=True)


def backtest(
    scenario: Scenario,
    sets: Annotated[int, typer.Option(min=16, help="Sets of parameters in each of 2 replicates.")] = 256,
    paths: Annotated[int, typer.Option(min=4, help="Paths of the war for each set.")] = 32,
    draws: Annotated[int, typer.Option(min=100, help="Futures of each origin.")] = 4_000,
    seed: Seed = 1,
    json: Json = None,
    summary: Annotated[
        Path | None, typer.Option(help="Write what a report says of it as JSON to this file.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(help="Picture to write, .svg or .png; of several series, one each: FILE-series."),
    ] = None,
    study: StudyFolder = None,
    cluster: ClusterAddress = None,
) -> None:
    """Forecast from every fourth Tuesday and score what came, beside plain forecasts; can be interrupted."""
    from ceasefire.claims.held_out import UNITS
    from ceasefire.cli.output import as_json, check_targets
    from ceasefire.evidence import load
    from ceasefire.inference.backtesting import Settings
    from ceasefire.inference.backtesting import backtest as judge
    from ceasefire.scenario import load_scenario

    war = load_scenario(scenario)
    json = within(study, json, "--json", "backtest.json")
    summary, picture = within(study, summary, "--summary"), within(study, picture, "--picture")
    pictures = {} if picture is None else {"--picture": picture} | _named(picture, list(UNITS))
    check_targets({"--json": json, "--summary": summary, **pictures}, {"the scenario file": war.path})
    settings = Settings(sets=sets, paths=paths, draws=draws, seed=seed)
    evidence = load()
    with computed_where(study, cluster, _made_of(war, evidence)) as kept, stages() as told:
        folder = WORK if kept is None else kept.work_folder()
        found = judge(war, evidence, settings=settings, folder=folder, told=told)
        _print_backtest(found)
        if json is not None:
            as_json(found.content(), json)
        if summary is not None:
            as_json(found.summary_by_series(), summary)
        if picture is not None:
            _write_pictures(found, picture)
        finish(kept, json, summary, picture)


def _named(picture: Path, series: list[str]) -> dict[str, Path]:
    """Return the file of the picture of each series.

    Raises:
        InputError: the ending is none of a picture.
    """
    from ceasefire.files import check_picture

    check_picture(picture)
    return {
        f"the picture of {name}": picture.with_name(
            f"{picture.stem}-{name.replace(' ', '-')}{picture.suffix}"
        )
        for name in series
    }


def _write_pictures(found: Backtest, picture: Path) -> None:
    """Write the picture of each series: to the file that was named where there is one only."""
    from ceasefire import charts
    from ceasefire.claims.held_out import parse_held_out
    from ceasefire.files import InputError
    from ceasefire.report import forecast_series, forecasts_chart

    held_out = parse_held_out(found.summary_by_series())
    names = [] if held_out is None else forecast_series(held_out)
    if held_out is None or not names:
        raise InputError(
            "the back-test holds no forecast to draw.", str(picture), "leave --picture out; see its table."
        )
    files = [picture] if len(names) == 1 else list(_named(picture, names).values())
    for name, path in zip(names, files, strict=True):
        charts.write(forecasts_chart(held_out, name), path)
        terminal.out.print(f"picture: {path}", markup=False, soft_wrap=True)


def _on_fewer(origins: int, full: int) -> str:
    """Say where a forecast was made from fewer origins than ours: its scores are not to be compared."""
    return f", {origins} of {full} origins" if origins < full else ""


def _print_agreement(found: Backtest) -> None:
    """Say in one line how well the replicates of the pass agreed where they agreed least."""
    agreed = found.about.get("agreement")
    if not isinstance(agreed, dict):
        return
    worst = agreed["worst"]
    terminal.out.print(
        f"replicates, at the worst of {len(agreed['origins'])} origins: R-hat {worst['worst_rhat']:.3f},"
        f" {100 * worst['share_above']:.0f} % of rows above 1.01, {worst['ancestors']} first ancestors,"
        f" {100 * worst['accepted']:.0f} % of moves accepted,"
        f" log evidence {worst['log_evidence_spread']:.1f} apart.",
        markup=False,
        soft_wrap=True,
    )


def _print_backtest(found: Backtest) -> None:
    from ceasefire.inference.backtesting import OURS

    summary, against = found.summary(), found.against()
    for name in dict.fromkeys(summary["series"]):
        part = summary[summary["series"] == name]
        table = Table(title=f"{name}: mean CRPS on origins from 2024 (share inside the 90 % interval)")
        table.add_column("forecast")
        horizons = sorted(set(part["horizon_days"]))
        full = part[part["model"] == OURS].set_index("horizon_days")["origins"].to_dict()
        for horizon in horizons:
            table.add_column(f"{horizon} days", justify="right")
        for model in dict.fromkeys(part["model"]):
            of_model = part[part["model"] == model].set_index("horizon_days")
            table.add_row(
                str(model),
                *(
                    f"{of_model['crps'][horizon]:,.0f} ({100 * of_model['coverage_90'][horizon]:.0f} %)"
                    + _on_fewer(of_model["origins"][horizon], full.get(horizon, 0))
                    if horizon in of_model.index
                    else ""
                    for horizon in horizons
                ),
            )
        terminal.out.print(table)
    _print_coverage(found)
    for row in against[against["verdict"] != "not told apart"].itertuples():
        shared = "" if row.complete else f", on the {row.origins} origins that both have"
        terminal.out.print(
            f"{row.series}, {row.horizon_days} days: ours is {row.verdict} than {row.against}"
            f" ({row.difference:+,.0f}, 90 % {row.low:+,.0f} to {row.high:+,.0f}{shared})",
            markup=False,
            soft_wrap=True,
        )
    for series, variant in found.chosen.items():
        terminal.out.print(f"{series}: ours is '{variant}', chosen on targets before 2024.", soft_wrap=True)
    _print_mechanisms(found)
    _print_agreement(found)


def _print_mechanisms(found: Backtest) -> None:
    """Say what each optional mechanism does to the scores, where it was tried."""
    rows = found.mechanisms()
    for name in dict.fromkeys(rows["series"]) if len(rows) else ():
        part = rows[rows["series"] == name]
        table = Table(
            title=f"{name}: mean CRPS with one mechanism more from the origin on, against the core",
            title_justify="left",
        )
        table.add_column("all wars")
        horizons = sorted(set(part["horizon_days"]))
        for horizon in horizons:
            table.add_column(f"{horizon} days", justify="right")
        for mechanism in dict.fromkeys(part["mechanism"]):
            of_one = part[part["mechanism"] == mechanism].set_index("horizon_days")
            table.add_row(
                str(mechanism),
                *(_changed(of_one.loc[horizon]) if horizon in of_one.index else "" for horizon in horizons),
            )
        terminal.out.print(table)


def _changed(row: pd.Series) -> str:
    """Return by which share a score changes, with the verdict where there is one."""
    from ceasefire.claims.held_out import NO_CHANGE

    change = float(row["difference"]) / float(row["without"])
    if abs(change) < NO_CHANGE:
        return "0.0 %"
    word = "" if row["verdict"] == "not told apart" else f" {row['verdict']}"
    return f"{100 * change:+.1f} %{word}"


def _print_coverage(found: Backtest) -> None:
    """Say where intervals hold as often as those of a calibrated forecaster on the same origins."""
    from ceasefire.inference.backtesting import SPACING_DAYS
    from ceasefire.inference.scoring import false_verdicts

    rows = found.calibrated_coverage()
    if rows.empty:
        return
    table = Table(title="Do 90 % intervals hold as often as a calibrated forecaster's?", title_justify="left")
    table.add_column("series")
    for name in ("days", "held", "calibrated", "false verdicts"):
        table.add_column(name, justify="right")
    table.add_column("in words")
    for row in rows.to_dict("records"):
        false = false_verdicts(int(row["origins"]), SPACING_DAYS, int(row["horizon_days"]))
        held, low, high = (float(row[name]) for name in ("coverage_90", "low", "high"))
        table.add_row(
            str(row["series"]),
            str(row["horizon_days"]),
            f"{100 * held:.0f} %",
            f"{100 * low:.0f} to {100 * high:.0f} %",
            f"{100 * false:.0f} %",
            "as often" if row["inside"] else "too seldom" if held < low else "too often",
        )
    terminal.out.print(table)
    terminal.out.print(
        "Calibrated: how often such intervals hold in 90 % of simulated histories with the same overlapping"
        " origins. False verdicts: how often the bootstrap calls one of two equal forecasts better or"
        " worse; it should be 10 %.",
        soft_wrap=True,
    )
