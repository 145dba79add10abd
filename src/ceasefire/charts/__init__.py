"""Pictures of results: labelled data in, a chart out, and from there static SVG or PNG.

Each function takes a pandas table and the words that stand on the picture, and returns an Altair chart in
one look: ink on warm white, two colours for two sides, filled marks for sources outside the war and hollow
ones for warring parties, bands with medians for the model, hatching for what is assumed.
"""

from ceasefire.charts.answer_map import answer_map
from ceasefire.charts.backtest import backtest
from ceasefire.charts.bars import bars
from ceasefire.charts.casualties import casualties
from ceasefire.charts.evidence_over_time import evidence_over_time
from ceasefire.charts.futures import futures
from ceasefire.charts.offer import offer_belief, power_shift
from ceasefire.charts.output import to_png, to_svg, write
from ceasefire.charts.prior_check import prior_check
from ceasefire.charts.share import share
from ceasefire.charts.sources import sources
from ceasefire.charts.survival import survival
from ceasefire.charts.theme import NARROW, WIDE, Chart
from ceasefire.charts.timeline import timeline
from ceasefire.charts.trade_offs import trade_offs

__all__ = [
    "NARROW",
    "WIDE",
    "Chart",
    "answer_map",
    "backtest",
    "bars",
    "casualties",
    "evidence_over_time",
    "futures",
    "offer_belief",
    "power_shift",
    "prior_check",
    "share",
    "sources",
    "survival",
    "timeline",
    "to_png",
    "to_svg",
    "trade_offs",
    "write",
]
