"""Two rules of decision: each by itself, against its plain form, and side by side over the priors."""

from __future__ import annotations

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ceasefire.engine.fused.tracing import _RULES
from ceasefire.war import REGISTRY, decision, offensive
from ceasefire.war.decision import NEVER, Verdict
from tests.reference import decision_reference as reference

WARS = 512
PARAMETERS = {parameter.name: parameter for parameter in decision.PARAMETERS}
RULES = (decision.threshold, decision.expected_utility)
rule_of = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)

# In the order of the arguments of both rules.
BEST = {
    "perceived": -0.8,
    "noticed": -0.8,
    "expected_losses": 0.1215,
    "truce": 0.0,
    "monitored": 0.0,
    "aim": 0.0,
    "offensive_threshold": -0.9,
    "success_worth": 0.6,
    "success_steepness": 1.5,
    "truce_cost": 0.2,
    "monitoring_cost": 0.2,
    "culmination_drop": 0.4,
}
OF_THE_WAR = ("truce", "monitored", "success_steepness", "monitoring_cost", "culmination_drop")

jitted = {rule: jax.jit(rule) for rule in RULES}


def columns(cases: dict[str, Any], wars: int = WARS) -> dict[str, np.ndarray]:
    """Each argument as `[2, N]`, or `[N]` where it is of the whole war."""
    return {
        name: np.broadcast_to(
            np.asarray(cases.get(name, best), np.float32), (wars,) if name in OF_THE_WAR else (2, wars)
        )
        for name, best in BEST.items()
    }


def verdict(rule: Any, **cases: Any) -> Verdict:
    return jitted[rule](*columns(cases).values())


def drawn(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (2, WARS)
    return columns(
        {
            "perceived": rng.normal(-1, 1, shape),
            "noticed": rng.normal(-1, 1, shape),
            "expected_losses": rng.lognormal(-2, 1, shape),
            "truce": rng.integers(0, 2, WARS),
            "monitored": rng.integers(0, 2, WARS),
            "aim": rng.uniform(0, 0.6, shape) * rng.integers(0, 2, shape),
            "offensive_threshold": rng.normal(-0.9, 0.4, shape),
            "success_worth": rng.lognormal(-0.5, 0.7, shape),
            "success_steepness": rng.uniform(0.3, 6, WARS),
            "truce_cost": rng.uniform(0, 1, shape),
            "monitoring_cost": rng.uniform(0, 1, WARS),
            "culmination_drop": rng.uniform(0, 1, WARS),
        }
    )


def case_of(values: dict[str, np.ndarray], i: int, war: int) -> dict[str, float]:
    return {
        name: float(value[war] if name in OF_THE_WAR else value[i, war]) for name, value in values.items()
    }


def test_worked_number() -> None:
    text = " ".join((decision.__doc__ or "").split())
    assert "R = 450 a day, u x = 1.6 x 1.3 = 2.08, D = 75 days, A = 300,000: E = 0.12" in text
    assert "ln(0.1215 / 0.4785) / 1.5 = -0.91" in text
    both, one = (lambda v: jnp.full((2, 1), v)), (lambda v: jnp.full(1, v))
    lost = decision.expected_losses(both(450.0), both(300_000.0), one(1.6), one(1.3), both(75.0))
    assert float(lost[0, 0]) == pytest.approx(0.1215, rel=1e-5)
    required = verdict(decision.expected_utility, expected_losses=0.1215).required
    assert float(required[0, 0]) == pytest.approx(-0.914, abs=1e-3)


def test_at_the_best_guess_both_rules_require_about_the_same() -> None:
    best = {name: REGISTRY[name].prior.best for name in ("surge", "attacker_exposure", "offensive_days")}
    worth = PARAMETERS["success_worth"].prior.best
    lost = decision.expected_losses(
        jnp.full((2, 1), PARAMETERS["initial_usual_losses"].prior.best),
        jnp.full((2, 1), REGISTRY["initial_troops"].prior.best),
        jnp.full(1, best["surge"]),
        jnp.full(1, best["attacker_exposure"]),
        jnp.full((2, 1), best["offensive_days"]),
    )  # fmt: skip
    second = verdict(
        decision.expected_utility,
        expected_losses=lost,
        success_worth=worth,
        success_steepness=PARAMETERS["success_steepness"].prior.best,
    ).required[0, 0]
    assert float(second) == pytest.approx(REGISTRY["offensive_threshold"].prior.best, abs=0.05)


# The first rule is what `offensive.decide` does


def decided(values: dict[str, np.ndarray], on: float, required: Any) -> offensive.Decision:
    sides = jnp.ones((2, WARS))
    return offensive.decide(
        sides * on, sides * 1e3, values["perceived"], values["noticed"], values["truce"], values["monitored"],
        jnp.ones((2, 1)), jnp.full((2, 1), -1.0), required, values["truce_cost"], values["monitoring_cost"],
        sides < 0, sides * 80.0, values["culmination_drop"],
    )  # fmt: skip


def test_without_an_aim_the_threshold_is_as_before_to_the_last_bit() -> None:
    values = drawn(1) | {"aim": np.zeros((2, WARS), np.float32)}
    first = jitted[decision.threshold](*values.values())
    np.testing.assert_array_equal(first.required, values["offensive_threshold"])
    before = decided(values, 0.0, values["offensive_threshold"])
    np.testing.assert_array_equal(first.passed, before.started > 0)
    before = decided(values, 1.0, values["offensive_threshold"])
    np.testing.assert_array_equal(first.stop, before.offensive == 0)


@rule_of
def test_what_is_required_stands_for_the_threshold_in_the_decision(rule: Any) -> None:
    """Passing `required` to `offensive.decide` gives the verdict's own masks."""
    values = drawn(2)
    found = jitted[rule](*values.values())
    np.testing.assert_array_equal(found.passed, decided(values, 0.0, found.required).started > 0)
    np.testing.assert_array_equal(found.stop, decided(values, 1.0, found.required).offensive == 0)
    assert 0.1 < np.mean(found.passed) < 0.9
    assert 0.1 < np.mean(found.stop) < 0.9


def test_each_war_gets_the_verdict_of_its_rule() -> None:
    first, second = (jitted[rule](*drawn(3).values()) for rule in RULES)
    assert (np.asarray(first.passed) != np.asarray(second.passed)).any()
    by_utility = np.arange(WARS) % 2 == 1
    mixed = decision.chosen(by_utility, first, second)
    for ours, one, other in zip(mixed, first, second, strict=True):
        np.testing.assert_array_equal(ours[:, ::2], one[:, ::2])
        np.testing.assert_array_equal(ours[:, 1::2], other[:, 1::2])


# Closed forms and limits of the second rule


def test_a_success_worth_twice_the_losses_needs_even_odds() -> None:
    found = verdict(decision.expected_utility, expected_losses=0.3, success_worth=0.6)
    np.testing.assert_allclose(found.required, 0.0, atol=1e-5)


def test_losses_above_the_worth_of_a_success_forbid_every_attack() -> None:
    for lost, worth in ((0.6, 0.6), (1e9, 20.0), (0.0, 0.0), (0.5, 0.2)):
        found = verdict(
            decision.expected_utility, perceived=30.0, noticed=30.0, expected_losses=lost, success_worth=worth
        )
        assert (found.required == NEVER).all()
        assert not np.asarray(found.passed).any()
        assert np.asarray(found.stop).all()


def test_an_attack_that_costs_nothing_is_always_made() -> None:
    found = verdict(decision.expected_utility, perceived=-6.0, noticed=-6.0, expected_losses=0.0)
    assert np.asarray(found.passed).all()
    assert not np.asarray(found.stop).any()


def test_nothing_is_expected_where_attacking_costs_no_more_and_all_where_nobody_is_left() -> None:
    both, one = (lambda v: jnp.full((2, 1), v)), (lambda v: jnp.full(1, v))
    assert (
        float(decision.expected_losses(both(500.0), both(1e5), one(1.1), one(0.8), both(75.0))[0, 0]) == 0.0
    )
    empty = decision.expected_losses(both(500.0), both(0.0), one(1.6), one(1.3), both(75.0))
    assert np.isfinite(empty).all()
    assert (np.asarray(verdict(decision.expected_utility, expected_losses=empty).required) == NEVER).all()


# What a day of full fighting costs


def usual_after(days: int, losses: float, activity: float = 1.0, on: float = 0.0, told: float = 1.0) -> float:
    p = [np.full((2, 1), v, np.float32) for v in (losses, told)]
    q = [np.full(1, v, np.float32) for v in (activity, on, 1.6, 1.3)]
    step = jax.jit(decision.next_usual)
    usual = jnp.full((2, 1), 450.0)
    for _ in range(days):
        usual = step(usual, *p, *q, jnp.full((2, 1), 20.0))
    return float(usual[0, 0])


def test_the_usual_losses_follow_the_true_ones() -> None:
    assert usual_after(1, 650.0) == pytest.approx(450.0 + 200.0 / 20.0, rel=1e-6)
    assert usual_after(40, 650.0) == pytest.approx(650.0 - 200.0 * (1 - 1 / 20) ** 40, rel=1e-5)
    assert usual_after(400, 650.0) == pytest.approx(650.0, rel=1e-4)


def test_the_usual_losses_are_those_of_full_fighting_without_an_attack_of_ones_own() -> None:
    assert usual_after(4_000, 65.0, activity=0.1) == pytest.approx(650.0, rel=1e-3)
    assert usual_after(400, 650.0 * 2.08, on=1.0) == pytest.approx(650.0, rel=1e-4)
    assert usual_after(400, 650.0, told=0.7) == pytest.approx(0.7 * 650.0, rel=1e-4)


def test_a_truce_without_violations_teaches_nothing() -> None:
    assert usual_after(100, 0.0, activity=0.0) == 450.0


# Direction, for both rules: a strict change of what is required, or of the hurdle beside it


@rule_of
def test_directions(rule: Any) -> None:
    grid = np.linspace(-4.0, 2.0, WARS)

    def passed(**cases: Any) -> int:
        return int(np.asarray(verdict(rule, perceived=grid, noticed=grid, **cases).passed)[0].sum())

    def stopped(**cases: Any) -> int:
        return int(np.asarray(verdict(rule, perceived=grid, noticed=grid, **cases).stop)[0].sum())

    assert passed(aim=0.5) > passed() > 0
    assert stopped(aim=0.5) < stopped() < WARS
    assert passed(truce=1.0, truce_cost=0.8) < passed(truce=1.0, truce_cost=0.1) < passed(truce=0.0)
    assert passed(truce=1.0, monitored=1.0, monitoring_cost=0.8) < passed(truce=1.0, monitored=1.0)
    assert passed(truce=1.0, monitored=1.0) < passed(truce=1.0)
    assert stopped(culmination_drop=0.8) < stopped(culmination_drop=0.2)
    if rule is decision.threshold:
        assert passed(offensive_threshold=-0.5) < passed(offensive_threshold=-1.2)
        assert stopped(offensive_threshold=-0.5) > stopped(offensive_threshold=-1.2)
    else:
        assert passed(success_worth=1.2) > passed(success_worth=0.3)
        assert stopped(success_worth=1.2) < stopped(success_worth=0.3)
        assert passed(expected_losses=0.3) < passed(expected_losses=0.05)
        assert stopped(expected_losses=0.3) > stopped(expected_losses=0.05)
        # Below even odds a steeper rise asks for a balance nearer to 0.
        assert passed(success_steepness=3.0) < passed(success_steepness=1.0)


def test_directions_of_the_expected_losses() -> None:
    both, one = (lambda v: jnp.full((2, 1), v)), (lambda v: jnp.full(1, v))

    def lost(
        usual: float = 450.0, force: float = 3e5, u: float = 1.6, x: float = 1.3, d: float = 75.0
    ) -> float:
        found = decision.expected_losses(both(usual), both(force), one(u), one(x), both(d))
        return float(found[0, 0])

    assert lost(usual=900.0) > lost() < lost(d=150.0)
    assert lost(force=6e5) < lost()
    assert lost(u=2.5) > lost() < lost(x=2.0)


# Mirror, bounds, reference


@rule_of
def test_mirror(rule: Any) -> None:
    values = drawn(5)
    mirrored = {n: value if n in OF_THE_WAR else value[::-1] for n, value in values.items()}
    for ours, theirs in zip(jitted[rule](*values.values()), jitted[rule](*mirrored.values()), strict=True):
        np.testing.assert_array_equal(ours, theirs[::-1])


@rule_of
def test_all_corners_give_a_number(rule: Any) -> None:
    low_high = {name: parameter.bounds for name, parameter in PARAMETERS.items()}
    low_high |= {n: REGISTRY[n].bounds for n in ("offensive_threshold", "culmination_drop", "truce_cost")}
    low_high |= {"aim": (0.0, 6.0), "expected_losses": (0.0, 1e12), "truce": (0.0, 1.0)}
    names = [name for name in low_high if name in BEST]
    corners = list(product(*(low_high[name] for name in names)))
    cases = dict(zip(names, np.asarray(corners, np.float32).T, strict=True))
    found = rule(*columns(cases, len(corners)).values())
    assert np.isfinite(found.required).all()
    # Nobody stops an offensive that he would start: the drop is never below 0.
    assert not (np.asarray(found.passed) & np.asarray(found.stop)).any()


def test_all_corners_of_the_memory_stay_at_or_above_zero() -> None:
    corners = product(
        (0.0, 20_000.0), (0.0, 1e6), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0),
        REGISTRY["surge"].bounds, REGISTRY["attacker_exposure"].bounds, (1.0, 1e3),
    )  # fmt: skip
    usual, losses, told, v, on, u, x, delay = np.asarray(list(corners), np.float32).T
    found = np.asarray(decision.next_usual(usual, losses, told, v, on, u, x, delay))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    lost = np.asarray(decision.expected_losses(usual, losses, u, x, delay))
    assert np.isfinite(lost).all()
    assert (lost >= 0).all()


@pytest.mark.parametrize(
    ("rule", "plain"),
    [(decision.threshold, reference.threshold), (decision.expected_utility, reference.expected_utility)],
)
def test_agreement_with_the_plain_reference(rule: Any, plain: Any) -> None:
    """The reference weighs utilities; near a tie the two precisions may differ, and those are left out."""
    values = drawn(9)
    found = jitted[rule](*values.values())
    compared = 0
    hurdle = np.asarray(found.required) + values["truce"] * (
        values["truce_cost"] + values["monitoring_cost"] * values["monitored"]
    )
    floor = np.asarray(found.required) - values["culmination_drop"]
    for i, war in product((0, 1), range(WARS)):
        near = min(
            abs(values["perceived"][i, war] - hurdle[i, war]), abs(values["noticed"][i, war] - floor[i, war])
        )
        if near < 1e-4:
            continue
        compared += 1
        assert plain(case_of(values, i, war)) == (bool(found.passed[i, war]), bool(found.stop[i, war]))
    assert compared > 0.95 * 2 * WARS


def test_the_losses_agree_with_the_plain_reference() -> None:
    rng = np.random.default_rng(4)
    wide = {
        "usual": rng.lognormal(6, 1, (2, WARS)), "losses": rng.lognormal(6, 1, (2, WARS)),
        "told": rng.uniform(0, 1, (2, WARS)), "on": rng.integers(0, 2, (2, WARS)),
        "force": rng.lognormal(12, 1, (2, WARS)), "days": rng.uniform(10, 300, (2, WARS)),
        "delay": rng.uniform(1, 100, (2, WARS)),
    }  # fmt: skip
    narrow = {"v": rng.uniform(0, 1, WARS), "u": rng.uniform(1, 3, WARS), "x": rng.uniform(0.6, 3, WARS)}
    a = {n: np.asarray(value, np.float32) for n, value in (wide | narrow).items()}
    memory = decision.next_usual(
        a["usual"], a["losses"], a["told"], a["v"], a["on"], a["u"], a["x"], a["delay"]
    )
    lost = decision.expected_losses(a["usual"], a["force"], a["u"], a["x"], a["days"])
    for i, war in product((0, 1), range(0, WARS, 7)):
        s = {n: float(a[n][i, war]) for n in wide} | {n: float(a[n][war]) for n in narrow}
        assert float(memory[i, war]) == pytest.approx(
            reference.next_usual(
                s["usual"], s["losses"], s["told"], s["v"], s["on"], s["u"], s["x"], s["delay"]
            ),
            rel=1e-5,
        )
        expected = reference.expected_losses(s["usual"], s["force"], s["u"], s["x"], s["days"])
        assert float(lost[i, war]) == pytest.approx(expected, rel=1e-5, abs=1e-7)


# Stated in advance: over the priors both rules start about as often


def test_both_rules_start_about_as_often_over_the_priors() -> None:
    rng, wars = np.random.default_rng(2022), 20_000
    known = dict(REGISTRY) | PARAMETERS

    def draw(name: str, size: Any = (2, wars)) -> np.ndarray:
        return known[name].prior.draw(rng.standard_normal(size), known[name].bounds).astype(np.float32)

    force, lines = draw("initial_troops"), draw("initial_fortification")
    seen = (
        np.log(force / force[::-1])
        - np.log(draw("defence_advantage", wars))
        - np.log(draw("fortification_worth", wars)) * lines[::-1]
        + draw("perception_bias")
        + draw("perception_noise") * rng.standard_normal((2, wars))
    )
    lost = decision.expected_losses(
        draw("initial_usual_losses"), force, draw("surge", wars), draw("attacker_exposure", wars),
        draw("offensive_days"),
    )  # fmt: skip
    cases = {"perceived": seen, "noticed": seen, "expected_losses": lost} | {
        name: draw(name, wars if name in OF_THE_WAR else (2, wars)) for name in BEST if name in known
    }
    first, second = (rule(*columns(cases, wars).values()) for rule in RULES)
    starts = [float(np.mean(found.passed)) for found in (first, second)]
    stops = [float(np.mean(found.stop)) for found in (first, second)]
    assert 0.5 < starts[1] / starts[0] < 2.0, starts
    assert 0.5 < stops[1] / stops[0] < 2.0, stops
    assert 0.05 < starts[0] < 0.95
    agree = float(np.mean(np.asarray(first.passed) == np.asarray(second.passed)))
    assert 0.55 < agree < 0.99, agree  # rivals, not the same rule twice


# Operations


def primitives(jaxpr: Any) -> set[str]:
    names = set()
    for equation in jaxpr.eqns:
        names.add(equation.primitive.name)
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                names |= primitives(inner)
    return names


def test_every_operation_can_be_fused() -> None:
    def everything(by_utility: jax.Array, usual: jax.Array, *p: jax.Array) -> Any:
        lost = decision.expected_losses(usual, usual, p[3], p[4], usual)
        arguments = [p[0], p[1], lost, *p[3:]]
        found = decision.chosen(by_utility, *(rule(*arguments) for rule in RULES))
        return found, decision.next_usual(usual, usual, usual, p[3], usual, p[3], p[4], usual)

    arguments = [jnp.asarray(value) for value in drawn(1).values()]
    names = primitives(jax.make_jaxpr(everything)(jnp.ones(WARS, bool), arguments[0], *arguments).jaxpr)
    assert names <= set(_RULES), names - set(_RULES)
