"""What was reported, week by week, as a filter reads it."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np

# What of the war is reported: two rows for each, side 0 first.
QUANTITIES = ("killed", "killed_and_wounded", "losses", "armour_lost", "force")
GROUND = 2 * len(QUANTITIES)
# A figure with this in place of a spread renews what its series remembers and weighs nothing.
FORGET = 1e6


class Data(NamedTuple):
    """All figures by week of the war, padded to the longest calibration: `W` weeks.

    A figure says: log(value) is near log(factor x quantity); the quantity is a running total, a state, or
    what was added since the series' last figure.
    """

    levers: jax.Array
    """`[W, S, L]`, S steps in a week."""
    offensives: jax.Array
    """1 or 0 where known, -1 where the leader decides, `[W, S, 2]`."""
    guide_value: jax.Array
    """Log of the losses of each side reported since the series' last figure, `[W, 2]`."""
    guide_given: jax.Array
    """1 where there is one, `[W, 2]`."""
    guide_set: jax.Array
    """1 where the series goes on from a figure that does not inform, `[W, 2]`."""
    guide_factor: jax.Array
    """Row of the reporting factor, `[2]`."""
    guide_spread: jax.Array
    """Row of the spread, `[2]`."""
    guide_scale: jax.Array
    """What multiplies the spread, `[W, 2]`."""
    ground_value: jax.Array
    """Net ground taken by side 0 since the last figure, `[W]`, km2."""
    ground_given: jax.Array
    """1 where it informs, `[W]`."""
    ground_set: jax.Array
    """1 where the line is set to the figure without weighing it (a reassessment), -1 where the first figure
    stands and changes count from there, `[W]`."""
    ground_error: jax.Array
    """Standard deviation of an assessed change, scalar, km2."""
    quantity: jax.Array
    """Row of what is reported, int `[W, J]`."""
    series: jax.Array
    """Which series remembers its last figure, int `[W, J]`."""
    factor: jax.Array
    """Row of the reporting factor, int `[W, J]`."""
    spread: jax.Array
    """Row of the spread, int `[W, J]`; -1: `fixed`."""
    fixed: jax.Array
    """Standard deviation of the log, or what multiplies the spread, `[W, J]`."""
    value: jax.Array
    """Log of the figure, `[W, J]`."""
    bound: jax.Array
    """0 a value, 1 at least, -1 at most, `[W, J]`."""
    since_last: jax.Array
    """1 where the figure counts since the series' last one, `[W, J]`."""
    given: jax.Array
    """1 where there is a figure, `[W, J]`."""
    before: jax.Array
    """Rows of the losses before the first day, int `[2]`."""
    decided: jax.Array
    """1 where the week's known decisions were those of a leader and weigh, `[W]`."""


def unreported(data: Data) -> Data:
    """Return the same levers and decisions with nothing reported: what is walked are the priors."""
    zeros = {
        name: np.zeros_like(getattr(data, name))
        for name in ("guide_given", "guide_set", "ground_given", "ground_set", "given", "decided")
    }
    return data._replace(**zeros)


class Figures(NamedTuple):
    """Figures that weigh the paths where they stand, `J` at once: of `Data`, or to come (`anticipating`).

    Rows of tables are numbers as in `Data`, by week `[W, J]`; a filter has them as choices among all.
    """

    quantity: jax.Array
    """In a filter 1 in the row of what each reports, `[J, 2 K]`."""
    series: jax.Array
    """The same, `[J, S]`."""
    factor: jax.Array
    """`[J, O]`."""
    spread: jax.Array
    """`[J, O]`, nothing where the spread is `fixed` alone."""
    fixed: jax.Array
    value: jax.Array
    bound: jax.Array
    since_last: jax.Array
    given: jax.Array
    unsure: jax.Array
    """Standard deviation of the log beside the spread: of a figure to come."""
