"""`import ceasefire as cf`: its names, that it loads nothing, and that it says what the commands say."""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ceasefire as cf
from ceasefire import api
from ceasefire.cli import app
from ceasefire.cli.output import records
from ceasefire.evidence.store import FOLDER_VARIABLE, load
from tests.repository import ROOT

HEAVY = ("jax", "pandas", "numpy", "xarray", "altair", "pydantic", "scipy")
WAR = "invented-war"
FEW: dict[str, Any] = {"draws": 200, "seed": 2}
ARTICLE = """
article:
  id: a-letter
  title: A letter from the hills
  published: 2022-12-21
  scenario: invented-war
  about: An invented article, one number of which is about a real war.
claims:
  - id: many-killed
    row: S11
    kind: measurement
    short: Many were killed
    says: More than 100,000 were killed.
    readings:
      - id: killed
        main: true
        says: More than 100,000 were killed.
        test: {kind: total_at, quantity: personnel_losses, concept: killed, side: RU, place: whole_front,
               date: 2022-12-20, at_least: 100_000, unit: persons, counts: soldiers killed}
  - id: truce-costs-aldria
    row: S9
    kind: counterfactual
    short: A truce costs Aldria lives
    says: A truce costs Aldria more lives than fighting on.
    readings:
      - id: killed
        main: true
        says: More of Aldria's soldiers are killed with the truce.
        test: {kind: compare, outcome: killed, side: AL, second_is: more}
  - id: truce-costs-bremor
    row: S9
    kind: counterfactual
    short: A truce costs Bremor ground
    says: A truce costs Bremor more ground than fighting on.
    readings:
      - id: ground
        main: true
        says: Bremor loses more ground with the truce.
        test: {kind: compare, outcome: ground_lost, side: BR, second_is: more}
  - id: refuse
    row: S19
    kind: policy
    short: Refuse the truce
    says: Aldria should refuse the truce.
    holds_if: [the truce costs Aldria more lives than fighting on]
    rests_on: [truce-costs-aldria]
"""
THEN = "ukraine-2022-2022-12-20-known-then"
NOW = "ukraine-2022-2022-12-20-known-now"
SHIPPED = "interview-with-a-tyrant"
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
NAMES = sorted(api.__all__)
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(api, name))]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("article") / "a-letter.yaml"
    path.write_text(ARTICLE, encoding="utf-8")
    return str(path)


def in_a_process(text: str) -> Any:
    """Return what a program prints as JSON, run in a process of its own."""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def command(*words: str) -> Any:
    """Return what a command writes as JSON."""
    assert app.run([*words, "--json", "told.json"]) == 0
    return json.loads(Path("told.json").read_text(encoding="utf-8"))


def plain(content: Any) -> Any:
    """Return plain values as a file of JSON gives them back."""
    return json.loads(json.dumps(content))


# The names


def test_importing_loads_nothing_and_the_names_load_no_engine() -> None:
    told = in_a_process(
        "import sys, json; before = set(sys.modules); import ceasefire as cf;"
        f"first = set(sys.modules) - before; names = dir(cf); second = set(sys.modules); heavy = {HEAVY!r};"
        "print(json.dumps([sorted(first), names, [one for one in heavy if one in second]]))"
    )
    first, names, later = told
    assert first == ["ceasefire"]
    assert names == NAMES
    assert set(later) <= {"pydantic"}


def test_a_function_loads_no_more_than_it_needs() -> None:
    told = in_a_process(
        "import sys, json; import ceasefire as cf;"
        "rows = cf.load_evidence().ask('personnel_losses', side='RU');"
        "print(json.dumps([len(rows), 'jax' in sys.modules]))"
    )
    assert told[0] > 100
    assert told[1] is False


def test_the_names_are_sorted_and_the_same_wherever_they_stand() -> None:
    assert dir(cf) == cf.__all__ == NAMES
    stub = ast.parse((ROOT / "src" / "ceasefire" / "__init__.pyi").read_text(encoding="utf-8"))
    imported = [one.names[0] for one in stub.body if isinstance(one, ast.ImportFrom)]
    assert [(one.name, one.asname) for one in imported] == [(name, name) for name in NAMES]
    told = re.findall(
        r"`cf\.(\w+)", "\n".join(line for line in PAGE.splitlines() if line.startswith("| `cf."))
    )
    assert sorted(told) == NAMES
    taken: dict[str, Any] = {}
    exec("from ceasefire import *", taken)
    assert taken.keys() - {"__builtins__"} == set(NAMES)
    assert cf.__version__


def test_no_name_is_that_of_a_room_and_rooms_are_still_found() -> None:
    rooms = {found.name for found in pkgutil.iter_modules(cf.__path__)}
    assert rooms & set(NAMES) == set()
    from ceasefire import charts, evidence

    assert inspect.ismodule(charts)
    assert inspect.ismodule(evidence)
    with pytest.raises(AttributeError, match="no attribute 'weight'"):
        cf.weight  # noqa: B018


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_what_it_does_and_what_each_argument_is(name: str) -> None:
    function = getattr(cf, name)
    said = inspect.getdoc(function) or ""
    assert said.splitlines()[0].endswith(".")
    arguments = list(inspect.signature(function).parameters)
    told = re.findall(r"^    (\w+): ", said.partition("Args:\n")[2].partition("\n\n")[0], re.M)
    if not (told == [] and len(arguments) <= 2):
        assert told == arguments


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("ask", "ask"),
        ("discover", "discover"),
        ("sensitivity", "sensitivity"),
        ("compare", "compare"),
        ("run", "run"),
        ("weigh", "policies"),
        ("aid", "aid"),
        ("offer", "offer"),
        ("audit", "audit"),
        ("calibrate", "calibrate"),
    ],
)
def test_a_function_leaves_out_what_its_command_leaves_out(function: str, words: str) -> None:
    import typer

    from ceasefire.cli.app import app as commands

    options = {one.name: one.default for one in typer.main.get_command(commands).commands[words].params}  # type: ignore[attr-defined]
    renamed = {"length": "days", "folder": None}
    shared = {renamed.get(name, name): value for name, value in options.items()}
    given = {
        name: one.default
        for name, one in inspect.signature(getattr(cf, function)).parameters.items()
        if name in shared and one.default is not inspect.Parameter.empty
    }
    assert len(given) >= 2
    for name, default in given.items():
        # None and nothing leave the same out.
        assert (default or None) == (shared[name] or None), name


# The numbers are those of the commands


def test_an_answer_is_that_of_the_command() -> None:
    told = command(
        "ask", WAR, "--outcome", "area", "--side", "BR", "--length", "90", "--monitored",
        "--by", "2001-10-01", "--draws", "200", "--seed", "2",
    )  # fmt: skip
    answer = cf.ask(WAR, outcome="area", side="BR", days=90, monitored=True, by="2001-10-01", **FEW)
    assert plain(answer.to_dict()) == told
    assert cf.table(answer)["probability"].tolist() == [one["probability"] for one in told["horizon_curve"]]
    again = cf.ask(cf.load_scenario(WAR), outcome="area", side="Bremor", days=90, monitored=True,
                   by=dt.date(2001, 10, 1), draws=np.int64(200), seed=2)  # fmt: skip
    assert plain(again.to_dict()) == told
    assert plain(cf.ask(WAR, outcome="area", side="BR", draws=200, seed=3).to_dict()) != told


def test_a_comparison_is_that_of_the_command() -> None:
    told = command("compare", WAR, "fight-on", "truce", "--draws", "200", "--seed", "2")
    both = cf.compare(WAR, "fight-on", "truce", **FEW)
    assert records(cf.table(both)) == told
    written = xr.open_dataset("invented-war-fight-on-truce-2.nc", engine="h5netcdf")
    with contextlib.closing(written):
        found = both.dataset()
        assert found["killed"].dims == ("policy", "time", "side", "war")
        assert found["killed"].attrs == {"units": "persons", "long_name": "soldiers killed since the start"}
        np.testing.assert_array_equal(found["killed"].values, written["killed"].values)


def test_a_discovery_and_what_carries_it_are_those_of_the_commands() -> None:
    few = ("--draws", "2000", "--seed", "2")
    told = command("discover", WAR, "--vary", "aid", "--vary", "days", *few)
    found = cf.discover(WAR, vary=["aid", "days"], draws=2000, seed=2)
    assert plain(found.to_dict()) == told
    assert cf.table(found)["density"].tolist() == [one["density"] for one in told["conditions"]]
    told = command("sensitivity", WAR, "--draws", "200", "--seed", "2")
    assert plain(cf.sensitivity(WAR, **FEW).to_dict()) == told


def test_a_design_is_that_of_the_command() -> None:
    pytest.importorskip("SALib", reason="SALib is not installed")
    told = command("sensitivity", WAR, "--method", "sobol", "--draws", "2000", "--seed", "2")
    found = cf.sensitivity(WAR, method="sobol", draws=2000, seed=2)
    assert plain(found.to_dict()) == told
    with pytest.raises(cf.InputError, match="a design is no picture"):
        cf.plot(found)


def test_weighed_policies_and_more_aid_are_those_of_the_commands() -> None:
    names = ("--policy", "fight-on", "--policy", "truce")
    told = command(
        "policies", WAR, *names, "--side", "AL", "--value", "area=9", "--draws", "200", "--seed", "2"
    )
    found = cf.weigh(WAR, "AL", ["fight-on", "truce"], values={"area": 9.0}, **FEW)
    own = told["sides"]["Aldria"]
    assert found.weights() == own["values"]
    assert records(cf.table(found)) == own["outcomes"]
    assert records(found.holding_up()) == own["holding_up"]
    told = command("aid", WAR, "--side", "BR", "--draws", "100", "--seed", "2")
    assert records(cf.aid(WAR, "BR", draws=100, seed=2)) == told


def test_an_offer_is_that_of_the_command() -> None:
    few = ("--draws", "20", "--wars-per-draw", "2", "--seed", "2")
    told = command("offer", "ukraine-2022", "--prior", "0.4", "--value", "area=9", "--days", "90", *few)
    found = cf.offer(
        "ukraine-2022", prior=0.4, values={"area": 9.0}, days=90, draws=20, wars_per_draw=2, seed=2
    )
    assert plain(found.as_json()) == told


def test_an_audit_is_that_of_the_command_and_its_page_is_written(article: str) -> None:
    told = command("audit", article, "--draws", "100", "--seed", "2", "--out", ".")
    found = cf.audit(article, draws=100, seed=2)
    assert plain(found.to_json()) == told
    verdicts = cf.table(found).set_index("claim")["verdict"].to_dict()
    assert verdicts == {one["id"]: one["verdict"] for one in told["claims"]}
    written = cf.save(found, "page.html").read_text(encoding="utf-8")
    assert written == Path("a-letter.html").read_text(encoding="utf-8")


def test_some_claims_have_the_verdicts_that_they_have_among_all(article: str) -> None:
    whole = cf.audit(article, draws=100, seed=2)
    part = cf.audit(cf.load_claims(article), only=["refuse"], draws=100, seed=2)
    assert [one.id for one in part.results] == ["truce-costs-aldria", "refuse"]
    for one in part.results:
        assert one.to_dict() == whole.result(one.id).to_dict()


def test_a_fault_in_one_of_some_claims_is_told_with_its_own_line() -> None:
    spoilt = ARTICLE.replace("outcome: ground_lost, side: BR", "outcome: ground_lost, side: XX")
    Path("spoilt.yaml").write_text(spoilt, encoding="utf-8")
    line = next(number for number, text in enumerate(spoilt.splitlines(), 1) if "side: XX" in text)
    for only in (None, ["truce-costs-bremor"]):
        with pytest.raises(cf.InputError) as error:
            cf.audit("spoilt.yaml", only=only, draws=100)
        assert f"line {line}" in error.value.where
    assert len(cf.audit("spoilt.yaml", only=["many-killed"], draws=100).results) == 1


# Scenarios, posteriors and evidence


def test_a_posterior_is_given_by_an_option_a_file_or_as_it_is() -> None:
    now, then = cf.load_posterior(NOW), cf.load_posterior(THEN)
    war = cf.load_scenario("ukraine-2022")

    def chosen(posterior: Any) -> str | None:
        found = cf.choose_posterior(war, posterior).posterior
        return None if found is None else found.name

    assert chosen("default") == chosen("now") == chosen(now.path) == chosen(now) == now.name
    assert chosen("then") == chosen(then) == then.name != now.name
    assert chosen("prior") is None
    assert "nothing was learnt" in cf.choose_posterior("ukraine-2022", "prior").says
    few: dict[str, Any] = {"draws": 60, "by": "2023-03-01", "days": 30}
    by_name, as_it_is, priors = (
        cf.ask("ukraine-2022", posterior=one, **few) for one in ("then", then, "prior")
    )
    assert by_name.comparison.posterior == then.name
    assert plain(by_name.to_dict()) == plain(as_it_is.to_dict())
    assert priors.comparison.posterior == "prior"
    assert priors.median != by_name.median


def test_what_is_shipped_can_be_loaded() -> None:
    rows = cf.shipped()
    assert {"scenario", "posterior", "claims"} == set(rows["kind"])
    load_one: dict[str, Callable[[str], Any]] = {
        "scenario": cf.load_scenario, "posterior": cf.load_posterior, "claims": cf.load_claims
    }  # fmt: skip
    for row in rows.itertuples():
        assert load_one[str(row.kind)](str(row.name)), row.name


def test_evidence_is_that_of_the_package_and_of_a_folder_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert cf.load_evidence() is load()
    with pytest.raises(cf.InputError, match="no such folder"):
        cf.load_evidence("nowhere")
    monkeypatch.setenv(FOLDER_VARIABLE, "nowhere")
    with pytest.raises(cf.InputError, match="no such folder"):
        cf.load_evidence()
    monkeypatch.delenv(FOLDER_VARIABLE)
    os.makedirs(".ceasefire/evidence")
    assert len(cf.load_evidence().observations) == len(load().observations)


def test_a_calibration_is_refused_before_it_is_begun() -> None:
    with pytest.raises(cf.InputError, match="whole weeks"):
        cf.calibrate(WAR, "2001-03-01")
    with pytest.raises(cf.InputError, match="whole weeks"):
        cf.calibrate("ukraine-2022", dt.date(2022, 12, 19))
    with pytest.raises(cf.InputError, match="the day is missing"):
        cf.calibrate("ukraine-2022", None)  # type: ignore[arg-type]


# What cannot be used


@pytest.mark.parametrize(
    ("slots", "where", "said"),
    [
        ({"outcome": "civilian"}, "outcome", "did you mean 'civilians'?"),
        ({"outcome": 3}, "outcome", "3 is no name"),
        ({"outcome": "area"}, "side", "needs a side"),
        ({"side": "Nobody"}, "side", "no belligerent"),
        ({"by": "soon"}, "by", "'soon' is not a day"),
        ({"by": "2030-01-01"}, "by", "name a day"),
        ({"by": 20011001}, "by", "is not a day"),
        ({"start": "2001-13-01"}, "start", "is not a day"),
        ({"days": 0}, "days", "is none"),
        ({"days": "90"}, "days", "'90' is no whole number"),
        ({"days": True}, "days", "True is no whole number"),
        ({"aid": -1.0}, "aid", "is no share"),
        ({"aid": "half"}, "aid", "'half' is no number"),
        ({"aid_to": "Nobody"}, "aid_to", "no belligerent"),
        ({"against": "fight-onn"}, "", "fight-on"),
        ({"draws": 3}, "draws", "too few"),
        ({"draws": 2.5}, "draws", "2.5 is no whole number"),
        ({"seed": None}, "seed", "None is no whole number"),
        ({"posterior": "nov"}, "--posterior", "did you mean 'now'?"),
        ({"posterior": "then"}, "--posterior", "no posterior as known then is shipped"),
    ],
)
def test_a_wrong_slot_is_an_error_for_people(slots: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(cf.InputError) as error:
        cf.ask(WAR, **{**FEW, **slots})
    assert said in str(error.value)
    if where:
        assert error.value.where == where
    assert error.value.todo


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: cf.ask("invented-wat", **FEW), "did you mean 'invented-war'?"),
        (lambda: cf.ask(3, **FEW), "int is no scenario"),  # type: ignore[arg-type]
        (lambda: cf.discover(WAR, draws=400), "too few to vary"),
        (lambda: cf.discover(WAR, vary=["aids"], draws=2000), "no term of a truce"),
        (lambda: cf.discover(WAR, vary="days", draws=2000), "write it as ['days']"),
        (lambda: cf.sensitivity(WAR, method="saltelli"), "no method"),
        (lambda: cf.sensitivity("ukraine-2022", method="sobol", posterior="now"), "correlated"),
        (lambda: cf.compare(WAR, "fight-on", "truse"), "did you mean 'truce'?"),
        (lambda: cf.compare(WAR, until="2050-01-01"), "outside the simulated war"),
        (lambda: cf.compare(WAR, outcomes=["kiled"]), "did you mean 'killed'?"),
        (lambda: cf.run(WAR, "truse"), "did you mean 'truce'?"),
        (lambda: cf.run(WAR, draws=0), "cannot be run"),
        (lambda: cf.weigh(WAR, "Nobody"), "no belligerent"),
        (lambda: cf.weigh(WAR, "AL", "truce"), "no list of policies"),
        (lambda: cf.weigh(WAR, "AL", values={"grund": 5}), "'grund' is no value"),
        (lambda: cf.aid(WAR, "Nobody"), "no belligerent"),
        (lambda: cf.offer(WAR, wars_per_draw=1), "from 2 to 100"),
        (lambda: cf.offer(WAR, days=0), "is none"),
        (lambda: cf.offer(WAR, values={"own_soldiers": -1}), "cannot be used"),
        (lambda: cf.audit("interview-with-a-tyran"), "did you mean"),
        (lambda: cf.audit(SHIPPED, only=["truce-cost"]), "did you mean 'truce-costs-more'?"),
        (lambda: cf.audit(SHIPPED, only="truce-costs-more"), "no list of claims"),
        (lambda: cf.audit(SHIPPED, only=[]), "no claim is named"),
        (lambda: cf.audit(SHIPPED, as_of="then"), "is not a day"),
        (lambda: cf.backtest(WAR), "no back-test is shipped"),
        (lambda: cf.load_posterior("known"), "neither a file nor a shipped posterior"),
        (lambda: cf.table("answer"), "no table of str"),
        (lambda: cf.plot("answer"), "no picture of str"),
        (lambda: cf.plot(pd.DataFrame({"a": [1]})), "no evidence of one quantity"),
        (lambda: cf.save("answer", "a.svg"), "nothing that can be written"),
        (lambda: cf.save(cf.load_posterior(NOW), "a.svg"), "does not end in .nc"),
    ],
)
def test_what_cannot_be_used_is_an_error_for_people(wrong: Callable[[], Any], said: str) -> None:
    with pytest.raises(cf.InputError) as error:
        wrong()
    assert said in str(error.value)
    assert list(Path().iterdir()) == []


# Tables and pictures


@pytest.fixture(scope="module")
def results(article: str) -> dict[str, Any]:
    audited = cf.audit(article, only=["many-killed", "truce-costs-aldria"], draws=100, seed=2)
    evidence = cf.load_evidence()
    return {
        "answer": cf.ask(WAR, **FEW),
        "comparison": cf.compare(WAR, **FEW),
        "discovery": cf.discover(WAR, vary=["aid", "days"], draws=2400, seed=2),
        "importance": cf.sensitivity(WAR, draws=1000, seed=2),
        "weighed": cf.weigh(WAR, "AL", ["fight-on", "truce"], **FEW),
        "offer": cf.offer("ukraine-2022", draws=20, wars_per_draw=2),
        "claim": audited.result("many-killed"),
        "reading": audited.result("truce-costs-aldria").readings[0],
        "backtest": cf.backtest(),
        "evidence": evidence.ask("personnel_losses", side="RU", concept="killed", known_by="2023-06-30"),
        "wars": cf.run(WAR, outcomes=None, draws=60),
        "posterior": cf.load_posterior(NOW),
        "audit": audited,
    }


DRAWN = [
    ("answer", {}, "Soldiers killed on both sides: more with the truce in about"),
    ("comparison", {}, "Soldiers killed, both sides: more with 'truce' in about"),
    (
        "comparison",
        {"of": "ground_lost", "side": "br"},
        "Net ground lost to the enemy, Bremor: more with 'truce'",
    ),
    ("discovery", {}, "cells"),
    ("importance", {}, "The input that tells most moves the distribution of the difference by"),
    ("weighed", {}, "No other policy beats"),
    ("offer", {}, "Accepting an offer of Russia pays Ukraine"),
    ("offer", {"of": "power"}, "Russia's share of power"),
    ("claim", {}, "bears out at least 100,000"),
    ("reading", {}, "simulated wars: more soldiers killed on the side of Aldria with 'truce'"),
    ("backtest", {"of": "area held"}, "Area held"),
    ("evidence", {}, "Personnel losses:"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "asked", "title"), DRAWN)
def test_a_result_is_drawn_as_an_altair_chart_that_shows_itself_still(
    results: dict[str, Any], name: str, asked: dict[str, Any], title: str
) -> None:
    chart = cf.plot(results[name], **asked)
    assert isinstance(chart, alt.TopLevelMixin)
    assert isinstance(chart, alt.LayerChart | alt.VConcatChart)
    assert title in chart.usermeta["title"]
    shown = chart._repr_mimebundle_()  # type: ignore[operator]
    assert set(shown) == {"image/svg+xml", "text/plain"}
    assert shown["image/svg+xml"] == cf.svg(chart)
    assert shown["image/svg+xml"].startswith("<svg")
    assert set(re.findall(r"https?://[^\"' ]+", shown["image/svg+xml"])) == {"http://www.w3.org/2000/svg"}
    assert shown["text/plain"].startswith(chart.usermeta["title"])
    # It is a chart of Altair all the same, and a copy of it shows itself as still.
    assert chart.to_dict(validate=False)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    copied = chart.copy()
    assert type(copied) is type(chart)
    assert copied._repr_mimebundle_()["image/svg+xml"] == cf.svg(chart)  # type: ignore[operator]


def test_what_is_assumed_is_hatched_and_the_numbers_stand_with_their_interval(
    results: dict[str, Any],
) -> None:
    answer = results["answer"]
    assert answer.assumed.value == 1.0
    chart = cf.plot(answer)
    assert "<pattern" in cf.svg(chart)
    said = chart.usermeta["description"].replace("\N{NO-BREAK SPACE}", " ")
    assert "A truce of 182 days from 2 January 2001, without monitors, against fighting on;" in said
    assert "200 simulated wars from priors alone. By " in said
    assert re.search(r"the difference is (about )?\S+ \(\S+ to \S+\); in brackets 90 % of the wars", said)


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("answer", {"of": "killed"}, "there is one picture"),
        ("answer", {"side": "AL"}, "is of no side"),
        ("comparison", {"of": "kiled"}, "did you mean 'killed'?"),
        ("comparison", {"side": "Nobody"}, "no belligerent"),
        ("offer", {"of": "strength"}, "no picture 'strength' of an offer"),
        ("backtest", {"of": "area"}, "no forecast of 'area'"),
    ],
)
def test_a_picture_that_there_is_not_is_an_error(
    results: dict[str, Any], name: str, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(cf.InputError) as error:
        cf.plot(results[name], **asked)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("answer", {"date", "probability", "mc_error", "low", "median", "high"}),
        ("comparison", {"outcome", "unit", "side", "difference_low", "probability"}),
        ("discovery", {"text", "density", "density_low", "density_high", "coverage", "support"}),
        ("importance", {"input", "meaning", "group", "delta", "null", "told_apart"}),
        ("weighed", {"policy", "outcome", "unit", "low", "median", "high"}),
        ("offer", {"prior", "belief", "share", "mc_error"}),
        ("claim", {"source", "value", "low", "best", "high", "counted", "why"}),
        ("reading", {"source", "value", "low", "best", "high", "counted", "why"}),
        ("audit", {"claim", "as_known_then", "verdict", "probability", "low", "high", "quote"}),
        ("backtest", {"series", "days", "ours", "best_baseline", "coverage_90"}),
        ("wars", {"outcome", "unit", "side", "date", "low", "median", "high"}),
        ("posterior", {"name", "contraction", "label", "ess"}),
        ("evidence", {"source", "root", "best", "unit"}),
    ],
)
def test_every_result_is_a_table(results: dict[str, Any], name: str, columns: set[str]) -> None:
    found = cf.table(results[name])
    assert isinstance(found, pd.DataFrame)
    assert columns <= set(found.columns)
    assert len(found) or name == "reading"


def test_wars_are_xarray_with_units(results: dict[str, Any]) -> None:
    wars = results["wars"]
    assert isinstance(wars, xr.Dataset)
    for name in ("killed", "ground_taken", "shells"):
        assert wars[name].attrs["units"]
        assert wars[name].attrs["long_name"]
        assert set(wars[name].dims) == {"time", "side", "war"}
    assert {
        "scenario",
        "policy",
        "posterior",
        "seed",
        "version",
        "model_fingerprint",
        "scenario_sha256",
    } <= set(wars.attrs)


def test_pictures_and_wars_are_written_whole_or_not_at_all(results: dict[str, Any]) -> None:
    chart = cf.plot(results["evidence"])
    assert cf.save(chart, "a.svg").read_text(encoding="utf-8") == cf.svg(chart)
    assert cf.save(chart, Path("a.png")).read_bytes().startswith(b"\x89PNG")
    wars = results["wars"]
    with contextlib.closing(xr.open_dataset(cf.save(wars, "a.nc"), engine="h5netcdf")) as again:
        np.testing.assert_array_equal(again["killed"].values, wars["killed"].values)
    assert cf.load_posterior(cf.save(results["posterior"], "p.nc")).name == results["posterior"].name
    with pytest.raises(cf.InputError, match="ending"):
        cf.save(chart, "a.gif")
    assert sorted(path.name for path in Path().iterdir()) == ["a.nc", "a.png", "a.svg", "p.nc"]


# The page


EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_an_example_of_the_page_runs_as_it_stands(place: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(EXAMPLES[place], "docs/python.md", "exec"), {})
    said = capsys.readouterr().out
    if place == 0:
        assert said.startswith(
            "Would a truce of 182 days from 21 December 2022, without monitors, lead to more"
        )
        assert Path("answer.svg").read_text(encoding="utf-8").startswith("<svg")
        assert len(pd.read_csv("answer.csv")) == 52
    else:
        assert said.startswith("soldiers killed since the start persons\n")


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 2
