"""Mechanisms of one's own in wars: 1 changes nothing, each factor moves its flow, and the house holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from ceasefire.engine import check_fused, ensemble, load, model_fingerprint, run, stream
from ceasefire.files import InputError
from ceasefire.scenario import Scenario, World, load_scenario, mirror
from ceasefire.scenario.compiled import Added
from ceasefire.war import Parameter, Prior
from ceasefire.war.extension import Extension, Factors, extension
from tests.engine.starts import start_from_priors

FIELDS = Factors._fields
DRAWS = 64


def number(name: str, per_side: bool) -> Parameter:
    return Parameter(name, "for a test", "1", Prior(1, 1, 1), (-10.0, 1e6), "assumed", per_side=per_side)


@extension(
    "for-a-test",
    "multiplies each flow by a number",
    [number(f"of_{name}", name != "tempo") for name in FIELDS],
)
def multiplied(state: Any, p: Any, levers: Any, today: Any) -> Factors:
    """One parameter for each factor: one program for all of these tests."""
    return Factors(**{name: p[f"of_{name}"] for name in FIELDS})


def numbers(**given: float | tuple[float, float]) -> tuple[Prior, ...]:
    priors: list[Prior] = []
    for name in FIELDS:
        value = given.get(name, 1.0)
        sides = value if isinstance(value, tuple) else (value, value)
        priors += [Prior(one, one, one) for one in (sides if name != "tempo" else sides[:1])]
    return tuple(priors)


def added(one: Extension, priors: tuple[Prior, ...], share: float = 1.0) -> Added:
    parameters = {parameter.name: parameter for parameter in one.parameters}
    bounds = tuple(parameters[name].bounds for name, _ in one.labels())
    return Added(one, share, priors, bounds, ("assumed",) * len(bounds))


@pytest.fixture(scope="module")
def invented() -> Scenario:
    return load_scenario("invented-war")


def world_of(war: Scenario, *extensions: Added) -> World:
    plain = war.world()
    weights = plain.structure_weights | {"civilian_harm": (0.0, 1.0)}
    return dataclasses.replace(plain, structure_weights=weights, extensions=extensions)


def ran(war: Scenario, *extensions: Added, **options: Any) -> xr.Dataset:
    given = {"draws": DRAWS, "seed": 5, **options}
    return run(world_of(war, *extensions), war.plan("fight-on"), **given)


@pytest.fixture(scope="module")
def plain(invented: Scenario) -> xr.Dataset:
    return ran(invented)


def with_numbers(war: Scenario, share: float = 1.0, **given: float | tuple[float, float]) -> xr.Dataset:
    return ran(war, added(multiplied, numbers(**given), share))


def same_wars(first: xr.Dataset, second: xr.Dataset) -> bool:
    names = [name for name in first.data_vars if not str(name).startswith("extension")]
    return all(np.array_equal(first[name].values, second[name].values, equal_nan=True) for name in names)


@pytest.mark.thorough
def test_factors_of_one_change_nothing_to_the_last_bit(invented: Scenario, plain: xr.Dataset) -> None:
    found = with_numbers(invented)
    assert same_wars(plain, found)
    assert not same_wars(plain, with_numbers(invented, tempo=0.999))


MOVED = {
    "tempo": ("killed", 0),
    "losses_caused": ("killed", 1),
    "fire": ("shells_fired", 0),
    "ground_taken": ("ground_taken", 0),
    "recruitment": ("called_up", 0),
    "production": ("armour", 0),
    "aid": ("armour", 1),
    "civilian_deaths": ("civilians_killed", 0),
}


@pytest.mark.parametrize("name", FIELDS)
def test_each_factor_moves_its_flow_strictly(invented: Scenario, plain: xr.Dataset, name: str) -> None:
    outcome, side = MOVED[name]
    halved: Any = 0.5 if name == "tempo" else (1.0, 0.5) if name == "aid" else (0.5, 1.0)
    doubled: Any = 2.0 if name == "tempo" else (1.0, 2.0) if name == "aid" else (2.0, 1.0)
    week = 2
    less, more = (
        with_numbers(invented, **{name: value})[outcome].values[week, side] for value in (halved, doubled)
    )
    usual = plain[outcome].values[week, side]
    assert (less < usual).all()
    assert (usual < more).all()


def test_in_the_first_week_losses_are_in_proportion_to_the_tempo(
    invented: Scenario, plain: xr.Dataset
) -> None:
    half = with_numbers(invented, tempo=0.5)["losses"].values[1]
    assert half / plain["losses"].values[1] == pytest.approx(0.5, rel=0.03)


def test_no_factor_makes_or_loses_anybody(invented: Scenario) -> None:
    for value in (0.0, 1_000.0, -3.0):
        found = with_numbers(invented, **dict.fromkeys(FIELDS, value))
        assert (found["status"].values == ensemble.GOOD).all()
        if value <= 0:
            # What is below 0 counts as 0.
            for name in ("losses", "shells_fired", "ground_taken", "called_up", "civilians_killed"):
                assert not found[name].values.any()


def test_several_extensions_multiply(invented: Scenario) -> None:
    other = dataclasses.replace(
        multiplied,
        name="another",
        parameters=tuple(dataclasses.replace(one, name=f"{one.name}_too") for one in multiplied.parameters),
        effect=lambda state, p, levers, today: Factors(tempo=p["of_tempo_too"]),
    )
    both = ran(
        invented,
        added(multiplied, numbers(tempo=0.5)),
        added(other, numbers(tempo=0.25)),
    )
    once = with_numbers(invented, tempo=0.125)
    assert same_wars(both, once)
    assert both["extensions"].dims == ("extension", "war")
    assert list(both["extension"].values) == ["for-a-test", "another"]


def test_a_share_of_the_wars_has_it_and_the_others_are_as_without(
    invented: Scenario, plain: xr.Dataset
) -> None:
    found = with_numbers(invented, share=0.4, tempo=0.5)
    there = found["extensions"].values[0] == 1
    assert 0.2 < there.mean() < 0.6
    assert np.array_equal(found["killed"].values[..., ~there], plain["killed"].values[..., ~there])
    assert (found["killed"].values[1][:, there] < plain["killed"].values[1][:, there]).all()


def test_its_draws_belong_to_their_names(invented: Scenario) -> None:
    spread = list(numbers())
    spread[0] = Prior(0.3, 0.6, 0.9)
    one = ran(invented, added(multiplied, tuple(spread)))
    row = one["extension_parameters"].values[0]
    assert np.unique(row).size == DRAWS
    assert np.array_equal(one["parameters"].values, ran(invented)["parameters"].values)
    chunks = ran(invented, added(multiplied, tuple(spread)), chunk=17)
    assert same_wars(one, chunks)
    assert np.array_equal(chunks["extension_parameters"].values[0], row)
    fewer = ran(invented, added(multiplied, tuple(spread)), draws=20)
    assert np.array_equal(fewer["extension_parameters"].values[0], row[:20])


def test_sides_listed_the_other_way_round_mirror_by_the_bit(invented: Scenario) -> None:
    turned = mirror(invented)
    priors = [Prior(0.5, 0.8, 1.2) for _ in numbers()]
    here, there = (ran(war, added(multiplied, tuple(priors))) for war in (invented, turned))
    assert not np.array_equal(here["killed"].values, there["killed"].values)
    for name in ("killed", "called_up", "shells", "ground_taken", "civilians_killed"):
        assert np.array_equal(here[name].values, there[name].sel(side=here["side"]).values), name
    assert np.array_equal(
        here["extension_parameters"].values,
        there["extension_parameters"].sel(extension_parameter=here["extension_parameter"]).values,
    )


@pytest.mark.thorough
def test_jax_and_the_fused_loop_agree(invented: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    priors = tuple(Prior(0.5, 0.8, 1.2) for _ in numbers())
    fused = ran(invented, added(multiplied, priors))
    monkeypatch.setattr(jax, "default_backend", lambda: "another")
    by_jax = ran(invented, added(multiplied, priors))
    for name in ("killed", "called_up", "shells_fired", "ground_taken"):
        assert fused[name].values[:4] == pytest.approx(by_jax[name].values[:4], rel=2e-4, abs=1e-2), name


@pytest.mark.thorough
def test_a_result_says_what_it_was_made_with(invented: Scenario, plain: xr.Dataset, tmp_path: Path) -> None:
    found = with_numbers(invented, tempo=0.5)
    assert found.attrs["extensions"] == f"for-a-test {multiplied.sha256}"
    assert found.attrs["model_fingerprint"] == model_fingerprint()
    assert "extensions" not in plain.attrs
    assert "extensions" not in plain
    hashes = {
        result.attrs["input_sha256"]
        for result in (
            plain,
            found,
            with_numbers(invented, tempo=0.4),
            with_numbers(invented, share=0.5, tempo=0.5),
            ran(invented, added(dataclasses.replace(multiplied, sha256="x"), numbers(tempo=0.5)), draws=1),
        )
    }
    assert len(hashes) == 5
    world = world_of(invented, added(multiplied, numbers(tempo=0.5)))
    path = stream(world, invented.plan("fight-on"), tmp_path / "result.nc", draws=DRAWS, seed=5, chunk=40)
    written = load(path)
    assert same_wars(found, written)
    assert np.array_equal(written["extensions"].values, found["extensions"].values)
    assert written.attrs["extensions"] == found.attrs["extensions"]
    assert set(written.attrs) == set(found.attrs)


def test_wars_that_have_been_going_on_may_have_it(invented: Scenario) -> None:
    start = start_from_priors(invented.world(), 16)
    usual, slowed = (
        ran(invented, start=start),
        ran(invented, added(multiplied, numbers(tempo=0.5)), start=start),
    )
    assert (slowed["losses"].values[1] < usual["losses"].values[1]).all()
    assert np.array_equal(slowed["parameters"].values, usual["parameters"].values)
    assert slowed.attrs["posterior"] == usual.attrs["posterior"]


def test_the_calendar_is_that_of_the_scenario() -> None:
    found = ensemble.calendar_of(dt.date(2023, 12, 30), range(14))
    assert np.asarray(found.day).ravel().tolist() == list(range(14))
    assert np.asarray(found.month).ravel()[:3].tolist() == [12, 12, 1]
    share = np.asarray(found.year_share).ravel()
    assert share[:3] == pytest.approx([363 / 365, 364 / 365, 0.0])
    leap = ensemble.calendar_of(dt.date(2024, 12, 31), range(7))
    assert float(leap.year_share[0, 0]) == pytest.approx(365 / 366)


REFUSED: dict[str, Callable[..., Factors]] = {
    "cos": lambda state, p, levers, today: Factors(tempo=1.0 + 0.1 * jnp.cos(today.year_share)),
    "sort": lambda state, p, levers, today: Factors(tempo=jnp.sort(state.log_tempo, axis=0)[0] * 0.0 + 1.0),
    "cumsum": lambda state, p, levers, today: Factors(fire=jnp.cumsum(state.shells, axis=0) * 0.0 + 1.0),
}


@pytest.mark.parametrize("operation", REFUSED)
def test_what_cannot_be_compiled_is_refused_by_file_line_and_operation(operation: str) -> None:
    one = dataclasses.replace(
        extension("refused", "for a test")(REFUSED[operation]), file=__file__, sha256="x"
    )
    with pytest.raises(InputError) as caught:
        check_fused(one, 2)
    assert caught.value.what == (
        "the mechanism 'refused' cannot be compiled into the loop over wars: it uses the operation"
        f" '{operation}'."
    )
    line = next(
        place
        for place, text in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), start=1)
        if text.strip().startswith(f'"{operation}": lambda')
    )
    assert caught.value.where == f"{__file__}, line {line}"
    assert "where" in caught.value.todo


def test_what_mixes_wars_is_refused(invented: Scenario) -> None:
    one = extension("mixing", "for a test")(
        lambda state, p, levers, today: Factors(tempo=1.0 + 0.0 * jnp.sum(state.truce))
    )
    with pytest.raises(InputError, match="a sum over the ensemble"):
        ran(invented, added(one, ()))
