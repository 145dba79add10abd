"""The list of parameters: whole, true to registry, scenario and posterior, and legible at 80 columns."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ceasefire.inference.shipped import shipped_posterior
from ceasefire.scenario import describe, load_scenario
from ceasefire.war import REGISTRY
from tests.cli.conftest import Commands

Rows = list[dict[str, Any]]


def listed(commands: Commands, *arguments: str) -> tuple[str, Rows]:
    left = commands.done("parameters", *arguments, "--json", "parameters.json")
    rows: Rows = json.loads(Path("parameters.json").read_text(encoding="utf-8"))
    return left.out, rows


def of(rows: Rows, name: str, side: str | None) -> dict[str, Any]:
    (found,) = [row for row in rows if (row["parameter"], row["side"]) == (name, side)]
    return found


def test_every_parameter_is_listed_with_all_that_is_known_of_it(commands: Commands) -> None:
    told, rows = listed(commands, "ukraine-2022")
    war = load_scenario("ukraine-2022")
    assert [(row["parameter"], row["side"]) for row in rows] == [
        (name, None if side is None else war.sides[side]) for name, side in REGISTRY.labels()
    ]
    assert f"{len(REGISTRY)} parameters, {len(rows)} numbers" in told
    text = " ".join(told.split())
    for row, given in zip(rows, describe(war), strict=True):
        one = REGISTRY[row["parameter"]]
        assert (row["meaning"], row["unit"], row["mechanism"]) == (one.meaning, one.unit, given.mechanism)
        assert (row["low"], row["best"], row["high"], row["source"]) == (
            given.low,
            given.best,
            given.high,
            given.source,
        )
        assert (row["lower_bound"], row["upper_bound"]) == one.bounds
        assert row["label"] in {"learnt", "assumed"}
        assert one.meaning in text
        assert " ".join(given.source.split()) in text


def test_it_reads_at_80_columns(commands: Commands) -> None:
    told, _ = listed(commands)
    assert max(len(line) for line in told.splitlines()) <= 80


def test_a_mechanism_is_core_on_off_or_in_a_share_of_the_wars(commands: Commands) -> None:
    told, rows = listed(commands, "ukraine-2022")
    used = {row["mechanism"]: (row["used"], row["share"]) for row in rows}
    assert used["manpower"] == ("core", 1.0)
    assert used["sanctions"] == ("on", 1.0)
    assert used["drones"] == ("off", 0.0)
    assert used["ending"] == ("share", 0.5)
    for line in (
        "manpower: core",
        "sanctions: on",
        "drones: off",
        "ending: in 50 % of the wars",
        "decision: in 50 % of the wars, decision_rule = expected_utility",
    ):
        assert line in told.splitlines()


def test_the_posterior_stands_beside_the_prior_and_only_where_the_fit_knew(commands: Commands) -> None:
    _, rows = listed(commands, "ukraine-2022")
    war = load_scenario("ukraine-2022")
    posterior = shipped_posterior(war)
    if posterior is None:
        pytest.skip("no posterior is shipped")
    shown = of(rows, "killed_share", war.sides[1])
    drawn = posterior.parameters()[REGISTRY.rows["killed_share"]][1]
    expected = np.quantile(drawn, [0.05, 0.5, 0.95])
    found = [shown[f"posterior_{point}"] for point in ("low", "best", "high")]
    assert found == pytest.approx(expected, rel=1e-6)
    assert shown["label"] == "learnt"
    # What wars start with, not what the fit began with on an earlier day.
    troops = of(rows, "initial_troops", war.sides[0])
    force = np.quantile(np.asarray(posterior.state().force())[0], 0.5)
    assert troops["posterior_best"] == pytest.approx(force, rel=1e-6)
    for row in rows:
        known = row["posterior_low"] is not None
        if row["mechanism"] in {"sanctions", "drones", "ending"}:
            assert not known
            assert row["label"] == "assumed"
        if row["mechanism"] == "attrition":
            assert known
    # What only a truce would show is never learnt.
    assert of(rows, "truce_cost", war.sides[0])["label"] == "assumed"


def test_without_a_posterior_everything_is_assumed(commands: Commands) -> None:
    told, rows = listed(commands, "invented-war")
    assert {row["label"] for row in rows} == {"assumed"}
    assert all(row["posterior_best"] is None for row in rows)
    assert "Priors: no posterior is shipped for invented-war" in " ".join(told.split())
    told, rows = listed(commands, "ukraine-2022", "--posterior", "prior")
    assert {row["label"] for row in rows} == {"assumed"}


def test_filters_leave_what_was_asked_for(commands: Commands) -> None:
    told, rows = listed(commands, "--mechanism", "attrition")
    assert {row["mechanism"] for row in rows} == {"attrition"}
    assert "manpower" not in told
    told, rows = listed(commands, "--learnt")
    assert rows
    assert {row["label"] for row in rows} == {"learnt"}
    assert "northern_front" not in told
    told, rows = listed(commands, "--learnt", "--mechanism", "drones")
    assert rows == []
    assert "No parameter of drones is learnt." in told


def test_unknown_names_get_suggestions(commands: Commands) -> None:
    assert commands.refused("parameters", "--mechanism", "atrition") == [
        "error: 'atrition' is no mechanism.",
        "  where: --mechanism",
        "  to do: did you mean 'attrition'?",
    ]
    assert commands.refused("parameters", "ukraine-2023")[-1] == "  to do: did you mean 'ukraine-2022'?"
    assert "'priors' is neither a file" in commands.refused("parameters", "--posterior", "priors")[0]


def test_a_posterior_that_cannot_be_used_is_said_and_priors_are_shown(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ceasefire.inference.posterior.model_fingerprint", lambda mechanisms: "another")
    told, rows = listed(commands, "ukraine-2022")
    assert "No posterior is shown: this posterior is stale" in " ".join(told.split())
    assert all(row["posterior_best"] is None for row in rows)
    assert not any(math.isnan(row["low"]) for row in rows)
