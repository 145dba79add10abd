"""Results with labels: what a run gives back and what a result file holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np
import numpy.typing as npt
import xarray as xr

import ceasefire
from ceasefire.engine import draws as drawn
from ceasefire.engine import places
from ceasefire.engine.ensemble import DAYS_IN_WEEK, GOOD, STATUS, Block, absent, run_blocks
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.making import made_by
from ceasefire.engine.start import Start
from ceasefire.engine.versions import check_result
from ceasefire.files import InputError, suggest, write_atomically
from ceasefire.files.bounded import is_file, is_hdf5
from ceasefire.files.formats import FORMAT
from ceasefire.scenario import Plan, World
from ceasefire.war import REGISTRY, STRUCTURES

Progress = Callable[[int, int], None]

DEFAULT_CHUNK, LARGEST_CHUNK = 2048, 8192
LONG_RUN = 32_768
"""A run of more wars than this has larger pieces."""
PIECE_BYTES = 64_000_000
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

# What a result carries as its policy where its wars have not the same one.
SEVERAL = "several"

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
    return run_in_turn(
        world,
        [Leg(plan, draws)],
        seed=seed,
        chunk=chunk,
        progress=progress,
        start=start,
        outcomes=outcomes,
        first=first,
    )


class Leg(NamedTuple):
    """Wars that follow each other and have one policy."""

    plan: Plan
    wars: int


def run_in_turn(
    world: World,
    legs: Sequence[Leg],
    *,
    seed: int = 1,
    chunk: int | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
    outcomes: Collection[str] | None = None,
    first: int = 0,
) -> xr.Dataset:
    """Run an ensemble of wars of which the first ones have one policy, the next ones another, and so on.

    Each war is the one that `run` gives under its policy. Arguments as there; the result says `several` for
    its policy where there are.
    """
    draws = sum(leg.wars for leg in legs)
    check_draws(draws, seed, more="; `ceasefire run` takes more with `--out FILE`")
    check_chunk(chunk)
    wanted = check_outcomes(outcomes)
    _check_held(world, draws, wanted)
    whole: dict[str, npt.NDArray[Any]] = {}
    for part in computed(world, legs, wanted, seed, chunk, start, first):
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
    result.attrs |= attributes(world, [leg.plan for leg in legs], draws, seed, start)
    return result


def _by_war(content: xr.Dataset) -> Iterator[tuple[str, xr.Variable]]:
    """Return what has wars on its last axis."""
    for name, variable in content.variables.items():
        if "war" in variable.dims:
            yield str(name), variable


class ComputedPiece(NamedTuple):
    """Some of the wars of a run."""

    first: int
    """Place of the first of them."""
    content: xr.Dataset


def computed(
    world: World,
    legs: Sequence[Leg],
    wanted: tuple[str, ...],
    seed: int,
    chunk: int | None,
    start: Start | None,
    first: int = 0,
) -> Iterator[ComputedPiece]:
    """Compute the wars of a run from the first one on, a part of them at a time, in their order.

    They are computed, and kept, where `places.computing` says. Arguments as in `run_in_turn`.

    Raises:
        ValueError: a start on other fronts than the world's.
    """
    if start is not None:
        fronts = np.shape(start.state.front_weight)[0]
        if fronts != len(world.fronts):
            raise ValueError(f"a start on {fronts} fronts cannot begin a war on {len(world.fronts)}")
    draws = first + sum(leg.wars for leg in legs)
    common = Common(world, start, wanted, seed, _absent(world, draws, seed, start))
    # Only as many as are kept in one piece; where they are divided changes no war.
    pieces = list(_divided(legs, chunk or wars_of_a_piece(world, draws - first, wanted), first))
    into = places.store()
    if world.extensions and places.place() is not places.HERE:
        raise InputError(
            "mechanisms of one's own are not sent to the workers of a cluster.",
            ", ".join(one.extension.name for one in world.extensions),
            "leave out the cluster, or the mechanism.",
        )
    if into is None:
        for piece, content in zip(pieces, places.place().each(piece_of, common, pieces), strict=True):
            yield ComputedPiece(piece[0].first, content)
        return
    name_of = _names(common)
    named = [(name_of(piece), piece) for piece in pieces]
    kept = places.kept_or_computed(_packed_piece, common, named, into)
    for piece, packed in zip(pieces, kept, strict=True):
        yield ComputedPiece(piece[0].first, _unpacked(packed))


def wars_of_a_piece(world: World, draws: int, wanted: tuple[str, ...]) -> int:
    """Return how many wars a run computes at one time, where nobody says so.

    A short run has small pieces, so that it can be stopped; of a long one each costs more to hand on than to
    begin, so that they are as large as memory for a few of them allows.
    """
    if draws <= LONG_RUN:
        return min(DEFAULT_CHUNK, draws)
    fit = PIECE_BYTES // max(result_bytes(world, 1, wanted), 1)
    return max(DEFAULT_CHUNK, min(LARGEST_CHUNK, 1 << max(fit.bit_length() - 1, 0)))


class Common(NamedTuple):
    """What all pieces of a run have in common."""

    world: World
    start: Start | None
    wanted: tuple[str, ...]
    seed: int
    off: tuple[str, ...]
    """Optional mechanisms that no war of the run has."""


class Stretch(NamedTuple):
    """Wars that follow each other and have one policy, in a piece of a run."""

    plan: Plan
    first: int
    wars: int


Piece = tuple[Stretch, ...]


def _divided(legs: Sequence[Leg], size: int, first: int) -> Iterator[Piece]:
    """Divide wars into pieces of so many."""
    piece: list[Stretch] = []
    room, at = size, first
    for leg in legs:
        left = leg.wars
        while left:
            taken = min(left, room)
            piece.append(Stretch(leg.plan, at, taken))
            left, room, at = left - taken, room - taken, at + taken
            if not room:
                yield tuple(piece)
                piece, room = [], size
    if piece:
        yield tuple(piece)


def piece_of(common: Common, piece: Piece) -> xr.Dataset:
    """Compute a piece of a run: pure, so that it is the same wherever it is computed."""
    world, start, seed = common.world, common.start, common.seed
    first = piece[0].first
    wars = np.arange(first, piece[-1].first + piece[-1].wars, dtype=np.int64)
    structure = _structure(world, wars, seed, start)
    if start is None:
        parameters = recorded = drawn.draw_parameters(world, wars, seed)
    else:
        chosen = start.draws(wars)
        parameters, recorded = start.parameters[:, chosen], start.recorded()[:, chosen]
    blocks: list[Block] = []
    for stretch in piece:
        here = slice(stretch.first - first, stretch.first - first + stretch.wars)
        given = (parameters[:, here], structure[:, here], wars[here])
        blocks += run_blocks(world, stretch.plan, *given, seed, stretch.wars, start, common.off)
    block = blocks[0] if len(blocks) == 1 else _joined(blocks)
    return _labelled(world, piece, block, recorded, structure, seed, start, common.wanted)


def _joined(blocks: list[Block]) -> Block:
    found: Block = jax.tree.map(lambda *parts: np.concatenate(parts, axis=-1), *blocks)
    return found


def _unpacked(packed: bytes) -> xr.Dataset:
    """Return a kept piece.

    Raises:
        InputError: it is none, though its digest says that it is whole.
    """
    try:
        if not is_hdf5(io.BytesIO(packed)):
            raise ValueError("it is not as this program writes it")
        return xr.load_dataset(io.BytesIO(packed), engine="h5netcdf")
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise InputError(
            f"a kept piece of this run is no result: {error}.",
            "the folder of the study",
            "somebody has written it: begin again in another folder.",
        ) from error


def _packed_piece(common: Common, piece: Piece) -> bytes:
    return bytes(piece_of(common, piece).to_netcdf(engine="h5netcdf"))


def _names(common: Common) -> Callable[[Piece], str]:
    """Return what gives the name under which a piece is kept: a hash of all that it depends on or says."""
    world = common.world
    told = repr(
        (
            *(world.scenario, world.codes, world.days),
            *(common.seed, common.wanted, common.off),
            *made_by(places.place().processor).items(),
        )
    )
    of_run = hashlib.sha256(f"{_input_hash(world, (), common.start)} {told}".encode())
    # Of thousands of pieces most have one plan: it is read once.
    of_plans: dict[int, bytes] = {}

    def name_of(piece: Piece) -> str:
        digest = of_run.copy()
        for plan, first, wars in piece:
            if id(plan) not in of_plans:
                of_plans[id(plan)] = _plan_hash(plan)
            digest.update(of_plans[id(plan)] + f" {first} {wars};".encode())
        return digest.hexdigest()

    return name_of


def _plan_hash(plan: Plan) -> bytes:
    digest = hashlib.sha256(plan.policy.encode())
    for part in _parts_of(plan):
        digest.update(_told(part))
    return digest.digest()


def _parts_of(plan: Plan) -> tuple[npt.NDArray[Any] | None, ...]:
    return (plan.levers, plan.events, plan.observed_offensives, plan.stands)


def _told(part: Any) -> bytes:
    """Return an array as bytes that tell it from any other, and from none."""
    if part is None:
        return b"none;"
    return f"{part.dtype} {part.shape} ".encode() + np.ascontiguousarray(part).tobytes()


def _structure(
    world: World, wars: npt.NDArray[np.int64], seed: int, start: Start | None
) -> npt.NDArray[np.int8]:
    return drawn.draw_structure(world, wars, seed) if start is None else start.structure[:, start.draws(wars)]


def _absent(world: World, draws: int, seed: int, start: Start | None) -> tuple[str, ...]:
    """Return the optional mechanisms that no war of a run has."""
    found = []
    for first in range(0, draws, _PIECE):
        wars = np.arange(first, min(first + _PIECE, draws))
        found.append(absent(_structure(world, wars, seed, start)))
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
    piece: Piece,
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
    plans = [stretch.plan for stretch in piece]
    return xr.Dataset(data, coords, attrs=attributes(world, plans, structure.shape[1], seed, start))


def attributes(
    world: World, plans: Sequence[Plan], draws: int, seed: int, start: Start | None
) -> dict[str, Any]:
    """Return what a result says of where it comes from."""
    # What is not the model's is said wherever the result goes.
    own = [f"{one.extension.name} {one.extension.sha256}" for one in world.extensions]
    policy = plans[0].policy if len(plans) == 1 else SEVERAL
    return {
        **({"extensions": "; ".join(own)} if own else {}),
        "title": f"{world.scenario}: {policy}",
        "scenario": world.scenario,
        "policy": policy,
        "input_sha256": _input_hash(world, plans, start),
        "seed": seed,
        "draws": draws,
        "posterior": PRIOR if start is None else start.name,
        "format": FORMAT,
        "version": ceasefire.__version__,
        "model_fingerprint": model_fingerprint(),
        "sides": list(world.sides),
        "codes": list(world.codes),
    }


def _input_hash(world: World, plans: Sequence[Plan], start: Start | None) -> str:
    """Return a hash of all that went into a run but the seed."""
    text = repr(
        (world.sides, world.streams, world.start, world.priors, world.bounds, world.structure_weights)
    )
    digest = hashlib.sha256(text.encode())
    for one in world.extensions:
        digest.update(repr((one.extension.sha256, one.share, one.priors, one.bounds)).encode())
    for part in itertools.chain(world.geography, *map(_parts_of, plans)):
        digest.update(_told(part))
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
        InputError: no such file, not a result of this program, damaged, or more than is held in memory.
    """
    with open_result(path) as stored:
        if stored.nbytes > MOST_HELD:
            raise InputError(
                f"the result takes {stored.nbytes / 1e9:,.1f} GB; at most {MOST_HELD / 1e9:.1f} GB are held"
                " in memory.",
                str(path),
                "open it with `open_result`, and take a part of it.",
            )
        try:
            return stored.load()
        except Exception as error:  # a damaged file fails in the libraries in countless ways
            raise _no_result(Path(path)) from error


def open_result(path: Path | str) -> xr.Dataset:
    """Open a result file; what is asked for is read when it is asked for. Use it in a `with` block.

    Raises:
        InputError: no such file, not a result of this program, or one of a newer format.

    A result of another version of the model says so in its attribute `another_model`, with a warning.
    """
    path = Path(path)
    if not is_file(path):
        raise InputError(
            "there is no such result file.", str(path), "run `ceasefire run` or `ceasefire compare`."
        )
    # Left to the library that reads netCDF, a file that is none prints a fault of its own on the way out.
    if not is_hdf5(path):
        raise _no_result(path)
    try:
        stored = xr.open_dataset(path, engine="h5netcdf", chunks=None)
    except Exception as error:  # as above
        raise _no_result(path) from error
    try:
        return _whole_wars(stored, path)
    except BaseException:
        stored.close()
        raise


def _whole_wars(stored: xr.Dataset, path: Path) -> xr.Dataset:
    """Return the wars of an open file that are done."""
    if "model_fingerprint" not in stored.attrs:
        raise InputError(
            "this netCDF file is not a result of this program.", str(path), "name a file that `run` wrote."
        )
    check_result(stored, str(path))
    status = stored.variables.get("status")
    if status is None or "war" not in status.dims or status.dtype.kind not in "iu":
        raise _no_result(path)
    if DRAWS_WANTED in stored.attrs:
        done = stored.attrs.get("draws")
        if not isinstance(done, int | np.integer) or not 0 <= done <= stored.sizes["war"]:
            raise _no_result(path)
        # A chunk that was being written when the run stopped does not count.
        return stored.isel(war=slice(0, int(done)))
    return stored


def _no_result(path: Path) -> InputError:
    return InputError(
        "this is not a result file: it cannot be read as netCDF, is damaged, or is of something else.",
        str(path),
        "name a file that `run` wrote.",
    )
