"""The material of the reference day: industry, vehicles, shells, guns, drones, aid; the skies."""

from __future__ import annotations

from typing import NamedTuple

from tests.reference import (
    aid_reference,
    air_defence_reference,
    artillery_reference,
    civilian_harm_reference,
    sanctions_reference,
    third_party_arms_reference,
)
from tests.reference.fighting_reference import Fighting
from tests.reference.leaders_reference import Leaders
from tests.reference.morning_reference import MOST_DENSE, REFERENCE_DENSITY, Morning, drone_day, force
from tests.reference.plain_reference import Flows, Side, both, bounded, delay, enemy, of_sides, ratio


class Supply(NamedTuple):
    """What multiplies production and aid of a side today"""

    share: float  # of production that a truce leaves
    effort: float  # I p: industry with all that multiplies it, and that share
    components: float  # on missiles, drones and modern armour besides
    aid: float  # share of aid that a truce leaves
    shells: float  # from third parties
    missiles: float
    long_range_drones: float


def supply_of(now: Morning, led: Leaders, i: int) -> Supply:
    side = now.war["sides"][i]
    share, aid = (
        now.lever(name, i) if led.in_force > 0 else 1.0 for name in ("truce_production", "truce_aid")
    )
    sent = [0.0, 0.0, 0.0]
    if now.has("third_party_arms"):
        kinds = ("third_party_shells", "third_party_missiles", "third_party_long_range_drones")
        sizes = [now.p(name, i) for name in kinds]
        sent = third_party_arms_reference.sent(side["third_party_level"], aid, sizes)
    effort = side["industry"] * now.production.factor[i] * share
    return Supply(share, effort, now.production.components[i], aid, *sent)


def industry(new: Side, now: Morning, i: int) -> None:
    """dI = (1 + (c - 1) e - I) / r"""
    target = 1.0 + (now.p("industry_ceiling", i) - 1.0) * now.lever("economy", i)
    new["industry"] += (target - new["industry"]) / now.p("ramp_days", i)
    if now.has("sanctions"):
        new["sanctions_evaded"] = sanctions_reference.next_evaded(
            new["sanctions_evaded"],
            now.lever("sanctions", i),
            now.p("sanctions_leak", i),
            now.p("evasion_days", i),
        )


def third_parties(new: Side, now: Morning, i: int) -> None:
    if not now.has("third_party_arms"):
        return
    new["third_party_open"] = third_party_arms_reference.opened(
        new["third_party_open"],
        now.shocks["third_party"][i],
        now.calendar.new_week,
        now.p("third_party_onset_days", i),
        now.calendar.step,
    )
    new["third_party_level"] = third_party_arms_reference.level_of(
        new["third_party_level"],
        new["third_party_open"],
        now.lever("third_party", i),
        now.p("third_party_ramp_days", i),
    )


def vehicles(new: Side, flows: Flows, now: Morning, supply: Supply, vehicle_factor: float, i: int) -> None:
    side = now.war["sides"][i]
    modern, legacy = side["armour_modern"], side["armour_legacy"]
    built = now.p("armour_output", i) * supply.effort * supply.components
    refurbished = bounded(now.p("refurbishment_capacity", i) * supply.effort, side["armour_storage"])
    density = min(ratio(modern + legacy, force(side) * REFERENCE_DENSITY), MOST_DENSE)
    a_casualty = now.p("armour_per_casualty", i) * vehicle_factor
    lost = bounded(a_casualty * flows["losses"] * density, modern + legacy)
    sent = supply.aid * now.lever("aid_armour", i)
    new["armour_in_transit"], arriving = delay(side["armour_in_transit"], sent, now.p("aid_delay_days", i))
    new["armour_modern"] += built + arriving - lost * ratio(modern, modern + legacy)
    new["armour_legacy"] += refurbished - lost * ratio(legacy, modern + legacy)
    new["armour_storage"] -= refurbished
    new["armour_lost"] += lost
    flows |= {"armour_built": built, "armour_refurbished": refurbished, "armour_lost": lost}
    flows |= {"armour_sent": sent, "armour_arriving": arriving}


def shells(new: Side, flows: Flows, now: Morning, supply: Supply, fire: float, i: int) -> None:
    """dM = o I p + arriving - fired"""
    made = now.p("shell_output", i) * supply.effort
    sent = supply.aid * now.lever("aid_shells", i) + supply.shells
    new["shells_in_transit"], arriving = delay(new["shells_in_transit"], sent, now.p("aid_delay_days", i))
    new["shells"] += made + arriving - fire
    new["shells_fired"] += fire
    flows |= {"shells_made": made, "shells_fired": fire, "shells_sent": sent, "shells_arriving": arriving}


def arriving(new: Side, flows: Flows, now: Morning, supply: Supply, kind: str, i: int) -> float:
    """Aid of a kind that comes today"""
    sent = now.lever(f"aid_{kind}", i)
    new[f"{kind}_in_transit"], out = aid_reference.move(
        new[f"{kind}_in_transit"], sent, supply.aid, now.p("aid_delay_days", i)
    )
    flows |= {f"{kind}_sent": sent * supply.aid, f"{kind}_arriving": out}
    return out


def guns(new: list[Side], flows: list[Flows], now: Morning, fought: Fighting, supply: list[Supply]) -> None:
    if not now.has("artillery"):
        return
    found = artillery_reference.day(
        list(of_sides(now.war, "artillery")),
        fought.fire.rounds,
        fought.fire.counted,
        [one.effort for one in supply],
        [1.0, 1.0],
        list(both(now.parameters, "artillery_output")),
        list(both(now.parameters, "counter_battery")),
        now.p("gun_wear"),
        [arriving(new[i], flows[i], now, supply[i], "artillery", i) for i in (0, 1)],
    )
    for i in (0, 1):
        new[i]["artillery"] = found["guns"][i]
        flows[i] |= {f"artillery_{name}": found[name][i] for name in ("built", "struck", "worn")}


def drones(
    new: list[Side], flows: list[Flows], now: Morning, led: Leaders, fought: Fighting, supply: list[Supply]
) -> None:
    """Strike drones; their own industry takes the place of the industry's in what is made"""
    if not now.has("drones"):
        return
    found = drone_day(
        now.war,
        fought.fire.rounds,
        led.offensive,
        led.activity,
        list(both(now.levers, "economy")),
        [supply[i].share * now.production.factor[i] * supply[i].components for i in (0, 1)],
        [arriving(new[i], flows[i], now, supply[i], "drones", i) for i in (0, 1)],
        now.parameters,
    )
    for i in (0, 1):
        new[i]["drones"] = found["drones"][i]
        new[i]["drone_industry"] = found["level"][i]
        flows[i] |= {f"drones_{name}": found[name][i] for name in ("made", "used")}


# The skies


class Launched(NamedTuple):
    """Missiles and long-range drones that a side launches today"""

    missiles: float
    drones: float


class Leaked(NamedTuple):
    """What gets through to a side today"""

    missiles: float
    drones: float


def launches(now: Morning, led: Leaders, i: int) -> Launched:
    if not now.has("air_defence"):
        return Launched(0.0, 0.0)
    side = now.war["sides"][i]

    def launch(stock: str, plan: str, shock: str) -> float:
        return air_defence_reference.launched(
            side[stock],
            now.p(plan, i),
            now.lever("strikes", i),
            led.activity,
            air_defence_reference.salvo(now.shocks[shock][i], now.p("salvo_spread", i)),
            now.p("air_ration_days", i),
        )

    return Launched(
        launch("missiles", "missile_plan", "missiles"),
        launch("long_range_drones", "long_range_drone_plan", "drones"),
    )


def skies(new: Side, flows: Flows, now: Morning, supply: Supply, launched: list[Launched], i: int) -> Leaked:
    """What side i launches, what it stops of the enemy's launches, and what that leaves of its grid"""
    if not now.has("air_defence"):
        return Leaked(0.0, 0.0)
    ours, theirs = launched[i], launched[enemy(i)]
    met = air_defence_reference.defend(
        theirs.missiles,
        theirs.drones,
        new["interceptors"],
        now.shocks["interception"][i],
        gun_share=now.p("gun_share", i),
        missile_interception=now.p("missile_interception", i),
        drone_interception=now.p("drone_interception", i),
        interception_spread=now.p("interception_spread", i),
        interceptors_per_target=now.p("interceptors_per_target", i),
        air_ration_days=now.p("air_ration_days", i),
    )
    leaked = Leaked(met["missiles_leaked"], met["drones_leaked"])
    built = supply.effort * supply.components
    flows |= {
        "missiles_made": now.p("missile_output", i) * built,
        "missiles_arriving": supply.missiles,
        "missiles_launched": ours.missiles,
        "missiles_destroyed": met["missiles_destroyed"],
        "long_range_drones_made": now.p("long_range_drone_output", i) * built,
        "long_range_drones_arriving": supply.long_range_drones,
        "long_range_drones_launched": ours.drones,
        "long_range_drones_destroyed": met["drones_destroyed"],
        "interceptors_made": now.p("interceptor_output", i) * built,
        "interceptors_fired": met["interceptors_fired"],
    }
    arriving(new, flows, now, supply, "interceptors", i)
    for kind, used in (
        ("missiles", ours.missiles),
        ("long_range_drones", ours.drones),
        ("interceptors", met["interceptors_fired"]),
    ):
        new[kind] += flows[f"{kind}_made"] + flows[f"{kind}_arriving"] - used
    new["grid"] = air_defence_reference.next_grid(
        new["grid"],
        leaked.missiles,
        leaked.drones,
        now.p("grid_target_share", enemy(i)),
        now.p("grid_hit", i),
        now.p("drone_damage", i),
        now.p("grid_repair_days", i),
    )
    new["missiles_launched"] += ours.missiles
    new["drones_launched"] += ours.drones
    new["missiles_leaked"] += leaked.missiles
    new["drones_leaked"] += leaked.drones
    new["interceptors_fired"] += met["interceptors_fired"]
    return leaked


def civilians(new: Side, flows: Flows, now: Morning, leaked: Leaked, enemy_fire: float, i: int) -> None:
    if not now.has("civilian_harm"):
        return
    side = now.war["sides"][i]
    names = ("deaths_per_missile", "deaths_per_drone", "deaths_per_round")
    by_strikes, by_fire = civilian_harm_reference.deaths(
        leaked.missiles, leaked.drones, enemy_fire, *(now.p(name, i) for name in names)
    )
    names = (
        "civilian_population", "displaced_per_death", "grid_displacement", "displacement_return_days",
    )  # fmt: skip
    grid = side["grid"] if now.has("air_defence") else 1.0
    fled, returned = civilian_harm_reference.displacement(
        side["displaced"], by_fire, grid, *(now.p(name, i) for name in names)
    )
    flows |= {"civilians_killed": by_strikes + by_fire, "displacing": fled, "displaced_returning": returned}
    new["civilians_killed"] += by_strikes + by_fire
    new["displaced"] += fled - returned
