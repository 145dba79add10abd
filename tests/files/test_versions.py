"""Files of another version: a newer format is refused, and another model says so wherever it is shown."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any

import h5netcdf
import numpy as np
import pytest
from rich.console import Console

import ceasefire as cf
from ceasefire.claims import held_out
from ceasefire.cli import app
from ceasefire.engine import load, model_fingerprint, open_result, run, save
from ceasefire.engine.versions import ANOTHER_MODEL, AnotherModelWarning, of_another_model
from ceasefire.files import InputError
from ceasefire.files.formats import ATTRIBUTE, FORMAT, check_format
from ceasefire.inference import published, shipped
from ceasefire.inference.posterior import load_posterior
from ceasefire.report import run_table
from ceasefire.report.modelled import first_line, held_out_sentence
from ceasefire.report.pictures import forecast_series, forecasts_chart
from ceasefire.scenario import load_scenario
from tests.inference.synthetic import synthetic_posterior

OTHER = "0123456789abcdef"
NEWER = f"has format {FORMAT + 1}; version .* reads formats up to {FORMAT}"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    war = load_scenario("invented-war")
    found = run(war.world(), war.plan("fight-on"), draws=8, seed=1)
    return save(found, tmp_path_factory.mktemp("results") / "wars.nc")


def altered(path: Path, folder: Path, **attrs: Any) -> Path:
    """Return a copy of a netCDF file that says something else of itself; None takes it away."""
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    with h5netcdf.File(copy, "a") as stored:
        for name, value in attrs.items():
            if value is None:
                del stored.attrs[name]
            else:
                stored.attrs[name] = value
    return copy


# Formats


def test_files_carry_their_format(result: Path, tmp_path: Path) -> None:
    with open_result(result) as stored:
        assert stored.attrs[ATTRIBUTE] == FORMAT
    posterior = synthetic_posterior(load_scenario("invented-war"), 8)
    assert load_posterior(posterior.save(tmp_path / "fit.nc")).tree.attrs[ATTRIBUTE] == FORMAT


def test_a_file_without_a_format_has_the_first(result: Path, tmp_path: Path) -> None:
    with open_result(altered(result, tmp_path, **{ATTRIBUTE: None})) as stored:
        assert ATTRIBUTE not in stored.attrs
    for name in shipped.shipped_posteriors():
        assert shipped.named_posterior(name).tree.attrs.get(ATTRIBUTE, 1) == 1
    check_format({}, "result", "a file")


def test_a_result_of_a_newer_format_is_refused(result: Path, tmp_path: Path) -> None:
    path = altered(result, tmp_path, **{ATTRIBUTE: FORMAT + 1})
    for read in (load, open_result):
        with pytest.raises(InputError, match=NEWER) as refused:
            read(path)
        assert "install a newer version" in refused.value.todo
        assert refused.value.where == str(path)


def test_a_posterior_of_a_newer_format_is_refused_whatever_else_it_holds(tmp_path: Path) -> None:
    made = synthetic_posterior(load_scenario("invented-war"), 8).save(tmp_path / "fit.nc")
    (tmp_path / "newer").mkdir()
    path = altered(made, tmp_path / "newer", **{ATTRIBUTE: FORMAT + 1, "sides": None})
    with pytest.raises(InputError, match=NEWER):
        load_posterior(path)
    assert app.run(["posterior", "show", str(path)]) == 2


@pytest.mark.parametrize("value", [0, -1, "two", 1.5, True])
def test_a_format_that_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="no whole number from 1"):
        check_format({ATTRIBUTE: value}, "result", "a file")


# Another model


def test_a_result_of_this_model_says_nothing(result: Path) -> None:
    found = load(result)
    assert ANOTHER_MODEL not in found.attrs
    assert "another version" not in shown(run_table(cf.table(found), found.attrs))


def test_a_result_of_another_model_says_so_wherever_it_is_shown(result: Path, tmp_path: Path) -> None:
    path = altered(result, tmp_path, model_fingerprint=OTHER, version="0.0.1")
    with pytest.warns(AnotherModelWarning, match=f"version 0.0.1, model {OTHER}.* now {model_fingerprint()}"):
        found = load(path)
    with pytest.warns(AnotherModelWarning), open_result(path) as stored:
        assert stored.attrs[ANOTHER_MODEL] == found.attrs[ANOTHER_MODEL]
    with pytest.warns(AnotherModelWarning):
        table = cf.table(found)
    assert found.attrs[ANOTHER_MODEL] in shown(run_table(table, found.attrs))


def test_what_a_file_says_of_another_model_itself_does_not_count(result: Path, tmp_path: Path) -> None:
    found = load(altered(result, tmp_path, **{ANOTHER_MODEL: "nonsense"}))
    assert ANOTHER_MODEL not in found.attrs


def test_a_posterior_of_another_model_is_read_with_a_warning_and_starts_no_war(tmp_path: Path) -> None:
    war = load_scenario("invented-war")
    path = synthetic_posterior(war, 8, model_fingerprint=OTHER).save(tmp_path / "fit.nc")
    with pytest.warns(AnotherModelWarning, match=OTHER):
        cf.load_posterior(path)
    with pytest.raises(InputError, match="stale"):
        cf.run(war, posterior=str(path), draws=8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cf.load_posterior(shipped.shipped_posteriors()[0])


def test_a_scenario_written_for_another_version_is_read_as_it_says_or_not_at_all(tmp_path: Path) -> None:
    """What a scenario names and the program does not know is refused: nothing is left out silently."""
    path = tmp_path / "own.yaml"
    assert app.run(["scenario", "new", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nformat: 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="format"):
        load_scenario(path)


# Back-tests


@pytest.fixture
def other_backtest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    name = "backtest-ukraine-2022.json"
    content = json.loads((shipped.folder() / name).read_text(encoding="utf-8"))
    content["about"]["model_fingerprint"] = OTHER
    (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    return tmp_path / name


def test_the_shipped_backtest_is_of_this_model() -> None:
    found = held_out.read_held_out("ukraine-2022")
    assert found is not None
    assert found.another_model == ""
    assert "another version" not in held_out_sentence(found)


def test_a_backtest_of_another_model_says_so_wherever_it_is_shown(other_backtest: Path) -> None:
    with pytest.warns(AnotherModelWarning, match=OTHER):
        found = cf.backtest("ukraine-2022")
    said = found.another_model
    assert OTHER in said
    for shows in (first_line(found), held_out_sentence(found), held_out_sentence(found, "killed")):
        assert said in shows
    chart = forecasts_chart(found, forecast_series(found)[0])
    assert OTHER in json.dumps(chart.to_dict() if hasattr(chart, "to_dict") else chart, default=str)
    rows = list(published.hindcast(shipped.shipped_backtest("ukraine-2022") or {}))
    assert rows
    assert all(said in row.note for row in rows)
    assert found.to_dict()[ANOTHER_MODEL] == said


def test_a_backtest_of_a_newer_format_is_refused(other_backtest: Path) -> None:
    content = json.loads(other_backtest.read_text(encoding="utf-8"))
    content["about"][ATTRIBUTE] = FORMAT + 1
    other_backtest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=NEWER):
        shipped.shipped_backtest("ukraine-2022")


def test_the_mechanisms_of_a_backtests_fits_are_counted(other_backtest: Path) -> None:
    fitted = frozenset({"aims"})
    content = json.loads(other_backtest.read_text(encoding="utf-8"))
    content["about"] |= {"model_fingerprint": model_fingerprint(fitted), "mechanisms": sorted(fitted)}
    other_backtest.write_text(json.dumps(content), encoding="utf-8")
    assert ANOTHER_MODEL not in (shipped.shipped_backtest("ukraine-2022") or {})
    assert of_another_model(content["about"]) != ""


def shown(what: Any) -> str:
    console = Console(width=400, record=True, file=io.StringIO())
    console.print(what)
    return " ".join(console.export_text().split())


def test_numpy_numbers_are_numbers() -> None:
    check_format({ATTRIBUTE: np.int64(1)}, "result", "a file")
