"""A fit that begins at the draws of an earlier one of the same posterior: a failed or a coarser one."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from ceasefire.files import InputError
from ceasefire.inference import filtering, levelling, lookahead
from ceasefire.inference.levelling import Levelling
from ceasefire.inference.lookahead import Lookahead
from ceasefire.inference.observing import Observed
from ceasefire.inference.posterior import Posterior, is_known, plain_rows
from ceasefire.inference.target import SCALES, Target
from ceasefire.scenario import History, Scenario
from ceasefire.war import REGISTRY, STRUCTURES


class CannotBeginError(InputError):
    """An earlier fit at which this one cannot begin."""


class Begun(NamedTuple):
    """Sets to begin at, replicates side by side."""

    z: npt.NDArray[np.float32]
    """`[D, T]`."""
    structure: npt.NDArray[np.int8]
    """`[K, T]`."""


def draws_to_begin_at(
    earlier: Posterior,
    scenario: Scenario,
    history: History,
    target: Target,
    *,
    hindsight: bool,
    sets: int,
    replicates: int,
    rng: np.random.Generator,
) -> Begun:
    """Return sets for each replicate, drawn from one chain of the earlier fit each, so that they stay apart.

    What the earlier fit says nothing of (optional mechanisms) is drawn from the prior.

    Raises:
        CannotBeginError: it is a posterior of another scenario, model, day or evidence, or has other chains.
    """
    _refuse(earlier, scenario, history, target, hindsight, replicates)
    draws = earlier.tree["posterior"].to_dataset()
    each = int(draws.sizes["draw"])
    taken = np.concatenate(
        [rng.choice(each, sets, replace=sets > each) + chain * each for chain in range(replicates)]
    )
    reporting = earlier.draws["reporting"].transpose("report", "draw").values[:, taken]
    z = target.transform.inverse(np.concatenate([earlier.parameters()[:, taken], reporting]))
    unknown = np.array(
        [not is_known(REGISTRY.mechanisms[name], earlier.mechanisms) for name, _ in REGISTRY.labels()]
    )
    z[: REGISTRY.size][unknown] = rng.standard_normal((int(unknown.sum()), taken.size))
    if not np.isfinite(z).all():
        row = int(np.flatnonzero(~np.isfinite(z).all(axis=1))[0])
        raise CannotBeginError(
            f"row {row} of its draws holds a value that no prior gives.",
            earlier.path or earlier.name,
            "begin at a file that `ceasefire calibrate` wrote.",
        )
    return Begun(z, earlier.structure()[:, taken])


class Kept(NamedTuple):
    """Sets after each round that counts, replicates side by side."""

    z: npt.NDArray[np.float32]
    """`[N, D, T]`."""
    structure: npt.NDArray[np.int8]
    """`[N, K, T]`."""
    numbers: npt.NDArray[np.uint32]
    """Whose chances the estimates take, `[N, T]`."""
    blind: int = 0
    """So many of the first rounds have estimates without the function that looks ahead."""
    worth: Lookahead | None = None
    """That function, of all other rounds."""
    chances: tuple[npt.NDArray[np.float32], ...] = ()
    """Where each set has a path (`hamiltonian`): the numbers of some channels after each of the last rounds,
    or of the last few of them, `[W, H, T]`."""
    channels: npt.NDArray[np.int32] | None = None
    """Those channels, `[H]`."""
    levelling: Levelling | None = None
    """What was levelled where they moved, if anything was."""

    @property
    def weights(self) -> npt.NDArray[np.float64] | None:
        """By what each set counts, `[N, T]`; None where all are equal."""
        return None if self.levelling is None or self.levelling.flat else self.levelling.weight(self.z)

    def of(self, which: slice) -> Kept:
        """Return some of the rounds, from one of them on."""
        first = range(len(self.z))[which].start
        parts = (part[which] for part in (self.z, self.structure, self.numbers))
        chances = self.chances[-(len(self.z) - first) :] if first < len(self.z) else ()
        blind = max(0, self.blind - first)
        return Kept(*parts, blind, self.worth, chances, self.channels, self.levelling)


# Bytes of rounds that a fit which failed keeps at most, the newest: beyond a year they are few and dear.
MOST_KEPT = 32_000_000
_ROUNDS, _FIGURES = "rounds", "figures"
# What of `Data` the scenario says and no figure; it has its own hash.
_OF_THE_SCENARIO = {"levers", "offensives", "decided"}


def _as_read(observed: Observed) -> dict[str, npt.NDArray[np.generic]]:
    """Return the figures as the likelihood reads them, with those that are no rows, and priors of reporting.

    The first figure of a series, and one by which a line is set, weigh nothing and still say what the next
    one added.
    """
    of = {name: part for name, part in observed.data._asdict().items() if name not in _OF_THE_SCENARIO}
    priors = [
        (one.prior.low, one.prior.best, one.prior.high, *one.bounds, SCALES[one.prior.scale])
        for one in observed.parameters
    ]
    return {name: np.asarray(part) for name, part in of.items()} | {"priors": np.array(priors)}


def keep_figures(posterior: Posterior, observed: Observed) -> None:
    """Put what a fit has heard into it, as its likelihood read it: changed figures make it out of date."""
    posterior.tree[_FIGURES] = xr.DataTree(
        xr.Dataset(
            {
                name: (tuple(f"{name}_{axis}" for axis in range(part.ndim)), part)
                for name, part in _as_read(observed).items()
            }
        )
    )


def _are_others(earlier: Posterior, observed: Observed) -> bool:
    """Say whether a fit read other numbers than these, where its file says what it read."""
    if _FIGURES not in earlier.tree.children:
        return False
    stored = {str(name): found.values for name, found in earlier.tree[_FIGURES].data_vars.items()}
    now = _as_read(observed)
    # Logs may differ by a rounding error from one processor to the next.
    return set(stored) != set(now) or any(
        stored[name].dtype.kind not in "iuf"
        or stored[name].shape != part.shape
        or not np.allclose(stored[name], part, rtol=1e-5, atol=1e-6)
        for name, part in now.items()
    )


def keep_rounds(posterior: Posterior, counted: Kept, target: Target) -> None:
    """Put the rounds of a fit that failed into it, for the next one to go on with: the newest, where many.

    Rows that no figure reaches are left out. Nothing is rounded: at the least difference the chances of an
    estimate give another one than that which was accepted.
    """
    heard = target.transform.free & ~target.silent
    most = max(1, MOST_KEPT // max(1, counted.z[0, heard].nbytes))
    counted = counted.of(slice(-most, None))
    z = counted.z[:, heard]
    worth = {} if counted.worth is None else counted.worth._asdict()
    # Of the paths that sets have of their own only the last: they are as large as all rounds together.
    last = {}
    if counted.channels is not None:
        chances = (("path_week", "channel", "set"), counted.chances[-1])
        last = {"chances": chances, "channels": ("channel", counted.channels)}
    if counted.levelling is not None and not counted.levelling.flat:
        direction, knots, heights = counted.levelling
        last |= {"levelled_direction": ("row", direction[heard])}
        last |= {"levelled_knots": ("knot", knots), "levelled_heights": ("knot", heights)}
    posterior.tree[_ROUNDS] = xr.DataTree(
        xr.Dataset(
            {
                **{f"ahead_{name}": (("week", "feature"), part) for name, part in worth.items()},
                "z": (("round", "row", "set"), z),
                "structure": (("round", "choice", "set"), counted.structure),
                "numbers": (("round", "set"), counted.numbers.astype(np.int64)),
                "heard": ("row", np.flatnonzero(heard)),
                **last,
            },
            attrs={"blind": counted.blind},
        )
    )


def kept_rounds(
    earlier: Posterior,
    target: Target,
    total: int,
    moves: int,
    paths: int,
    rng: np.random.Generator,
    *,
    together: bool = False,
) -> Kept | None:
    """Return the rounds of an earlier fit, or None where it holds none of such steps, sets, moves and paths.

    `together`: none either where sets had no path each, or had one where they are to have none.

    Rows that no figure reaches are drawn from the prior, as at every move.

    Raises:
        CannotBeginError: what it holds are no rounds of these rows.
    """
    settings = json.loads(str(earlier.tree.attrs.get("settings") or "{}"))
    of_such = (settings.get("moves"), settings.get("paths")) == (moves, paths)
    of_such &= earlier.step_days == target.step_days
    if _ROUNDS not in earlier.tree.children or not of_such:
        return None
    stored = {str(name): found.values for name, found in earlier.tree[_ROUNDS].data_vars.items()}
    if together != ("chances" in stored):
        return None
    heard = np.flatnonzero(target.transform.free & ~target.silent)
    rounds = len(stored.get("z", ()))
    blind_rounds = earlier.tree[_ROUNDS].attrs.get("blind", rounds)
    wanted = {
        "z": (rounds, heard.size, total),
        "structure": (rounds, len(STRUCTURES), total),
        "numbers": (rounds, total),
        "heard": heard.shape,
    }
    if rounds and np.shape(stored["z"])[-1:] != (total,):
        return None
    if (
        not rounds
        or any(np.shape(stored.get(name)) != shape for name, shape in wanted.items())
        or not np.array_equal(stored["heard"], heard)
        or not np.isfinite(stored["z"]).all()
        or not _is_function(_function(stored), target)
        or not _are_paths(stored, target, total)
        or not _is_levelling(stored, heard.size)
        or (_function(stored) is not None and blind_rounds not in range(rounds))
    ):
        raise CannotBeginError(
            "the rounds that it holds are not those of this posterior's rows.",
            earlier.path or earlier.name,
            "begin at a file that `ceasefire calibrate` wrote.",
        )
    z = rng.standard_normal((rounds, target.dimension, total)).astype(np.float32)
    z[:, heard] = stored["z"]
    worth, blind = _function(stored), rounds
    if worth is not None:
        worth, blind = Lookahead(*(part.astype(np.float32) for part in worth)), int(blind_rounds)
    kept = Kept(z, stored["structure"].astype(np.int8), stored["numbers"].astype(np.uint32), blind, worth)
    if not together:
        return kept
    chances, channels = stored["chances"].astype(np.float32), stored["channels"].astype(np.int32)
    level = levelling.none(target.dimension)
    if "levelled_knots" in stored:
        direction, knots, heights = _levelling(stored)
        level.direction[heard] = direction
        level = level._replace(knots=knots.astype(np.float64), heights=heights.astype(np.float64))
    return kept._replace(chances=(chances,), channels=channels, levelling=level)


def _are_paths(stored: dict[str, npt.NDArray[np.generic]], target: Target, total: int) -> bool:
    """Say whether chances are those of a path of each of so many sets, where there are any."""
    chances, channels = stored.get("chances"), stored.get("channels")
    if chances is None:
        return True
    return (
        channels is not None
        and chances.dtype.kind == "f"
        and channels.dtype.kind in "iu"
        and channels.size > 0
        and chances.shape == (target.weeks, channels.size, total)
        and bool(np.isfinite(chances).all() and (np.diff(channels.astype(int)) > 0).all())
        and int(channels[0]) >= 0
        and int(channels[-1]) < filtering.channels_of(len(target.world.fronts))
    )


def _levelling(stored: dict[str, npt.NDArray[np.generic]]) -> Levelling:
    """Return what was levelled, its direction in the rows that are heard."""
    return Levelling(*(stored.get(f"levelled_{name}") for name in Levelling._fields))


def _is_levelling(stored: dict[str, npt.NDArray[np.generic]], rows: int) -> bool:
    """Say whether what levels is whole, where anything does."""
    parts = _levelling(stored)
    if all(part is None for part in parts):
        return True
    return (
        all(part is not None and part.dtype.kind == "f" and bool(np.isfinite(part).all()) for part in parts)
        and parts.direction.shape == (rows,)
        and parts.knots.ndim == 1
        and parts.knots.size > 1
        and parts.heights.shape == parts.knots.shape
        and bool((np.diff(parts.knots) > 0.0).all())
    )


def _function(stored: dict[str, npt.NDArray[np.generic]]) -> Lookahead | None:
    """Return the function by which rounds look ahead, or None: a file from before they did holds none."""
    parts = [stored.get(f"ahead_{name}") for name in Lookahead._fields]
    return None if all(part is None for part in parts) else Lookahead(*parts)


def _is_function(found: Lookahead | None, target: Target) -> bool:
    """Say whether a function that looks ahead is one of the target's weeks, where there is any."""
    shape = (target.weeks, lookahead.size(len(target.world.fronts)))
    if found is None:
        return True
    plain = all(
        part is not None and part.shape == shape and part.dtype.kind == "f" and bool(np.isfinite(part).all())
        for part in found
    )
    return plain and bool((found.scale > 0.0).all())


def of_other_figures(earlier: Posterior, observed: Observed) -> str:
    """Return in words which figures a fit has heard where they are not these; nothing where they are."""
    theirs = [str(name) for name in earlier.draws["report"].values]
    ours = [parameter.name for parameter in observed.parameters]
    then, now = earlier.evidence_rows(), plain_rows(observed.rows)
    if theirs == ours and then[list(now.columns)].equals(now):
        others = "others between them, or under other priors of reporting"
        return others if _are_others(earlier, observed) else ""
    other = len(then[list(now.columns)].compare(now)) if len(then) == len(now) else 0
    return f"{other} of them as they were" if other else f"{len(then):,} figures"


def described(earlier: Posterior) -> str:
    """Return an earlier fit in words, with those at which it began in turn."""
    before = str(earlier.tree.attrs.get("begun_at", ""))
    outcome = str(earlier.tree.attrs["why"]) or "passed"
    return f"{earlier.name} ({outcome})" + (f", itself begun at {before}" if before else "")


def _refuse(
    earlier: Posterior,
    scenario: Scenario,
    history: History,
    target: Target,
    hindsight: bool,
    replicates: int,
) -> None:
    where = earlier.path or earlier.name

    def of_another(what: str, theirs: object, ours: object) -> CannotBeginError:
        return CannotBeginError(
            f"it is a posterior of another {what}: {theirs}, not {ours}.",
            where,
            "begin at a fit of the same scenario, day and evidence, or leave it out.",
        )

    if earlier.scenario_sha256 != scenario.calibrated_sha256:
        raise of_another("scenario", f"'{earlier.scenario}' as it was then", f"'{scenario.name}' as it is")
    if earlier.stale:
        raise of_another("model", "that of an earlier version", "this one")
    if earlier.until != history.until:
        raise of_another("day", earlier.until, history.until)
    if earlier.hindsight != hindsight:
        told = {False: "figures known then", True: "figures with hindsight"}
        raise of_another("choice of figures", told[earlier.hindsight], told[hindsight])
    if difference := of_other_figures(earlier, target.observed):
        raise of_another("evidence", difference, f"these {len(target.observed.rows):,} figures")
    chains = int(earlier.tree["posterior"].to_dataset().sizes["chain"])
    if chains != replicates:
        raise of_another("number of chains", chains, replicates)
