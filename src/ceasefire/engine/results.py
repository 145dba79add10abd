"""Results with labels: what a run gives back and what a result file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

import ceasefire
from ceasefire.engine import draws as drawn
from ceasefire.engine.ensemble import DAYS_IN_WEEK, GOOD, STATUS, Block, absent, run_blocks
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.start import Start
from ceasefire.files import InputError, suggest, write_atomically
from ceasefire.scenario import Plan, World
from ceasefire.war import REGISTRY, STRUCTURES

Progress = Callable[[int, int], None]

DEFAULT_CHUNK = 2048
MOST_DRAWS = 100_000
"""Wars that are held in memory at one time; more are written to a file as they are computed."""
MOST_HELD = 4_000_000_000
"""Bytes of a result that is held in memory."""
LARGEST_SEED = 2**48 - 1
_LEAST_OUTPUT = 1e-6
# Structures drawn at one time to learn which mechanisms no war has.
_PIECE = 65_536

# What a file that is not finished carries: how many wars it is to hold. `draws` are those that it holds.
DRAWS_WANTED = "draws_wanted"

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
    "civilians_killed": ("persons", "civilians killed on the side's ground since the start"),
    "displaced": ("persons", "civilians displaced within the country"),
    "grid": ("1", "share of the power grid's capacity that works"),
    "missiles": ("missiles", "long-range missiles in stock"),
    "interceptors": ("interceptors", "missiles of the air defence in stock"),
    "missiles_launched": ("missiles", "long-range missiles launched by the side since the start"),
    "drones_launched": ("drones", "long-range drones launched by the side since the start"),
    "missiles_leaked": ("missiles", "missiles that got through to the side since the start"),
    "drones_leaked": ("drones", "long-range drones that got through to the side since the start"),
    "artillery": ("guns", "guns and rocket launchers in the field"),
    "drones": ("drones", "strike drones at hand at the front"),
    "battle_losses": ("persons", "losses in battles since the start, part of all losses"),
    "capital_assaults": ("1", "assaults on the enemy's capital since the start"),
    "capital_taken": ("1", "1 once the side has taken the enemy's capital"),
    "internal_breaks": ("1", "breaks from within since the start"),
    "will": ("1", "share of what the side can bear that is left"),
}
# The same of the whole war.
OF_THE_WAR: dict[str, tuple[str, str]] = {
    "truce": ("1", "1 while a truce is in force"),
    "escalation": ("1", "expected number of wider wars that this one has set off since the start"),
    "ended": ("1", "1 once the war has ended"),
}


PASSAGES: dict[str, str] = {
    "first_offensive_day": "day on which the side's first offensive began, 0 if before the start",
    "truce_broken_day": "day on which the side broke a truce",
    "assault_day": "day of the side's first assault on the enemy's capital",
    "internal_break_day": "day on which the side first broke from within",
    "truce_collapsed_day": "day on which violations first ended a truce",
    "ended_day": "day on which the war ended",
}
PASSAGES_OF_THE_WAR = ("truce_collapsed_day", "ended_day")


PARAMETERS = "parameters"
GROUND_NET = "ground_net"
OUTCOMES = (*VARIABLES, GROUND_NET, *OF_THE_WAR, PARAMETERS)
"""What a run may keep of each war besides how its computation went, first days and rival equations."""


def run(
    world: World,
    plan: Plan,
    *,
    draws: int = 2000,
    seed: int = 1,
    chunk: int | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
    outcomes: Collection[str] | None = None,
    first: int = 0,
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
        outcomes: what is kept, by the names of `OUTCOMES`; all of it where not given. How computations went
            (`status`), first days and rival equations are kept always.
        first: number of the first war; the wars are these of a longer run.

    Returns:
        A dataset with the dimensions `time` (the start, then the end of each week), `side`, `war`; cumulative
        counts begin at 0; units stand in the attributes. Wars whose computation failed are marked in `status`
        (0 is good).

    Raises:
        InputError: a number of draws, a seed, a chunk or an outcome that cannot be used, or more than can be
            held in memory; `stream` writes it to a file.
        ValueError: a start on other fronts than the world's.
    """
    check_draws(draws, seed, more="; `ceasefire run` takes more with `--out FILE`")
    check_chunk(chunk)
    wanted = check_outcomes(outcomes)
    _check_held(world, draws, wanted)
    whole: dict[str, npt.NDArray[Any]] = {}
    for part in computed(world, plan, wanted, first + draws, seed, chunk, start, first):
        here = part.first - first
        last = here + part.content.sizes["war"]
        if here == 0 and last == draws:
            whole = {}
        else:
            for name, variable in _by_war(part.content):
                if name not in whole:
                    whole[name] = np.empty((*variable.shape[:-1], draws), variable.dtype)
                whole[name][..., here:last] = variable.values
        if progress is not None:
            progress(last, draws)
    result = part.content
    if whole:
        joined = {
            name: (variable.dims, whole[str(name)] if "war" in variable.dims else variable, variable.attrs)
            for name, variable in result.variables.items()
        }
        result = xr.Dataset(
            {name: joined[name] for name in result.data_vars},
            {name: joined[name] for name in result.coords},
            result.attrs,
        )
    result.attrs["draws"] = draws
    return result


def _by_war(content: xr.Dataset) -> Iterator[tuple[str, xr.Variable]]:
    """Return what has wars on its last axis."""
    for name, variable in content.variables.items():
        if "war" in variable.dims:
            yield str(name), variable


class Part(NamedTuple):
    """Some of the wars of a run."""

    first: int
    """Place of the first of them."""
    content: xr.Dataset


def computed(
    world: World,
    plan: Plan,
    wanted: tuple[str, ...],
    draws: int,
    seed: int,
    chunk: int | None,
    start: Start | None,
    first: int = 0,
) -> Iterator[Part]:
    """Compute the wars of a run from the first one on, a chunk at a time; arguments as in `run`.

    Raises:
        ValueError: a start on other fronts than the world's.
    """
    if start is not None:
        fronts = np.shape(start.state.front_weight)[0]
        if fronts != len(world.fronts):
            raise ValueError(f"a start on {fronts} fronts cannot begin a war on {len(world.fronts)}")
        told = start.recorded()
    size = chunk or min(DEFAULT_CHUNK, draws)
    off = _absent(world, draws, seed, start)
    for offset in range(first, draws, size):
        wars = np.arange(offset, min(offset + size, draws), dtype=np.int64)
        structure = _structure(world, wars, seed, start)
        if start is None:
            parameters = recorded = drawn.draw_parameters(world, wars, seed)
        else:
            chosen = start.draws(wars)
            parameters, recorded = start.parameters[:, chosen], told[:, chosen]
        (block,) = run_blocks(world, plan, parameters, structure, wars, seed, wars.size, start, off)
        yield Part(offset, _labelled(world, plan, block, recorded, structure, seed, start, wanted))


def _structure(
    world: World, wars: npt.NDArray[np.int64], seed: int, start: Start | None
) -> npt.NDArray[np.int8]:
    return drawn.draw_structure(world, wars, seed) if start is None else start.structure[:, start.draws(wars)]


def _absent(world: World, draws: int, seed: int, start: Start | None) -> tuple[str, ...]:
    """Return the optional mechanisms that no war of a run has."""
    found = []
    for first in range(0, draws, _PIECE):
        count = min(_PIECE, draws - first)
        # By powers of two: what draws structures is compiled for each number of wars.
        wars = np.arange(first, first + (1 << (count - 1).bit_length()))
        found.append(absent(_structure(world, wars, seed, start)[:, :count]))
    return tuple(sorted(set.intersection(*map(set, found))))


def check_draws(draws: int, seed: int, most: int | None = None, more: str = "") -> None:
    """Refuse a number of wars or a seed that cannot be run.

    Args:
        draws: number of wars.
        seed: the seed.
        most: wars that can be run; those that are held in memory where not given.
        more: what to say to who wants more.

    Raises:
        InputError: fewer than one war or too many at one time, or no seed.
    """
    most = MOST_DRAWS if most is None else most
    if not 1 <= draws <= most:
        raise InputError(
            f"{draws:,} draws cannot be run at one time.",
            "--draws",
            f"give a number from 1 to {most:,}{more if draws > most else ''}.",
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"{seed} is no seed.", "--seed", f"give a whole number from 0 to {LARGEST_SEED}.")


def check_chunk(chunk: int | None) -> None:
    """Refuse a chunk without a war.

    Raises:
        InputError: it is smaller than 1.
    """
    if chunk is not None and chunk < 1:
        raise InputError(f"a chunk of {chunk} wars cannot be run.", "chunk", "give a number from 1.")


def check_outcomes(outcomes: Collection[str] | None) -> tuple[str, ...]:
    """Return the outcomes that a run keeps, in the order of a result.

    Raises:
        InputError: one that there is not, or none.
    """
    if outcomes is None:
        return OUTCOMES
    for name in outcomes:
        if name not in OUTCOMES:
            raise InputError(f"'{name}' is no outcome.", "--outcomes", suggest(name, OUTCOMES))
    if not outcomes:
        raise InputError("no outcome is to be kept.", "--outcomes", "name at least one.")
    return tuple(name for name in OUTCOMES if name in set(outcomes))


def result_bytes(world: World, draws: int, outcomes: Collection[str] | None = None) -> int:
    """Return how many bytes the values of a result take in memory."""
    wanted = check_outcomes(outcomes)
    rows = sum(2 if name in VARIABLES else 1 for name in wanted if name != PARAMETERS)
    days = sum(1 if name in PASSAGES_OF_THE_WAR else 2 for name in PASSAGES)
    of_war = rows * (world.days // DAYS_IN_WEEK + 1) * 4 + 2 * days + 1 + len(STRUCTURES)
    return draws * (of_war + (REGISTRY.size * 4 if PARAMETERS in wanted else 0))


def _check_held(world: World, draws: int, wanted: tuple[str, ...]) -> None:
    size = result_bytes(world, draws, wanted)
    if size > MOST_HELD:
        raise InputError(
            f"{draws:,} wars with {len(wanted)} outcomes by week take {size / 1e9:.1f} GB; at most"
            f" {MOST_HELD / 1e9:.1f} GB are held in memory.",
            "--draws",
            "let `ceasefire run` write them as they are computed (`--out FILE`), keep fewer outcomes"
            " (`--outcomes killed,wounded`), or run fewer wars.",
        )


def _labelled(
    world: World,
    plan: Plan,
    block: Block,
    parameters: npt.NDArray[np.float32],
    structure: npt.NDArray[np.int8],
    seed: int,
    start: Start | None,
    wanted: tuple[str, ...],
) -> xr.Dataset:
    def by_week(name: str) -> npt.NDArray[np.float32]:
        return np.concatenate([getattr(block.start, name)[None], getattr(block.weekly, name)])

    weeks = world.days // DAYS_IN_WEEK
    dates = [world.start + dt.timedelta(days=DAYS_IN_WEEK * week) for week in range(weeks + 1)]
    by_time = ("time", "side", "war")
    data: dict[str, xr.DataArray] = {}
    for name, (unit, meaning) in VARIABLES.items():
        if name not in wanted:
            continue
        values = (
            by_week("killed") + by_week("wounded") + by_week("captured")
            if name == "losses"
            else by_week(name)
        )
        if name == "industry":
            # In a war that has been going on, output is a multiple of that on an earlier day.
            values = values / np.maximum(values[:1], np.float32(_LEAST_OUTPUT))
        data[name] = xr.DataArray(values, dims=by_time, attrs={"units": unit, "long_name": meaning})
    if GROUND_NET in wanted:
        taken = by_week("ground_taken")
        data[GROUND_NET] = xr.DataArray(
            taken[:, 0] - taken[:, 1],
            dims=("time", "war"),
            attrs={"units": "km2", "long_name": f"net ground taken by {world.sides[0]} since the start"},
        )
    for name, (unit, meaning) in OF_THE_WAR.items():
        if name in wanted:
            data[name] = xr.DataArray(
                by_week(name), dims=("time", "war"), attrs={"units": unit, "long_name": meaning}
            )
    for name, meaning in PASSAGES.items():
        days = getattr(block.passages, name)
        data[name] = xr.DataArray(
            days,
            dims=("side", "war")[-days.ndim :],
            attrs={"units": "days", "long_name": f"{meaning}, -1 for never"},
        )
    data["status"] = xr.DataArray(
        block.passages.status,
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
    coords: dict[str, Any] = {
        "time": np.array(dates, dtype="datetime64[ns]"),
        "side": list(world.sides),
        "war": block.wars,
        "alternative": [alternative.name for alternative in STRUCTURES],
    }
    if PARAMETERS in wanted:
        data[PARAMETERS] = xr.DataArray(
            parameters,
            dims=("parameter", "war"),
            attrs={
                "long_name": "the parameters and first stocks of each war; units by `ceasefire parameters`"
            },
        )
        coords["parameter"] = [
            name if side is None else f"{name} ({world.sides[side]})" for name, side in REGISTRY.labels()
        ]
    rows = drawn.draw_extensions(world, block.wars, seed)
    if rows is not None:
        data["extensions"] = xr.DataArray(
            rows.there,
            dims=("extension", "war"),
            attrs={"long_name": "1 where the war has a mechanism that is not the model's own"},
        )
        coords["extension"] = [one.extension.name for one in world.extensions]
        if PARAMETERS in wanted:
            data["extension_parameters"] = xr.DataArray(
                rows.parameters,
                dims=("extension_parameter", "war"),
                attrs={"long_name": "the parameters of these mechanisms"},
            )
            coords["extension_parameter"] = [
                name if side is None else f"{name} ({world.sides[side]})"
                for one in world.extensions
                for name, side in one.extension.labels()
            ]
    return xr.Dataset(data, coords, attrs=attributes(world, plan, structure.shape[1], seed, start))


def attributes(world: World, plan: Plan, draws: int, seed: int, start: Start | None) -> dict[str, Any]:
    """Return what a result says of where it comes from."""
    # What is not the model's is said wherever the result goes.
    own = [f"{one.extension.name} {one.extension.sha256}" for one in world.extensions]
    return {
        **({"extensions": "; ".join(own)} if own else {}),
        "title": f"{world.scenario}: {plan.policy}",
        "scenario": world.scenario,
        "policy": plan.policy,
        "input_sha256": _input_hash(world, plan, start),
        "seed": seed,
        "draws": draws,
        "posterior": PRIOR if start is None else start.name,
        "version": ceasefire.__version__,
        "model_fingerprint": model_fingerprint(),
        "sides": list(world.sides),
        "codes": list(world.codes),
    }


def _input_hash(world: World, plan: Plan, start: Start | None) -> str:
    """Return a hash of all that went into a run but the seed."""
    text = repr(
        (world.sides, world.streams, world.start, world.priors, world.bounds, world.structure_weights)
    )
    digest = hashlib.sha256(text.encode())
    for one in world.extensions:
        digest.update(repr((one.extension.sha256, one.share, one.priors, one.bounds)).encode())
    for part in (*world.geography, plan.levers, plan.events, plan.observed_offensives):
        digest.update(np.ascontiguousarray(part).tobytes())
    if plan.stands is not None:
        digest.update(plan.stands.tobytes())
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
    """Read a result file; of one that is not finished yet, the wars that are done.

    Raises:
        InputError: no such file, or not a result of this program.
    """
    with open_result(path) as stored:
        try:
            return stored.load()
        except (OSError, ValueError) as error:
            raise _no_result(path, error) from error


def open_result(path: Path | str) -> xr.Dataset:
    """Open a result file; what is asked for is read when it is asked for. Use it in a `with` block.

    Raises:
        InputError: no such file, or not a result of this program.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(
            "there is no such result file.", str(path), "run `ceasefire run` or `ceasefire compare`."
        )
    try:
        stored = xr.open_dataset(path, engine="h5netcdf", chunks=None)
    except (OSError, ValueError, KeyError) as error:
        raise _no_result(path, error) from error
    if "model_fingerprint" not in stored.attrs:
        stored.close()
        raise InputError(
            "this netCDF file is not a result of this program.", str(path), "name a file that `run` wrote."
        )
    if DRAWS_WANTED in stored.attrs:
        # A chunk that was being written when the run stopped does not count.
        stored = stored.isel(war=slice(0, int(stored.attrs["draws"])))
    return stored


def _no_result(path: Path | str, error: Exception) -> InputError:
    return InputError(f"this is not a result file: {error}", str(path), "name a file that `run` wrote.")
