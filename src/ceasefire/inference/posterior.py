"""A posterior as a file: draws of parameters, structure and state on a day, and how far to believe them.

The file is ArviZ data (netCDF groups `posterior`, `sample_stats`, `diagnostics`, `observed_data`). It carries
the model's fingerprint: a posterior of another model is stale, and nothing uses it silently.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Collection
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
from ceasefire.war import REGISTRY, STRUCTURES, State
from ceasefire.war.state import MECHANISM_OF
from ceasefire.war.structure import OPTIONAL

# A parameter is learnt when the evidence took away more than half of its prior variance.
LEARNT = 0.5
STATE = "state_"
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

        Columns: `name`, `kind` (parameter, reporting, state), `contraction` (1 - variance of the posterior
        over that of the prior, on the prior's scale), `shift` (change of the mean in standard deviations of
        the prior), `label` (learnt or assumed), `rhat`, `ess`. Rival equations are in `diagnostics` alone.
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


def load_posterior(path: Path | str) -> Posterior:
    """Read a posterior file.

    Raises:
        InputError: no such file, or not a posterior of this program.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("there is no such posterior file.", str(path), "run `ceasefire calibrate` first.")
    try:
        with xr.open_datatree(path, engine="h5netcdf") as stored:
            tree = stored.load()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"this is not a posterior file: {error}",
            str(path),
            "name a file that `ceasefire calibrate` wrote.",
        ) from error
    needed = {"posterior", "sample_stats", "diagnostics", "observed_data"}
    if not needed <= set(tree.children) or "model_fingerprint" not in tree.attrs:
        raise InputError(
            "this netCDF file is not a posterior of this program.",
            str(path),
            "name a file that `ceasefire calibrate` wrote.",
        )
    return Posterior(tree, str(path))


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
    columns = [
        "quantity", "concept", "side", "start", "end", "low", "best", "high", "source", "root", "known_on",
        "term",
    ]  # fmt: skip
    kept = rows[columns]
    observed = xr.Dataset(
        {
            column: (
                "observation",
                kept[column].to_numpy(np.float64)
                if column in {"low", "best", "high"}
                else kept[column]
                .map(lambda value: str(value)[:10] if hasattr(value, "date") else str(value))
                .to_numpy()
                .astype("S"),
            )
            for column in columns
        }
    )
    tree["diagnostics"] = xr.DataTree(told)
    tree["observed_data"] = xr.DataTree(observed)
    for group in ("posterior", "sample_stats"):
        # The time of making would make two equal fits differ.
        tree[group].attrs = {}
    tree.attrs = attrs | {"sides": list(sides)}
    return Posterior(tree)
