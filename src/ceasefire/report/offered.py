"""What an offer is worth, for the terminal: the answer first, then what it rests on."""

from __future__ import annotations

import math

import pandas as pd
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ceasefire.bargaining import ENDS, Equilibrium, Offer, Values
from ceasefire.bargaining.belief import ReferenceClass
from ceasefire.bargaining.offering import told as kind_told
from ceasefire.charts import theme
from ceasefire.claims.wording import listed
from ceasefire.report import words
from ceasefire.report.tables import WIDTH

#: Priors that the terminal shows.
PRIORS = (0.1, 0.3, 0.5, 0.7, 0.9)


def offer_summary(found: Offer) -> RenderableType:
    """Return the answer on an offer, with what it rests on, in plain words and tables of 80 columns."""
    by, to = found.payoffs.by, found.payoffs.to
    terms = found.payoffs.terms
    watch = "watched by third parties" if terms.monitored else "without monitors"
    lines: list[RenderableType] = [
        Text(f"{found.payoffs.scenario}: {by} offers a truce of {terms.days} days, {watch}", style="bold"),
        Text(f"On record by {theme.day(found.as_of)}. {to} answers."),
        Text(""),
        Text(answer(found), style="bold"),
        Text(""),
        Text("What accepting is worth", style="bold"),
        _stakes(found),
        Text(threshold_in_words(found)),
        Text(""),
        Text("From the prior to a belief", style="bold"),
        _belief(found),
        Text(_belief_note(found)),
        Text(""),
        Text("The answer over the prior", style="bold"),
        _curve(found),
        Text(
            "Accepting pays: share of the draws of the war in which it does, with the simulation error, at"
            f" the belief that the record makes of the prior. {_cautions(found)}"
        ),
        Text(""),
        Text("What it turns on", style="bold"),
        _turns(found.turns()),
        Text(
            "Threshold: the belief from which accepting pays, median and 5 to 95 % of the draws that have"
            " one. Pays: share of all draws in which accepting pays at the belief above."
        ),
        Text(""),
        Text("What the offer itself tells", style="bold"),
        Text(game_in_words(found)),
        Text(""),
        Text("Power in the truce", style="bold"),
        *(Text(condition.sentence()) for condition in found.conditions[:1]),
        Text(""),
        Text(limits_of_an_offer(found)),
    ]
    if found.payoffs.failed:
        lines.append(Text(left_out(found)))
    return Group(*lines)


def answer(found: Offer) -> str:
    """Return the answer in a sentence or two."""
    belief = _interval(found.belief.value, found.belief.low, found.belief.high)
    share = found.accept_share
    at = (
        f"At a belief of {belief} that {found.payoffs.by} means it, accepting pays in"
        f" {100 * share[0]:.0f} % of the draws (simulation error {100 * share[1]:.0f})."
    )
    if found.undetermined:
        return f"Undetermined: {found.undetermined}. {at}"
    word = "Accept" if found.accept else "Refuse"
    return f"{word}: {at[0].lower()}{at[1:]}"


def threshold_in_words(found: Offer) -> str:
    """Return the threshold, and where there is none, in sentences."""
    threshold, fails = found.threshold, found.stakes.fails()
    by = found.payoffs.by
    if threshold.median is None or threshold.low is None or threshold.high is None:
        head = (
            f"In {threshold.draws} of {fails['draws']} draws alone there is a belief from which accepting"
            " starts to pay: too few to say which."
        )
    else:
        head = (
            "Accepting starts to pay at a belief of"
            f" {_interval(threshold.median, threshold.low, threshold.high)}, in the {threshold.draws} of"
            f" {fails['draws']} draws that have such a threshold (simulation error of the median"
            f" {threshold.mc_error:.2f}, which more draws make smaller; the range is what is not known of the"
            " war)."
        )
    rest = (
        f" In {_percent(fails['accepting_always_pays'])} of the draws accepting pays even if {by} is sure to"
        f" attack, in {_percent(fails['accepting_never_pays'])} not even if it is sure to keep the truce, in"
        f" {_percent(fails['reversed'])} both are the wrong way round. They are counted, and clipped nowhere."
    )
    return head + rest


def game_in_words(found: Offer) -> str:
    """Return what the equilibrium of the game says of the offer."""
    by, to = found.payoffs.by, found.payoffs.to
    if not found.equilibria:
        return "The game with these payoffs has no equilibrium among those that can be listed: payoffs tie."
    first = found.equilibria[0]
    cost = found.implied_office
    text = equilibrium_in_words(first, by, to)
    expected, error = found.threshold.expected, found.threshold.expected_mc_error
    if expected is not None and error is not None:
        near = abs(expected - found.belief.value) <= 2.0 * error
        stakes = found.stakes
        if stakes.mean_gain > 0.0 >= stakes.mean_loss:
            text += " This goes by mean payoffs, by which accepting pays at any belief."
        elif stakes.mean_gain <= 0.0 < stakes.mean_loss:
            text += " This goes by mean payoffs, by which accepting pays at no belief."
        elif stakes.mean_gain > 0.0:
            text += (
                f" This goes by mean payoffs, whose threshold is {expected:.2f} (simulation error"
                f" {error:.2f})" + (", so near to the belief that it could be either." if near else ".")
            )
    kinds = ", ".join(f"{_percent(share)} {name}" for name, share in list(found.kinds.items())[:3])
    same = found.kinds.get(kind_told(first), 0.0)
    text += f" Draw by draw that holds in {_percent(same)} ({kinds})."
    if found.values.refusal == 0.0:
        text += (
            " A refused offer is taken to cost its maker nothing; where it costs him something (--value"
            " refusal=...), offers can tell types apart."
        )
    if found.values.office is None:
        text += (
            " A leader who exploits the truce gives up lives of his own soldiers that keeping it would spare:"
            f" he acts as if settling short of his aim cost him {words.rounded(cost.value, digits=2)} lives"
            f" ({words.rounded(cost.low, digits=2)} to {words.rounded(cost.high, digits=2)})."
        )
    if not found.payoffs.has_aid:
        text += f" {to} gets no arms from abroad in this scenario, so that no backer can cut any."
    return text


def equilibrium_in_words(one: Equilibrium, by: str, to: str) -> str:
    """Return an equilibrium of the offer game in sentences.

    Args:
        one: the equilibrium.
        by: who offers.
        to: who answers.
    """
    if one.kind == "pooling":
        taken = "accepts" if one.accept == 1.0 else "refuses"
        text = (
            f"Pooling: a sincere and a rearming leader of {by} would both offer, so that the offer by itself"
            f" tells nothing, and {to} {taken}."
        )
    elif one.kind == "semi-separating":
        mixing, share = (
            ("rearming", one.rearming_offers)
            if one.sincere_offers == 1.0
            else ("sincere", one.sincere_offers)
        )
        text = (
            f"Semi-separating: a {mixing} leader of {by} offers in {_percent(share)} of cases, the other"
            f" always; an offer moves the belief to {one.belief:.2f}, and {to} accepts it in"
            f" {_percent(one.accept)} of cases."
        )
    elif one.kind == "separating":
        who = "sincere" if one.sincere_offers else "rearming"
        taken = "accepts" if one.accept == 1.0 else "refuses"
        text = f"Separating: only a {who} leader of {by} would offer, and {to} {taken}."
    else:
        text = f"No offer: neither type of leader of {by} would make it."
    if one.sincere_offers + one.rearming_offers > 0.0 and one.accept > 0.0 and one.keep_if_accepted < 1.0:
        text += f" The backer of {to} would then cut aid."
    if one.accept == 1.0 and all(end == ENDS[0] for end in one.ends[1]):
        text += " By the stated values even a rearming leader would then keep the truce."
    return text


def limits_of_an_offer(found: Offer) -> str:
    """Return what no number here can say."""
    return (
        f"Whether {found.payoffs.by} means it is a claim about intent, and untestable. The belief is what"
        " follows from a prior and from ratios that somebody states, not a fact about a person; what bears on"
        " it is behaviour: fire that stops, forces that do not move up, no call-up, monitors let in, a truce"
        " kept before. Not modelled: terms beyond the truce, what is done to people under occupation, return"
        f" of the displaced, and what {found.payoffs.to} would gain by breaking the truce itself: ask for"
        " that with --by."
    )


def left_out(found: Offer) -> str:
    """Return how many wars and draws are in no number, since their computation failed."""
    wars = words.counted(found.payoffs.failed, "war")
    draws = words.counted(found.payoffs.lost, "draw")
    return (
        f"Left out: {wars} whose computation failed in some branch, and with them {draws} of"
        f" {found.payoffs.draws} that have no other."
    )


def directions_table(rows: pd.DataFrame) -> RenderableType:
    """Return how the threshold moves with each change, beside the direction stated beforehand."""
    table = _table()
    table.add_column("If", ratio=1, overflow="fold")
    table.add_column("Stated", no_wrap=True)
    table.add_column("Threshold of\nexpected payoffs", justify="right", no_wrap=True)
    table.add_column("Moved", no_wrap=True)
    for row in rows.to_dict("records"):
        if not row["inside"]:
            moved = "not stated\nfor this"
        elif row["as_stated"] is None:
            moved = "not beyond\nits error"
        else:
            moved = "as stated" if row["as_stated"] else "other way"
        table.add_row(
            Text(f"{row['says']} ({row['why']})"),
            Text("up" if row["stated"] > 0 else "down"),
            Text(f"{row['before']:.2f} to {row['after']:.2f}\n(error {row['mc_error']:.2f})"),
            Text(moved),
        )
    note = (
        "Of expected payoffs, as it comes: below 0 a bluff costs the one who answers nothing on average,"
        " above 1 peace gains nothing. The directions are stated for where both lie between."
    )
    return Group(Text("How the threshold moves", style="bold"), table, Text(note))


def _stakes(found: Offer) -> Table:
    by = found.payoffs.by
    told = found.stakes_told
    table = _table()
    table.add_column(f"To {found.payoffs.to}, {_unit(found)}", ratio=1, overflow="fold")
    table.add_column("Mean, simulation error", justify="right", no_wrap=True)
    table.add_column("5 to 95 % of draws", justify="right", no_wrap=True)
    for name, says in (
        ("gain_of_peace", f"won by accepting if {by} keeps the truce"),
        ("loss_if_exploited", f"lost by accepting if {by} attacks when it suits (below 0: won)"),
    ):
        one = told[name]
        middle = words.rounded(one.value, digits=2)
        table.add_row(
            Text(says),
            Text(f"{middle} \N{PLUS-MINUS SIGN}{words.rounded(one.mc_error, digits=1)}"),
            Text(f"{words.rounded(one.low, digits=2)} to {words.rounded(one.high, digits=2)}"),
        )
    return table


def _unit(found: Offer) -> str:
    """Return the unit of worths: lives of one's own soldiers, as long as each of these counts 1."""
    counts = found.values.own_soldiers
    if counts == Values().own_soldiers:
        return "in lives of its soldiers"
    return f"in stated units, of which one of its soldiers counts {counts:g}"


def _belief(found: Offer) -> Table:
    table = _table()
    table.add_column("On record", ratio=1, overflow="fold")
    table.add_column("Ratio", justify="right", no_wrap=True)
    table.add_column("Belief", justify="right", no_wrap=True)
    origin = f", reference class {found.chosen_class}" if found.chosen_class else ", as given"
    table.add_row(Text(f"prior{origin}"), Text(""), Text(f"{found.belief.prior:.2f}"))
    for one in found.belief.observations:
        latest = one.rows[-1]
        count = words.counted(len(one.rows), "row")
        there = ", ".join(f"{side} {rows}" for side, rows in one.looked_in)
        ratio = f"{one.ratio.best:g}"
        if one.ratio.low != one.ratio.high:
            ratio += f"\n({one.ratio.low:g} to {one.ratio.high:g})"
        table.add_row(
            Text(f"{one.says}: {count}, the latest of {latest[0]} (looked in: {there})"),
            Text(ratio),
            Text(f"{one.belief_after:.2f}"),
        )
    return table


def _belief_note(found: Offer) -> str:
    if not found.belief.observations:
        told = f"Nothing of {found.payoffs.by} is on record in the tables, so that the belief is the prior."
        return f"{told} {_idle(found)}" if found.idle else told
    idle = f" {_idle(found)}" if found.idle else ""
    return (
        "Ratio: how much likelier a sincere leader is to act so than a rearming one. The ratios are"
        f" judgements with ranges (--ratio NAME=NUMBER changes one); over all ranges the belief lies from"
        f" {found.belief.low:.2f} to {found.belief.high:.2f}.{idle} Looked in: rows of the tables in which"
        " such behaviour of each side could be seen. Where a side has few or none, its belief is moved less"
        " for want of a record, and not for better conduct."
    )


def _idle(found: Offer) -> str:
    """Return which stated ratios move nothing."""
    return (
        f"Of {listed(found.idle)} nothing is on record for {found.payoffs.by}: the ratio that was stated"
        " moves nothing."
    )


def _curve(found: Offer) -> Table:
    table = _table()
    table.add_column("Prior that the offer is sincere", ratio=1, overflow="fold")
    for head in ("Prior", "Belief", "Accepting\npays"):
        table.add_column(head, justify="right", no_wrap=True)
    marks: list[tuple[float, str]] = [(prior, "") for prior in PRIORS]
    marks += [(one.sincere, _class(one)) for one in found.classes if one.sincere is not None]
    marks.sort()
    curve = found.curve([prior for prior, _ in marks])
    for (prior, says), row in zip(marks, curve.to_dict("records"), strict=True):
        table.add_row(
            Text(says),
            Text(f"{prior:.2f}"),
            Text(f"{row['belief']:.2f}"),
            Text(f"{_percent(row['share'])} \N{PLUS-MINUS SIGN}{100 * row['mc_error']:.0f}"),
        )
    return table


def _class(one: ReferenceClass) -> str:
    """Return a reference class with the share that failed and its interval, where one is known."""
    told = f"{one.name}: {_percent(one.failed or 0.0)} failed"
    if one.cases is not None and one.low is not None and one.high is not None:
        told += f" ({100 * one.low:.0f} to {_percent(one.high)}, {one.cases} cases)"
    return told + ("*" if one.caution else "")


def _cautions(found: Offer) -> str:
    """Return what to know of the reference classes that are marked."""
    told = [f"{one.name}: {one.caution}" for one in found.classes if one.caution]
    return f"* {'; '.join(told)}." if told else ""


def _turns(rows: pd.DataFrame) -> Table:
    table = _table()
    table.add_column("If", ratio=1, overflow="fold")
    table.add_column("Threshold", justify="right", no_wrap=True)
    table.add_column("Pays", justify="right", no_wrap=True)
    for row in rows.to_dict("records"):
        known = not math.isnan(float(row["threshold"]))
        shown = (
            _interval(*(float(row[name]) for name in ("threshold", "low", "high")))
            if known
            else "too few draws"
        )
        table.add_row(Text(str(row["what"])), Text(shown), Text(_percent(float(row["share"]))))
    return table


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, width=WIDTH, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
