"""Casualties by month: they add up, they mirror, and they say what they rest on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ceasefire.evidence import Evidence, load
from ceasefire.files import InputError
from ceasefire.inference.casualties import (
    LEVELS,
    MEASURES,
    Casualties,
    casualties,
    increments,
    posterior_path,
    usable_posterior,
)
from ceasefire.inference.observing import FACTORS
from ceasefire.inference.posterior import Posterior
from ceasefire.scenario import Scenario, load_scenario, mirror
from tests.inference.invented_posterior import UNTIL, invented_posterior

WAR = "ukraine-2022"


@pytest.fixture(scope="module")
def war() -> Scenario:
    return load_scenario(WAR)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load()


@pytest.fixture(scope="module")
def posterior(war: Scenario) -> Posterior:
    return invented_posterior(war)


@pytest.fixture(scope="module")
def found(posterior: Posterior, war: Scenario, evidence: Evidence) -> Casualties:
    return casualties(posterior, war, evidence)


# They add up.


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.floats(0, 1e6)))
def test_what_periods_add_gives_the_running_totals_again_draw_by_draw(totals: np.ndarray) -> None:
    added = increments(totals)
    assert added.shape == totals.shape
    np.testing.assert_allclose(added.cumsum(axis=0), totals, rtol=1e-9, atol=1e-6)


def test_figures_are_quantiles_of_differences_of_the_draws(found: Casualties, posterior: Posterior) -> None:
    for measure in MEASURES:
        for place, side in enumerate(found.sides):
            rows = found.rows(measure, side)
            totals = posterior.draws[measure].transpose("month", "side", "draw").values[:, place]
            before = np.zeros(totals.shape[1])
            for number in range(len(rows)):
                own = np.quantile(totals[number] - before, list(LEVELS.values()))
                assert [rows.loc[number, name] for name in LEVELS] == pytest.approx(own, rel=1e-5)
                summed = np.quantile(totals[number], list(LEVELS.values()))
                assert [rows.loc[number, f"total_{name}"] for name in LEVELS] == pytest.approx(summed)
                before = totals[number]


def test_intervals_are_ordered_and_the_first_period_is_its_own_total(found: Casualties) -> None:
    for names in (list(LEVELS), [f"total_{name}" for name in LEVELS]):
        assert (np.diff(found.table[names].to_numpy(), axis=1) >= 0).all()
    first = found.table.groupby(["measure", "side"]).first()
    for name in LEVELS:
        assert first[name].tolist() == pytest.approx(first[f"total_{name}"].tolist())


def test_periods_follow_each_other_from_the_first_day_of_the_war_to_the_last_of_the_posterior(
    found: Casualties,
) -> None:
    for measure in MEASURES:
        for side in found.sides:
            rows = found.rows(measure, side)
            assert rows["start"].iloc[0] == dt.date(2022, 2, 24)
            assert rows["end"].iloc[-1] == UNTIL
            assert [end + dt.timedelta(days=1) for end in rows["end"][:-1]] == list(rows["start"][1:])
            assert list(rows["part"]) == ["before", "part", *["whole"] * 7, "part"]
            assert rows["days"].sum() == (UNTIL - dt.date(2022, 2, 24)).days + 1


# Both sides by the same rules.


def by_side(content: dict[str, Any]) -> dict[str, Any]:
    """Return plain data with its lists in an order of their own, so that only what they hold counts."""
    return {
        name: sorted(json.dumps(one, sort_keys=True) for one in value) if isinstance(value, list) else value
        for name, value in content.items()
        if name not in {"posterior", "meta_estimate"}
    }


def test_turned_sides_give_turned_output(war: Scenario, found: Casualties, evidence: Evidence) -> None:
    turned_war = mirror(war)
    turned = casualties(invented_posterior(turned_war), turned_war, evidence)
    assert turned.sides == found.sides[::-1]
    assert by_side(turned.content()) == by_side(found.content())
    assert turned.meta_sentence == found.meta_sentence
    for one, other in ((found, found.sides), (turned, turned.sides)):
        assert list(dict.fromkeys(one.table["side"])) == list(other)
        assert list(dict.fromkeys(factor.side for factor in one.factors)) == list(other)
        assert list(one.content()["rests_on"]) == list(other)


def test_sides_stand_in_the_order_of_the_scenario_whatever_that_of_the_posterior(
    war: Scenario, found: Casualties, evidence: Evidence
) -> None:
    other = casualties(invented_posterior(mirror(war)), war, evidence)
    assert {**other.content(), "posterior": ""} == {**found.content(), "posterior": ""}


# What they rest on.


def test_each_period_counts_the_figures_that_lie_in_it(found: Casualties) -> None:
    seen = {side: found.rows("killed", side).set_index("end")["figures"].rename(str) for side in found.sides}
    assert {end: count for end, count in seen["Russia"].items() if count} == {
        "2022-05-31": 2, "2022-11-30": 1, "2022-12-20": 1,
    }  # fmt: skip
    assert {end: count for end, count in seen["Ukraine"].items() if count} == {
        "2022-08-31": 1, "2022-09-30": 1, "2022-11-30": 1,
    }  # fmt: skip


def test_factors_stand_beside_the_prior_of_who_speaks_of_whom(found: Casualties) -> None:
    kinds = {(factor.root, factor.side): factor.kind for factor in found.factors}
    assert kinds == {
        ("ua_general_staff", "Russia"): "on_enemy",
        ("mediazona_bbc_names", "Russia"): "names",
        ("us_government", "Ukraine"): "others",
        ("ru_government", "Ukraine"): "on_enemy",
        ("ua_government", "Ukraine"): "on_itself",
    }
    for factor in found.factors:
        prior = FACTORS[factor.kind][0]
        assert factor.prior == (prior.low, prior.best, prior.high)
        assert factor.label == ("learnt" if factor.contraction > 0.5 else "assumed")
    assert {factor.label for factor in found.factors} == {"learnt", "assumed"}


def test_a_factor_in_words(found: Casualties, posterior: Posterior) -> None:
    (factor,) = [one for one in found.factors if one.root == "ua_general_staff"]
    draws = posterior.draws["reporting"].sel(report=factor.name).values
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
    assert factor.figures == 3
    assert factor.sentence == (
        f"General Staff of the Armed Forces of Ukraine: {middle:.2f} ({low:.2f} to {high:.2f}) for each"
        " soldier killed, wounded or captured, of Russia; assumed before the evidence: 1 (0.5 to 2)."
    )


def test_what_was_learnt_in_words(found: Casualties) -> None:
    assert found.rests("Russia") == (
        "Russia: 4 figures of 2 origins weigh; 3 of 10 periods hold at least one. The model carries the"
        " others by those before and after. Of the spread that the priors alone give by the posterior's day,"
        " the evidence leaves 40 % for the killed (learnt), 50 % for the wounded (learnt), 30 % for the share"
        " of killed among both (learnt), 60 % for the losses before the model's first day (learnt)."
    )
    assert "80 % for the killed (assumed)" in found.rests("Ukraine")
    assert [found.assumed(measure, "Russia") for measure in MEASURES] == [False, False]
    assert [found.assumed(measure, "Ukraine") for measure in MEASURES] == [True, True]


def test_a_side_without_figures_says_so(found: Casualties) -> None:
    blind = Casualties(**{**vars(found), "table": found.table.assign(figures=0, origins=[()] * 40)})
    assert blind.rests("Ukraine").startswith(
        "Ukraine: no figure of its own lies in any period; the model carries all of them."
    )


def test_the_meta_estimate_stands_beside_on_the_same_days(found: Casualties, evidence: Evidence) -> None:
    rows = evidence.observations
    rows = rows[(rows["root"] == "economist_meta") & (rows["quantity"] == "personnel_losses")]
    ends = set(found.rows("killed", "Russia")["end"])
    wanted = {
        (row["concept"], row["end"].date()): row["best"]
        for row in rows.to_dict("records")
        if row["end"].date() in ends
    }
    told = {(row["measure"], row["end"]): row["best"] for row in found.meta.to_dict("records")}
    assert told == wanted
    assert len(told) > 10
    assert set(found.meta["side"]) == {"Russia"}
    assert found.meta_sentence == (
        "The Economist's meta-estimate is no independent check: it shares three origins with this fit"
        " (Mediazona and BBC News Russian, General Staff of the Armed Forces of Ukraine, US government)."
        " Its intervals hold 95 %; it uses what was known on 2026-08-22. There is none for Ukraine."
    )


def test_without_a_meta_estimate_nothing_is_said_of_it(
    posterior: Posterior, war: Scenario, evidence: Evidence
) -> None:
    rows = evidence.observations
    without = evidence.replace_observations(rows[rows["root"] != "economist_meta"].head(50))
    found = casualties(posterior, war, without)
    assert found.meta.empty
    assert found.meta_sentence == ""
    assert found.content()["meta_estimate"]["totals"] == []


def test_the_content_is_plain_and_says_where_it_comes_from(found: Casualties, posterior: Posterior) -> None:
    content = json.loads(json.dumps(found.content(), allow_nan=False))
    assert content["posterior"] == posterior.name
    assert (content["seed"], content["version"], content["draws"]) == (11, "9.9.9", 120)
    assert content["set_aside_by_the_fit"] == ["a week was set aside."]
    assert len(content["months"]) == len(content["totals"]) == 40
    last = content["totals"][9]
    assert (last["measure"], last["side"], last["until"]) == ("killed", "Russia", "2022-12-20")
    assert last["interval90"][0] < last["interval50"][0] < last["median"] < last["interval50"][1]
    assert content["factors"][0]["prior"] == {"low90": 0.5, "median": 1.0, "high90": 2.0}


# Up to a day.


def test_up_to_a_day_leaves_out_what_ends_later_and_changes_nothing_else(
    posterior: Posterior, war: Scenario, evidence: Evidence, found: Casualties
) -> None:
    cut = casualties(posterior, war, evidence, until=dt.date(2022, 8, 31))
    assert cut.until == dt.date(2022, 8, 31)
    whole = found.table[found.table["end"] <= dt.date(2022, 8, 31)].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut.table, whole)
    assert cut.meta["end"].max() == dt.date(2022, 8, 31)
    assert cut.notes == found.notes


def test_a_day_within_a_month_ends_with_the_month_before(
    posterior: Posterior, war: Scenario, evidence: Evidence
) -> None:
    cut = casualties(posterior, war, evidence, until=dt.date(2022, 9, 12))
    assert cut.until == dt.date(2022, 8, 31)
    assert cut.notes[-1] == (
        "The posterior has totals at the ends of months: these end on 2022-08-31, before 2022-09-12."
    )


@pytest.mark.parametrize("until", [dt.date(2022, 4, 11), dt.date(2022, 12, 21)])
def test_a_day_outside_is_refused(
    posterior: Posterior, war: Scenario, evidence: Evidence, until: dt.date
) -> None:
    with pytest.raises(InputError) as refused:
        casualties(posterior, war, evidence, until=until)
    assert str(refused.value).split("\n") == [
        f"the posterior runs from 2022-04-12 to 2022-12-20: it cannot say anything for {until}.",
        "  where: --until",
        "  to do: choose a day between them, or another posterior.",
    ]


def test_a_posterior_of_other_sides_is_refused(posterior: Posterior, evidence: Evidence) -> None:
    with pytest.raises(InputError) as refused:
        casualties(posterior, load_scenario("invented-war"), evidence)
    assert refused.value.what == (
        "this posterior has the sides Russia and Ukraine, not those of the scenario 'invented-war'."
    )


# Which posterior.


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("ceasefire.inference.shipped.folder", lambda: tmp_path)
    for name in (
        "ukraine-2022-2022-12-20-known-then", "ukraine-2022-2022-12-20-known-now",
        "ukraine-2022-2025-12-30-known-now", "ukraine-2022-later-2030-01-01-known-now",
        "ukraine-2022-2031-01-01-known-never",
    ):  # fmt: skip
        (tmp_path / f"{name}.nc").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "until", "name"),
    [
        ("default", None, "2025-12-30-known-now"),
        ("now", None, "2025-12-30-known-now"),
        ("then", None, "2022-12-20-known-then"),
        ("default", dt.date(2022, 12, 20), "2022-12-20-known-now"),
        ("then", dt.date(2022, 12, 20), "2022-12-20-known-then"),
        ("default", dt.date(2022, 11, 30), "2025-12-30-known-now"),
    ],
)
def test_the_latest_shipped_posterior_or_that_of_the_very_day(
    shelf: Path, war: Scenario, wanted: str, until: dt.date | None, name: str
) -> None:
    assert posterior_path(war, wanted, until) == shelf / f"ukraine-2022-{name}.nc"


def refusal(scenario: Scenario, wanted: str = "default") -> list[str]:
    with pytest.raises(InputError) as refused:
        posterior_path(scenario, wanted)
    return str(refused.value).split("\n")


def test_none_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, war: Scenario) -> None:
    monkeypatch.setattr("ceasefire.inference.shipped.folder", lambda: tmp_path / "nothing")
    todo = "  to do: run `ceasefire calibrate ukraine-2022 --until DATE` and name its file with --posterior."
    assert refusal(war) == [
        "no posterior is shipped for 'ukraine-2022'.",
        "  where: --posterior",
        todo,
    ]
    assert refusal(war, "then")[0] == "no posterior as known then is shipped for 'ukraine-2022'."


@pytest.mark.parametrize(
    ("wanted", "todo"),
    [
        ("defualt", "did you mean 'default'?"),
        ("prior", "use default, then or now, or name a file that `ceasefire calibrate` wrote."),
        ("mine.nc", "use default, then or now, or name a file that `ceasefire calibrate` wrote."),
    ],
)
def test_no_such_posterior(war: Scenario, wanted: str, todo: str) -> None:
    assert refusal(war, wanted) == [
        f"there is no posterior '{wanted}'.",
        "  where: --posterior",
        f"  to do: {todo}",
    ]


def test_a_scenario_without_a_history_has_no_casualties_by_month(war: Scenario) -> None:
    bare = Scenario(war.content.model_copy(update={"history": None}), war.document)
    assert refusal(bare) == [
        "the scenario 'ukraine-2022' has no history.",
        "  where: ukraine-2022.yaml",
        "  to do: add a block 'history:'; the template shows one.",
    ]


@pytest.mark.parametrize(
    ("attrs", "what"),
    [
        (
            {"scenario": "another-war"},
            "this posterior is of the scenario 'another-war', not of 'ukraine-2022'.",
        ),
        (
            {"passed": 0, "why": "R-hat of 'x' is 1.500, above 1.01"},
            "this posterior failed its diagnostics: R-hat of 'x' is 1.500, above 1.01.",
        ),
        (
            {"scenario_sha256": "0"},
            "the scenario 'ukraine-2022' has changed since this posterior was made, in more than its"
            " policies.",
        ),
    ],
)
def test_what_may_not_be_used_is_refused(
    war: Scenario, tmp_path: Path, attrs: dict[str, Any], what: str
) -> None:
    path = invented_posterior(war, **attrs).save(tmp_path / "fit.nc")
    with pytest.raises(InputError) as refused:
        usable_posterior(path, war)
    assert (refused.value.what, refused.value.where) == (what, str(path))


def test_a_stale_posterior_is_refused(war: Scenario, tmp_path: Path) -> None:
    path = invented_posterior(war, model_fingerprint="0123456789abcdef").save(tmp_path / "fit.nc")
    with pytest.raises(InputError, match="this posterior is stale") as refused:
        usable_posterior(path, war)
    assert refused.value.todo == (
        "run `ceasefire calibrate ukraine-2022 --until 2022-12-20` or `make posterior`; where the command has"
        " it, `--posterior prior` does without."
    )


def test_a_saved_posterior_says_the_same(
    posterior: Posterior, war: Scenario, evidence: Evidence, found: Casualties, tmp_path: Path
) -> None:
    path = posterior.save(tmp_path / "fit.nc")
    assert casualties(usable_posterior(path, war), war, evidence).content() == found.content()
