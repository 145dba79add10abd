"""Maps of an answer: a planted flip, ranges and choices, and wars that share a draw or a setting."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from ceasefire.analysis.discovery import Column, two_way
from ceasefire.analysis.mapped import Map, foremost, map_of
from ceasefire.analysis.questions import Question, fill
from ceasefire.analysis.varied import Varied
from ceasefire.files import InputError
from ceasefire.scenario import load_scenario

WARS, SETTINGS = 6_000, 600


@pytest.fixture(scope="module")
def found() -> Varied:
    """Wars made up: the answer turns where aid is at 60 %, at 30 % with monitors; length does nothing."""
    war = load_scenario("invented-war")
    rng = np.random.default_rng(2)
    setting = np.arange(WARS) // (WARS // SETTINGS)
    terms = np.array([
        np.round(rng.uniform(28.0, 364.0, SETTINGS)),
        rng.integers(0, 2, SETTINGS).astype(float),
        rng.uniform(0.0, 200.0, SETTINGS),
    ])[:, setting]  # fmt: skip
    parameter = rng.lognormal(size=WARS)
    rival = rng.integers(0, 2, WARS).astype(float)
    towards = (60.0 - 30.0 * terms[1] - terms[2]) / 15.0
    columns = (
        Column("days", "days"),
        Column("monitored", "", ("absent", "by third parties")),
        Column("aid", "%"),
        Column("skill (Aldria)", ""),
        Column("skill (Bremor)", ""),
        Column("law: one", "", ("another", "this")),
        Column("fixed", ""),
    )
    values = np.concatenate([terms, [parameter, parameter[::-1], rival, np.ones(WARS)]])
    return Varied(
        asked=fill(Question(by=war.start + dt.timedelta(days=100)), war),
        columns=columns,
        labels={column.name: f"the {column.name}" for column in columns},
        groups=("term", "term", "term", "assumed", "assumed", "structure", "assumed"),
        values=values,
        difference=towards + rng.logistic(size=WARS),
        draws=np.arange(WARS) % 1_000,
        setting=setting.astype(np.int64),
        failed=0,
        seed=1,
    )


def test_the_terms_that_carry_the_answer_are_chosen(found: Varied) -> None:
    assert foremost(found) == ("monitored", "aid")
    one = dataclasses.replace(found, groups=("term", *["assumed"] * 6))
    assert foremost(one) is None
    two = dataclasses.replace(found, groups=("term", "assumed", "term", *["assumed"] * 4))
    assert foremost(two) == ("aid", "days")


def test_a_planted_flip_shows_in_words(found: Varied) -> None:
    drawn = map_of(found, ("monitored", "aid"))
    assert drawn.ranges[0] == ("absent", "by third parties")
    assert len(drawn.ranges[1]) == 6
    cells = drawn.cells
    assert len(cells) == 12
    monitored = cells["low_a"] == 1.0
    below = cells[(cells["high_b"] <= 50.0) & ~monitored]
    above = cells[cells["low_b"] >= 95.0]
    assert len(below) == 1
    assert len(above) >= 6
    assert set(below["word"]) == {"yes"}
    assert set(above["word"]) == {"no"}
    share = cells.set_index(["row", "column"])["share"]
    assert share[1, 1] < 0.2
    assert share[0, 1] > 0.6


def test_cells_hold_the_wars_of_their_ranges(found: Varied) -> None:
    drawn = map_of(found, ("days", "aid"))
    days, aid = found.values[0], found.values[2]
    cases = (np.sign(found.difference) + 1.0) / 2.0
    assert drawn.cells["wars"].sum() == WARS
    for cell in drawn.cells.to_dict("records"):
        inside = (days >= cell["low_a"]) & (aid >= cell["low_b"])
        inside &= (days < cell["high_a"]) | (cell["high_a"] == days.max())
        inside &= (aid < cell["high_b"]) | (cell["high_b"] == aid.max())
        assert cell["wars"] == inside.sum()
        assert cell["share"] == pytest.approx(cases[inside].mean())
        assert cell["low"] <= cell["share"] <= cell["high"]
    # Ends are round numbers, and the outer ones open.
    down = drawn.ranges[0]
    assert down[0].startswith("below ")
    assert down[-1].startswith("from ")
    assert down[0].split()[1] == down[1].split()[0]
    assert len(down[0].split()[1]) <= 3


def test_intervals_are_those_of_the_wider_count(found: Varied) -> None:
    drawn = map_of(found, ("monitored", "law: one"))
    setting = np.arange(WARS) // (WARS // SETTINGS)
    cases = (np.sign(found.difference) + 1.0) / 2.0
    for cell in drawn.cells.to_dict("records"):
        inside = (found.values[1] == cell["low_a"]) & (found.values[5] == cell["low_b"])
        ends = []
        for cluster in (found.draws, setting):
            (whole,) = two_way(
                np.zeros(inside.sum()), np.zeros(inside.sum()), cases[inside], bins=1, draws=cluster[inside]
            ).to_dict("records")
            ends.append((whole["low"], whole["high"]))
        assert cell["low"] == pytest.approx(min(low for low, _ in ends))
        assert cell["high"] == pytest.approx(max(high for _, high in ends))
        assert ends[0] != ends[1]


def test_there_are_as_many_ranges_as_the_wars_allow(found: Varied) -> None:
    """600 settings are enough for 36 cells of terms; 60 settings are not."""
    assert [len(one) for one in map_of(found, ("days", "aid")).ranges] == [6, 6]
    few = dataclasses.replace(found, values=found.values.copy(), setting=np.arange(WARS) // (WARS // 60))
    few.values[:3] = found.values[:3, :: WARS // 60][:, np.arange(WARS) // (WARS // 60)]
    assert [len(one) for one in map_of(few, ("days", "aid")).ranges] == [2, 2]
    # What is no term is known of every draw.
    assert [len(one) for one in map_of(few, ("skill (Aldria)", "law: one")).ranges] == [6, 2]


def test_a_column_that_hardly_varies_keeps_its_rare_values(found: Varied) -> None:
    rare = dataclasses.replace(found, values=found.values.copy())
    rare.values[3] = np.where(np.arange(WARS) % 100 < 2, found.values[3] + 1.0, 0.0)
    rare.values[5] = np.arange(WARS) % (WARS // 10) == 17
    for names in (("skill (Aldria)", "law: one"), ("law: one", "skill (Aldria)")):
        drawn = map_of(rare, names)
        assert drawn.cells["wars"].sum() == WARS
        down, across = (drawn.cells.groupby(place)["wars"].sum().to_list() for place in ("row", "column"))
        # The end of a range is a round number, so that a war may change over.
        assert np.abs(np.subtract(sorted([down, across]), [[5_880, 120], [5_990, 10]])).max() <= 2
        assert "too few" in set(drawn.cells["word"])
    rare.values[5] = np.arange(WARS) == 17
    with pytest.raises(InputError, match="in fewer than 10 wars"):
        map_of(rare, names)


def test_a_map_is_plain_values(found: Varied) -> None:
    told = json.loads(json.dumps(map_of(found, ("days", "monitored")).to_dict(), allow_nan=False))
    assert told["columns"] == ["days", "monitored"]
    assert told["units"] == ["days", ""]
    assert told["level"] == 0.9
    assert set(told["cells"][0]) == {
        "row", "column", "low_a", "high_a", "low_b", "high_b", "wars", "share", "low", "high", "word",
    }  # fmt: skip
    assert {cell["column"] for cell in told["cells"]} == {"absent", "by third parties"}
    assert {(cell["low_b"], cell["high_b"]) for cell in told["cells"]} == {(0.0, 0.0), (1.0, 1.0)}


@pytest.mark.parametrize(("names", "what", "to_do"), [
    (("day", "aid"), "do not differ in 'day'", "did you mean 'days'?"),
    (("skill", "aid"), "do not differ in 'skill'", "skill (Aldria) or skill (Bremor)"),
    (("zzz", "aid"), "do not differ in 'zzz'", "use one of: aid, days, monitored"),
    (("fixed", "aid"), "'fixed' is the same in all wars", "name something"),
    (("aid",), "two columns, not 1", "days and aid"),
    (("aid", "aid"), "two columns, not 1", "days and aid"),
    (("aid", "days", "monitored"), "two columns, not 3", "days and aid"),
])  # fmt: skip
def test_a_map_that_cannot_be_drawn_is_refused(
    found: Varied, names: tuple[str, ...], what: str, to_do: str
) -> None:
    with pytest.raises(InputError) as caught:
        map_of(found, names)
    assert what in str(caught.value)
    assert to_do in str(caught.value)


def test_too_few_settings_and_an_answer_that_never_turns_are_refused(found: Varied) -> None:
    few = dataclasses.replace(found, values=found.values.copy(), setting=np.arange(WARS) // (WARS // 10))
    few.values[:3] = found.values[:3, :10][:, np.arange(WARS) // (WARS // 10)]
    few.values[:3] += (np.arange(WARS) // (WARS // 10)).astype(float)
    with pytest.raises(InputError, match="6,000 wars have 10 settings of the truce") as caught:
        map_of(few, ("days", "aid"))
    assert "give 12,000 wars at least" in str(caught.value)
    always = dataclasses.replace(found, difference=np.ones(WARS))
    with pytest.raises(InputError, match="every war is a case"):
        map_of(always, ("days", "aid"))
    assert foremost(always) is not None


def test_maps_are_told_apart_by_their_cells(found: Varied) -> None:
    one, other = map_of(found, ("days", "aid")), map_of(found, ("aid", "days"))
    assert isinstance(one, Map)
    turned = other.cells.rename(columns={"row": "column", "column": "row"}).sort_values(["row", "column"])
    assert np.array_equal(turned["share"], one.cells["share"])
    assert np.array_equal(turned["word"], one.cells["word"])
