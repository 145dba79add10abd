"""The fused loop against double precision, against JAX, and against itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.random import threefry2x32_p
from scipy import special

from ceasefire.engine import chance, draw_parameters, draw_structure, ensemble
from ceasefire.engine.fused import LANES, CannotFuseError, Kernel, Stepwise, carry_room
from ceasefire.engine.fused import kernel as kernel_module
from ceasefire.engine.fused.ordering import order
from ceasefire.engine.fused.program import DAILY, ONCE, WEEKLY, Program
from ceasefire.engine.fused.tracing import add, kind_of
from ceasefire.engine.loop import Loop, scan
from ceasefire.scenario import load_scenario
from ceasefire.war import Geography
from tests.engine.starts import state_from_priors
from tests.engine.test_label_swap import with_everything

FLOAT, INT, WORD = jnp.float32, jnp.int32, jnp.uint32


def shape(dtype: Any, *axes: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(axes, dtype)


# Functions of numbers of one war


class Functions:
    """Functions of rows `[..., N]`, compiled; their results are float32."""

    def __init__(
        self, of_wars: Any, functions: dict[str, Callable[[Any], jax.Array]], avx512: bool | None = None
    ) -> None:
        self.functions = functions
        row = shape(FLOAT, LANES)
        self.kernel = Kernel(
            Loop(
                start=lambda of_wars, of_run: jnp.zeros(LANES, FLOAT),
                begin_week=lambda carry, of_wars, of_run, of_week: carry,
                step=lambda carry, of_wars, of_run, held, of_day, new_week: carry,
                end_week=lambda carry, of_wars, of_run, held: (
                    carry,
                    {name: function(of_wars) for name, function in functions.items()},
                ),
                carry=row,
                of_wars=of_wars,
                of_run=shape(FLOAT),
                of_week=shape(FLOAT),
                of_day=shape(FLOAT),
            ),
            avx512=avx512,
        )

    def __call__(self, of_wars: Any) -> dict[str, np.ndarray]:
        nothing = np.float32(0)
        _, record = self.kernel.run(None, of_wars, nothing, nothing[None], nothing[None, None])
        return {name: values[0] for name, values in record.items()}

    def by_jax(self, of_wars: Any) -> dict[str, np.ndarray]:
        rows = jax.tree.map(jnp.asarray, of_wars)
        return {name: np.asarray(function(rows)) for name, function in self.functions.items()}


ELEMENTARY: dict[str, tuple[Callable[[Any], jax.Array], Callable[[np.ndarray], np.ndarray]]] = {
    "exp": (jnp.exp, np.exp),
    "log": (jnp.log, np.log),
    "expm1": (jnp.expm1, np.expm1),
    "log1p": (jnp.log1p, np.log1p),
    "logistic": (jax.nn.sigmoid, special.expit),
    "erf": (jax.lax.erf, special.erf),
    "erfc": (jax.lax.erfc, special.erfc),
    "erf_inv": (jax.lax.erf_inv, special.erfinv),
    "sqrt": (jnp.sqrt, np.sqrt),
}


@pytest.fixture(scope="module", params=[None, False], ids=["as here", "as anywhere"])
def elementary(request: pytest.FixtureRequest) -> Functions:
    return Functions(
        shape(FLOAT, LANES), {name: ours for name, (ours, _) in ELEMENTARY.items()}, request.param
    )


def powers(low: float, high: float) -> np.ndarray:
    return np.logspace(low, high, 20_000)


def between(low: float, high: float) -> np.ndarray:
    return np.linspace(low, high, 20_000)


ULP = 2.0**-23


@pytest.mark.parametrize(
    ("name", "points", "bound"),
    [
        ("exp", between(-87.3, 88.72), 1.0),
        ("exp", between(-1.0, 1.0), 1.0),
        ("log", powers(-37.9, 38.5), 1.0),
        ("log", between(0.5, 2.0), 1.0),
        ("expm1", between(-100.0, 88.72), 1.0),
        ("expm1", powers(-30, 0), 1.0),
        ("expm1", -powers(-30, 0), 1.0),
        ("log1p", powers(-30, 38.5), 2.0),
        ("log1p", -powers(-30, -0.01), 2.0),
        ("logistic", between(-87.0, 87.0), 1.5),
        ("erf", between(-6.0, 6.0), 2.0),
        ("erf", powers(-20, 0), 2.0),
        ("erfc", between(-10.0, 1.0), 4.0),
        ("erfc", between(1.0, 9.0), 80.0),
        ("erf_inv", between(-0.99, 0.99), 4.0),
        ("erf_inv", powers(-20, -1), 4.0),
        ("erf_inv", 1.0 - powers(-7.2, -2), 80.0),
        ("sqrt", powers(-37.9, 38.5), 1.0),
    ],
)
def test_an_elementary_function_is_exact_to_few_units_in_the_last_place(
    elementary: Functions, name: str, points: np.ndarray, bound: float
) -> None:
    points = np.unique(points.astype(np.float32))
    exact = ELEMENTARY[name][1](points.astype(np.float64))
    found = elementary(points)[name].astype(np.float64)
    assert np.abs(found / exact - 1.0).max() < bound * ULP


@pytest.mark.parametrize(
    ("name", "points", "error"),
    [
        # Numbers below the least normal one lose bits, and nothing else.
        ("exp", between(-120.0, -87.0), 2e-45),
        ("logistic", between(-120.0, -87.0), 1.2e-38),
        ("erfc", between(9.0, 30.0), 1e-41),
    ],
)
def test_what_is_too_small_for_a_float_goes_to_zero(
    elementary: Functions, name: str, points: np.ndarray, error: float
) -> None:
    points = points.astype(np.float32)
    exact = ELEMENTARY[name][1](points.astype(np.float64))
    assert np.abs(elementary(points)[name] - exact).max() <= error


@pytest.mark.parametrize("name", ELEMENTARY)
def test_an_elementary_function_at_the_edges(elementary: Functions, name: str) -> None:
    edges = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, -2.0, 89.0, -200.0], np.float32)
    with np.errstate(all="ignore"):
        exact = ELEMENTARY[name][1](edges.astype(np.float64)).astype(np.float32)
    np.testing.assert_allclose(elementary(edges)[name], exact, rtol=2.0 * ULP)


def test_the_log_of_a_number_below_the_least_normal_one_is_finite(elementary: Functions) -> None:
    found = elementary(np.array([1e-45, 1e-40, 1.1e-38], np.float32))["log"]
    assert ((found > -89.0) & (found < -87.0)).all()


@pytest.fixture(scope="module")
def of_two() -> Functions:
    row = shape(FLOAT, LANES)
    return Functions(
        (row, row),
        {
            "max": lambda xy: jnp.maximum(*xy),
            "min": lambda xy: jnp.minimum(*xy),
            "max with a constant": lambda xy: jnp.maximum(xy[0], 0.5),
            "max of a constant": lambda xy: jnp.maximum(0.5, xy[0]),
            "min with a constant": lambda xy: jnp.minimum(xy[0], 0.5),
            "clip": lambda xy: jnp.clip(xy[0], -1.0, 2.0),
            "is_finite": lambda xy: jnp.isfinite(xy[0]).astype(FLOAT),
            "select": lambda xy: jnp.where(xy[0] > xy[1], xy[0], -xy[1]),
            "equal": lambda xy: (xy[0] == xy[1]).astype(FLOAT),
            "not equal": lambda xy: (xy[0] != xy[1]).astype(FLOAT),
            "not less": lambda xy: (~(xy[0] < xy[1])).astype(FLOAT),
            "one of both": lambda xy: ((xy[0] > 0) ^ (xy[1] > 0)).astype(FLOAT),
            "same sign": lambda xy: ((xy[0] > 0) == (xy[1] > 0)).astype(FLOAT),
            "size": lambda xy: jnp.abs(xy[0]),
            "cube": lambda xy: xy[0] ** 3,
            "one by the square": lambda xy: xy[0] ** -2,
            "one by the root": lambda xy: jax.lax.rsqrt(jnp.abs(xy[1])),
            "whole": lambda xy: xy[0].astype(INT).astype(FLOAT),
            "word": lambda xy: xy[0].astype(WORD).astype(FLOAT),
            "true": lambda xy: xy[0].astype(bool).astype(FLOAT),
            "whole sums": lambda xy: (3 * xy[0].astype(INT) - xy[1].astype(INT)).astype(FLOAT),
            "larger whole": lambda xy: jnp.maximum(xy[0].astype(INT), xy[1].astype(INT)).astype(FLOAT),
            "larger word": lambda xy: jnp.maximum(xy[0].astype(WORD), 7).astype(FLOAT),
            "shifted": lambda xy: ((xy[0].astype(WORD) << 3) >> 1).astype(FLOAT),
            "no bits": lambda xy: (~xy[0].astype(INT) & 0xFF).astype(FLOAT),
            "sum of a reversal": lambda xy: jnp.stack(xy)[::-1][0] - jnp.stack(xy).T[:, 0] * 0.5,
        },
    )


EDGES = [np.nan, np.inf, -np.inf, 0.0, 0.5, -1.0, 2.75, -2.75, 1e10, -1e10, 3e38]


def test_operations_are_those_of_jax_at_the_edges_too(of_two: Functions) -> None:
    x, y = (part.ravel().astype(np.float32) for part in np.meshgrid(EDGES, EDGES))
    found, wanted = of_two((x, y)), of_two.by_jax((x, y))
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=ULP, err_msg=name)
    np.testing.assert_array_equal(found["max"], np.maximum(x, y))
    np.testing.assert_array_equal(found["min"], np.minimum(x, y))
    np.testing.assert_array_equal(found["is_finite"], np.isfinite(x))


@pytest.fixture(scope="module")
def words() -> Functions:
    """High and low halves of both random words: each is exact as a float."""

    def half(place: int, shift: int) -> Callable[[Any], jax.Array]:
        def of(rows: Any) -> jax.Array:
            word = threefry2x32_p.bind(*rows)[place]
            return ((word >> shift) & jnp.uint32(0xFFFF)).astype(FLOAT)

        return of

    rows = tuple(shape(WORD, LANES) for _ in range(4))
    return Functions(
        rows, {f"{place} {shift}": half(place, shift) for place in range(2) for shift in (16, 0)}
    )


def test_threefry_is_that_of_jax(words: Functions) -> None:
    rows = tuple(np.random.default_rng(3).integers(0, 2**32, (4, 5_000), dtype=np.uint32))
    found, wanted = words(rows), words.by_jax(rows)
    for name, values in wanted.items():
        np.testing.assert_array_equal(found[name], values)


def test_threefry_gives_the_known_answers(words: Functions) -> None:
    """From the test vectors that come with Random123 (Salmon and others 2011)."""
    known = {
        (0, 0, 0, 0): (0x6B200159, 0x99BA4EFE),
        (0xFFFFFFFF,) * 4: (0x1CB996FC, 0xBB002BE7),
        (0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3): (0xC4923A9C, 0x483DF7A0),
    }
    found = words(tuple(np.array(list(known), np.uint32).T))
    for place in range(2):
        told = found[f"{place} 16"].astype(np.uint64) * 2**16 + found[f"{place} 0"].astype(np.uint64)
        assert told.tolist() == [answer[place] for answer in known.values()]


# Programs


@pytest.fixture
def program() -> Program:
    return Program()


def test_what_follows_from_constants_is_a_constant(program: Program) -> None:
    two, three = program.constant(2.0, "f"), program.constant(3.0, "f")
    assert program.apply("mul", (two, three), "f") == program.constant(6.0, "f")
    assert program.apply("lt", (two, three), "b") == program.constant(True, "b")
    assert program.apply("convert", (three,), "i") == program.constant(3, "i")
    word = program.apply("convert", (program.constant(-1, "i"),), "u")
    assert program.nodes[word].value == 2**32 - 1
    assert program.apply("add", (word, program.constant(2, "u")), "u") == program.constant(1, "u")
    third = program.nodes[program.apply("div", (two, three), "f")].value
    assert third == float(np.float32(2) / np.float32(3))
    nothing = program.apply("sub", (two, two), "f")
    assert np.isnan(program.nodes[program.apply("div", (nothing, nothing), "f")].value)


def test_what_changes_nothing_is_not_computed(program: Program) -> None:
    x = program.input("wars", 0, "f", ONCE)
    nothing, one = program.constant(0.0, "f"), program.constant(1.0, "f")
    for operation, idle in (("add", nothing), ("mul", one)):
        assert program.apply(operation, (x, idle), "f") == x
        assert program.apply(operation, (idle, x), "f") == x
    for operation, idle in (("sub", nothing), ("div", one)):
        assert program.apply(operation, (x, idle), "f") == x
        assert program.nodes[program.apply(operation, (idle, x), "f")].operation == operation
    # Nothing times what may be infinite is no number.
    assert program.nodes[program.apply("mul", (x, nothing), "f")].operation == "mul"


def test_a_choice_by_a_constant_is_made_at_once(program: Program) -> None:
    x, y = (program.input("wars", row, "f", ONCE) for row in range(2))
    asked = program.input("wars", 2, "b", ONCE)
    yes, no = program.constant(True, "b"), program.constant(False, "b")
    assert program.apply("select", (yes, x, y), "f") == x
    assert program.apply("select", (no, x, y), "f") == y
    assert program.apply("select", (asked, x, x), "f") == x
    assert program.nodes[program.apply("select", (asked, x, y), "f")].operation == "select"
    assert program.apply("and", (asked, yes), "b") == asked
    assert program.apply("and", (no, asked), "b") == no
    assert program.apply("or", (no, asked), "b") == asked
    assert program.apply("or", (asked, yes), "b") == yes
    assert program.nodes[program.apply("xor", (asked, yes), "b")].operation == "xor"


def test_a_bound_that_is_no_news_is_not_computed(program: Program) -> None:
    x = program.input("wars", 0, "f", ONCE)
    low, high, nothing = (program.constant(value, "f") for value in (0.05, 3.0, 1e-30))
    at_least = program.apply("max", (x, low), "f")
    between = program.apply("min", (high, at_least), "f")
    for within in (at_least, between):
        assert program.apply("max", (within, nothing), "f") == within
        assert program.apply("max", (low, within), "f") == within
    assert program.apply("min", (between, high), "f") == between
    for operation, one, bound in (("max", x, low), ("min", at_least, high), ("max", between, high)):
        assert program.nodes[program.apply(operation, (one, bound), "f")].operation == operation


def test_equal_nodes_are_one(program: Program) -> None:
    x, y = (program.input("wars", row, "f", ONCE) for row in range(2))
    assert program.input("wars", 0, "f", ONCE) == x
    assert program.apply("exp", (x,), "f") == program.apply("exp", (x,), "f")
    assert program.apply("add", (x, y), "f") == program.apply("add", (y, x), "f")
    assert program.apply("sub", (x, y), "f") != program.apply("sub", (y, x), "f")
    assert program.constant(np.nan, "f") == program.constant(np.nan, "f")
    assert program.constant(0.0, "f") != program.constant(-0.0, "f")
    assert program.constant(1, "i") != program.constant(1, "u")
    assert len(set(program.nodes)) == len(program.nodes) - 1  # NaN is not equal to itself, -0 is to 0


def test_a_node_is_computed_as_often_as_what_it_looks_at(program: Program) -> None:
    rows = [program.input(group, 0, "f", level) for level, group in enumerate(("wars", "week", "day"))]
    once, weekly, daily = rows
    assert program.nodes[program.apply("exp", (once,), "f")].level == ONCE
    assert program.nodes[program.apply("mul", (once, weekly), "f")].level == WEEKLY
    assert program.nodes[program.apply("mul", (daily, weekly), "f")].level == DAILY


def test_only_what_outputs_depend_on_is_needed(program: Program) -> None:
    x = program.input("wars", 0, "f", ONCE)
    root = program.apply("sqrt", (x,), "f")
    program.apply("log", (x,), "f")
    whole = program.apply("exp", (root,), "f")
    assert program.needed([whole]) == [x, root, whole]
    assert program.needed([whole], given=[root]) == [root, whole]


def test_operations_come_after_what_they_look_at_each_once(program: Program) -> None:
    rows = [program.input("wars", row, "f", ONCE) for row in range(4)]
    total = program.constant(1.0, "f")
    for row in rows:
        total = program.apply(
            "add", (program.apply("exp", (row,), "f"), program.apply("mul", (row, total), "f")), "f"
        )
    whole = program.apply("div", (total, rows[0]), "f")
    program.apply("log", (rows[0],), "f")
    operations = program.operations([whole, total, rows[0]])
    found = order(operations, [whole, total, rows[0]])
    assert sorted(found) == sorted(operations)
    places = {one: place for place, one in enumerate(found)}
    for one, node in operations.items():
        assert all(places.get(other, -1) < places[one] for other in node.arguments)
    # What takes long is begun before it is waited for.
    assert [operations[one].operation for one in found[:4]] == ["exp"] * 4


def test_a_product_is_joined_with_the_sum_that_alone_uses_it(program: Program) -> None:
    x, y, z = (program.input("wars", row, "f", ONCE) for row in range(3))
    product, other = program.apply("mul", (x, y), "f"), program.apply("mul", (x, z), "f")

    def told(operation: str, *given: int, also: tuple[int, ...] = ()) -> list[tuple[str, tuple[int, ...]]]:
        operations = program.operations([program.apply(operation, given, "f"), *also])
        return [(node.operation, node.arguments) for node in operations.values()]

    assert told("add", product, z) == [("product_plus", (x, y, z))]
    assert told("sub", product, z) == [("product_minus", (x, y, z))]
    assert told("sub", z, product) == [("minus_product", (x, y, z))]
    # Not where it is computed anyway, and of two products neither.
    assert told("add", product, z, also=(product,)) == [("mul", (x, y)), ("add", (z, product))]
    assert told("add", product, other) == [("mul", (x, y)), ("mul", (x, z)), ("add", (product, other))]
    given = program.operations([program.apply("add", (product, z), "f")], [product])
    assert [node.operation for node in given.values()] == ["add"]


# What cannot be fused


def fuse(function: Callable[..., Any], *arguments: jax.ShapeDtypeStruct) -> tuple[Program, list[Any]]:
    program = Program()
    nodes = []
    for argument in arguments:
        axes = tuple(1 if size == LANES else size for size in argument.shape)
        first = len(program.nodes)
        for row in range(int(np.prod(axes))):
            program.input("wars", first + row, kind_of(argument.dtype), ONCE)
        nodes.append(np.arange(first, len(program.nodes)).reshape(axes))
    return program, add(program, jax.make_jaxpr(function)(*arguments), nodes)


ROW, ROWS = shape(FLOAT, LANES), shape(FLOAT, 3, LANES)


@pytest.mark.parametrize(
    ("function", "argument", "message"),
    [
        (jnp.sum, ROW, "a sum over the ensemble"),
        (lambda x: jnp.max(x, axis=1), ROWS, "a sum over the ensemble"),
        (lambda x: x[1:], ROW, "a part of the ensemble"),
        (lambda x: x[:, ::2], ROWS, "a part of the ensemble"),
        (lambda x: jnp.split(x, [100])[0], ROW, "a part of the ensemble"),
        (lambda x: x[::-1], ROW, "the ensemble turned round"),
        (lambda x: jax.lax.pad(x, 0.0, [(1, 0, 0)]), ROW, "wars added to the ensemble"),
        (lambda x: jnp.concatenate([x, x]), ROW, "ensembles put side by side"),
        (lambda x: jnp.arange(LANES) * x, ROW, "wars counted by their place"),
        (lambda x: x + np.arange(LANES, dtype=np.float32), ROW, "a constant differs from war to war"),
        (lambda x: x[:, None] * x[None], ROW, "every war beside every other"),
        (
            lambda x: x.reshape(LANES, 3),
            ROWS,
            f"reshape from (3, {LANES}) to ({LANES}, 3) mixes wars",
        ),
        (lambda x: x.ravel(), ROWS, f"reshape from (3, {LANES}) to ({3 * LANES},) mixes wars"),
        (jnp.cumsum, ROW, "the operation 'cumsum' has no form for one war"),
        (jnp.sin, ROW, "the operation 'sin' has no form for one war"),
        (lambda x: x**9, ROW, "a power of 9"),
        (
            lambda x: jax.lax.select_n(x.astype(INT), x, -x, 2 * x),
            ROW,
            "a choice among more than two",
        ),
        (
            lambda x: x,
            shape(jnp.complex64, LANES),
            "a number of type complex64 has no place in a fused program",
        ),
    ],
)
def test_what_mixes_wars_or_is_not_known_is_refused(
    function: Callable[..., Any], argument: jax.ShapeDtypeStruct, message: str
) -> None:
    with pytest.raises(CannotFuseError) as caught:
        fuse(function, argument)
    assert str(caught.value) == message


def test_double_precision_is_refused() -> None:
    message = "a number of type float64 has no place in a fused program"
    with jax.enable_x64(True), pytest.raises(CannotFuseError, match=message):
        fuse(lambda x: x.astype(jnp.float64) * 2.0, ROW)
    with pytest.raises(CannotFuseError, match=message):
        kind_of(np.float64)


def test_what_moves_values_within_a_war_is_fused() -> None:
    program, (found,) = fuse(lambda x: jnp.sum(x[::-1].T[:, 1:], axis=1) + x.reshape(1, 3, LANES)[0, 2], ROWS)
    # Turned round the rows are 2, 1, 0, without the first of them 1 and 0; row 2 is added to their sum.
    last = program.nodes[found[0]]
    sums = [one for one in last.arguments if program.nodes[one].operation == "add"]
    assert last.operation == "add"
    assert set(last.arguments) - set(sums) == {2}
    assert [set(program.nodes[one].arguments) for one in sums] == [{0, 1}]


@pytest.mark.parametrize("told", [(1, 2, 0), (0, 0, 2), (-1, 0, 0), (2, -2, 1), (-1, -1, 1)])
def test_padding_puts_values_where_jax_puts_them(told: tuple[int, int, int]) -> None:
    program, (found,) = fuse(lambda x: jax.lax.pad(x, 7.0, [told, (0, 0, 0)]), ROWS)
    values = [7.0 if program.nodes[one].value == 7.0 else float(one) for one in found[:, 0]]
    wanted = jax.lax.pad(jnp.arange(3.0), 7.0, [told])
    assert values == np.asarray(wanted).tolist()


def test_slopes_of_what_moves_values_are_fused() -> None:
    """Slices come back as padding, and padding by nothing is nothing."""

    def slope(x: jax.Array) -> jax.Array:
        first, *rest = x
        return jax.vjp(lambda y: 2.0 * y[1] + y[2], x)[1](first + rest[1])[0]

    program, (found,) = fuse(slope, ROWS)
    none, twice, once = (program.nodes[one] for one in found[:, 0])
    assert none.value == 0.0
    assert (twice.operation, once.operation) == ("mul", "add")


# A small loop of all kinds of numbers


def start(of_wars: Any, of_run: Any) -> Any:
    nothing = jnp.zeros(of_wars["kind"].shape, INT)
    return {
        "stock": of_wars["rate"] * of_run["scale"][:, None],
        "count": nothing,
        "first": (nothing - 1).astype(jnp.int16),
        "flag": nothing > 0,
        "fixed": of_wars["rate"][0] * 3.0,
    }


def begin_week(carry: Any, of_wars: Any, of_run: Any, of_week: Any) -> Any:
    drawn = chance.shock(of_run["key"], of_wars["number"], of_week, jnp.arange(2))
    return {"drawn": drawn, "monday": jnp.log1p(jnp.abs(carry["stock"]))}


def step(carry: Any, of_wars: Any, of_run: Any, held: Any, of_day: Any, new_week: Any) -> Any:
    date = of_day["date"]
    flag = ((of_wars["number"] + date.astype(WORD)) & 7) == of_wars["kind"].astype(WORD)
    pushed = of_day["push"][:, None] * held["drawn"] + 0.01 * held["monday"] * (1.0 + new_week)
    kept = carry["stock"] * jnp.exp(-0.1 * of_wars["rate"])
    return {
        "stock": jnp.where(flag, kept[::-1], kept) + pushed * carry["fixed"],
        "count": carry["count"] + flag.astype(INT) + (new_week > 0).astype(INT),
        "first": jnp.where((carry["first"] < 0) & flag, date.astype(jnp.int16), carry["first"]),
        "flag": flag ^ carry["flag"],
        "fixed": carry["fixed"],
    }


def end_week(carry: Any, of_wars: Any, of_run: Any, held: Any) -> Any:
    record = {"total": jnp.sum(carry["stock"], axis=0), "count": carry["count"].astype(FLOAT)}
    return {**carry, "stock": jnp.clip(carry["stock"], -50.0, 50.0)}, record


def invented_loop() -> Loop:
    of_wars = {
        "rate": shape(FLOAT, 2, LANES),
        "kind": shape(jnp.int8, LANES),
        "number": shape(WORD, LANES),
    }
    of_run = {"scale": shape(FLOAT, 2), "key": shape(WORD, 2)}
    return Loop(
        start=start,
        begin_week=begin_week,
        step=step,
        end_week=end_week,
        carry=jax.eval_shape(start, of_wars, of_run),
        of_wars=of_wars,
        of_run=of_run,
        of_week=shape(INT),
        of_day={"push": shape(FLOAT, 2), "date": shape(INT)},
    )


WEEKS, STEPS = 4, 5
OF_RUN = {"scale": np.array([1.0, 20.0], np.float32), "key": np.array([5, 6], np.uint32)}


def some_wars(size: int) -> Any:
    """The first wars of always the same ones."""
    rng = np.random.default_rng(2)
    rate, kind = rng.uniform(0.1, 2.0, (2, 1_000)), rng.integers(0, 8, 1_000)
    return {
        "rate": rate[:, :size].astype(np.float32),
        "kind": kind[:size].astype(np.int8),
        "number": np.arange(size, dtype=np.uint32) + 70,
    }


def some_days(weeks: int = WEEKS, steps: int = STEPS) -> tuple[Any, Any]:
    push = np.random.default_rng(3).normal(0.0, 0.5, (weeks, steps, 2)).astype(np.float32)
    date = np.arange(weeks * steps, dtype=np.int32).reshape(weeks, steps)
    return np.arange(weeks, dtype=np.int32), {"push": push, "date": date}


def some_carry(size: int) -> Any:
    rng = np.random.default_rng(4)
    return {
        "stock": rng.normal(0.0, 30.0, (2, size)).astype(np.float32),
        "count": rng.integers(-5, 5, size).astype(np.int32),
        "first": rng.integers(-1, 2, size).astype(np.int16),
        "flag": rng.random(size) < 0.5,
        "fixed": rng.uniform(1.0, 2.0, size).astype(np.float32),
    }


@pytest.fixture(scope="module")
def invented() -> Kernel:
    return Kernel(invented_loop())


def assert_close(found: Any, wanted: Any) -> None:
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        if ours.dtype == np.float32:
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-5)
        else:
            np.testing.assert_array_equal(ours, theirs)


def assert_same(found: Any, wanted: Any) -> None:
    jax.tree.map(np.testing.assert_array_equal, found, wanted)


@pytest.mark.parametrize("given", [False, True], ids=["from the start", "from a carry"])
def test_a_loop_is_walked_as_by_jax(invented: Kernel, given: bool) -> None:
    wars, carry = some_wars(100), some_carry(100) if given else None
    found = invented.run(carry, wars, OF_RUN, *some_days())
    wanted = scan(invented.loop, carry, *jax.tree.map(jnp.asarray, (wars, OF_RUN, *some_days())))
    assert_close(found, wanted)
    # The loop went where it matters.
    assert set(np.unique(wanted[0]["flag"])) == {False, True}
    assert np.unique(wanted[0]["count"]).size > 1


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_a_week_may_have_any_number_of_steps(invented: Kernel, steps: int) -> None:
    wars, days = some_wars(20), some_days(3, steps)
    found = invented.run(None, wars, OF_RUN, *days)
    assert_close(found, scan(invented.loop, None, *jax.tree.map(jnp.asarray, (wars, OF_RUN, *days))))


def test_the_start_is_that_of_the_loop(invented: Kernel) -> None:
    wars = some_wars(33)
    assert_close(invented.start(wars, OF_RUN), jax.jit(start)(wars, OF_RUN))


def test_weeks_one_by_one_are_weeks_at_once(invented: Kernel) -> None:
    wars, (of_week, of_day) = some_wars(40), some_days()
    whole, records = invented.run(None, wars, OF_RUN, of_week, of_day)
    carry = None
    for week in range(WEEKS):
        here = slice(week, week + 1)
        carry, record = invented.run(
            carry, wars, OF_RUN, of_week[here], jax.tree.map(lambda rows, here=here: rows[here], of_day)
        )
        assert_same(record, jax.tree.map(lambda rows, here=here: rows[here], records))
    assert_same(carry, whole)


@pytest.mark.parametrize("size", [1, 15, 16, 17, 100])
@pytest.mark.parametrize("given", [False, True], ids=["from the start", "from a carry"])
def test_a_war_does_not_depend_on_how_many_are_walked(invented: Kernel, size: int, given: bool) -> None:
    def first(tree: Any, size: int) -> Any:
        return jax.tree.map(lambda rows: rows[..., :size], tree)

    carry = some_carry(500) if given else None
    many = invented.run(carry, some_wars(500), OF_RUN, *some_days())
    few = invented.run(first(carry, size), some_wars(size), OF_RUN, *some_days())
    assert_same(few, first(many, size))


@pytest.mark.parametrize("width", [4, 8])
def test_results_do_not_depend_on_the_width_by_a_bit(invented: Kernel, width: int) -> None:
    narrow = Kernel(invented_loop(), width)
    for carry in (None, some_carry(100)):
        told = (carry, some_wars(100), OF_RUN, *some_days())
        assert_same(narrow.run(*told), invented.run(*told))


def test_results_do_not_depend_on_where_records_go_by_a_bit(invented: Kernel) -> None:
    kept = Kernel(invented_loop(), streamed=False)
    assert len(kept.text) < len(invented.text)
    told = (None, some_wars(100), OF_RUN, *some_days())
    assert_same(kept.run(*told), invented.run(*told))


def test_results_do_not_depend_on_what_a_processor_can_by_a_bit(invented: Kernel) -> None:
    plain = Kernel(invented_loop(), avx512=False)
    assert "avx512" not in plain.text
    told = (None, some_wars(100), OF_RUN, *some_days())
    assert_same(plain.run(*told), invented.run(*told))


def laid_out(kernel: Kernel, size: int) -> tuple[Any, ...]:
    of_week, of_day = some_days()
    days = kernel.rows(of_day, WEEKS * STEPS)
    return kernel.lay_out(some_wars(size), OF_RUN), kernel.rows(of_week, WEEKS), days


def test_results_do_not_depend_on_the_cores_by_a_bit(invented: Kernel) -> None:
    wars, of_week, of_day = laid_out(invented, 1_000)
    walks = [invented.walk(wars, None, of_week, of_day, WEEKS, STEPS, cores=cores) for cores in (1, 2, 3, 7)]
    for walk in walks[1:]:
        assert_same(walk, walks[0])


def test_weeks_one_at_a_time_are_those_of_a_walk_to_the_bit(invented: Kernel) -> None:
    size, (weeks, days) = 50, some_days(steps=1)
    wars = invented.lay_out(some_wars(size), OF_RUN)
    of_week, of_day = invented.rows(weeks, WEEKS), invented.rows(days, WEEKS)
    mornings = carry_room(invented, wars, WEEKS + 1)
    mornings[0] = invented.walk(wars, None, None, None, 0)[0]
    stepwise, records = Stepwise(invented, wars, of_week, of_day), []
    for week in range(WEEKS):
        stepwise.walk(week, mornings[week], mornings[week + 1])
        records.append(stepwise.record.copy())
    last, weekly = invented.walk(wars, None, of_week, of_day, WEEKS)
    np.testing.assert_array_equal(mornings[-1], last)
    np.testing.assert_array_equal(np.stack(records), weekly)
    # Another morning than that which came before is taken as it is given.
    stepwise.walk(1, mornings[0], mornings[-1])
    again, _ = invented.walk(wars, mornings[0], of_week[1:2], of_day[1:2], 1)
    np.testing.assert_array_equal(mornings[-1], again)


def test_ancestors_say_whose_morning_a_war_takes(invented: Kernel) -> None:
    size = 90
    wars, of_week, of_day = laid_out(invented, size)
    rows = invented.walk(wars, None, of_week, of_day, WEEKS, STEPS)[0]
    ancestors = np.random.default_rng(5).integers(0, size, size).astype(np.int32)
    gathered = rows.copy()
    gathered[:, :size] = rows[:, ancestors]
    told = (of_week, of_day, WEEKS, STEPS)
    found = invented.walk(wars, rows, *told, ancestors)
    assert_same(
        [part[..., :size] for part in found],
        [part[..., :size] for part in invented.walk(wars, gathered, *told)],
    )
    own = invented.walk(wars, rows, *told)
    assert not np.array_equal(found[0], own[0])


def test_what_no_day_changes_stays_as_it_was_given(invented: Kernel) -> None:
    carry, wars = some_carry(50), some_wars(50)
    last, _ = invented.run(carry, wars, OF_RUN, *some_days())
    np.testing.assert_array_equal(last["fixed"], carry["fixed"])
    last, _ = invented.run(None, wars, OF_RUN, *some_days())
    np.testing.assert_array_equal(last["fixed"], wars["rate"][0] * np.float32(3.0))


def test_numbers_that_are_not_of_32_bits_are_refused(invented: Kernel) -> None:
    wars = some_wars(10)
    wars["rate"] = wars["rate"].astype(np.float64)
    with pytest.raises(ValueError, match="numbers of type float64 are not of 32 bits"):
        invented.run(None, wars, OF_RUN, *some_days())


# The war


WARS = 256


@pytest.fixture(
    scope="module",
    params=["from the priors", "from an own start", "with everything", "with everything, from an own start"],
)
def both(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """A year with a truce in it: by the fused loop, and by JAX."""
    everything = request.param.startswith("with everything")
    scenario = with_everything() if everything else load_scenario("invented-war")
    world, plan = scenario.world(), scenario.plan("truce")
    assert plan.events.size
    numbers = np.arange(WARS)
    morning = None
    parameters, structure = draw_parameters(world, numbers, 3), draw_structure(world, numbers, 3)
    if request.param.endswith("from an own start"):
        parameters, structure, morning = state_from_priors(world, WARS)
    off = ensemble.absent(structure)
    assert bool(off) != everything
    of_wars = ensemble.OfWars(parameters, structure, numbers.astype(np.uint32))
    of_run = ensemble.OfRun(
        Geography(*(jnp.asarray(part) for part in world.geography)),
        chance.shock_key(3),
        jnp.asarray(world.streams, jnp.int32),
    )
    weeks = jax.tree.map(lambda rows: rows[:52], ensemble.schedule(plan))
    assert float(jnp.sum(weeks.truce_begins)) == 1
    told = of_wars, of_run, weeks, morning, None, ()
    return ensemble._fused(*told, off=off), ensemble._by_jax(*told)


# Beliefs are logs, which pass through 0.
FLOOR = {"perceived": 1.0}


@pytest.mark.thorough
def test_the_war_is_that_of_jax_after_a_week(both: tuple[Any, Any]) -> None:
    for part in (0, 1):
        for name in ensemble.Record._fields:
            ours, theirs = (np.asarray(getattr(walk[part], name), np.float64) for walk in both)
            if part == 1:
                ours, theirs = ours[0], theirs[0]
            size = np.maximum(np.abs(theirs), FLOOR.get(name, 1e-3))
            assert np.max(np.abs(ours - theirs) / size) < 1e-5, name


@pytest.mark.thorough
def test_the_war_is_that_of_jax_in_the_mean_after_a_year(both: tuple[Any, Any]) -> None:
    for name in ensemble.Record._fields:
        ours, theirs = (np.asarray(getattr(walk[1], name), np.float64)[-1].mean(axis=-1) for walk in both)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * FLOOR.get(name, 0.0), err_msg=name)
    fused, by_jax = (walk[2] for walk in both)
    np.testing.assert_array_equal(fused.status, by_jax.status)
    for name in ensemble.Passages._fields[:-1]:
        days = [np.asarray(getattr(walk[2], name)) for walk in both]
        assert days[0].dtype == days[1].dtype == np.int16
        assert (days[0] == days[1]).mean() > 0.99
    assert (np.asarray(fused.truce_broken_day) >= 0).any()


def test_a_kernel_is_compiled_once_and_kept(
    invented: Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CEASEFIRE_CACHE", str(tmp_path))
    Kernel(invented_loop())
    assert [path.suffix for path in tmp_path.iterdir()] == [".kernel"]

    def never(*_: object) -> bytes:
        raise AssertionError("compiled again")

    monkeypatch.setattr(kernel_module, "_machine_code", never)
    wars = some_wars(20)
    again = Kernel(invented_loop()).start(wars, OF_RUN)
    for ours, theirs in zip(
        jax.tree.leaves(again), jax.tree.leaves(invented.start(wars, OF_RUN)), strict=True
    ):
        assert np.array_equal(ours, theirs)
    # A torn file is compiled anew, and another width is another program.
    next(tmp_path.iterdir()).write_bytes(b"torn")
    for width in (16, 8):
        with pytest.raises(AssertionError, match="compiled again"):
            Kernel(invented_loop(), width=width)
