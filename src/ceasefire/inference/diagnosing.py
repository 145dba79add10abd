"""Whether a fit may be used: how well its replicates agree, and what its rounds are worth."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from ceasefire.inference import sampling
from ceasefire.inference.continuing import Kept
from ceasefire.inference.figures import unreported
from ceasefire.inference.posterior import row_label
from ceasefire.inference.target import Target
from ceasefire.war import REGISTRY, STRUCTURES, State

Float64 = npt.NDArray[np.float64]

# What a fit must reach to be used.
LARGEST_RHAT = 1.01
LEAST_ESS = 400.0


def diagnose(target: Target, counted: Kept, replicates: int, state: State, seed: int) -> pd.DataFrame:
    """Return contraction, shift, R-hat and effective draws of parameters, the state and the rival equations.

    Args:
        target: the likelihood of the posterior.
        counted: the rounds that count.
        replicates: R.
        state: that of draws of the posterior, R groups side by side on the last axis.
        seed: of the chances of wars by the priors alone.
    """
    sides, names = target.world.sides, row_names(target)
    kinds = ["parameter"] * REGISTRY.size + ["reporting"] * len(target.observed.parameters)
    free = target.transform.free
    rounds, structures = counted.z, counted.structure
    weights = np.ones(rounds[:, 0].shape) if counted.weights is None else counted.weights
    rhat, ess = agreement(rounds, replicates, free & ~target.silent, weights)
    mean, variance = _moments(rounds.astype(np.float64), weights[:, None], axis=(0, 2))
    rows = [
        {
            "name": name,
            "kind": kind if is_free else "constant",
            "contraction": 1.0 - float(variance[row]) if is_free else 0.0,
            "shift": float(mean[row]) if is_free else 0.0,
            "rhat": float(rhat[row]),
            "ess": float(ess[row]),
        }
        for row, (name, kind, is_free) in enumerate(zip(names, kinds, free, strict=True))
    ]
    prior, shown = _prior_state(target, state, seed), shown_state(state)
    # The draws are of one moment: no rounds to halve, and only the replicates tell what they are worth.
    stacked = np.stack(list(shown.values()))[None]
    state_rhat, state_ess = agreement(stacked, replicates, np.ones(len(shown), bool))
    for row, (name, values) in enumerate(shown.items()):
        quantity, _, side = name.partition("/")
        label = f"{quantity} ({sides[int(side)]})" if side else quantity
        at_first = prior[name]
        spread = float(at_first.std()) or 1.0
        rows.append(
            {
                "name": f"state: {label}",
                "kind": "state",
                "contraction": 1.0 - float(values.var()) / spread**2,
                "shift": float((values.mean() - at_first.mean()) / spread),
                "rhat": float(state_rhat[row]),
                "ess": float(state_ess[row]),
            }
        )
    return pd.DataFrame([*rows, *structure_rows(structures, replicates, weights)])


def structure_rows(
    structures: npt.NDArray[np.int8], replicates: int, weights: Float64 | None = None
) -> list[dict[str, object]]:
    """Return R-hat and effective draws of each choice among rival equations, from `[N, K, T]`.

    R-hat is the plain one of halves of the rounds: whether a war has the choice is 0 or 1. The evidence may
    prefer an equation; contraction says nothing of it.
    """
    names = [
        (row, choice, f"structure: {alternative.name} = {said}")
        for row, alternative in enumerate(STRUCTURES)
        for choice, said in enumerate(alternative.choices)
        if alternative.mechanism is None or (structures[:, row] != 0).any()
    ]
    has = np.stack([structures[:, row] == choice for row, choice, _ in names], axis=1).astype(np.float64)
    flat = np.moveaxis(has, 1, 0).reshape(len(names), -1)
    counts = np.ones(has[:, 0].shape) if weights is None else weights
    shares = _by_halves(counts.reshape(1, -1), len(structures), replicates)
    rhat, ess = nested_rhat(_by_halves(flat, len(structures), replicates), shares), _worth(has, counts)
    return [
        {
            "name": name,
            "kind": "structure",
            "contraction": 0.0,
            "shift": 0.0,
            "rhat": float(rhat[number]),
            "ess": float(ess[number]),
        }
        for number, (_, _, name) in enumerate(names)
    ]


def _prior_state(target: Target, state: State, seed: int) -> dict[str, Float64]:
    """Return the same quantities where the priors alone ran to the cut-off."""
    blind = dataclasses.replace(target.observed, data=unreported(target.observed.data))
    # With nothing to weigh paths by, one of each set is as good as any.
    free = Target(target.world, blind, paths=1, step_days=target.step_days)
    rng = np.random.default_rng([seed, 11])
    sets = int(np.asarray(state.truce).size)
    z = rng.standard_normal((target.dimension, sets)).astype(np.float32)
    structure = target.draw_structure(rng.random((len(STRUCTURES), sets)))
    _, paths = free.paths_of(z, structure, sampling.draw_numbers(sets, rng))
    return shown_state(paths.state)


def judge(diagnostics: pd.DataFrame) -> str:
    """Return why a fit may not be used, or nothing: R-hat of all, draws of all sampled and of the state."""
    counted = diagnostics[diagnostics["kind"].isin(["parameter", "reporting", "state"])]
    shown = diagnostics[diagnostics["kind"] != "constant"]
    faults = []
    # What is no number has not been shown to agree.
    rhat, ess = shown["rhat"].fillna(np.inf), counted["ess"].fillna(0.0)
    if rhat.max() > LARGEST_RHAT:
        name = shown.loc[rhat.idxmax(), "name"]
        faults.append(f"R-hat of '{name}' is {rhat.max():.3f}, above {LARGEST_RHAT}")
    if ess.min() < LEAST_ESS:
        name = counted.loc[ess.idxmin(), "name"]
        faults.append(f"'{name}' has {ess.min():.0f} effective draws, below {LEAST_ESS:.0f}")
    return "; ".join(faults)


def agreement(
    rounds: npt.NDArray[np.floating],
    replicates: int,
    pooled: npt.NDArray[np.bool_] | None = None,
    weights: Float64 | None = None,
) -> tuple[Float64, Float64]:
    """Return how well replicates agree and how many draws the rounds are worth.

    R-hat is `nested_rhat` with the first and the second half of the rounds of each replicate as groups (one
    group each where there is one round only), on normal scores of the ranks of the values, which sees a
    difference or a drift of the location, and of their distances from the median, which sees one of the
    spread; the larger of the two counts.

    The effective number of draws of a row is N T / (1 + 2 sum of the autocorrelations from round to round),
    the sum cut where it first falls below 0.05. Autocorrelations cannot see that the members of a replicate
    descend from few, so that for the rows of `pooled` it is no more than

        R / mean of (B / W) over these rows,

    B the variance of the replicates' means over all rounds, W the variance within a replicate: the mean of a
    replicate that is worth E independent draws has the variance W / E, so that B / W estimates 1 / E, and R
    replicates are worth R E. With few replicates B of one row is too noisy to judge by, its mean over many
    rows is not.

    Where sets count by weights w, means and variances are weighted ones, and the effective draws are those of
    their ratio: with g = w (x - m) / mean of w, N T var(x) / (mean of g^2 (1 + 2 sum of the autocorrelations
    of g)).

    Args:
        rounds: values `[N, D, T]` after each of N rounds, replicates side by side on the last axis.
        replicates: R.
        pooled: rows `[D]` over which B / W is pooled; with None nothing is held to it.
        weights: by what each set counts, `[N, T]`; None where all are equal.

    Returns:
        R-hat `[D]` (Vehtari and others 2021; Margossian and others 2024) and the effective number of draws
        `[D]`. A row that never varies has an R-hat of 1.
    """
    counts = np.ones((rounds.shape[0], rounds.shape[2])) if weights is None else weights
    draws = _worth(rounds, counts)
    if pooled is not None:
        agreed = _agreed_draws(rounds[:, pooled], replicates, counts)
        draws = np.where(pooled, np.minimum(draws, agreed), draws)
    flat = np.ascontiguousarray(np.moveaxis(rounds, 1, 0)).reshape(rounds.shape[1], -1)
    distance = np.abs(flat - np.median(flat, axis=1, keepdims=True))
    shares = _by_halves(counts.reshape(1, -1), len(rounds), replicates)
    located, folded = (
        nested_rhat(_by_halves(_normal_scores(values), len(rounds), replicates), shares)
        for values in (flat, distance)
    )
    return np.maximum(located, folded), draws


def nested_rhat(groups: npt.NDArray[np.floating], weights: Float64 | None = None) -> Float64:
    """Return the nested R-hat `[D]` of groups of draws `[D, G, n]`: sqrt(1 + B / W).

    B is the variance of the groups' means, W the mean variance within a group (Margossian and others 2024),
    by the weights of draws `[1, G, n]` where these are not equal. Groups that never vary and differ have an
    infinite one, a row that is constant one of 1.
    """
    values = groups.astype(np.float64)
    counts = np.ones((1, *values.shape[1:])) if weights is None else weights
    means, variances = _moments(values, counts, axis=2)
    within = variances.mean(axis=1)
    between = means.var(axis=1, ddof=1) if values.shape[1] > 1 else np.zeros(len(values))
    # Means of equal numbers may differ by a rounding error.
    constant = np.ptp(values, axis=(1, 2)) == 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        rhat = np.sqrt(1.0 + between / within)
    return np.where(constant, 1.0, rhat)


def remembered(rounds: npt.NDArray[np.floating], lag: int) -> Float64:
    """Return the correlation `[D]` of rounds `[N, D, T]` with those before; 0 of what never varies."""
    centred = rounds - rounds.mean(axis=(0, 2), keepdims=True, dtype=np.float64)
    variance = np.square(centred).mean(axis=(0, 2))
    together = (centred[lag:] * centred[: len(rounds) - lag]).mean(axis=(0, 2))
    return np.where(variance > 0.0, together / np.where(variance > 0.0, variance, 1.0), 0.0)


def _moments(values: Float64, weights: Float64, axis: int | tuple[int, ...]) -> tuple[Float64, Float64]:
    """Return the weighted mean and variance along axes; the variance that of as many draws as there are."""
    shares = weights / weights.sum(axis=axis, keepdims=True)
    means = (shares * values).sum(axis=axis, keepdims=True)
    variances = (shares * np.square(values - means)).sum(axis=axis)
    count = values.size // means.size
    with np.errstate(divide="ignore", invalid="ignore"):
        return means.squeeze(axis), variances * np.divide(count, count - 1)


def _by_halves(flat: Float64, number: int, replicates: int) -> Float64:
    """Return `[D, G, n]` of values `[D, N x T]`: halves of the rounds of each replicate."""
    rows = len(flat)
    values = flat.reshape(rows, number, replicates, -1)
    half = max(number // 2, 1)
    # With an odd number the round in the middle belongs to neither half.
    parts = [values[:, :half]] if number == 1 else [values[:, :half], values[:, number - half :]]
    return np.concatenate([np.moveaxis(part, 2, 1).reshape(rows, replicates, -1) for part in parts], axis=1)


def _normal_scores(flat: npt.NDArray[np.floating]) -> Float64:
    """Return the normal scores of the ranks in each row `[D, S]` (Blom 1958), ties at their mean rank."""
    ranks = stats.rankdata(flat, axis=1)
    return np.asarray(special.ndtri((ranks - 0.375) / (flat.shape[1] + 0.25)))


def _worth(rounds: npt.NDArray[np.floating], weights: Float64) -> Float64:
    """Return the effective draws `[D]` by the autocorrelations from round to round, of weighted ones."""
    number, rows, size = rounds.shape
    shares = (weights / weights.mean())[:, None]
    centred = rounds - (shares * rounds).mean(axis=(0, 2), keepdims=True, dtype=np.float64)
    variance = np.einsum("ndt,ndt,nt->d", centred, centred, shares[:, 0]) / (number * size)
    centred *= shares
    of_mean = np.einsum("ndt,ndt->d", centred, centred) / (number * size)
    safe = np.where(of_mean > 0, of_mean, 1.0)
    total = np.ones(rows)
    going = np.ones(rows, dtype=bool)
    for lag in range(1, number):
        together = np.einsum("ndt,ndt->d", centred[lag:], centred[:-lag]) / ((number - lag) * size) / safe
        going &= together > 0.05
        if not going.any():
            break
        total += np.where(going, 2.0 * together, 0.0)
    of_equal = np.where(of_mean > 0, variance, 1.0) / safe
    return np.asarray(number * size * of_equal / total)


def _agreed_draws(rounds: npt.NDArray[np.floating], replicates: int, weights: Float64) -> float:
    """Return how many draws all replicates are worth by how far their means differ, over all rows."""
    number, rows, _ = rounds.shape
    if replicates == 1 or rows == 0:
        return np.inf
    grouped = rounds.astype(np.float64).reshape(number, rows, replicates, -1)
    means, variances = _moments(grouped, weights.reshape(number, 1, replicates, -1), axis=(0, 3))
    between, within = means.var(axis=1, ddof=1), variances.mean(axis=1)
    varies = np.ptp(grouped, axis=(0, 2, 3)) > 0.0
    with np.errstate(divide="ignore"):
        ratio = float(np.mean((between / within)[varies])) if varies.any() else 0.0
    return replicates / ratio if ratio > 0.0 else np.inf


def shown_state(state: State) -> dict[str, npt.NDArray[np.float64]]:
    """Return quantities of a state `[n]` by name: those of side 0 and 1, and the drifts."""
    two: dict[str, npt.NDArray[np.generic]] = {
        "force": np.asarray(state.troops).sum(axis=1) + np.asarray(state.reserve),
        "skill": np.asarray(state.skill),
        "shells": np.asarray(state.shells),
        "armour": np.asarray(state.armour_modern) + np.asarray(state.armour_legacy),
        "trainees": np.asarray(state.trainees).sum(axis=1),
        "industry": np.asarray(state.industry),
        "pool": np.asarray(state.pool_at_start) - np.asarray(state.called_up) - np.asarray(state.emigrated),
        "killed": np.asarray(state.killed),
        "wounded": np.asarray(state.wounded),
        "fortification": np.asarray(state.fortification).mean(axis=1),
    }
    found = {
        f"{name}/{side}": np.log(np.maximum(values[side], 1e-3))
        for name, values in two.items()
        for side in (0, 1)
    }
    found |= {
        "intensity": np.asarray(state.intensity),
        "advantage": np.asarray(state.advantage)[0],
        "lethality": np.asarray(state.lethality),
        "volatility": np.asarray(state.volatility),
    }
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def row_names(target: Target) -> list[str]:
    """Return what people call the rows of z."""
    names = [row_label(name, side, target.world.sides) for name, side in REGISTRY.labels()]
    return names + [parameter.name for parameter in target.observed.parameters]
