# ruff: noqa: E501 (a gallery of exact messages, one line each)
"""Fits to a daily battle table: what was planted is found, mirrors mirror, wrong files are refused whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from ceasefire.files import InputError
from ceasefire.inference import battle_fit as bf
from ceasefire.inference import lanchester as lan

START = (100_000.0, 40_000.0)
DAYS = 24
REFERENCE = float(np.sqrt(START[0] * START[1]))


def synthetic(
    law: lan.Exponents, rates: tuple[float, float], noise: float, seed: int, d: float = 1.0
) -> bf.BattleTable:
    """A battle whose sides lose given shares of the reference a day there, with noise in each day's losses."""
    random = np.random.default_rng(seed)
    attacker = np.where(np.arange(DAYS) % 8 < 4, 0, 1) if d != 1.0 else np.full(DAYS, -1)
    scale = REFERENCE ** (1.0 - law.p - law.q)
    now, starts, lost = np.array(START), [], []
    for day in range(DAYS):
        multiplier = lan.tactical(d, None if attacker[day] < 0 else lan.SIDES[attacker[day]])
        given = multiplier * np.array(rates) * scale
        end = lan.path(law, (now[0], now[1]), (given[1], given[0]), [1.0]).strengths[:, 0]
        losses = (now - end) * np.exp(noise * random.standard_normal(2))
        starts.append(now)
        lost.append(losses)
        now = now - losses
    days = np.arange(DAYS, dtype=float)
    none = np.zeros((2, DAYS))
    return bf.BattleTable(
        "battle",
        days,
        np.ones(DAYS),
        np.array(starts).T,
        none,
        np.array(lost).T,
        attacker.astype(np.int64),
        True,
    )


@pytest.fixture(scope="module")
def exact() -> bf.BattleFit:
    return bf.fit_battle(synthetic(lan.generalised(0.45, 0.75), (0.03, 0.012), 0.0, 1))


@pytest.fixture(scope="module")
def noisy() -> bf.BattleFit:
    return bf.fit_battle(synthetic(lan.LINEAR, (0.03, 0.012), 0.1, 3))


def test_without_noise_the_planted_exponents_and_rates_are_found(exact: bf.BattleFit) -> None:
    best = exact.laws[0]
    assert best.law == "generalised"
    assert best.exponents["p"].value == pytest.approx(0.45, abs=1e-5)
    assert best.exponents["q"].value == pytest.approx(0.75, abs=1e-5)
    assert best.rates["first"].value == pytest.approx(0.03, rel=1e-5)
    assert best.rates["second"].value == pytest.approx(0.012, rel=1e-5)
    assert best.coefficients["first"] == pytest.approx(0.03 * REFERENCE ** (1.0 - 0.45 - 0.75), rel=1e-4)
    assert min(best.r2.values()) > 0.999999
    assert best.expected == pytest.approx(exact.table.losses, rel=1e-5)


def test_a_noisy_battle_gives_the_planted_law_inside_its_intervals(noisy: bf.BattleFit) -> None:
    assert noisy.laws[0].law in ("linear", "generalised")
    linear = noisy.law("linear")
    for side, planted in (("first", 0.03), ("second", 0.012)):
        one = linear.rates[side]
        assert one.low is not None
        assert one.high is not None
        assert one.low < planted < one.high
        assert one.high / one.low < 1.5
    free = noisy.law("generalised").exponents
    for name in ("p", "q"):
        low, high = free[name].low, free[name].high
        assert low is None or low < 1.0
        assert high is None or high > 1.0
    assert noisy.region.holds(1.0, 1.0)
    assert not noisy.region.holds(0.0, 1.0)
    # A ridge, not a point: p and q trade against one another, and it reaches beyond the grid.
    p, mean = noisy.region.range(1.0, 0.0), noisy.region.range(0.5, 0.5)
    assert p is not None
    assert mean is not None
    assert p[1] - p[0] > 2.0 * (mean[1] - mean[0])
    assert noisy.region.open


def test_the_sentence_says_what_the_battle_can_tell_apart(noisy: bf.BattleFit) -> None:
    assert noisy.sentence.startswith("Of the named laws this battle fits best with one: linear; ")
    assert "it speaks against" in noisy.sentence
    assert "constant" not in noisy.sentence


def test_a_mirrored_battle_gives_mirrored_coefficients(noisy: bf.BattleFit) -> None:
    mirrored = bf.fit_battle(noisy.table.mirrored())
    other = {
        "guerrilla, first hides": "guerrilla, second hides",
        "guerrilla, second hides": "guerrilla, first hides",
    }
    for fit in noisy.laws:
        twin = mirrored.law(other.get(fit.law, fit.law))
        assert twin.aicc == pytest.approx(fit.aicc, abs=1e-4), fit.law
        assert twin.rates["second"].value == pytest.approx(fit.rates["first"].value, rel=1e-3)
        assert twin.r2["second"] == pytest.approx(fit.r2["first"], abs=1e-5)
    assert np.array_equal(mirrored.region.inside, noisy.region.inside)


def test_the_defenders_multiplier_is_found_where_the_attack_changes_hands() -> None:
    fit = bf.fit_battle(synthetic(lan.LINEAR, (0.03, 0.012), 0.03, 5, d=0.7))
    one = fit.law("generalised, with attack").exponents["d"]
    assert fit.laws[0].law == "generalised, with attack"
    assert one.low is not None
    assert one.high is not None
    assert one.low < 0.7 < one.high
    assert one.high - one.low < 0.1


def test_intervals_hold_the_planted_rate_about_as_often_as_they_say() -> None:
    law = bf.LAWS[[one.name for one in bf.LAWS].index("square")]
    held = 0
    base = np.array([law.base])
    for seed in range(12):
        problem = bf._Problem(synthetic(lan.SQUARE, (0.012, 0.005), 0.2, seed))
        matrix = problem.matrix(law)[None]
        points, misfits = bf._best_of(problem, [law], base, matrix)
        ends = bf._profiles(problem, [law], base, matrix, points, misfits)[0]
        for (low, high), planted in zip(ends, np.log([0.012, 0.005]), strict=True):
            # The noise has mean exp(0.02): a factor that every estimate carries.
            held += low is not None and high is not None and low < planted + 0.02 < high
    # Of 24 at 95 %: fewer than 19 happens in fewer than one of 1,000.
    assert held >= 19


def test_constant_losses_leave_every_law_open() -> None:
    table = synthetic(lan.LOGARITHMIC, (0.001, 0.001), 0.5, 2)
    fit = bf.fit_battle(table)
    assert fit.sentence.startswith("This battle cannot tell apart these laws: ")
    assert fit.sentence.endswith(
        "losses that do not depend on numbers at all fit as well, so it says little of any law."
    )
    assert fit.region.open


# The file

GOOD = """day,first_strength,second_strength
1,1000,500
2,990,480
3,981,461
5,964,425
6,955,408
7,947,392
8,939,377
"""


def write(folder: Path, text: str | bytes, name: str = "battle.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_losses_follow_from_strengths_and_arrivals(tmp_path: Path) -> None:
    table = bf.read_battle(write(tmp_path, GOOD))
    assert table.losses.tolist() == [[10, 9, 17, 9, 8, 8], [20, 19, 36, 17, 16, 15]]
    assert table.length.tolist() == [1, 1, 2, 1, 1, 1]
    assert not table.losses_given
    text = GOOD.replace("second_strength\n", "second_strength,first_arrivals,second_arrivals\n")
    lines = [f"{line},5," if line[0].isdigit() else line for line in text.splitlines()]
    arrived = bf.read_battle(write(tmp_path, "\n".join(lines)))
    assert arrived.losses.tolist() == [[15, 14, 22, 14, 13, 13], [20, 19, 36, 17, 16, 15]]
    assert arrived.arrivals.tolist() == [[5] * 6, [0] * 6]


def test_losses_that_are_given_are_taken_and_the_last_row_is_a_day(tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    text = "\n".join(
        [f"{lines[0]},first_losses,second_losses,attacker", *(f"{line},7,3,first" for line in lines[1:])]
    )
    table = bf.read_battle(write(tmp_path, text))
    assert table.losses.tolist() == [[7] * 7, [3] * 7]
    assert table.length.tolist() == [1, 1, 2, 1, 1, 1, 1]
    assert table.attacker.tolist() == [0] * 7


def test_a_row_over_two_days_counts_as_two(tmp_path: Path) -> None:
    fit = bf.fit_battle(bf.read_battle(write(tmp_path, GOOD)))
    logarithmic = fit.law("logarithmic")
    assert logarithmic.expected[:, 2] == pytest.approx([17.5, 36.1], abs=0.5)


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


WRONG: dict[str, tuple[str | bytes, tuple[str, str, str]]] = {
    "empty": ("", ("the file is empty.", "battle.csv", "export it again.")),
    "header only": (GOOD.splitlines()[0] + "\n", ("the file holds no rows.", "battle.csv", "give at least 6 days.")),
    "few": ("\n".join(GOOD.splitlines()[:5]), ("the table has 4 rows; a fit needs at least 6.", "battle.csv", "give more days.")),
    "many": ("day,first_strength,second_strength\n" + "".join(f"{k},9,9\n" for k in range(2001)), ("the table has 2,001 rows; the limit is 2,000.", "battle.csv", "give fewer days.")),
    "semicolons": (GOOD.replace(",", ";"), ("the columns are separated by semicolons.", "battle.csv, row 1", "export the file with commas.")),
    "encoding": (GOOD.encode() + b"9,\xff,3\n", ("the file is not UTF-8 text.", "battle.csv, row 9", "save it as UTF-8.")),
    "missing": (changed("second_strength", "second_strenght"), ("the column 'second_strength' is missing.", "battle.csv, row 1", "rename the column 'second_strenght' to 'second_strength'.")),
    "unknown": ("\n".join(f"{line},{'first_arivals' if line[0] == 'd' else 0}" for line in GOOD.splitlines()), ("the column 'first_arivals' is not known.", "battle.csv, row 1", "did you mean 'first_arrivals'?")),
    "one of two": ("\n".join(f"{line},{'first_losses' if line[0] == 'd' else 0}" for line in GOOD.splitlines()), ("the column 'first_losses' stands without 'second_losses'.", "battle.csv, row 1", "give both, or neither.")),
    "short row": (changed("3,981,461", "3,981"), ("the row has 2 cells, the header 3.", "battle.csv, row 4", "check commas and quotes in this row.")),
    "gap": (changed("3,981,461", "3,,461"), ("'first_strength' is empty.", "battle.csv, row 4, column 'first_strength'", "fill it in, or leave the row out; missing is not 0.")),
    "word": (changed("3,981,461", "3,about 980,461"), ("'about 980' is not a number.", "battle.csv, row 4, column 'first_strength'", "write digits, with a point for decimals.")),
    "nan": (changed("3,981,461", "3,nan,461"), ("'nan' is not a number.", "battle.csv, row 4, column 'first_strength'", "write digits, with a point for decimals.")),
    "negative": (changed("3,981,461", "3,981,-461"), ("-461 is below 0.", "battle.csv, row 4, column 'second_strength'", "give a number of at least 0.")),
    "twice": (changed("3,981,461", "2,981,461"), ("day 2 comes after day 2.", "battle.csv, row 4, column 'day'", "put the days in order, each once.")),
    "half day": (changed("3,981,461", "2.5,981,461"), ("2.5 is not a whole day.", "battle.csv, row 4, column 'day'", "count days in whole numbers.")),
    "growth": (changed("3,981,461", "3,1181,461"), ("the first side grows by 191 more than arrives from row 3.", "battle.csv, row 4, column 'first_strength'", "give its arrivals in 'first_arrivals', or the losses of both sides.")),
    "gone": (changed("7,947,392", "7,947,0").replace("8,939,377", "8,939,0"), ("the second side has nobody left, but the battle goes on.", "battle.csv, row 7, column 'second_strength'", "end the table there.")),
    "begins empty": ("day,first_strength,second_strength,first_arrivals,second_arrivals\n1,0,500,1000,0\n" + "".join(f"{k},{1000 - k},{500 - k},0,0\n" for k in range(2, 9)), ("the first side begins with nobody.", "battle.csv, row 2, column 'first_strength'", "begin with the first day on which both stand there.")),
    "no losses": ("day,first_strength,second_strength\n" + "".join(f"{k},1000,{500 - k}\n" for k in range(8)), ("the first side has no losses.", "battle.csv", "a law needs losses on both sides.")),
    "too many lost": ("day,first_strength,second_strength,first_losses,second_losses\n" + "".join(f"{k},100,50,1,{60 if k == 3 else 1}\n" for k in range(8)), ("the second side loses 60, more than are there.", "battle.csv, row 5, column 'second_losses'", "check the row.")),
    "attacker": ("day,first_strength,second_strength,attacker\n" + "".join(f"{k},{100 - k},{50 - k},{'US' if k == 2 else ''}\n" for k in range(8)), ("'US' is no side.", "battle.csv, row 4, column 'attacker'", "write first or second, or leave it empty.")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_its_row(name: str, tmp_path: Path) -> None:
    text, expected = WRONG[name]
    with pytest.raises(InputError) as caught:
        bf.read_battle(write(tmp_path, text))
    assert (caught.value.what, caught.value.where, caught.value.todo) == expected


def test_too_few_days_for_the_laws_are_refused(tmp_path: Path) -> None:
    table = bf.read_battle(write(tmp_path, GOOD))
    short = dataclasses.replace(
        table,
        **{
            name: getattr(table, name)[..., :3]
            for name in ("days", "length", "start", "arrivals", "losses", "attacker")
        },
    )
    with pytest.raises(InputError) as caught:
        bf.fit_battle(short)
    assert caught.value.what == "the table has too few days for these laws."
