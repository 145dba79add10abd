"""The registry: every parameter can be checked by a reader, every prior is applied as typed."""

from __future__ import annotations

import dataclasses
import importlib
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ceasefire.war import LEVERS, REGISTRY, STRUCTURES, Parameter, Prior, Registry, State
from ceasefire.war.catalogue import view
from ceasefire.war.levers import COLUMNS, WIDTH, defaults
from ceasefire.war.levers import view as levers_view
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL, ROWS, has, in_use, pinned
from tests.war.helpers import structure_of

CORE = (
    "attrition",
    "deployment",
    "drift",
    "equipment",
    "fronts",
    "industry",
    "manpower",
    "munitions",
    "offensive",
    "skill",
    "tempo",
    "truce",
)
MECHANISMS = (*CORE, *OPTIONAL)
WITHOUT_PARAMETERS = ("aid",)
"""Mechanisms that read parameters of others only."""
UNITS = {
    "1",
    "1 per 1,000 km2",
    "1/day",
    "days",
    "drones",
    "drones/day",
    "guns",
    "guns/day",
    "guns/round",
    "interceptors",
    "interceptors/day",
    "km2",
    "km2/day",
    "missiles",
    "missiles/day",
    "persons",
    "persons/day",
    "persons/drone",
    "persons/missile",
    "persons/person",
    "persons/round",
    "rounds",
    "rounds/day",
    "rounds/drone",
    "rounds/gun/day",
    "share",
    "vehicles",
    "vehicles/day",
    "vehicles/person",
}
UNITS_OF_LEVERS = {
    "days",
    "drones/day",
    "guns/day",
    "interceptors/day",
    "persons/day",
    "rounds/day",
    "share",
    "switch",
    "vehicles/day",
}

CONSTANT_PRIORS = {"sanctions_at_start": 0.0}
"""Parameters that are known where a scenario does not say otherwise."""

every_parameter = pytest.mark.parametrize("name", list(REGISTRY))


def test_the_registry_holds_the_parameters_of_every_mechanism() -> None:
    assert set(REGISTRY.mechanisms.values()) == set(MECHANISMS)
    declared = [
        parameter.name
        for mechanism in MECHANISMS
        for parameter in importlib.import_module(f"ceasefire.war.{mechanism}").PARAMETERS
    ]
    assert sorted(declared) == sorted(REGISTRY)
    for mechanism in WITHOUT_PARAMETERS:
        assert importlib.import_module(f"ceasefire.war.{mechanism}").PARAMETERS == ()


def test_every_unit_is_in_use() -> None:
    assert {parameter.unit for parameter in REGISTRY.values()} == UNITS
    assert {lever.unit for lever in LEVERS} == UNITS_OF_LEVERS


def test_parameters_of_the_core_come_before_those_of_optional_mechanisms() -> None:
    """A fingerprint knows the rows of the core by their place."""
    order = list(dict.fromkeys(REGISTRY.mechanisms.values()))
    assert set(order[: len(CORE)]) == set(CORE)
    assert set(order[len(CORE) :]) == set(OPTIONAL)
    assert next(iter(REGISTRY)) == "initial_pool"
    levers = [lever.mechanism for lever in LEVERS]
    assert levers == sorted(levers, key=lambda mechanism: mechanism is not None)
    assert {mechanism for mechanism in levers if mechanism} <= set(OPTIONAL)


def test_rows_and_columns_of_the_core_stay_where_they_were() -> None:
    rows = {name: REGISTRY.rows[name] for name in REGISTRY if REGISTRY.mechanisms[name] in CORE}
    assert max(part.stop for part in rows.values()) == 117
    columns = {lever.name: COLUMNS[lever.name] for lever in LEVERS if lever.mechanism is None}
    assert max(part.stop for part in columns.values()) == 21


@every_parameter
def test_a_parameter_says_what_it_is(name: str) -> None:
    parameter = REGISTRY[name]
    assert parameter.name == name
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
    assert parameter.unit in UNITS
    assert len(parameter.meaning.split()) >= 3
    assert parameter.source.strip() == parameter.source != ""
    assert parameter.initial == name.startswith("initial_")
    low, high = parameter.bounds
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low <= parameter.prior.low <= parameter.prior.best <= parameter.prior.high <= high
    if parameter.unit == "share":
        assert low >= 0
        assert high <= 1


@every_parameter
def test_a_prior_is_applied_as_typed(name: str) -> None:
    """The 5, 50 and 95 % points of the draws are the low, best and high that the registry states."""
    parameter = REGISTRY[name]
    prior = parameter.prior
    z = stats.norm.ppf([0.05, 0.5, 0.95])
    np.testing.assert_allclose(
        prior.draw(z, parameter.bounds), [prior.low, prior.best, prior.high], rtol=1e-9
    )
    drawn = prior.draw(np.random.default_rng(7).standard_normal(40_000), parameter.bounds)
    low, high = parameter.bounds
    assert drawn.min() >= low
    assert drawn.max() <= high
    assert prior.constant == (name in CONSTANT_PRIORS)
    if prior.constant:
        assert (drawn == prior.best).all()
        return
    for share, point in ((0.05, prior.low), (0.5, prior.best), (0.95, prior.high)):
        assert abs(np.mean(drawn <= point) - share) < 0.006  # five standard errors


@given(z=st.lists(st.floats(-6, 6), min_size=2, max_size=20))
def test_a_draw_rises_with_its_normal_number(z: list[float]) -> None:
    ordered = np.sort(np.asarray(z))
    for prior, bounds in (
        (Prior(1.0, 3.0, 20.0), (0.0, 100.0)),
        (Prior(0.1, 0.4, 0.5, "logit"), (0.0, 1.0)),
        (Prior(-2.0, 0.0, 0.5, "plain"), (-5.0, 5.0)),
    ):
        assert (np.diff(prior.draw(ordered, bounds)) >= 0).all()


@pytest.mark.parametrize("scale", ["log", "logit", "plain"])
def test_a_prior_of_equal_points_is_a_constant(scale: str) -> None:
    for value in (0.0, 0.5):  # 0 has no logarithm: a constant needs none
        prior = Prior(value, value, value, scale)
        assert prior.constant
        np.testing.assert_array_equal(prior.draw(np.asarray([-3.0, 0.0, 3.0]), (0.0, 1.0)), value)


def test_a_constant_prior_is_drawn_as_it_is_and_a_scenario_may_widen_it() -> None:
    for name, value in CONSTANT_PRIORS.items():
        parameter = REGISTRY[name]
        assert parameter.prior == Prior(value, value, value, parameter.prior.scale)
        drawn = parameter.prior.draw(np.asarray([-4.0, 0.0, 4.0]), parameter.bounds)
        np.testing.assert_array_equal(drawn, value)
        wider = Prior(0.4, 0.6, 0.8, parameter.prior.scale).draw(
            np.asarray([-1.0, 0.0, 1.0]), parameter.bounds
        )
        assert wider[1] == pytest.approx(0.6)
        assert 0.4 < wider[0] < wider[1] < wider[2] < 0.8


def test_a_draw_is_held_inside_the_bounds() -> None:
    prior = Prior(1.0, 2.0, 4.0)
    np.testing.assert_array_equal(prior.draw(np.asarray([-50.0, 50.0]), (0.5, 6.0)), [0.5, 6.0])


# What is refused, with the message that the author of a mechanism reads


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ((1.0, math.nan, 2.0, "log"), "a prior needs finite numbers, not (1.0, nan, 2.0)"),
        ((1.0, 2.0, math.inf, "plain"), "a prior needs finite numbers, not (1.0, 2.0, inf)"),
        ((2.0, 1.0, 3.0, "log"), "a prior needs low <= best <= high, not (2.0, 1.0, 3.0)"),
        ((1.0, 3.0, 2.0, "plain"), "a prior needs low <= best <= high, not (1.0, 3.0, 2.0)"),
        ((0.0, 1.0, 2.0, "log"), "a prior on the log scale needs points above 0, not (0.0, 1.0, 2.0)"),
        ((-1.0, 1.0, 2.0, "log"), "a prior on the log scale needs points above 0, not (-1.0, 1.0, 2.0)"),
        (
            (0.0, 0.5, 0.9, "logit"),
            "a prior on the logit scale needs points between 0 and 1, not (0.0, 0.5, 0.9)",
        ),
        (
            (0.1, 0.5, 1.0, "logit"),
            "a prior on the logit scale needs points between 0 and 1, not (0.1, 0.5, 1.0)",
        ),
    ],
)
def test_a_prior_that_makes_no_sense_is_refused(
    points: tuple[float, float, float, str], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Prior(*points)


GOOD = Parameter(
    name="example",
    meaning="an example of a parameter",
    unit="persons/day",
    prior=Prior(1.0, 2.0, 3.0),
    bounds=(0.0, 10.0),
    source="assumed",
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": ""}, "the parameter 'example' has no unit: every parameter needs one"),
        ({"source": "  "}, "the parameter 'example' has no source: every parameter needs one"),
        ({"meaning": ""}, "the parameter 'example' has no meaning: every parameter needs one"),
        ({"name": ""}, "the parameter '' has no name: every parameter needs one"),
        ({"bounds": (1.5, 10.0)}, "the prior of 'example' reaches outside its bounds (1.5, 10.0)"),
        ({"bounds": (0.0, 2.5)}, "the prior of 'example' reaches outside its bounds (0.0, 2.5)"),
        ({"bounds": (10.0, 0.0)}, "the prior of 'example' reaches outside its bounds (10.0, 0.0)"),
    ],
)
def test_a_parameter_that_nobody_could_check_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        dataclasses.replace(GOOD, **change)


def test_a_parameter_registered_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the parameter 'example' is registered twice$"):
        Registry({"one": [GOOD], "two": [GOOD]})


# Rows and columns


def test_rows_follow_each_other_without_gaps() -> None:
    rows = [row for name in REGISTRY for row in range(REGISTRY.rows[name].start, REGISTRY.rows[name].stop)]
    assert rows == list(range(REGISTRY.size))
    assert [name for name, _ in REGISTRY.labels()] == [
        name for name in REGISTRY for _ in range(2 if REGISTRY[name].per_side else 1)
    ]


def test_a_view_gives_each_parameter_its_own_rows() -> None:
    matrix = np.arange(REGISTRY.size, dtype=np.float32)[:, None] + np.zeros(3, np.float32)
    named = view(matrix)
    for name, values in named.items():
        assert values.shape == ((2, 3) if REGISTRY[name].per_side else (3,))
        np.testing.assert_array_equal(values[..., 0].ravel(), np.arange(REGISTRY.size)[REGISTRY.rows[name]])


def test_levers_have_units_bounds_and_defaults_inside_them() -> None:
    assert len({lever.name for lever in LEVERS}) == len(LEVERS)
    for lever in LEVERS:
        assert lever.unit
        assert len(lever.meaning.split()) >= 3
        assert lever.bounds[0] <= lever.default <= lever.bounds[1]


def test_a_view_gives_each_lever_its_own_columns() -> None:
    named = levers_view(np.arange(WIDTH, dtype=np.float32))
    for lever in LEVERS:
        columns = COLUMNS[lever.name]
        assert named[lever.name].shape == ((2, 1) if lever.per_side else (1,))
        np.testing.assert_array_equal(named[lever.name].ravel(), np.arange(columns.start, columns.stop))
    plan = defaults(5)
    assert plan.shape == (5, WIDTH)
    assert plan.dtype == np.float32
    for lever in LEVERS:
        assert (plan[:, COLUMNS[lever.name]] == np.float32(lever.default)).all()


def test_structural_alternatives_have_weights_and_a_source() -> None:
    assert len({rival.name for rival in STRUCTURES}) == len(STRUCTURES)
    assert [ROWS[rival.name] for rival in STRUCTURES] == list(range(len(STRUCTURES)))
    for rival in STRUCTURES:
        assert rival.source
        assert len(rival.choices) == len(rival.weights) == len(set(rival.choices)) >= 2
        assert math.isclose(sum(rival.weights), 1.0)
        # One whose second choice a scenario asks for has the first where none does.
        asked_for = rival.is_switch or rival.name == "recruitment_rule"
        assert rival.weights == (1.0, 0.0) if asked_for else min(rival.weights) > 0
        assert [rival.code(choice) for choice in rival.choices] == list(range(len(rival.choices)))


def test_every_optional_mechanism_has_an_alternative_of_its_own() -> None:
    assert set(OPTIONAL) == {rival.mechanism for rival in STRUCTURES if rival.mechanism}
    assert [rival.name for rival in STRUCTURES if rival.mechanism is None] == ["attrition_law", "fire_law"]
    for mechanism, rival in OPTIONAL.items():
        assert rival.mechanism == mechanism
        assert rival.is_switch == (rival.choices == ("off", "on"))
        assert rival.name == mechanism if rival.is_switch else rival.name.endswith("_rule")
    assert set(MECHANISM_OF.values()) <= set(OPTIONAL)
    assert set(MECHANISM_OF) <= set(State._fields)
    # One without stocks of its own: what it decides are the core's.
    for mechanism in set(OPTIONAL) - set(MECHANISM_OF.values()):
        assert not OPTIONAL[mechanism].is_switch or mechanism == "recruiting", mechanism


@pytest.mark.parametrize("mechanism", OPTIONAL)
def test_a_structure_says_which_wars_have_a_mechanism(mechanism: str) -> None:
    rival = OPTIONAL[mechanism]
    there = structure_of(3, **{rival.name: rival.choices[1]})
    there[ROWS[rival.name], 1] = 0
    np.testing.assert_array_equal(np.asarray(has(there, mechanism)), [True, False, True])
    for other in set(OPTIONAL) - {mechanism}:
        assert not np.asarray(has(there, other)).any()
    pinned_off = np.asarray(pinned(there, (mechanism,)))
    np.testing.assert_array_equal(pinned_off, structure_of(3))
    np.testing.assert_array_equal(np.asarray(pinned(there, set(OPTIONAL) - {mechanism})), there)


def test_weights_say_which_mechanisms_a_run_needs() -> None:
    assert in_use({}) == {"decision"}
    assert in_use({"decision_rule": (1.0, 0.0), "drones": (0.5, 0.5)}) == {"drones"}
    assert in_use({"decision_rule": (1.0, 0.0), "recruitment_rule": (0.0, 1.0)}) == {"recruiting"}
    assert in_use({"decision_rule": (1.0, 0.0), "aims": (1.0, 0.0)}) == frozenset()


# The docstring of a mechanism, in its fixed order


PARTS = {
    "one sentence": r"\A[A-Z][^.]*: [^.]*\.$",
    "equation": r"^Equation[^\n]*:$",
    "table": r"^\| symbol \| argument \| unit \| range \|$",
    "source": r"^Source: ",
    "known to fail": r"^Known to fail: ",
    "worked number": r"^Worked number: ",
}


def order_faults(docstring: str) -> list[str]:
    """What is missing from a mechanism's docstring, or stands before what it should follow."""
    found, last = [], -1
    for part, pattern in PARTS.items():
        match = re.search(pattern, docstring, flags=re.MULTILINE)
        if match is None:
            found.append(f"no {part}")
        elif match.start() < last:
            found.append(f"{part} too early")
        else:
            last = match.start()
    return found


@pytest.mark.parametrize("mechanism", [*MECHANISMS, *WITHOUT_PARAMETERS])
def test_the_docstring_of_a_mechanism_has_its_parts_in_order(mechanism: str) -> None:
    docstring = importlib.import_module(f"ceasefire.war.{mechanism}").__doc__
    assert docstring is not None
    assert order_faults(docstring) == []
    # Every row of the table has its four entries, none of them empty.
    rows = re.findall(r"^\|(.*)\|$", docstring, flags=re.MULTILINE)
    start = next(i for i, row in enumerate(rows) if row.strip() == "symbol | argument | unit | range")
    for row in rows[start + 2 :]:
        cells = [cell.strip() for cell in row.split("|")]
        assert len(cells) == 4, row
        assert all(cells), row


@pytest.mark.parametrize("name", [name for name in REGISTRY if not REGISTRY[name].initial])
def test_a_parameter_is_named_beside_an_equation(name: str) -> None:
    """Most in the mechanism that declares them, a few where several mechanisms use them."""
    docstrings = [
        importlib.import_module(f"ceasefire.war.{mechanism}").__doc__ or "" for mechanism in MECHANISMS
    ]
    assert any(re.search(rf"\b{name}\b", docstring) for docstring in docstrings)


def test_a_docstring_out_of_order_is_found() -> None:
    docstring = importlib.import_module("ceasefire.war.industry").__doc__
    assert docstring is not None
    assert order_faults(docstring.replace("Source: ", "From ")) == ["no source"]
    lines = docstring.split("\n")
    worked = next(line for line in lines if line.startswith("Worked number"))
    lines.remove(worked)
    lines.insert(2, worked)
    assert order_faults("\n".join(lines)) == ["worked number too early"]
