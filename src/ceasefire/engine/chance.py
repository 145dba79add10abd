"""Chance as a pure function of (seed, war, week, channel): nothing is drawn in sequence.

The generator is the counter-based Threefry 2x32 (Salmon and others, "Parallel random numbers: as easy as 1,
2, 3", SC11, 2011) that JAX ships. A war's chances therefore never depend on the chunk, the device or the
worker that runs it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax.extend.random import threefry2x32_p
from scipy import special

# Channels of the weekly shocks. A side's channel is its stream, a front's the first front channel plus its
# number.
PERCEPTION = 0
INTENSITY, ADVANTAGE, LETHALITY, LINE, VOLATILITY = 2, 3, 4, 5, 6
CULMINATION = 8
THIRD_PARTY, FLANK, ASSAULT = 10, 12, 14
FIRST_FRONT = 16
FIRST_BATTLE = 64
MISSILES, DRONES, INTERCEPTION, INTERNAL_BREAK = 112, 114, 116, 118
SETTLEMENT = 120
CHANNELS = 256
# Chance of different kinds comes from different keys of the generator.
_SHOCKS, _DRAWS = 0x5348, 0x4452
_COMMON_STREAM = 2
# Wars for which the generator is compiled at least.
_FEWEST = 256


def key(seed: int, domain: int) -> jax.Array:
    """Return the generator's key, uint32 `[2]`, of a seed from 0 to 2^48 - 1 and a domain below 2^16."""
    return jnp.array([seed & 0xFFFFFFFF, ((seed >> 32) & 0xFFFF) << 16 | domain], dtype=jnp.uint32)


def _words(generator_key: jax.Array, first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return two random words for each counter (first, second), all uint32 of one shape."""
    keys = (jnp.broadcast_to(generator_key[place], first.shape) for place in range(2))
    bind: Callable[..., tuple[jax.Array, jax.Array]] = threefry2x32_p.bind
    one, other = bind(*keys, first, second)
    return one, other


def shock(seed_key: jax.Array, war: jax.Array, week: jax.Array, channel: jax.Array) -> jax.Array:
    """Return standard normal numbers `[C, N]`, of 23 bits.

    Args:
        seed_key: `shock_key(seed)`.
        war: number of each war, `[N]`.
        week: week of the war from 0, scalar.
        channel: channels, `[C]`, below 256.
    """
    wars = jnp.broadcast_to(war.astype(jnp.uint32), (channel.shape[0], war.shape[0]))
    counter = week.astype(jnp.uint32) * jnp.uint32(CHANNELS) + channel.astype(jnp.uint32)
    word, _ = _words(seed_key, wars, jnp.broadcast_to(counter[:, None], wars.shape))
    # 23 bits, centred in their cells, so that neither 0 nor 1 occurs.
    uniform = (word >> jnp.uint32(9)).astype(jnp.float32) * jnp.float32(2.0**-22) + jnp.float32(
        2.0**-23 - 1.0
    )
    exact = uniform.astype(jnp.result_type(float))
    standard: jax.Array = np.sqrt(2.0) * jax.lax.erf_inv(exact)
    return standard


def shock_key(seed: int) -> jax.Array:
    """Return the key of the weekly shocks of a seed."""
    return key(seed, _SHOCKS)


Label = tuple[str, int | None]
"""Name of a quantity that is drawn once a war, and the random stream of its side; None: the whole war."""


def uniforms(seed: int, wars: npt.NDArray[np.int64], labels: Sequence[Label]) -> npt.NDArray[np.float64]:
    """Return a number between 0 and 1 for each label and war, float64 `[D, N]`.

    The number belongs to the label, so that a parameter added to the model does not change the draws of the
    others.
    """
    codes = [
        zlib.crc32(f"{name}/{_COMMON_STREAM if stream is None else stream}".encode())
        for name, stream in labels
    ]
    # By powers of two: the generator is compiled for each number of wars.
    padded = np.pad(wars.astype(np.uint32), (0, max(_FEWEST, 1 << (wars.size - 1).bit_length()) - wars.size))
    shape = (len(codes), padded.size)
    first = jnp.broadcast_to(jnp.asarray(padded), shape)
    second = jnp.broadcast_to(jnp.asarray(np.array(codes, np.uint32))[:, None], shape)
    words = _words(key(seed, _DRAWS), first, second)
    high, low = (np.asarray(word)[:, : wars.size].astype(np.uint64) for word in words)
    bits = high << np.uint64(21) | low >> np.uint64(11)
    return (bits.astype(np.float64) + 0.5) * 2.0**-53


def normals(seed: int, wars: npt.NDArray[np.int64], labels: Sequence[Label]) -> npt.NDArray[np.float64]:
    """Return a standard normal number for each label and war, float64 `[D, N]`; see `uniforms`."""
    return np.asarray(special.ndtri(uniforms(seed, wars, labels)), dtype=np.float64)
