"""The page of an audit, the tables of the terminal, and pictures as files."""

from ceasefire.report.asked import answer_picture, answer_summary, discovery_summary
from ceasefire.report.cards import card_image, card_paths, write_cards
from ceasefire.report.claim_review import claim_reviews, write_claim_reviews
from ceasefire.report.corrections import Correction, load_corrections
from ceasefire.report.listings import (
    limits,
    parameters_table,
    quantities_table,
    run_table,
    scenario_tables,
)
from ceasefire.report.offered import directions_table, offer_summary
from ceasefire.report.page import claim_card, render, style_and_script, write_report
from ceasefire.report.pictures import forecast_series, forecasts_chart
from ceasefire.report.plots import evidence_chart, plot_evidence
from ceasefire.report.sensitive import bars_summary, design_summary, map_picture
from ceasefire.report.tables import (
    aid_table,
    check_table,
    comparison_summary,
    comparison_table,
    drivers_table,
    evidence_table,
    summary_table,
)
from ceasefire.report.weighed import trade_off_picture, weighed_summary

__all__ = [
    "Correction",
    "aid_table",
    "answer_picture",
    "answer_summary",
    "bars_summary",
    "card_image",
    "card_paths",
    "check_table",
    "claim_card",
    "claim_reviews",
    "comparison_summary",
    "comparison_table",
    "design_summary",
    "directions_table",
    "discovery_summary",
    "drivers_table",
    "evidence_chart",
    "evidence_table",
    "forecast_series",
    "forecasts_chart",
    "limits",
    "load_corrections",
    "map_picture",
    "offer_summary",
    "parameters_table",
    "plot_evidence",
    "quantities_table",
    "render",
    "run_table",
    "scenario_tables",
    "style_and_script",
    "summary_table",
    "trade_off_picture",
    "weighed_summary",
    "write_cards",
    "write_claim_reviews",
    "write_report",
]
