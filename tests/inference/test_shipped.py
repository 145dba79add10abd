"""Which posterior a command uses, and what it says where it cannot use one."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from ceasefire.engine import model_fingerprint
from ceasefire.evidence import load
from ceasefire.files import InputError
from ceasefire.inference import shipped
from ceasefire.inference.rebuild import SCENARIO, SHIPPED, Wanted, up_to_date
from ceasefire.inference.shipped import (
    LARGEST_FILE,
    choose_posterior,
    file_name,
    named_posterior,
    shipped_posterior,
    shipped_posteriors,
)
from ceasefire.scenario import Scenario, load_scenario
from tests.inference.synthetic import synthetic_posterior


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    return tmp_path


def refused(scenario: Scenario, option: str) -> tuple[str, str, str]:
    with pytest.raises(InputError) as caught:
        choose_posterior(scenario, option)
    return caught.value.what, caught.value.where, caught.value.todo


@pytest.mark.parametrize("wanted", SHIPPED, ids=lambda wanted: wanted.path.stem)
def test_every_shipped_posterior_is_of_this_model_and_small(wanted: Wanted) -> None:
    """Where this fails, the model, the scenario or the figures have changed: `make posterior`."""
    if wanted.unfinished.is_file() and not wanted.path.is_file():
        pytest.skip("it has not passed yet")
    assert up_to_date(wanted, load_scenario(SCENARIO), load())
    assert wanted.path.stat().st_size < LARGEST_FILE


def test_no_posterior_ships_that_nothing_makes() -> None:
    assert set(shipped.folder().glob("*.nc")) <= {wanted.path for wanted in SHIPPED}


def test_without_a_shipped_one_the_priors_stand_and_it_is_said(invented: Scenario, place: Path) -> None:
    chosen = choose_posterior(invented)
    assert (chosen.posterior, chosen.start, chosen.learnt) == (None, None, None)
    assert chosen.says == (
        f"Priors: no posterior is shipped for invented-war on {invented.start}; nothing was learnt from the"
        " evidence."
    )
    assert shipped_posteriors() == ()


def test_priors_can_be_asked_for_beside_a_shipped_one(invented: Scenario, place: Path) -> None:
    synthetic_posterior(invented).save(place / file_name("invented-war", invented.start, "now"))
    chosen = choose_posterior(invented, "prior")
    assert chosen.start is None
    assert chosen.says == "Priors, as asked for: nothing was learnt from the evidence."


def test_the_shipped_ones_are_told_apart_by_when_figures_were_known(invented: Scenario, place: Path) -> None:
    for known, size in (("then", 32), ("now", 64)):
        path = place / file_name("invented-war", invented.start, known)  # type: ignore[arg-type]
        synthetic_posterior(invented, size, hindsight=int(known == "now")).save(path)
    for option, known, size in (("default", "now", 64), ("now", "now", 64), ("then", "then", 32)):
        chosen = choose_posterior(invented, option)
        assert chosen.posterior is not None
        assert chosen.start is not None
        assert (chosen.posterior.known, chosen.start.size) == (known, size)
        assert chosen.start.name == chosen.posterior.name
        assert chosen.says == (
            f"Posterior {chosen.posterior.name}: figures to {invented.start} as known {known}; {size} draws,"
            " R-hat at most 1.004, at least 812 effective draws."
        )
    assert choose_posterior(invented, known="then").posterior.size == 32  # type: ignore[union-attr]
    assert len(shipped_posteriors()) == 2
    assert named_posterior(shipped_posteriors()[0]).size == 64
    assert shipped_posterior(invented, until=invented.start + dt.timedelta(days=7)) is None


@pytest.mark.parametrize(("days", "words"), [(7, " as known now, by weekly steps;"), (1, " as known now;")])
def test_a_fit_by_weeks_says_so(invented: Scenario, days: int, words: str) -> None:
    found = synthetic_posterior(invented, settings=json.dumps({"step_days": days}), hindsight=1)
    assert found.step_days == days
    assert words in shipped.describe(found)


def test_a_shipped_one_that_is_asked_for_and_missing_is_refused(invented: Scenario, place: Path) -> None:
    assert refused(invented, "then") == (
        f"no posterior as known then is shipped for 'invented-war' on {invented.start}.",
        "--posterior",
        f"run `ceasefire calibrate invented-war --until {invented.start}` and name its file, or use"
        " `--posterior prior`.",
    )


def test_a_stale_one_is_never_used_silently(invented: Scenario, place: Path) -> None:
    path = place / file_name("invented-war", invented.start, "now")
    synthetic_posterior(invented, 8, model_fingerprint="0" * 16).save(path)
    wanted = (
        f"this posterior is stale: it belongs to the model 0000000000000000, the model is now"
        f" {model_fingerprint(frozenset())}."
    )
    for option in ("default", "now", str(path)):
        what, where, todo = refused(invented, option)
        assert (what, where) == (wanted, str(path))
        assert todo.startswith(f"run `ceasefire calibrate invented-war --until {invented.start}`")


def test_a_failed_one_is_never_used_silently(invented: Scenario, place: Path) -> None:
    path = place / file_name("invented-war", invented.start, "now")
    synthetic_posterior(invented, 8, passed=0, why="R-hat of 'surge' is 1.020, above 1.01").save(path)
    for option in ("default", str(path)):
        assert refused(invented, option) == (
            "this posterior failed its diagnostics: R-hat of 'surge' is 1.020, above 1.01",
            str(path),
            "calibrate with more sets; where the command has it, `--posterior prior` does without.",
        )


def test_one_of_a_changed_scenario_is_refused(invented: Scenario, place: Path) -> None:
    path = synthetic_posterior(invented, 8, scenario_sha256="0" * 64).save(place / "mine.nc")
    what, where, _ = refused(invented, str(path))
    assert (
        what
        == "the scenario 'invented-war' has changed since this posterior was made, in more than its policies."
    )
    assert where == str(path)


def test_one_of_another_scenario_is_refused(invented: Scenario, place: Path) -> None:
    path = synthetic_posterior(invented, 8, scenario="other-war").save(place / "mine.nc")
    assert refused(invented, str(path)) == (
        "this posterior is of the scenario 'other-war', not of 'invented-war'.",
        str(path),
        "name one of this scenario, or use `--posterior prior`.",
    )


def test_one_of_another_day_is_refused(invented: Scenario, place: Path) -> None:
    path = synthetic_posterior(invented, 8, until="2020-01-07").save(place / "mine.nc")
    what, where, _ = refused(invented, str(path))
    assert what == f"this posterior is of 2020-01-07; 'invented-war' starts on {invented.start}."
    assert where == str(path)


def test_files_that_are_no_posteriors_are_refused(invented: Scenario, place: Path) -> None:
    text = place / "text.nc"
    text.write_text("not netCDF", encoding="utf-8")
    what, where, todo = refused(invented, str(text))
    assert what.startswith("this is not a posterior file: ")
    assert (where, todo) == (str(text), "name a file that `ceasefire calibrate` wrote.")
    import xarray as xr

    other = place / "other.nc"
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(other, engine="h5netcdf")
    assert refused(invented, str(other)) == (
        "this netCDF file is not a posterior of this program.",
        str(other),
        "name a file that `ceasefire calibrate` wrote.",
    )
    absent = place / "absent.nc"
    assert refused(invented, str(absent)) == (
        "there is no such posterior file.",
        str(absent),
        "run `ceasefire calibrate` first.",
    )


def test_a_misspelt_option_is_helped(invented: Scenario, place: Path) -> None:
    assert refused(invented, "priors") == (
        "'priors' is neither a file nor one of default, prior, then, now.",
        "--posterior",
        "did you mean 'prior'?",
    )
    with pytest.raises(InputError) as caught:
        named_posterior("nothing")
    assert caught.value.what == "'nothing' is neither a file nor a shipped posterior."
