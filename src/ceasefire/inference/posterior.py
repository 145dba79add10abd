"""A posterior as a file: draws of parameters, structure and state on a day, and how far to believe them.

The file is ArviZ data (netCDF groups `posterior`, `sample_stats`, `diagnostics`, `observed_data`). It carries
the model's fingerprint: a posterior of another model is stale, and nothing uses it silently.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import compress
from pathlib import Path

import arviz_base
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ceasefire.engine import model_fingerprint
from ceasefire.files import InputError, write_atomically
from ceasefire.files.bounded import check_size, is_file, is_hdf5
from ceasefire.files.formats import ATTRIBUTE, FORMAT, check_format
from ceasefire.war import REGISTRY, STRUCTURES, State
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL

# A parameter is learnt when the evidence took away more than half of its prior variance.
LEARNT = 0.5
STATE = "state_"
EVIDENCE_COLUMNS = (
    "quantity", "concept", "side", "start", "end", "low", "best", "high", "source", "root", "known_on",
    "term",
)  # fmt: skip
"""What a file says of each row of evidence that weighed."""
STRUCTURE = "structure"
_AXES = {
    "trainees": ("side", "training_stage"),
    "recovering": ("side", "recovery_stage"),
    "armour_in_transit": ("side", "aid_stage"),
    "shells_in_transit": ("side", "aid_stage"),
    "troops": ("side", "front"),
    "ground_at_start": ("side", "front"),
    "ground_taken": ("side", "front"),
    "fortification": ("side", "front"),
    "front_weight": ("front",),
    "log_tempo": ("front",),
    "intensity": (),
    "lethality": (),
    "volatility": (),
    "truce": (),
    "aim": ("side", "front"),
    "battle": ("front",),
    "provocation": (),
    "truces_collapsed": (),
    "artillery_in_transit": ("side", "aid_stage"),
    "drones_in_transit": ("side", "aid_stage"),
    "interceptors_in_transit": ("side", "aid_stage"),
    "abroad": ("side", "return_stage"),
    "escalation": (),
    "settled": (),
}


def state_axes(name: str) -> tuple[str, ...]:
    """Return the names of a stock's axes before the ensemble's."""
    return _AXES.get(name, ("side",))


def parameter_labels(sides: tuple[str, str]) -> list[str]:
    """Return how the rows of the parameter matrix are called in a posterior."""
    return [row_label(name, side, sides) for name, side in REGISTRY.labels()]


def is_known(mechanism: str | None, mechanisms: Collection[str]) -> bool:
    """Whether a fit that took in these optional mechanisms knows what belongs to one."""
    return mechanism not in OPTIONAL or mechanism in mechanisms


def _in_order(values: xr.DataArray, axis: str, names: list[str], missing: float) -> npt.NDArray[np.float32]:
    """Return rows by their names, `missing` where there is none."""
    return np.asarray(values.reindex({axis: names}, fill_value=missing).values, np.float32)


def row_label(name: str, side: int | None, sides: tuple[str, str]) -> str:
    """Return how a row of the parameter matrix is called in a posterior."""
    return name if side is None else f"{name} ({sides[side]})"


@dataclasses.dataclass(frozen=True, eq=False)
class Posterior:
    """What the evidence says about a war on a day."""

    tree: xr.DataTree
    path: str = ""
    """The file from which it was read."""

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return str(self.tree.attrs["scenario"])

    @property
    def scenario_sha256(self) -> str:
        """Hash of the part of the scenario that it depends on (`Scenario.calibrated_sha256`)."""
        return str(self.tree.attrs["scenario_sha256"])

    @property
    def until(self) -> dt.date:
        """The day of the state: the last figures lie on it or before."""
        return dt.date.fromisoformat(str(self.tree.attrs["until"]))

    @property
    def hindsight(self) -> bool:
        """Whether figures were used that became known after the day."""
        return bool(self.tree.attrs["hindsight"])

    @property
    def known(self) -> str:
        """`then` or `now`: as of when the figures were known."""
        return "now" if self.hindsight else "then"

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the model that it belongs to."""
        return str(self.tree.attrs["model_fingerprint"])

    @property
    def step_days(self) -> int:
        """Length of a step of the fit, days."""
        return int(json.loads(str(self.tree.attrs.get("settings") or "{}")).get("step_days", 1))

    @property
    def seed(self) -> int:
        """Seed of the fit."""
        return int(json.loads(str(self.tree.attrs.get("settings") or "{}")).get("seed", 1))

    @property
    def passed(self) -> bool:
        """Whether the fit passed its diagnostics."""
        return bool(self.tree.attrs["passed"])

    @property
    def least_ess(self) -> float:
        """Effective draws of the parameter that has fewest; no draw counts for more than one."""
        table = self.contraction()
        sampled = table["kind"].isin(["parameter", "reporting"]).to_numpy()
        return min(float(np.min(table["ess"].to_numpy()[sampled])), float(self.size))

    @property
    def mechanisms(self) -> frozenset[str]:
        """Optional mechanisms that the fit took in."""
        return frozenset(str(name) for name in np.atleast_1d(self.tree.attrs.get("mechanisms", [])) if name)

    @property
    def stale(self) -> bool:
        """Whether the model that was fitted has changed since."""
        return self.fingerprint != model_fingerprint(self.mechanisms)

    @property
    def sides(self) -> tuple[str, str]:
        """Names of the two sides, in the order of every array."""
        first, second = self.tree.attrs["sides"]
        return str(first), str(second)

    @cached_property
    def name(self) -> str:
        """Short name with a hash of its draws: what results carry."""
        digest = hashlib.sha256()
        for part in ("parameters", "structure"):
            digest.update(np.ascontiguousarray(self.tree["posterior"][part].values).tobytes())
        return f"{self.scenario}@{self.until}-known-{self.known}-{digest.hexdigest()[:8]}"

    @cached_property
    def draws(self) -> xr.Dataset:
        """All draws with chains joined, in the dimension `draw`."""
        joined = self.tree["posterior"].to_dataset().stack(sample=("chain", "draw"))
        return joined.drop_vars(["sample", "chain", "draw"]).rename(sample="draw")

    @property
    def size(self) -> int:
        """Number of draws."""
        return int(self.draws.sizes["draw"])

    def parameters(self) -> npt.NDArray[np.float32]:
        """Return the parameter matrix `[P, n]`, rows by the registry, units per day.

        Rows of optional mechanisms that the fit had not are NaN: nothing is known of them.
        """
        known = self.draws["parameters"].transpose("parameter", "draw")
        return _in_order(known, "parameter", parameter_labels(self.sides), np.nan)

    def structure(self) -> npt.NDArray[np.int8]:
        """Return the structures `[K, n]`; the first choice of what the fit had not."""
        known = self.draws["structure"].transpose("alternative", "draw")
        return _in_order(known, "alternative", [one.name for one in STRUCTURES], 0).astype(np.int8)

    def state(self) -> State:
        """Return the state on the day `until`, ensemble last; zeros `[n]` for stocks that the fit had not."""
        nothing = np.zeros(self.size, np.float32)
        return State(
            **{
                name: np.asarray(
                    self.draws[STATE + name].transpose(*state_axes(name), "draw").values, np.float32
                )
                if STATE + name in self.draws
                else nothing
                for name in State._fields
            }
        )

    def contraction(self) -> pd.DataFrame:
        """Return one row for each parameter and each quantity of the state: what the evidence taught.

        Columns: `name`, `kind` (parameter, reporting, state, constant), `contraction` (1 - variance of the
        posterior over that of the prior, on the prior's scale), `shift` (change of the mean in standard
        deviations of the prior), `label` (learnt or assumed), `rhat`, `ess`. Rival equations are in
        `diagnostics` alone.
        """
        told = self.diagnostics()
        told = told[told["kind"] != STRUCTURE].reset_index(drop=True)
        label = np.where(told["contraction"] > LEARNT, "learnt", "assumed")
        told.insert(told.columns.get_loc("rhat"), "label", label)
        return told

    def diagnostics(self) -> pd.DataFrame:
        """Return one row for all that the fit was judged by.

        Columns: `name`, `kind` (constant, parameter, reporting, state, structure), `contraction`, `shift`,
        `rhat`, `ess`. For a choice among rival equations (structure) contraction and shift say nothing.
        """
        told = self.tree["diagnostics"].to_dataset()
        return pd.DataFrame(
            {
                "name": told["row"].values.astype(str),
                "kind": told["kind"].values.astype(str),
                "contraction": told["contraction"].values,
                "shift": told["shift"].values,
                "rhat": told["rhat"].values,
                "ess": told["ess"].values,
            }
        )

    def evidence_rows(self) -> pd.DataFrame:
        """Return the rows of evidence that weighed, with the `term` of each."""
        rows = self.tree["observed_data"].to_dataset().to_dataframe().reset_index(drop=True)
        for column in rows.columns:
            if rows[column].dtype == object:
                rows[column] = [
                    value.decode() if isinstance(value, bytes) else value for value in rows[column]
                ]
        return rows

    def notes(self) -> list[str]:
        """Return what the fit set aside, in words."""
        return [str(note) for note in np.atleast_1d(self.tree.attrs["notes"]) if str(note)]

    def require(self, scenario_sha256: str) -> Posterior:
        """Return itself if it may be used for a scenario.

        Raises:
            InputError: it failed its diagnostics, belongs to another model or to another scenario.
        """
        where = self.path or self.name
        again = (
            f"run `ceasefire calibrate {self.scenario} --until {self.until}` or `make posterior`; where the"
            " command has it, `--posterior prior` does without."
        )
        if not self.passed:
            raise InputError(
                "this posterior failed its diagnostics: " + str(self.tree.attrs["why"]),
                where,
                "calibrate with more sets; where the command has it, `--posterior prior` does without.",
            )
        if self.stale:
            raise InputError(
                f"this posterior is stale: it belongs to the model {self.fingerprint}, the model is now"
                f" {model_fingerprint(self.mechanisms)}.",
                where,
                again,
            )
        if self.scenario_sha256 != scenario_sha256:
            raise InputError(
                f"the scenario '{self.scenario}' has changed since this posterior was made, in more than its"
                " policies.",
                where,
                again,
            )
        return self

    def save(self, path: Path | str) -> Path:
        """Write the file, whole or not at all; return its path."""
        encoding = {
            f"/{group}": {
                str(name): {"zlib": True, "complevel": 9, "shuffle": True}
                for name, values in self.tree[group].data_vars.items()
                if values.dtype.kind in "fiS"
            }
            for group in self.tree.children
        }
        content = self.tree.to_netcdf(engine="h5netcdf", encoding=encoding)
        return write_atomically(path, bytes(content))


LARGEST_FILE = 500_000_000
"""Bytes of a posterior file."""
LARGEST_HELD = 2_000_000_000
"""Bytes of its values in memory: a small file can say that it holds any number of them."""
_NAME_ONE = "name a file that `ceasefire calibrate` wrote."
_WORDS = ("scenario", "scenario_sha256", "until", "model_fingerprint", "why", "version")
_SWITCHES = ("hindsight", "passed")
_TERM = {"root", "side", "says", "figures", "first", "last"}


def load_posterior(path: Path | str) -> Posterior:
    """Read a posterior file.

    Raises:
        InputError: no such file, too large, or not a whole posterior of this program.
    """
    path = Path(path)
    if not is_file(path):
        raise InputError("there is no such posterior file.", str(path), "run `ceasefire calibrate` first.")
    check_size(path, LARGEST_FILE, _NAME_ONE)
    damaged = InputError(
        "this is not a posterior file: it cannot be read as netCDF, or is damaged.", str(path), _NAME_ONE
    )
    # Left to the library that reads netCDF, a file that is none prints a fault of its own on the way out.
    if not is_hdf5(path):
        raise damaged
    try:
        with xr.open_datatree(path, engine="h5netcdf") as stored:
            held = sum(node.nbytes for node in stored.subtree)
            if held > LARGEST_HELD:
                raise InputError(
                    f"the file holds {held / 1e9:,.1f} GB of values; the limit is"
                    f" {LARGEST_HELD / 1e9:.0f} GB.",
                    str(path),
                    _NAME_ONE,
                )
            tree = stored.load()
        for node in tree.subtree:
            # A file whose groups contradict each other fails here.
            node.to_dataset()
    except InputError:
        raise
    except Exception as error:  # a damaged file fails in the libraries in countless ways
        raise damaged from error
    needed = {"posterior", "sample_stats", "diagnostics", "observed_data"}
    if not needed <= set(tree.children) or "model_fingerprint" not in tree.attrs:
        raise InputError("this netCDF file is not a posterior of this program.", str(path), _NAME_ONE)
    # Before anything else is asked of it: one of a newer format may look different.
    check_format(tree.attrs, "posterior", str(path))
    for check in (_lacks_words, _lacks_draws, _lacks_tables):
        lacks = next(check(tree), None)
        if lacks is not None:
            raise InputError(f"this posterior file is not whole: {lacks}.", str(path), "calibrate again.")
    return Posterior(tree, str(path))


def _lacks_words(tree: xr.DataTree) -> Iterator[str]:
    """Say what is wrong with what a file says of its fit; the first is what counts."""
    attrs = tree.attrs
    for name in _WORDS:
        if not isinstance(attrs.get(name), str):
            yield f"'{name}' is no text"
    for name in _SWITCHES:
        if not isinstance(attrs.get(name), int | np.integer | np.bool_):
            yield f"'{name}' is neither 0 nor 1"
    sides = attrs.get("sides")
    if not isinstance(sides, list) or len(sides) != 2 or not all(isinstance(side, str) for side in sides):
        yield "'sides' does not name two sides"
    for name in ("notes", "terms", "mechanisms"):
        found = attrs.get(name, [] if name == "mechanisms" else None)
        if not isinstance(found, str) and not (
            isinstance(found, list | np.ndarray) and all(isinstance(one, str) for one in found)
        ):
            yield f"'{name}' is no list of texts"
    try:
        dt.date.fromisoformat(attrs["until"])
        settings = json.loads(attrs.get("settings") or "{}")
        int(settings.get("step_days", 1))
        int(settings.get("seed", 1))
        terms = [json.loads(text) for text in np.atleast_1d(attrs["terms"]).tolist() if text]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        yield "'until', 'settings' or 'terms' cannot be read"
    if not all(isinstance(term, dict) and set(term) >= _TERM for term in terms):
        yield "'terms' cannot be read"


def _lacks_draws(tree: xr.DataTree) -> Iterator[str]:
    """Say what is wrong with the draws of a file; the first is what counts."""
    draws, likelihood = tree["posterior"].to_dataset(), tree["sample_stats"].to_dataset()
    wanted = {
        "parameters": ("parameter",),
        "reporting": ("report",),
        "structure": ("alternative",),
        "killed": ("month", "side"),
        "killed_and_wounded": ("month", "side"),
    }
    wanted |= {
        str(name): state_axes(str(name).removeprefix(STATE)) for name in draws if str(name).startswith(STATE)
    }
    for name, axes in wanted.items():
        if name not in draws or set(draws[name].dims) != {"chain", "draw", *axes}:
            yield f"'{name}' is not there, or not by {', '.join(('chain', 'draw', *axes))}"
        kind = "iu" if name == "structure" else "f"
        if (
            draws[name].dtype.kind not in kind
            or not draws[name].size
            or not np.isfinite(draws[name].values).all()
        ):
            yield f"'{name}' does not hold numbers alone"
    if set(wanted) != set(map(str, draws.data_vars)):
        yield "it holds draws of something that is not known"
    for name in ("parameter", "report", "alternative", "side", "front"):
        labels = draws[name].values if name in draws.coords else np.zeros(0)
        texts = labels.dtype.kind in "UOT" and all(isinstance(label, str) for label in labels.tolist())
        if not texts or labels.ndim != 1 or len(set(labels.tolist())) != labels.size:
            yield f"'{name}' does not name each of its rows"
    if draws["side"].values.tolist() != list(tree.attrs["sides"]):
        yield "its sides are not those of its draws"
    if "month" not in draws.coords or draws["month"].dtype.kind != "M" or draws["month"].isnull().any():
        yield "'month' does not hold days"
    if "log_likelihood" not in likelihood or set(likelihood["log_likelihood"].dims) != {"chain", "draw"}:
        yield "'log_likelihood' is not there, or not by chain, draw"


def _lacks_tables(tree: xr.DataTree) -> Iterator[str]:
    """Say what is wrong with the tables of a file; the first is what counts."""
    judged, rows = tree["diagnostics"].to_dataset(), tree["observed_data"].to_dataset()
    for name in ("row", "kind"):
        if (
            name not in judged.variables
            or judged[name].dims != ("row",)
            or judged[name].dtype.kind not in "SUOT"
        ):
            yield f"the diagnostics lack '{name}'"
        if not all(isinstance(one, str | bytes) for one in judged[name].values.tolist()):
            yield f"the diagnostics lack '{name}'"
    for name in ("contraction", "shift", "rhat", "ess"):
        if name not in judged or judged[name].dims != ("row",) or judged[name].dtype.kind != "f":
            yield f"the diagnostics lack '{name}'"
    if not (judged["kind"].astype(str).isin(["parameter", "reporting"])).any():
        yield "the diagnostics say nothing of any parameter"
    for name in EVIDENCE_COLUMNS:
        kinds = "f" if name in {"low", "best", "high"} else "SUOT"
        if name not in rows or rows[name].dims != ("observation",) or rows[name].dtype.kind not in kinds:
            yield f"the evidence rows lack '{name}'"


def plain_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of evidence as a file holds them: numbers, and words with days as `YYYY-MM-DD`."""
    return pd.DataFrame(
        {
            column: rows[column].to_numpy(np.float64)
            if column in {"low", "best", "high"}
            else [str(value)[:10] if hasattr(value, "date") else str(value) for value in rows[column]]
            for column in EVIDENCE_COLUMNS
        }
    )


def make_posterior(
    *,
    parameters: npt.NDArray[np.float32],
    reporting: npt.NDArray[np.float32],
    reporting_names: list[str],
    structure: npt.NDArray[np.int8],
    state: State,
    months: list[dt.date],
    path: npt.NDArray[np.float32],
    log_likelihood: npt.NDArray[np.float32],
    chains: int,
    diagnostics: pd.DataFrame,
    rows: pd.DataFrame,
    sides: tuple[str, str],
    fronts: tuple[str, ...],
    attrs: dict[str, object],
) -> Posterior:
    """Return a posterior from draws whose chains stand side by side on the last axis.

    Args:
        parameters: `[P, n]`.
        reporting: parameters of reporting, `[O, n]`.
        reporting_names: their names.
        structure: `[K, n]`.
        state: stocks on the day, ensemble last.
        months: ends of calendar months, and the last day.
        path: killed, then killed and wounded, of each side since the war's first day, `[M, 2, 2, n]`.
        log_likelihood: `[n]`.
        chains: number of replicates.
        diagnostics: columns name, kind, contraction, shift, rhat, ess.
        rows: evidence rows used.
        sides: names of the sides.
        fronts: names of the fronts.
        attrs: what to say about the fit.
    """

    def split(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        return np.moveaxis(values.reshape(*values.shape[:-1], chains, -1), (-2, -1), (0, 1))

    fitted = {str(name) for name in np.atleast_1d(np.asarray(attrs.get("mechanisms", []), str)) if name}
    rows_kept = [is_known(REGISTRY.mechanisms[name], fitted) for name, _ in REGISTRY.labels()]
    alternatives = [is_known(one.mechanism, fitted) for one in STRUCTURES]
    known = [name for name in State._fields if is_known(MECHANISM_OF.get(name), fitted)]
    stocks = {STATE + name: split(np.asarray(getattr(state, name), np.float32)) for name in known}
    coords = {
        "parameter": list(compress(parameter_labels(sides), rows_kept)),
        "report": reporting_names,
        "alternative": list(compress((one.name for one in STRUCTURES), alternatives)),
        "side": list(sides),
        "front": list(fronts),
        "month": np.array(months, dtype="datetime64[ns]"),
    }
    dims = {STATE + name: list(state_axes(name)) for name in known}
    dims |= {
        "parameters": ["parameter"],
        "reporting": ["report"],
        "structure": ["alternative"],
        "killed": ["month", "side"],
        "killed_and_wounded": ["month", "side"],
    }
    tree = arviz_base.from_dict(
        {
            "posterior": {
                "parameters": split(parameters[rows_kept]),
                "reporting": split(reporting),
                "structure": split(structure[alternatives]),
                "killed": split(path[:, 0]),
                "killed_and_wounded": split(path[:, 1]),
                **stocks,
            },
            "sample_stats": {"log_likelihood": split(log_likelihood)},
        },
        coords=coords,
        dims=dims,
    )
    told = xr.Dataset(
        {
            "kind": ("row", diagnostics["kind"].to_numpy().astype("S")),
            **{
                name: ("row", diagnostics[name].to_numpy().astype(np.float32))
                for name in ("contraction", "shift", "rhat", "ess")
            },
        },
        coords={"row": diagnostics["name"].to_numpy().astype(str)},
    )
    plain = plain_rows(rows)
    observed = xr.Dataset(
        {
            column: ("observation", values if values.dtype.kind == "f" else values.astype("S"))
            for column in EVIDENCE_COLUMNS
            for values in (plain[column].to_numpy(),)
        }
    )
    tree["diagnostics"] = xr.DataTree(told)
    tree["observed_data"] = xr.DataTree(observed)
    for group in ("posterior", "sample_stats"):
        # The time of making would make two equal fits differ.
        tree[group].attrs = {}
    tree.attrs = attrs | {"sides": list(sides), ATTRIBUTE: FORMAT}
    return Posterior(tree)
