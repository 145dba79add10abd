"""Results with labels: what a run gives back and what a result file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

import ceasefire
from ceasefire.engine import draws as drawn
from ceasefire.engine.ensemble import DAYS_IN_WEEK, GOOD, STATUS, Block, run_blocks
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.start import Start
from ceasefire.files import InputError, write_atomically
from ceasefire.scenario import Plan, World
from ceasefire.war import REGISTRY, STRUCTURES

Progress = Callable[[int, int], None]

DEFAULT_CHUNK = 2048
MOST_DRAWS = 100_000
LARGEST_SEED = 2**48 - 1
_LEAST_OUTPUT = 1e-6

# What a result carries as its posterior where the parameters come from priors.
PRIOR = "prior"

# Name: unit, meaning. The order is that of the result.
VARIABLES: dict[str, tuple[str, str]] = {
    "killed": ("persons", "soldiers killed since the start"),
    "wounded": ("persons", "soldiers wounded since the start"),
    "captured": ("persons", "soldiers captured since the start"),
    "losses": ("persons", "soldiers killed, wounded and captured since the start"),
    "force": ("persons", "soldiers on the fronts and in reserve"),
    "reserve": ("persons", "soldiers in reserve"),
    "trainees": ("persons", "recruits in training"),
    "called_up": ("persons", "called up since the start"),
    "emigrated": ("persons", "left the pool abroad since the start"),
    "skill": ("1", "mean skill of the force, 1 for fully trained and experienced"),
    "armour": ("vehicles", "armoured vehicles in the field"),
    "armour_lost": ("vehicles", "armoured vehicles lost since the start"),
    "shells": ("rounds", "artillery rounds in stock"),
    "shells_fired": ("rounds", "artillery rounds fired since the start"),
    "industry": ("1", "war output as a multiple of that at the start"),
    "perceived": ("1", "log balance of an attack as the leader believes it to be"),
    "offensive": ("1", "1 while an offensive of the side is under way"),
    "ground_taken": ("km2", "ground taken by the side since the start"),
}


def run(
    world: World,
    plan: Plan,
    *,
    draws: int = 2000,
    seed: int = 1,
    chunk: int | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
) -> xr.Dataset:
    """Run an ensemble of wars under one policy.

    Every war is a draw of the parameters and of the structure, from the priors or, with a start, war w with
    the parameters, structure and stocks of its draw w mod n; the same seed gives the same wars, bit for bit
    on one kind of processor, whatever the chunk, and under every policy (common random numbers).

    Args:
        world: the compiled scenario.
        plan: the compiled policy.
        draws: number of wars.
        seed: 0 to 2^48 - 1; 0 is a seed like any other.
        chunk: wars computed at one time.
        progress: called with the wars done and the wars in all.
        start: draws of wars that have been going on; the priors where not given.

    Returns:
        A dataset with the dimensions `time` (the start, then the end of each week), `side`, `war`; cumulative
        counts begin at 0; units stand in the attributes. Wars whose computation failed are marked in `status`
        (0 is good).

    Raises:
        InputError: a number of draws, a seed or a chunk that cannot be used.
        ValueError: a start on other fronts than the world's.
    """
    _check(draws, seed, chunk)
    wars = np.arange(draws, dtype=np.int64)
    if start is None:
        parameters = recorded = drawn.draw_parameters(world, wars, seed)
        structure = drawn.draw_structure(world, wars, seed)
    else:
        fronts = np.shape(start.state.front_weight)[0]
        if fronts != len(world.fronts):
            raise ValueError(f"a start on {fronts} fronts cannot begin a war on {len(world.fronts)}")
        chosen = start.draws(wars)
        parameters, structure = start.parameters[:, chosen], start.structure[:, chosen]
        recorded = start.recorded()[:, chosen]
    blocks: list[Block] = []
    for block in run_blocks(
        world, plan, parameters, structure, wars, seed, chunk or min(DEFAULT_CHUNK, draws), start
    ):
        blocks.append(block)
        if progress is not None:
            progress(int(block.wars[-1]) + 1, draws)
    return _labelled(world, plan, blocks, recorded, structure, seed, start)


def check_draws(draws: int, seed: int) -> None:
    """Refuse a number of wars or a seed that cannot be run.

    Raises:
        InputError: fewer than one war or too many at one time, or no seed.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError(
            f"{draws:,} draws cannot be run at one time.",
            "--draws",
            f"give a number from 1 to {MOST_DRAWS:,}.",
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"{seed} is no seed.", "--seed", f"give a whole number from 0 to {LARGEST_SEED}.")


def _check(draws: int, seed: int, chunk: int | None) -> None:
    check_draws(draws, seed)
    if chunk is not None and chunk < 1:
        raise InputError(f"a chunk of {chunk} wars cannot be run.", "chunk", "give a number from 1.")


def _labelled(
    world: World,
    plan: Plan,
    blocks: Sequence[Block],
    parameters: npt.NDArray[np.float32],
    structure: npt.NDArray[np.int8],
    seed: int,
    start: Start | None,
) -> xr.Dataset:
    def joined(name: str) -> npt.NDArray[np.float32]:
        parts = [
            np.concatenate([getattr(block.start, name)[None], getattr(block.weekly, name)])
            for block in blocks
        ]
        return np.concatenate(parts, axis=-1)

    def passages(name: str) -> npt.NDArray[np.int16]:
        return np.concatenate([getattr(block.passages, name) for block in blocks], axis=-1)

    weeks = world.days // DAYS_IN_WEEK
    dates = [world.start + dt.timedelta(days=DAYS_IN_WEEK * week) for week in range(weeks + 1)]
    by_time = ("time", "side", "war")
    data: dict[str, xr.DataArray] = {}
    for name, (unit, meaning) in VARIABLES.items():
        values = (
            joined("killed") + joined("wounded") + joined("captured") if name == "losses" else joined(name)
        )
        if name == "industry":
            # In a war that has been going on, output is a multiple of that on an earlier day.
            values = values / np.maximum(values[:1], np.float32(_LEAST_OUTPUT))
        data[name] = xr.DataArray(values, dims=by_time, attrs={"units": unit, "long_name": meaning})
    taken = data["ground_taken"]
    data["ground_net"] = xr.DataArray(
        taken.values[:, 0] - taken.values[:, 1],
        dims=("time", "war"),
        attrs={"units": "km2", "long_name": f"net ground taken by {world.sides[0]} since the start"},
    )
    data["truce"] = xr.DataArray(
        joined("truce"),
        dims=("time", "war"),
        attrs={"units": "1", "long_name": "1 while a truce is in force"},
    )
    for name, meaning in (
        (
            "first_offensive_day",
            "day on which the side's first offensive began, 0 if before the start, -1 for never",
        ),
        ("truce_broken_day", "day on which the side broke a truce, -1 for never"),
    ):
        data[name] = xr.DataArray(
            passages(name), dims=("side", "war"), attrs={"units": "days", "long_name": meaning}
        )
    data["status"] = xr.DataArray(
        passages("status"),
        dims=("war",),
        attrs={
            "long_name": "how the computation of the war went",
            "flag_values": np.array(list(STATUS), dtype=np.int8),
            "flag_meanings": " ".join(text.replace(" ", "_") for text in STATUS.values()),
        },
    )
    data["structure"] = xr.DataArray(
        structure,
        dims=("alternative", "war"),
        attrs={
            "long_name": "code of the rival equation that the war follows: "
            + "; ".join(f"{one.name}: {', '.join(one.choices)} from 0" for one in STRUCTURES)
        },
    )
    data["parameters"] = xr.DataArray(
        parameters,
        dims=("parameter", "war"),
        attrs={"long_name": "the parameters and first stocks of each war; units by `ceasefire parameters`"},
    )
    return xr.Dataset(
        data,
        coords={
            "time": np.array(dates, dtype="datetime64[ns]"),
            "side": list(world.sides),
            "war": np.concatenate([block.wars for block in blocks]),
            "alternative": [alternative.name for alternative in STRUCTURES],
            "parameter": [
                name if side is None else f"{name} ({world.sides[side]})" for name, side in REGISTRY.labels()
            ],
        },
        attrs={
            "title": f"{world.scenario}: {plan.policy}",
            "scenario": world.scenario,
            "policy": plan.policy,
            "input_sha256": _input_hash(world, plan, start),
            "seed": seed,
            "draws": int(structure.shape[1]),
            "posterior": PRIOR if start is None else start.name,
            "version": ceasefire.__version__,
            "model_fingerprint": model_fingerprint(),
            "sides": list(world.sides),
            "codes": list(world.codes),
        },
    )


def _input_hash(world: World, plan: Plan, start: Start | None) -> str:
    """Return a hash of all that went into a run but the seed."""
    text = repr(
        (world.sides, world.streams, world.start, world.priors, world.bounds, world.structure_weights)
    )
    digest = hashlib.sha256(text.encode())
    for part in (*world.geography, plan.levers, plan.events, plan.observed_offensives):
        digest.update(np.ascontiguousarray(part).tobytes())
    if start is not None:
        digest.update(start.sha256.encode())
    return digest.hexdigest()


def good(result: xr.Dataset) -> xr.Dataset:
    """Return the wars whose computation succeeded; `failed` counts the others."""
    return result.isel(war=np.flatnonzero(result["status"].values == GOOD))


def failed(result: xr.Dataset) -> int:
    """Return the number of wars whose computation failed."""
    return int((result["status"].values != GOOD).sum())


def save(result: xr.Dataset, path: Path | str) -> Path:
    """Write a result file (netCDF 4), whole or not at all; return its path.

    Raises:
        InputError: the file cannot be written; what was at `path` is untouched.
    """
    encoding = {
        name: {"zlib": True, "complevel": 1} for name, values in result.data_vars.items() if values.ndim > 1
    }
    content = result.to_netcdf(engine="h5netcdf", encoding=encoding)
    return write_atomically(path, bytes(content))


def load(path: Path | str) -> xr.Dataset:
    """Read a result file.

    Raises:
        InputError: no such file, or not a result of this program.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            "there is no such result file.", str(path), "run `ceasefire run` or `ceasefire compare`."
        )
    try:
        with xr.open_dataset(path, engine="h5netcdf") as stored:
            result = stored.load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"this is not a result file: {error}", str(path), "name a file that `run` wrote."
        ) from error
    if "model_fingerprint" not in result.attrs:
        raise InputError(
            "this netCDF file is not a result of this program.", str(path), "name a file that `run` wrote."
        )
    return result
