"""What a calibration samples: standard normal numbers for every parameter, and the likelihood of each set."""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from scipy import special

from ceasefire.files import InputError
from ceasefire.inference.filtering import MOST_PATHS, Asked, Common, Paths, filter_wars, look_ahead
from ceasefire.inference.lookahead import Lookahead
from ceasefire.inference.observing import Observed
from ceasefire.scenario import World
from ceasefire.war import REGISTRY, STRUCTURES, Geography, Parameter, Prior
from ceasefire.war.structure import OPTIONAL, in_use
from ceasefire.war.timestep import parameter_factors

Float32 = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]
UInt32 = npt.NDArray[np.uint32]
SCALES = {"log": 0, "logit": 1, "plain": 2}
_Z95 = 1.6448536269514722
# Sets of each structure on which a row is tried for silence.
TRIES = 4


class Transform:
    """From standard normal numbers to values, row by row, as `Prior.draw` does it."""

    def __init__(self, priors: Sequence[Prior], bounds: Sequence[tuple[float, float]]) -> None:
        def forward(prior: Prior, point: float) -> float:
            return point if prior.constant else prior._forward(point)

        points = np.array(
            [[forward(prior, point) for point in (prior.low, prior.best, prior.high)] for prior in priors]
        )
        scale = np.array([2 if prior.constant else SCALES[prior.scale] for prior in priors])
        self.middle = jnp.asarray(points[:, 1:2], jnp.float32)
        self.down = jnp.asarray((points[:, 1:2] - points[:, :1]) / _Z95, jnp.float32)
        self.up = jnp.asarray((points[:, 2:] - points[:, 1:2]) / _Z95, jnp.float32)
        self.scale = jnp.asarray(scale[:, None])
        self.low, self.high = (jnp.asarray([[pair[end]] for pair in bounds], jnp.float32) for end in (0, 1))
        self.free = np.array([not prior.constant for prior in priors])
        """Which rows are uncertain at all, `[D]`."""

    def __call__(self, z: jax.Array) -> jax.Array:
        """Return the values `[D, T]` at standard normal numbers `[D, T]`."""
        return _values(z, self.middle, self.down, self.up, self.scale, self.low, self.high)

    def inverse(self, values: npt.ArrayLike) -> Float32:
        """Return the standard normal numbers `[D, T]` of values `[D, T]`; 0 in the rows that are constant.

        A value at a bound gives the number at which it is reached.
        """
        given = np.asarray(values, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.where(
                self.scale == 0, np.log(given), np.where(self.scale == 1, special.logit(given), given)
            )
            off = x - np.asarray(self.middle, np.float64)
            z = off / np.where(off >= 0, self.up, self.down)
        z[~self.free] = 0.0
        return np.asarray(z, np.float32)


@jax.jit
def _values(
    z: jax.Array,
    middle: jax.Array,
    down: jax.Array,
    up: jax.Array,
    scale: jax.Array,
    low: jax.Array,
    high: jax.Array,
) -> jax.Array:
    x = middle + z * jnp.where(z >= 0, up, down)
    value = jnp.where(scale == 0, jnp.exp(x), jnp.where(scale == 1, jax.nn.sigmoid(x), x))
    return jnp.clip(value, low, high)


class Target:
    """The likelihood of a war's parameters, structure and reporting, given what was reported."""

    def __init__(
        self,
        world: World,
        observed: Observed,
        *,
        paths: int,
        step_days: int = 1,
        weeks: int | None = None,
    ) -> None:
        if not 1 <= paths <= MOST_PATHS:
            raise InputError(
                f"{paths} paths of the war for each set.", "--paths", f"ask for 1 to {MOST_PATHS}."
            )
        self.world = world
        self.observed = observed
        self.paths = paths
        self.step_days = step_days
        self.weeks = observed.weeks if weeks is None else weeks
        """How many weeks count; figures after them do not."""
        self.worth: Lookahead | None = None
        """What states are worth for all figures to come, where that has been learnt (`by`)."""
        self.size = REGISTRY.size
        reporting: tuple[Parameter, ...] = observed.parameters
        self.transform = Transform(
            [*world.priors, *(parameter.prior for parameter in reporting)],
            [*world.bounds, *(parameter.bounds for parameter in reporting)],
        )
        self.dimension = REGISTRY.size + len(reporting)
        self.factors = jnp.asarray(parameter_factors(float(step_days)))
        self.geography = Geography(*(jnp.asarray(part) for part in world.geography))
        self.streams = jnp.asarray(world.streams, jnp.int32)
        self.data = jax.tree.map(jnp.asarray, observed.data)
        self.off = tuple(sorted(set(OPTIONAL) - in_use(world.structure_weights)))
        """Optional mechanisms that no set has."""

    def values(self, z: npt.ArrayLike) -> tuple[jax.Array, jax.Array]:
        """Return the war's parameters `[P, T]`, in days, and those of reporting `[O, T]`."""
        values = self.transform(jnp.asarray(z, jnp.float32))
        return values[: self.size], values[self.size :]

    def log_likelihood(self, z: Float32, structure: Int8, numbers: UInt32) -> Float32:
        """Return an unbiased estimate's log `[T]`; the same numbers give the same estimate."""
        return np.asarray(self._run(z, structure, numbers, keep=False)[0])

    def paths_of(self, z: Float32, structure: Int8, numbers: UInt32) -> tuple[Float32, Paths]:
        """Return the log likelihood `[T]` and one path of the war for each set, drawn by its weight."""
        log_likelihood, kept = self._run(z, structure, numbers, keep=True)
        assert kept is not None
        return np.asarray(log_likelihood), jax.tree.map(np.asarray, kept)

    def look_ahead(self, z: Float32, structure: Int8, numbers: UInt32, *, times: int = 2) -> Lookahead:
        """Return what states are worth for all figures to come, learnt from these sets."""
        return look_ahead(self._asked(z, structure, numbers), times=times)

    def by(self, worth: Lookahead | None) -> Target:
        """Return the same likelihood, estimated with paths that are weighed in advance by this."""
        found = copy.copy(self)
        found.worth = worth
        return found

    def common(self) -> Common:
        """Return what the estimates of all sets have in common."""
        z, structure = np.zeros((self.dimension, 1), np.float32), np.zeros((len(STRUCTURES), 1), np.int8)
        return self._asked(z, structure, np.zeros(1, np.uint32)).common()

    def _run(self, z: Float32, structure: Int8, numbers: UInt32, *, keep: bool) -> tuple[Any, Paths | None]:
        return filter_wars(self._asked(z, structure, numbers), keep=keep)

    def _asked(self, z: Float32, structure: Int8, numbers: UInt32) -> Asked:
        parameters, reporting = self.values(z)
        return Asked(
            parameters * self.factors,
            reporting,
            structure,
            self.geography,
            self.data,
            self.weeks,
            numbers,
            self.streams,
            series=self.observed.series,
            paths=self.paths,
            off=self.off,
            worth=self.worth,
        )

    @functools.cached_property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Rows that change no estimate by a bit when they alone are drawn anew, `[D]`.

        What only a truce or a decision of a leader would show is silent while both are given. Each row is
        tried on four sets of every structure, with the same chances: an exponent of one law is heard there.
        """
        admitted = [np.flatnonzero(weights) for weights in self._weights()]
        choices = np.stack(np.meshgrid(*admitted, indexing="ij")).reshape(len(STRUCTURES), -1)
        structure = np.tile(choices, (1, TRIES)).astype(np.int8)
        tries = structure.shape[1]
        rng = np.random.default_rng(20)
        z = rng.standard_normal((self.dimension, tries)).astype(np.float32) * 0.5
        numbers = np.arange(tries, dtype=np.uint32)
        few = Target(self.world, self.observed, paths=4, step_days=self.step_days, weeks=self.weeks)
        rows = np.arange(self.dimension)
        tried = np.tile(z, (1, self.dimension))
        # Column r x tries + t is set t with row r drawn anew.
        tried[np.repeat(rows, tries), np.arange(tried.shape[1])] = rng.standard_normal(tried.shape[1])
        # In one call with the sets as they are: another number of sets would be rounded otherwise.
        found = few.log_likelihood(
            np.concatenate([z, tried], axis=1),
            np.tile(structure, (1, 1 + self.dimension)),
            np.tile(numbers, 1 + self.dimension),
        ).reshape(1 + self.dimension, tries)
        same = found[1:] == found[:1]
        return np.asarray(same.all(axis=1))

    def draw_structure(self, uniform: npt.NDArray[np.float64]) -> Int8:
        """Return structures `[K, T]` by their prior weights from uniform numbers `[K, T]`."""
        drawn = np.empty(uniform.shape, np.int8)
        for row, weights in enumerate(self._weights()):
            steps = np.cumsum(weights / weights.sum())
            drawn[row] = np.minimum(np.searchsorted(steps, uniform[row], side="right"), len(weights) - 1)
        return drawn

    def _weights(self) -> list[npt.NDArray[np.float64]]:
        """Return the prior weights of each alternative's choices."""
        given = self.world.structure_weights
        return [np.asarray(given.get(one.name, one.weights), np.float64) for one in STRUCTURES]
