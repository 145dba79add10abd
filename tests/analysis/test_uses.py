"""Which mechanisms a scenario has, which a fit knew, and which carry a comparison."""

import dataclasses

from ceasefire.analysis.compare import NOT_MODELLED, WHERE_OFF, not_modelled
from ceasefire.analysis.uses import Carried, carried_by, changed_by, has, uses
from ceasefire.scenario import Scenario, load_scenario, with_mechanisms
from ceasefire.war import REGISTRY
from ceasefire.war.structure import OPTIONAL

UKRAINE = load_scenario("ukraine-2022")
INVENTED = load_scenario("invented-war")


def weights(scenario: Scenario) -> dict[str, tuple[float, ...]]:
    return scenario.world().structure_weights


def test_every_mechanism_is_told_once_with_a_meaning() -> None:
    found = uses(weights(UKRAINE))
    assert {use.name for use in found} == {*REGISTRY.mechanisms.values(), *OPTIONAL}
    assert len({use.name for use in found}) == len(found)
    assert all(use.meaning and "\n" not in use.meaning for use in found)


def test_the_share_of_wars_is_the_scenarios() -> None:
    share = {use.name: use.share for use in uses(weights(UKRAINE))}
    assert (share["air_defence"], share["artillery"], share["ending"], share["manpower"]) == (1, 0, 0.5, 1)


def test_a_fit_knows_the_core_and_what_it_took_in() -> None:
    known = {use.name: use.fitted for use in uses(weights(UKRAINE), {"battles"})}
    assert known["manpower"]
    assert known["battles"]
    assert not known["air_defence"]
    assert not any(use.fitted for use in uses(weights(UKRAINE), None))


def test_what_policies_change_is_read_off_their_levers() -> None:
    assert changed_by(UKRAINE, "fight-on", "sanctions-lifted") == ("sanctions",)
    assert changed_by(UKRAINE, "fight-on", "general-mobilisation") == (None,)
    assert set(changed_by(UKRAINE, "fight-on", "aid-doubled")) == {None, "artillery", "drones", "air_defence"}
    assert None in changed_by(UKRAINE, "fight-on", "truce")


def test_a_comparison_is_carried_by_levers_and_by_what_counts() -> None:
    alone = carried_by(UKRAINE, "fight-on", "no-interceptors", "civilians_killed")
    assert alone == Carried(("air_defence", "civilian_harm"), True)
    assert carried_by(UKRAINE, "fight-on", "no-interceptors", "killed") == Carried(("air_defence",), True)
    assert carried_by(UKRAINE, "fight-on", "truce", "killed") == Carried(())
    assert carried_by(UKRAINE, "fight-on", "truce", "deaths") == Carried(("civilian_harm",))
    assert carried_by(UKRAINE, "fight-on", "truce", "civilians_killed") == Carried(("civilian_harm",), True)
    assert alone.rests_on({"air_defence"}) == ("civilian_harm",)
    assert Carried(("civilian_harm",)).rests_on(()) == ()


def test_mechanisms_that_are_off_carry_nothing() -> None:
    assert "artillery" not in carried_by(UKRAINE, "fight-on", "aid-doubled", "killed").mechanisms
    assert carried_by(INVENTED, "fight-on", "truce", "civilians_killed").off == ("civilian_harm",)
    assert carried_by(INVENTED, "fight-on", "truce", "deaths").off == ()


def test_mechanisms_are_switched_on_and_nothing_else_changes() -> None:
    having = with_mechanisms(INVENTED, ["artillery"])
    assert has(having, "artillery")
    assert not has(INVENTED, "artillery")
    assert has(INVENTED, "manpower")
    here, there = INVENTED.world(), having.world()
    changed = {
        field.name
        for field in dataclasses.fields(here)
        if field.name != "geography" and getattr(here, field.name) != getattr(there, field.name)
    }
    assert changed == {"structure_weights"}


def test_what_is_not_modelled_follows_the_scenario() -> None:
    assert not_modelled(weights(UKRAINE)) == NOT_MODELLED
    assert not_modelled(weights(INVENTED)) == (*NOT_MODELLED, *WHERE_OFF.values())
    assert not any("by missiles" in text for text in NOT_MODELLED)
