"""An invented back-test: the content of the file that a report reads."""

from __future__ import annotations

from typing import Any

from tests.charts import frames

ROW: dict[str, Any] = {
    "origins": 4,
    "variant": "everything",
    "ours": 1_900.0,
    "everything": 1_900.0,
    "trend_alone": 2_000.0,
    "coverage_90": 0.5,
    "coverage_low": 0.75,
    "coverage_high": 1.0,
    "best_baseline": 2_098.0,
    "best_baseline_name": "log_rate_walk",
    "verdict": "better",
    "difference": [-330.0, -198.0, -42.0],
}
ALONE: dict[str, Any] = {
    name: value
    for name, value in ROW.items()
    if name not in {"best_baseline", "best_baseline_name", "verdict", "difference"}
}


def tried(mechanism: str, *verdicts: str) -> list[dict[str, Any]]:
    """Return what one mechanism more does to reported losses over 28 days, 56 days and so on."""
    return [
        {
            "mechanism": f"with {mechanism}",
            "series": "reported losses",
            "horizon_days": 28 * number,
            "origins": 4,
            "crps": 1_800.0,
            "without": 1_900.0,
            "difference": -100.0,
            "low": -250.0,
            "high": 50.0,
            "verdict": verdict,
            "before": None,
        }
        for number, verdict in enumerate(verdicts, start=1)
    ]


def content(*series: str) -> dict[str, Any]:
    """Return the content of a file; the first series holds too seldom over 28 days, deaths know no rival."""
    names = series or ("reported losses", "area held", "excess deaths")
    told, forecasts = {}, []
    for name in names:
        rows = frames.forecasts(1_000.0 if name != "area held" else 50.0)
        row = ALONE if name == "excess deaths" else ROW
        good = {**row, "coverage_90": 1.0}
        told[name] = {"28": row if name == names[0] else good, "91": good}
        forecasts += [{"series": name, **one} for one in rows.to_dict("records")]
    return {"about": {"judged_from": "2032-01-01"}, "chosen": told, "forecasts": forecasts}
