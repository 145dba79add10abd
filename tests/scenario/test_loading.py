"""Scenarios by name and by file, their hash, the template, and what the shipped ones hold."""

import datetime as dt
from importlib import resources
from pathlib import Path

import pytest

from ceasefire.files import InputError
from ceasefire.scenario import (
    describe,
    load_scenario,
    mirror,
    parse_scenario,
    shipped_scenarios,
    template,
)
from ceasefire.war import REGISTRY


def test_shipped_scenarios_load_by_name() -> None:
    assert shipped_scenarios() == {
        "invented-war": "Aldria against Bremor, an invented war",
        "ukraine-2022": "Russia and Ukraine from 20 December 2022",
    }
    for name, title in shipped_scenarios().items():
        scenario = load_scenario(name)
        assert (scenario.name, scenario.title, scenario.path) == (name, title, f"{name}.yaml")


def test_scenario_loads_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(template(), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.name == "my-war"
    assert scenario.path == str(path)
    assert load_scenario(str(path)).sha256 == scenario.sha256


def test_what_to_type_to_get_a_scenario_again(tmp_path: Path) -> None:
    for name in shipped_scenarios():
        assert load_scenario(load_scenario(name).given_as).sha256 == load_scenario(name).sha256
    path = tmp_path / "invented-war.yaml"
    path.write_text(template(), encoding="utf-8")
    assert load_scenario(path).given_as == str(path)
    assert mirror(load_scenario("invented-war")).given_as == "invented-war"


def test_unknown_scenario_gets_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        load_scenario("ukraine-2023")
    assert str(caught.value) == "there is no scenario 'ukraine-2023'.\n  to do: did you mean 'ukraine-2022'?"


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no such file\."):
        load_scenario(tmp_path / "nothing.yaml")


def test_unknown_policy_gets_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        load_scenario("invented-war").plan("truse")
    assert str(caught.value) == (
        "there is no policy 'truse' in the scenario 'invented-war'.\n"
        "  where: invented-war.yaml\n"
        "  to do: did you mean 'truce'?"
    )


def test_template_is_a_scenario_and_every_policy_compiles() -> None:
    scenario = parse_scenario(template(), "template.yaml")
    assert set(scenario.policies) == {"fight-on", "truce", "call-up", "standstill"}
    for policy in scenario.policies:
        assert scenario.plan(policy).levers.shape[0] == scenario.world().days


def test_hash_follows_the_content_and_not_the_layout() -> None:
    text = template()
    plain = parse_scenario(text).sha256
    assert parse_scenario("# a comment\n" + text.replace("500_000", "500000")).sha256 == plain
    assert parse_scenario(text.replace("monitored: true", "monitored: false")).sha256 != plain
    assert parse_scenario(text.replace("best: 900_000", "best: 900_001")).sha256 != plain
    assert parse_scenario(text.replace('source: "assumed: even odds"', 'source: "x"')).sha256 != plain
    assert mirror(parse_scenario(text)).sha256 != plain


def test_text_with_markup_is_kept_as_text() -> None:
    text = template().replace("A war of my own", "<script>alert(1)</script> [red]war[/red]")
    assert parse_scenario(text).title == "<script>alert(1)</script> [red]war[/red]"


def test_description_names_every_row_and_what_the_scenario_changes() -> None:
    rows = describe(load_scenario("invented-war"))
    assert len(rows) == REGISTRY.size
    found = {(row.name, row.side): row for row in rows}
    troops = found["initial_troops", "Bremor"]
    assert (troops.low, troops.best, troops.high, troops.unit) == (80_000, 90_000, 100_000, "persons")
    assert (troops.changed, troops.source) == (True, "invented")
    move = found["move_days", None]
    assert (move.changed, move.source) == (False, REGISTRY["move_days"].source)


class TestUkraine2022:
    scenario = load_scenario("ukraine-2022")

    def test_starts_on_day_300_and_lasts_158_weeks(self) -> None:
        assert self.scenario.start == dt.date(2022, 12, 20)
        assert (self.scenario.start - dt.date(2022, 2, 24)).days + 1 == 300
        assert self.scenario.world().days == 158 * 7

    def test_truce_is_from_21_december_for_182_days_without_monitors_or_changes(self) -> None:
        plan, fight_on = self.scenario.plan("truce"), self.scenario.plan("fight-on")
        assert plan.events.tolist() == [[1, 1], [183, 2]]
        assert (plan.levers == fight_on.levers).all()

    def test_ground_is_that_of_the_area_table(self) -> None:
        # 111,331 km2 held on 20 December 2022; the scenario rounds to hundreds.
        assert self.scenario.world().geography.ground[0].sum() == pytest.approx(111_331, abs=100)

    def test_both_sides_have_the_same_prior_where_nothing_tells_them_apart(self) -> None:
        own = {(row.name, row.side) for row in describe(self.scenario) if row.changed}
        for name, parameter in REGISTRY.items():
            if not parameter.per_side:
                assert (name, None) not in own
                continue
            given = [(name, side) in own for side in self.scenario.sides]
            if not any(given):
                rows = self.scenario.world().priors[REGISTRY.rows[name]]
                assert rows[0] == rows[1]

    def test_nothing_is_left_to_the_registry_that_a_scenario_must_give(self) -> None:
        for row in describe(self.scenario):
            assert "a scenario gives its own" not in row.source, (row.name, row.side)


def test_invented_war_holds_nothing_of_a_real_one() -> None:
    text = (resources.files("ceasefire.scenario") / "shipped" / "invented-war.yaml").read_text()
    for word in ("Russia", "Ukrain", "RU", "UA", "Donbas", "2022"):
        assert word not in text
