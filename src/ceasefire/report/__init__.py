"""The page of an audit and the tables of the terminal."""

from ceasefire.report.page import render, write_report
from ceasefire.report.tables import check_table, comparison_table, evidence_table, summary_table

__all__ = ["check_table", "comparison_table", "evidence_table", "render", "summary_table", "write_report"]
