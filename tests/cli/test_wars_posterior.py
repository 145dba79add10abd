"""Run and compare from a posterior, and what a posterior learnt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ceasefire.engine import load
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import load_scenario
from tests.cli.conftest import Commands
from tests.inference.synthetic import synthetic_posterior

DRAWS = ["--draws", "128", "--seed", "5"]


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    return synthetic_posterior(load_scenario("invented-war"))


@pytest.fixture
def file(posterior: Posterior, tmp_path: Path) -> Path:
    return posterior.save(tmp_path / "mine.nc")


def plain(text: str) -> str:
    return " ".join(text.split())


def test_run_says_which_posterior_and_keeps_its_name(
    commands: Commands, file: Path, posterior: Posterior
) -> None:
    left = commands.done("run", "invented-war", "truce", "--posterior", file, *DRAWS, "--out", "r.nc")
    said = plain(left.out)
    assert f"Posterior {posterior.name}: figures to {posterior.until} as known then; 64 draws" in said
    assert "The wars come from priors" not in said
    assert load("r.nc").attrs["posterior"] == posterior.name
    assert load("r.nc")["truce"].values.max() == 1.0


def test_run_says_that_the_priors_stand(commands: Commands) -> None:
    left = commands.done("run", "invented-war", "--posterior", "prior", *DRAWS, "--out", "r.nc")
    said = plain(left.out)
    assert "Priors, as asked for: nothing was learnt from the evidence." in said
    assert "The wars come from priors" in said
    assert load("r.nc").attrs["posterior"] == "prior"


def test_compare_prints_the_shares_and_the_posterior(
    commands: Commands, file: Path, posterior: Posterior
) -> None:
    left = commands.done(
        "compare", "invented-war", "--posterior", file, *DRAWS, "--out", "c.nc", "--outcome", "killed"
    )
    said = plain(left.out)
    assert f"Posterior {posterior.name}" in said
    assert "Where the spread of the difference comes from (killed, both sides, " in said
    for word in ("learnt", "assumed", "rival equations", "what acts together only,", "chance alone"):
        assert word in said
    assert "all of the difference is assumed" not in said
    assert load("c.nc").attrs["posterior"] == posterior.name


def test_the_result_may_not_replace_the_posterior(commands: Commands, file: Path) -> None:
    lines = commands.refused("run", "invented-war", "--posterior", file, "--out", file)
    assert lines[0] == "error: --out would replace the posterior file."
    assert file.stat().st_size > 0


def test_a_wrong_posterior_is_refused_before_any_war(commands: Commands, tmp_path: Path) -> None:
    for command in (["run", "invented-war"], ["compare", "invented-war"]):
        assert commands.refused(*command, "--posterior", "absent.nc") == [
            "error: there is no such posterior file.",
            "  where: absent.nc",
            "  to do: run `ceasefire calibrate` first.",
        ]
    assert list(tmp_path.iterdir()) == []


def test_what_a_posterior_learnt(commands: Commands, posterior: Posterior, tmp_path: Path) -> None:
    file = synthetic_posterior(load_scenario("invented-war"), scenario="of-mine").save(tmp_path / "m.nc")
    left = commands.done("posterior", "show", file, "--json", "rows.json")
    said = plain(left.out)
    assert "It passed its diagnostics." in said
    assert "term: someone, X, running totals: 1 figures, 2022-06-01 to 2022-06-01" in said
    assert "note: a week was set aside." in said
    assert "Name its scenario with --scenario to see the priors." in said
    rows = json.loads(Path("rows.json").read_text(encoding="utf-8"))
    assert rows[0]["label"] == "learnt"
    found = {row["name"]: row for row in rows}
    assert len(found) == len(posterior.contraction())
    contractions = [row["contraction"] for row in rows]
    assert contractions == sorted(contractions, reverse=True)
    assert found["line_spread"]["unit"] == "km2/day"
    assert found["line_spread"]["low"] < found["line_spread"]["best"] < found["line_spread"]["high"]
    assert found["state: force (Aldria)"]["unit"] == "persons"
    assert found["line_spread"]["prior_low"] is None


def test_a_failed_and_stale_one_can_be_looked_at(commands: Commands, tmp_path: Path) -> None:
    war = load_scenario("invented-war")
    odd = {"scenario": "of-mine", "passed": 0, "why": "too few", "model_fingerprint": "0"}
    file = synthetic_posterior(war, 8, **odd).save(tmp_path / "odd.nc")
    said = plain(commands.done("posterior", "show", file).out)
    assert "It failed its diagnostics: too few. It is stale: the model has changed since." in said


def test_the_shipped_ones_are_listed(
    commands: Commands, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ceasefire.inference import shipped

    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    assert plain(commands.done("posterior", "list").out).startswith("mine: Posterior invented-war@")
    assert "learnt" in commands.done("posterior", "show", "mine").out
