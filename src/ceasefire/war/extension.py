"""Mechanisms of one's own: a function of the morning that multiplies some of the day's flows.

Equation: with f_k the factor that extension k gives for a flow, and s_k 1 in a war that has it, else 0, the
flow of the model is multiplied by

    product over k of (f_k if s_k = 1, else 1)

A factor of exactly 1 changes nothing, to the last bit. The flows that can be multiplied are the fields of
`Factors`, and no others.

| symbol | argument | unit | range |
| --- | --- | --- | --- |
| f_k | fields of `Factors` | 1 | 0 and above; what is below 0 counts as 0 |
| s_k | switch of the war | 0 or 1 | drawn once a war from the scenario's share |

Source: none; an extension brings its own with each parameter.
Known to fail: an extension adds no stock, so that what it does to a flow has no memory but in the stocks of
the model; leaders do not foresee it: the balance by which they decide is that without it.
Worked number: a factor of 0.8 on `tempo` and one of 0.5 multiply the fighting by 0.4.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from ceasefire.war import levers
from ceasefire.war.catalogue import REGISTRY, view
from ceasefire.war.flows import enemy
from ceasefire.war.registry import Parameter, Prior
from ceasefire.war.state import Geography, State
from ceasefire.war.structure import STRUCTURES

__all__ = ["Calendar", "Extension", "ExtensionError", "Factors", "Parameter", "Prior", "extension"]

PARAMETERS: tuple[Parameter, ...] = ()

Array: TypeAlias = Any
"""An array of JAX or of NumPy, or the shape of one."""
Named: TypeAlias = Mapping[str, jax.Array]
Factor: TypeAlias = Any
"""An array, or a number."""


class Calendar(NamedTuple):
    """What the calendar says of today, scalars."""

    day: jax.Array | float = 0.0
    """Days since the first morning of the war, from 0."""
    month: jax.Array | float = 1.0
    """Month of the year, 1 to 12."""
    year_share: jax.Array | float = 0.0
    """Share of the year that has passed: 0 on 1 January, nearly 1 on 31 December."""


class Factors(NamedTuple):
    """What multiplies flows today. 1, the default of each, changes nothing."""

    tempo: Factor = 1.0
    """The fighting on all fronts: losses and ground of both sides, `[N]`."""
    losses_caused: Factor = 1.0
    """Losses that the side causes to its enemy on the fronts, `[2, N]`."""
    fire: Factor = 1.0
    """Rounds that the side plans to fire; losses caused and its stock of rounds follow, `[2, N]`."""
    ground_taken: Factor = 1.0
    """Ground that the side takes, `[2, N]`."""
    recruitment: Factor = 1.0
    """Volunteers and call-up that are planned, `[2, N]`."""
    production: Factor = 1.0
    """All war production, `[2, N]`."""
    aid: Factor = 1.0
    """Arms sent to the side from abroad, `[2, N]`."""
    civilian_deaths: Factor = 1.0
    """Civilians killed on the side's ground, `[2, N]`; only where `civilian_harm` is on."""

    def on_losses(self) -> Factor:
        """Return what multiplies the losses of each side on each front, `[2, 1, N]`."""
        caused = self.losses_caused
        return enemy(caused)[:, None, :] if jnp.ndim(caused) else caused

    def on_ground(self) -> Factor:
        """Return what multiplies the ground that each side takes on each front, `[2, 1, N]`."""
        taken = self.ground_taken
        return taken[:, None, :] if jnp.ndim(taken) else taken


NOTHING = Factors()
OF_THE_WAR = ("tempo",)
"""Factors of the whole war, `[N]`; all others are `[2, N]`."""

Effect: TypeAlias = Callable[[State, Named, Named, Calendar], Factors]
"""`(state, parameters by name, levers by name, calendar) -> Factors`."""


class ExtensionError(ValueError):
    """An extension that cannot be used as it is written."""

    def __init__(self, what: str, todo: str) -> None:
        self.what = what
        self.todo = todo
        super().__init__(f"{what} {todo}")


@dataclasses.dataclass(frozen=True, eq=False)
class Extension:
    """A mechanism that does not come with the package. Made by `extension`."""

    name: str
    meaning: str
    parameters: tuple[Parameter, ...]
    effect: Effect
    file: str = ""
    """The file from which it was read."""
    sha256: str = ""
    """Hash of that file; of the function's source where there is none."""

    def __post_init__(self) -> None:
        """Refuse a name that cannot be told from others, and parameters that belong elsewhere."""
        if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", self.name):
            raise ExtensionError(
                f"'{self.name}' is no name of a mechanism.", "Use small letters, digits and single hyphens."
            )
        if self.name in REGISTRY.mechanisms.values():
            raise ExtensionError(
                f"the model has a mechanism '{self.name}' of its own.", "Choose another name."
            )
        if not self.meaning.strip():
            raise ExtensionError(f"'{self.name}' does not say what it does.", "Write one sentence.")
        names = [one.name for one in self.parameters]
        for name in names:
            if name in REGISTRY or names.count(name) > 1:
                raise ExtensionError(f"there is a parameter '{name}' already.", "Choose another name.")
        for one in self.parameters:
            if one.initial:
                raise ExtensionError(
                    f"'{one.name}' is a stock at the start; an extension has none.", "Leave out `initial`."
                )

    def labels(self) -> list[tuple[str, int | None]]:
        """Return `(name, side)` of each row of its parameters; side is None for one of the whole war."""
        found: list[tuple[str, int | None]] = []
        for one in self.parameters:
            found += [(one.name, 0), (one.name, 1)] if one.per_side else [(one.name, None)]
        return found


def extension(name: str, meaning: str, parameters: Sequence[Parameter] = ()) -> Callable[[Effect], Extension]:
    """Make an extension of a pure function.

    Args:
        name: what a scenario calls it under `mechanisms`.
        meaning: what it does, one sentence.
        parameters: its own; those of the model are there as well.

    Returns:
        A decorator of a function `(state, parameters, levers, calendar) -> Factors`.
    """

    def made(effect: Effect) -> Extension:
        try:
            source = inspect.getsource(effect)
        except (OSError, TypeError):
            code: Any = getattr(effect, "__code__", None)
            source = repr((getattr(code, "co_code", b""), getattr(code, "co_consts", ())))
        text = repr((name, meaning, tuple(parameters), source))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Extension(name, meaning, tuple(parameters), effect, "", digest)

    return made


class Rows(NamedTuple):
    """What each war has of the extensions of a run."""

    parameters: Array
    """`[Q, N]`: those of the first extension, then those of the next; per side two rows."""
    there: Array
    """int8 `[E, N]`: 1 where the war has the extension."""


def factors(
    extensions: Sequence[Extension],
    state: State,
    parameters: jax.Array,
    rows: Rows,
    lever_row: jax.Array,
    calendar: Calendar,
) -> Factors:
    """Return what multiplies today's flows: the product over extensions, in the war's shapes.

    Args:
        extensions: those of the run.
        state: the stocks this morning.
        parameters: those of the model, `[P, N]`.
        rows: what each war has of the extensions.
        lever_row: the plan's row `[L]`.
        calendar: today.
    """
    if not extensions:
        return NOTHING
    of_model, lever = view(parameters), levers.view(lever_row)
    total: dict[str, Factor] = {}
    row = 0
    for number, one in enumerate(extensions):
        own, row = _named(one.parameters, rows.parameters, row)
        there = rows.there[number] > 0
        for name, factor in _given(one.effect(state, of_model | own, lever, calendar)):
            shape = state.truce.shape if name in OF_THE_WAR else state.killed.shape
            wide = jnp.broadcast_to(jnp.asarray(factor, state.killed.dtype), shape)
            counted = jnp.where(there, jnp.maximum(wide, 0.0), 1.0)
            total[name] = counted if name not in total else total[name] * counted
    return Factors(**total)


def _given(found: object) -> Iterator[tuple[str, Factor]]:
    """Return the factors that are not left at 1."""
    if not isinstance(found, Factors):
        raise ExtensionError(
            f"the function returns {type(found).__name__}, not Factors.", "Return Factors(tempo=...)."
        )
    for name, factor in found._asdict().items():
        if not (isinstance(factor, int | float) and factor == 1):
            yield name, factor


def _named(parameters: Iterable[Parameter], rows: jax.Array, row: int) -> tuple[dict[str, jax.Array], int]:
    """Return an extension's parameters by name, and the row after its last."""
    found = {}
    for one in parameters:
        found[one.name] = rows[row : row + 2] if one.per_side else rows[row]
        row += 2 if one.per_side else 1
    return found, row


# Wars of the examination, on three fronts: an axis of 2 is that of the sides.
_WARS = 4
# Rounding of one formula compiled for either order of the sides.
_SAME = 1e-6
_DAYS = tuple(Calendar(day, 1 + day // 31, day / 365.0) for day in range(0, 365, 13))


def examine(one: Extension) -> None:
    """Refuse an extension that does not keep to the house, on made-up mornings all through a year.

    Its function must take arrays of wars, give finite factors of the right shapes and none below 0, give the
    same for the same, and treat both sides alike: turned round, they get each other's factors.

    Raises:
        ExtensionError: it does not; its cause is what the function raised, if it did.
    """
    sample = _sample(one)
    turned = tuple(_turned(part) for part in sample)
    # Traced twice: what a function keeps or draws shows.
    first, second = (jax.jit(functools.partial(_asked, one)) for _ in range(2))
    for day in _DAYS:
        calendar = Calendar(*(jnp.float32(part) for part in day))
        found, again, mirrored = (
            _tried(function, given, calendar)
            for function, given in ((first, sample), (second, sample), (first, turned))
        )
        for name, factor in found._asdict().items():
            values = jnp.asarray(factor)
            if not bool(jnp.all(jnp.isfinite(values))):
                raise ExtensionError(
                    f"the factor '{name}' is not a finite number on day {day.day}.",
                    "Look for a division by a stock that may be 0, or a logarithm of it.",
                )
            if bool(jnp.any(values < 0)):
                raise ExtensionError(
                    f"the factor '{name}' is below 0 on day {day.day}.",
                    "A factor is 0 or above; 1 changes nothing.",
                )
            if not bool(jnp.all(values == jnp.asarray(getattr(again, name)))):
                raise ExtensionError(
                    f"the factor '{name}' is not the same for the same morning.",
                    "Draw nothing and keep nothing in the function; what is uncertain is a parameter.",
                )
            other = _turned(jnp.asarray(getattr(mirrored, name)))
            if not bool(jnp.allclose(values, other, rtol=_SAME, atol=0.0)):
                raise ExtensionError(
                    f"the factor '{name}' treats the two sides unlike.",
                    "Compute with whole arrays [2, N]; what differs between sides is a parameter of each.",
                )


def _tried(attempt: Callable[[Any, Calendar], Factors], given: Any, calendar: Calendar) -> Factors:
    try:
        return attempt(given, calendar)
    except ExtensionError:
        raise
    except jax.errors.ConcretizationTypeError as error:
        raise ExtensionError(
            "the function asks for the value of an array, by `if`, `and` or `float()`.",
            "Choose by jax.numpy.where.",
        ) from error
    except KeyError as error:
        raise ExtensionError(
            f"there is no parameter and no lever {error}.",
            "Use a parameter of its own, or one that `ceasefire parameters` lists.",
        ) from error
    except Exception as error:
        text = str(error).split("\n")[0]
        raise ExtensionError(
            f"the function fails: {type(error).__name__}: {text}", "See `docs/extending.md`."
        ) from error


def _asked(one: Extension, given: Any, calendar: Calendar) -> Factors:
    """Return the factors as the function gives them, in their shapes; which must fit."""
    state, of_model, own, lever = given
    found: dict[str, Any] = {}
    for name, factor in _given(one.effect(state, of_model | own, lever, calendar)):
        shape = (_WARS,) if name in OF_THE_WAR else (2, _WARS)
        there = jnp.shape(factor)
        if len(there) > len(shape) or any(
            size not in (1, wanted) for size, wanted in zip(there[::-1], shape[::-1], strict=False)
        ):
            raise ExtensionError(
                f"the factor '{name}' has the shape {list(there)}, N being {_WARS}.",
                "It is one of the whole war, [N]."
                if name in OF_THE_WAR
                else "It is one of each side, [2, N].",
            )
        found[name] = jnp.broadcast_to(jnp.asarray(factor, jnp.float32), shape)
    return Factors(**found)


def _sample(one: Extension) -> tuple[Any, Any, Any, Any]:
    """Return mornings, parameters of the model, its own, and levers, by which an extension is examined."""
    state, of_model = _mornings()
    points = (-1.0, -0.3, 0.4, 1.0)

    def drawn(parameter: Parameter, sign: float) -> Any:
        z = np.array([sign * point for point in points])
        return jnp.asarray(parameter.prior.draw(z, parameter.bounds), jnp.float32)

    own = {
        parameter.name: jnp.stack([drawn(parameter, 1.0), drawn(parameter, -0.7)])
        if parameter.per_side
        else drawn(parameter, 1.0)
        for parameter in one.parameters
    }
    row = levers.defaults(1)[0]
    for lever in levers.LEVERS:
        if lever.per_side:
            row[levers.COLUMNS[lever.name].start + 1] = (lever.default + lever.bounds[1]) / 2.0
    return state, of_model, own, levers.view(jnp.asarray(row))


@functools.cache
def _mornings() -> tuple[State, dict[str, jax.Array]]:
    from ceasefire.war.start import initial_state

    rows = []
    for number, (name, _) in enumerate(REGISTRY.labels()):
        parameter = REGISTRY[name]
        z = np.modf((np.arange(_WARS) + 0.5) * np.sqrt(number + 2.0))[0] * 2.0 - 1.0
        rows.append(parameter.prior.draw(z, parameter.bounds))
    parameters = jnp.asarray(np.array(rows), jnp.float32)
    of_sides = jnp.array([[3_000.0, 2_000.0, 1_000.0], [500.0, 2_500.0, 4_000.0]])
    geography = Geography(
        jnp.array([0.5, 0.3, 0.2]), of_sides, of_sides / jnp.sum(of_sides, axis=1, keepdims=True)
    )
    structure = jnp.zeros((len(STRUCTURES), _WARS), jnp.int8)
    return jax.jit(initial_state)(parameters, structure, geography), view(parameters)


def _turned(tree: Any) -> Any:
    """Return the same with the two sides turned round."""

    def turn(values: jax.Array) -> jax.Array:
        return values[::-1] if values.ndim and values.shape[0] == 2 else values

    return jax.tree.map(turn, tree)
