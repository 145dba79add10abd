"""The air war: missiles and long-range drones at the enemy's cities, met in layers by guns and interceptors.

A side launches by its plan while its stocks allow, unevenly from week to week. Drones meet guns and jamming
first, which cost no interceptors; the drones that pass and all missiles are met by interceptors, as long as
there are any. What gets through is a leaker: it takes part of the power grid, on which production depends.

Equation, for each side (or its defence against the other side's launches), per day:

    E = min(-ln(Phi(-z)), 13.8);  V = max(1 + s (E - 1), 0) / (r exp(1 / r - 1)),  r = max(s, 1)
    wanted = l k v V;  launched = wanted M / (M + t wanted);  dM = o I + arriving - launched
    q(x) = x exp(c y) / (1 - x + x exp(c y))
    passed = (1 - q(g)) drones;  met = K / (K + t n (missiles + passed))
    destroyed missiles = q(a) met missiles;  destroyed drones = drones - passed + q(b) met passed
    fired = n met (missiles + passed);  dK = o_K I + arriving - fired
    leaked = launched - destroyed
    dG = (1 - G) / h - G (1 - exp(-e u (leaked missiles + d leaked drones)))
    factor of production = (1 - w (1 - G)) / (1 - w (1 - G_0))

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| M | stock of missiles, or of long-range drones | missiles, drones | >= 0 |
| K | interceptors | interceptors | >= 0 |
| G, G_0 | grid: power capacity that works; initial_grid | share | 0 to 1 |
| l | missile_plan or long_range_drone_plan | missiles/day, drones/day | >= 0 |
| k | strikes (lever) | share | >= 0 |
| v | activity: 1, or the level of violations in a truce | share | 0 to 1 |
| z | this week's shock of the attacker's launches, one for each weapon, standard normal | 1 | any |
| s, V | salvo_spread; the week's launches as a multiple of the mean | 1 | >= 0 |
| t | air_ration_days | days | >= 7 |
| o, o_K | missile_output, long_range_drone_output; interceptor_output | missiles/day and so on | >= 0 |
| I | industry, with all that multiplies it | 1 | >= 0 |
| y, c | this week's shock of the defence, standard normal; interception_spread | 1 | any, >= 0 |
| g | gun_share | share | 0 to 1 |
| a, b | missile_interception, drone_interception: of those that interceptors meet | share | 0 to 1 |
| q | the chance of the week: the log odds moved by c y | share | 0 to 1 |
| n | interceptors_per_target | 1 | >= 0 |
| e | grid_target_share of the enemy | share | 0 to 1 |
| u | grid_hit | share | 0 to 1 |
| d | drone_damage | 1 | >= 0 |
| h | grid_repair_days | days | >= 7 |
| w | grid_worth | share | 0 to 0.95 |

V has mean 1 whatever s is: s is its standard deviation up to 1; above, part of the weeks are quiet.
An interceptor is one missile of the air defence, of any kind. Output is measured at the start, with the grid
as it was then, so that the factor of production is 1 at the start.
Source: independent targets against a finite magazine, with a chance that itself varies, as a beta-binomial
fit to 28 months of missiles has it; rationing as in `munitions`; the rest is the project's own.
Known to fail: a salvo on one day saturates a defence that the same number spread over a week does not;
launchers and radars are never lost; ballistic and cruise missiles are one kind; cities are not told apart;
interceptors are not fired at aircraft; strikes at depots and at the front are left out.
Worked number: 100 missiles and no drones against 1,000 interceptors, t = 10, n = 2, a = 0.75, y = 0:
met = 1,000 / 3,000, so that 25 are destroyed, 75 leak and 66.7 interceptors are fired.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from ceasefire.war.flows import TINY, enemy
from ceasefire.war.registry import Parameter, Prior

PARAMETERS = (
    Parameter(
        "initial_missiles",
        "long-range missiles in stock at the start",
        "missiles",
        Prior(50, 300, 2_000),
        (0.0, 1e5),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_long_range_drones",
        "long-range one-way drones in stock at the start",
        "drones",
        Prior(20, 150, 1_500),
        (0.0, 1e6),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_interceptors",
        "missiles of the air defence in stock at the start",
        "interceptors",
        Prior(300, 1_500, 8_000),
        (0.0, 1e6),
        "assumed: a scenario gives its own",
        initial=True,
    ),
    Parameter(
        "initial_grid",
        "share of the power grid's capacity that works at the start",
        "share",
        Prior(0.8, 0.97, 0.995, "logit"),
        (0.01, 1.0),
        "assumed: a scenario gives its own; 0.5 to 0.6 in Ukraine in December 2022 (civilians table)",
        initial=True,
    ),
    Parameter(
        "missile_output",
        "long-range missiles built at the start",
        "missiles/day",
        Prior(0.1, 0.7, 3.0),
        (0.0, 1e3),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "long_range_drone_output",
        "long-range drones built at the start",
        "drones/day",
        Prior(0.3, 2.0, 10.0),
        (0.0, 1e4),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "interceptor_output",
        "missiles of the air defence built at the start",
        "interceptors/day",
        Prior(0.1, 0.8, 4.0),
        (0.0, 1e3),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "missile_plan",
        "long-range missiles launched while stocks allow, mean over the weeks",
        "missiles/day",
        Prior(0.5, 2.5, 9.0),
        (0.0, 1e3),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "long_range_drone_plan",
        "long-range drones launched while stocks allow, mean over the weeks",
        "drones/day",
        Prior(0.5, 4.0, 25.0),
        (0.0, 1e4),
        "assumed: a scenario gives its own",
    ),
    Parameter(
        "air_ration_days",
        "days of the wanted use at which a stock of missiles, drones or interceptors begins to be rationed",
        "days",
        Prior(8, 14, 30),
        (7.0, 1_000),
        "assumed: two weeks, shorter than for shells, since what is built is launched: drones launched grew"
        " as fast as output in 2023 (air and production tables)",
        per_side=False,
    ),
    Parameter(
        "salvo_spread",
        "unevenness of a week's launches: 0 none, 1 as in an exponential distribution, above also quiet"
        " weeks",
        "1",
        Prior(0.8, 1.2, 1.6),
        (0.0, 5.0),
        "64 weeks to 26 December 2023 (air table): the standard deviation of a week's missiles is 1.06 of"
        " the mean and 11 weeks had none; of a week's drones 0.89, and 9 had none; 1.2 gives 1.16 and 15 %"
        " of weeks without",
        per_side=False,
    ),
    Parameter(
        "gun_share",
        "share of drones that guns, jamming and aircraft stop without interceptors in a middling week",
        "share",
        Prior(0.3, 0.6, 0.85, "logit"),
        (0.0, 1.0),
        "assumed: together with the interceptors about 0.86, the share of drones reported destroyed in 64"
        " weeks to 26 December 2023 (2,937 of 3,415, air table: claims of the defender); which arm did it"
        " is not reported",
    ),
    Parameter(
        "missile_interception",
        "share of missiles met by interceptors that are destroyed in a middling week",
        "share",
        Prior(0.4, 0.78, 0.92, "logit"),
        (0.0, 1.0),
        "of missiles launched 0.68 were reported destroyed in 64 weeks to 26 December 2023 (1,337 of 1,974,"
        " air table: claims of the defender), 0.841 of cruise missiles, 0.244 and less of ballistic ones"
        " (air force statements, September 2022 to January 2025); raised for those that no interceptor met,"
        " by an assumed share",
    ),
    Parameter(
        "drone_interception",
        "share of drones met by interceptors that are destroyed in a middling week",
        "share",
        Prior(0.5, 0.78, 0.93, "logit"),
        (0.0, 1.0),
        "assumed as for missiles: only the share of all layers together is reported (air table)",
    ),
    Parameter(
        "interception_spread",
        "standard deviation of the week's log odds of a stop, in all layers together",
        "1",
        Prior(0.55, 0.8, 1.1),
        (0.0, 5.0),
        "gives the standard deviation of 0.169 and the correlation of 0.119 that a beta-binomial fit finds"
        " in the share of missiles destroyed in 28 months (air force statements to January 2025); the 46"
        " weeks to 26 December 2023 with five or more missiles give 1.05, 55 such weeks of drones 1.0,"
        " binomial chance aside",
        per_side=False,
    ),
    Parameter(
        "interceptors_per_target",
        "missiles of the air defence fired at each target that they meet",
        "1",
        Prior(1.0, 1.5, 2.5),
        (0.0, 10.0),
        "as a rule two S-300 or Buk at each missile (air force of Ukraine through the Financial Times, early"
        " December 2022), fewer at what aircraft and short-range arms meet; 333 missiles a month of all"
        " kinds (leaked document of 28 February 2023, WSJ through VTC News) for 31 missiles a week and two"
        " fifths of 53 drones (air table) make 1.5",
        per_side=False,
    ),
    Parameter(
        "grid_target_share",
        "share of missiles and drones that are aimed at the power grid",
        "share",
        Prior(0.2, 0.6, 0.9, "logit"),
        (0.0, 1.0),
        "assumed: most of the launches of 10 October to 20 December 2022 were at power stations and lines"
        " (events table), fewer in the summer of 2023",
    ),
    Parameter(
        "grid_hit",
        "share of what works of the side's grid that one missile aimed at it and not stopped takes out",
        "share",
        Prior(0.0015, 0.005, 0.015),
        (0.0, 1.0),
        "assumed around two campaigns: 200 missiles got through from 5 October to 20 December 2022 (air"
        " table) and took out up to a half (civilians table), repair going on; 210 from 20 March to 28 May"
        " 2024 took out about 40 %; with 60 % of them aimed at the grid 0.004 to 0.007",
    ),
    Parameter(
        "drone_damage",
        "damage that a drone does as a multiple of a missile's",
        "1",
        Prior(0.03, 0.1, 0.3),
        (0.0, 5.0),
        "assumed: a warhead of some 50 kg against some 450 (from memory)",
        per_side=False,
    ),
    Parameter(
        "grid_repair_days",
        "time in which 63 % of the grid's damage is repaired",
        "days",
        Prior(40, 110, 300),
        (7.0, 5_000),
        "4 of the 8 GW damaged from September to November 2025 were back by 29 December (civilians table):"
        " half in about 75 days; the range is assumed",
    ),
    Parameter(
        "grid_worth",
        "share of war production that stops when no grid works",
        "share",
        Prior(0.1, 0.35, 0.75, "logit"),
        (0.0, 0.95),
        "assumed around one forecast: output of the year 2022 down 39 % with blackouts against 35 % without"
        " (first deputy prime minister of Ukraine and IMF, autumn of 2022, Kyiv Post): a quarter of the"
        " last three months with some 40 % of the grid damaged makes 0.6 for the whole economy; war works"
        " are supplied first",
        per_side=False,
    ),
)


def salvo(shock: jax.Array, salvo_spread: jax.Array) -> jax.Array:
    """Return V `[2, N]`, the launches of this week as a multiple of their mean; 1 where the spread is 0."""
    exponential = -jnp.log(jnp.maximum(jax.scipy.stats.norm.cdf(-shock), TINY))
    above = jnp.maximum(salvo_spread, 1.0)
    mean = above * jnp.exp(1.0 / above - 1.0)
    return jnp.maximum(1.0 + salvo_spread * (exponential - 1.0), 0.0) / mean


def launched(
    stock: jax.Array,
    plan: jax.Array,
    strikes: jax.Array,
    activity: jax.Array,
    salvo: jax.Array,
    air_ration_days: jax.Array,
) -> jax.Array:
    """Return what each side launches today `[2, N]`, never more than 1 / air_ration_days of the stock.

    `stock` and `plan` are those of missiles or of long-range drones; `salvo` is V.
    """
    wanted = plan * strikes * activity * salvo
    return wanted * stock / (stock + air_ration_days * wanted + TINY)


class Defence(NamedTuple):
    """What became of the enemy's launches, by the side that they were aimed at, `[2, N]` each, per day."""

    missiles_destroyed: jax.Array
    drones_destroyed: jax.Array
    missiles_leaked: jax.Array
    drones_leaked: jax.Array
    interceptors_fired: jax.Array


def _this_week(share: jax.Array, odds_ratio: jax.Array) -> jax.Array:
    """Return q `[2, N]`, a share whose odds are multiplied."""
    odds = share * odds_ratio
    return odds / (1.0 - share + odds)


def defend(
    missiles: jax.Array,
    drones: jax.Array,
    interceptors: jax.Array,
    shock: jax.Array,
    gun_share: jax.Array,
    missile_interception: jax.Array,
    drone_interception: jax.Array,
    interception_spread: jax.Array,
    interceptors_per_target: jax.Array,
    air_ration_days: jax.Array,
) -> Defence:
    """Return what each side destroys of today's launches and what gets through to it.

    `missiles` and `drones` `[2, N]` are by the side that launched them; `shock` `[2, N]`, this week's
    standard normal number, and all parameters by the side that defends itself.
    """
    incoming, drones_incoming = enemy(missiles), enemy(drones)
    odds_ratio = jnp.exp(interception_spread * shock)
    stopped_by_guns = _this_week(gun_share, odds_ratio) * drones_incoming
    passed = jnp.maximum(drones_incoming - stopped_by_guns, 0.0)
    wanted = interceptors_per_target * (incoming + passed)
    met = interceptors / (interceptors + air_ration_days * wanted + TINY)
    missiles_destroyed = _this_week(missile_interception, odds_ratio) * met * incoming
    stopped_by_interceptors = _this_week(drone_interception, odds_ratio) * met * passed
    return Defence(
        missiles_destroyed=missiles_destroyed,
        drones_destroyed=stopped_by_guns + stopped_by_interceptors,
        missiles_leaked=jnp.maximum(incoming - missiles_destroyed, 0.0),
        drones_leaked=jnp.maximum(passed - stopped_by_interceptors, 0.0),
        interceptors_fired=wanted * met,
    )


def next_stock(stock: jax.Array, made: jax.Array, arriving: jax.Array, used: jax.Array) -> jax.Array:
    """Return tomorrow's stock `[2, N]` of missiles, long-range drones or interceptors."""
    return jnp.maximum(stock + made + arriving - used, 0.0)


def next_grid(
    grid: jax.Array,
    missiles_leaked: jax.Array,
    drones_leaked: jax.Array,
    grid_target_share: jax.Array,
    grid_hit: jax.Array,
    drone_damage: jax.Array,
    grid_repair_days: jax.Array,
) -> jax.Array:
    """Return tomorrow's grid `[2, N]`, 0 to 1. `grid_target_share` is by the side that launches."""
    hits = enemy(grid_target_share) * grid_hit * (missiles_leaked + drone_damage * drones_leaked)
    return jnp.clip(grid + (1.0 - grid) / grid_repair_days + grid * jnp.expm1(-hits), 0.0, 1.0)


def grid_factor(grid: jax.Array, initial_grid: jax.Array, grid_worth: jax.Array) -> jax.Array:
    """Return what multiplies each side's production `[2, N]`: 1 while the grid is as it was at the start."""
    return (1.0 - grid_worth * (1.0 - grid)) / (1.0 - grid_worth * (1.0 - initial_grid))
