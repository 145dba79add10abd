"""Small invented tables for the pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd

NONE = float("nan")


def sources() -> pd.DataFrame:
    rows = [
        ("General Staff", "general_staff", "general_staff", NONE, 99_230.0, NONE, "warring party", False, ""),
        (
            "Ally's ministry",
            "ministry",
            "general_staff",
            NONE,
            96_000.0,
            NONE,
            "ally",
            False,
            "general_staff",
        ),
        ("Registry", "registry", "registry", 17_000.0, 21_400.0, 26_000.0, "independent", True, ""),
        ("Names of the dead", "names", "names", 10_376.0, NONE, NONE, "independent", True, ""),
        ("Officials", "officials", "officials", 7_000.0, NONE, 15_000.0, "ally", True, ""),
    ]
    columns = ["label", "source", "root", "low", "best", "high", "party", "counted", "restates"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["value"] = frame["best"].fillna(frame["low"])
    frame["date"] = "2031-05-01"
    return frame


def curve(weeks: int = 30) -> pd.DataFrame:
    frame = pd.DataFrame({"date": pd.date_range("2031-05-11", periods=weeks, freq="7D")})
    t = np.linspace(0.0, 1.0, weeks)
    for name, middle in (("first", 90_000 * t), ("second", 80_000 * t**2), ("difference", -10_000 * t)):
        for end, by in (("low", -9e3), ("low50", -3e3), ("median", 0.0), ("high50", 4e3), ("high", 1.2e4)):
            frame[f"{name}_{end}"] = middle + by * t
    return frame


def shares() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Between states", "Civil wars"],
            "value": [0.42, 0.61],
            "low": [0.3, 0.49],
            "high": [0.55, 0.72],
            "highlight": [True, False],
            "note": ["25 of 60", "41 of 67"],
        }
    )


def inputs() -> pd.DataFrame:
    """Return an input of each kind, the last without an interval or a level of nothing."""
    return pd.DataFrame(
        {
            "label": [
                "Rest of Aldria, while there are offensives",
                "Skill",
                "Law of losses",
            ],
            "kind": ["assumed", "learnt", "structure"],
            "value": [0.3, 0.2, 0.1],
            "low": [0.25, 0.1, NONE],
            "high": [0.35, 0.3, NONE],
            "null": [0.07, 0.08, NONE],
        }
    )


def offer_curve() -> pd.DataFrame:
    prior = np.linspace(0.0, 1.0, 11)
    return pd.DataFrame(
        {"prior": prior, "share": prior**2, "mc_error": 0.02, "share_without_record": np.sqrt(prior)}
    )


def offer_classes() -> pd.DataFrame:
    labels = ["between states", "civil wars", "failed ones"]
    return pd.DataFrame({"label": labels, "prior": [0.74, 0.56, 0.16]})


def power() -> pd.DataFrame:
    middle = np.linspace(0.5, 0.6, 9)
    columns = {"low": -0.2, "low50": -0.1, "median": 0.0, "high50": 0.1, "high": 0.2}
    return pd.DataFrame({"day": 7 * np.arange(9), **{name: middle + by for name, by in columns.items()}})


def events() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": ["2031-12-07", "2030-09-21"],
            "end_date": [None, "2030-10-28"],
            "label": ["The president sees no need", "Partial mobilisation"],
            "group": ["statement", "call-up"],
        }
    )


def check() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Soldiers killed, persons", "Soldiers killed, persons", "Area held, km2"],
            "model_low": [30_000.0, 30_000.0, 80_000.0],
            "model_median": [80_000.0, 80_000.0, 109_000.0],
            "model_high": [210_000.0, 210_000.0, 150_000.0],
            "observed": [75_000.0, 359_000.0, 108_900.0],
            "source": ["registry", "general staff", "maps"],
            "party": ["independent", "warring party", "ally"],
        }
    )


def over_time() -> pd.DataFrame:
    date = pd.date_range("2031-01-07", periods=20, freq="7D")
    total = np.linspace(1_000.0, 20_000.0, 20)
    series = pd.DataFrame(
        {"label": "Registry", "date": date, "low": total * 0.8, "best": total, "high": total * 1.3}
    )
    series["party"] = "independent"
    single = pd.DataFrame(
        {
            "label": ["Officials", "Names"],
            "date": [date[4], date[9]],
            "low": [NONE, 4_000.0],
            "best": [90_000.0, NONE],
            "high": [NONE, NONE],
            "party": ["warring party", "independent"],
        }
    )
    return pd.concat([series, single], ignore_index=True)


def casualties() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return months, running totals and another estimate of two sides, both measures."""
    ends = pd.to_datetime(["2031-01-10", "2031-01-31", "2031-02-28", "2031-03-31", "2031-04-20"])
    months, totals, beside = [], [], []
    for measure, times in (("Killed", 1.0), ("Killed and wounded", 4.0)):
        for side, base in (("Aldria", 900.0), ("Bremor", 1_400.0)):
            total = 0.0
            for number, end in enumerate(ends):
                added = times * base * (1 + number)
                total += added
                spread = zip(
                    ("low", "low50", "median", "high50", "high"), (0.6, 0.8, 1, 1.2, 1.7), strict=True
                )
                shares = dict(spread)
                both = {"measure": measure, "side": side}
                summed = {name: total * share for name, share in shares.items()}
                totals.append({**both, "date": end, "assumed": side == "Bremor", **summed})
                if number:
                    start = ends[number - 1] + pd.Timedelta(days=1)
                    figures = {name: added * share for name, share in shares.items()}
                    part = number in (1, 4)
                    months.append({**both, "start": start, "end": end, "part": part, **figures})
                if side == "Aldria" and number:
                    other = {"low": total * 0.4, "best": total * 0.9, "high": total * 2}
                    beside.append({**both, "date": end, **other})
    return pd.DataFrame(months), pd.DataFrame(totals), pd.DataFrame(beside)


def forecasts(unit: float = 1_000.0) -> pd.DataFrame:
    """Return forecasts of six origins, two of them before 2032, over 28 and 91 days; two miss."""
    rows = []
    for horizon, size in ((28, 4.0), (91, 13.0)):
        # What came, in halves of the way from the median to an end of the 90 % interval.
        for number, came in enumerate((0.2, 2.6, 0.0, 2.8, -0.6, -3.0)):
            median = unit * size * (1 + 0.1 * number)
            half = 0.1 * median
            ends = {name: median + by * half for name, by in _ENDS.items()}
            day = pd.Timestamp("2031-11-11") + pd.Timedelta(days=28 * number)
            pit = min(max(0.5 + 0.2 * came, 0.01), 0.99)
            found = {"horizon_days": horizon, "origin": f"{day:%Y-%m-%d}", "truth": median + came * half}
            rows.append({**found, **ends, "pit": pit})
    return pd.DataFrame(rows)


_ENDS = {"low_90": -2.0, "low_50": -0.8, "median": 0.0, "high_50": 0.8, "high_90": 2.0}


def survival() -> pd.DataFrame:
    """Return the steps of three curves of one class and of two of another."""
    rows = []
    for group, labels in (("Interstate", ("yes", "in part", "no")), ("Civil", ("yes", "no"))):
        for place, label in enumerate(labels):
            for number, years in enumerate((0.0, 0.5, 2.0, 6.0, 30.0)):
                share = 1.0 - number * (0.08 + 0.05 * place)
                rows.append(
                    {
                        "group": group,
                        "label": label,
                        "years": years,
                        "survival": share,
                        "low": max(share - 0.1 * number, 0.0),
                        "high": min(share + 0.07 * number, 1.0),
                        "cases": 20 + place,
                    }
                )
    return pd.DataFrame(rows)


def trade_offs() -> pd.DataFrame:
    """Return three policies over two outcomes, the second of which no other beats."""
    outcomes = ("soldiers killed", "civilians killed")
    figures = {
        "a-long-truce": ((-2_000.0, 1_000.0, 9_000.0), (-400.0, -60.0, 20.0)),
        "more-arms": ((-12_000.0, -4_000.0, 500.0), (-900.0, -300.0, -10.0)),
        "call-up": ((-9_000.0, 20_000.0, 50_000.0), (-700.0, 0.0, 40.0)),
    }
    return pd.DataFrame(
        [
            {"label": label, "outcome": outcome, "low": low, "value": value, "high": high,
             "on_front": label == "more-arms"}
            for label, parts in figures.items()
            for outcome, (low, value, high) in zip(outcomes, parts, strict=True)
        ]
    )  # fmt: skip


def answer_map() -> pd.DataFrame:
    """Return an answer in nine cells: more arms and a shorter truce speak against."""
    lengths, arms = ("28 to 91", "91 to 182", "182 to 364"), ("below 50", "50 to 100", "from 100")
    rows = []
    for row, length in enumerate(lengths):
        for column, share_of_arms in enumerate(arms):
            share = 0.5 + 0.12 * (row - column)
            word = "undecided" if row == column else "yes" if share > 0.5 else "no"
            rows.append((length, share_of_arms, word, share, share - 0.06, share + 0.06))
    return pd.DataFrame(rows, columns=["row", "column", "word", "share", "low", "high"])
