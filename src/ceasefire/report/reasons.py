"""The reasons of a verdict, which are data, as sentences.

Each rule has a sentence of its own; a rule that is not known here is printed with its figures, so that
nothing is lost when the rules grow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ceasefire.charts import theme
from ceasefire.claims import wording
from ceasefire.claims.model_shares import DEEP
from ceasefire.claims.rules import NO_FIT
from ceasefire.report import words

Reason = Mapping[str, Any]

#: Shown elsewhere on a card: other readings in their table, equations and priors under "does it hold up".
ELSEWHERE = {"another reading has another word", "structure", "sceptical and credulous priors"}
NAMED = 4
EXAMPLES = 2


def because(reasons: Sequence[Reason]) -> list[str]:
    """Return the reasons as sentences, each once."""
    said = [_sentence(reason) for reason in reasons if reason.get("rule") not in ELSEWHERE]
    return list(dict.fromkeys(line for line in said if line))


def _sentence(reason: Reason) -> str:
    rule = str(reason.get("rule", "")).strip()
    known = _SENTENCES.get(rule)
    if known is None and "word_without_the_cap" in reason:
        known = _wars
    try:
        if known is not None:
            return words.sentence(known(reason))
        if "origins_counted" in reason:
            return words.sentence(_origins(reason))
    except (KeyError, TypeError, ValueError):
        # A rule whose figures are not those expected: show what it has.
        pass
    return _plainly(reason)


def _plainly(reason: Reason) -> str:
    data = {name: value for name, value in reason.items() if name not in {"rule", "word"}}
    says = data.pop("says", None)
    head = words.sentence(str(says) if says else str(reason.get("rule", "")))
    details = [f"{words.plain(name)} {shown}" for name, shown in _values(data).items() if shown]
    return f"{head.rstrip('.')} ({'; '.join(details)})." if details else head


def _values(data: Reason) -> dict[str, str]:
    return {name: words.value(item) for name, item in data.items()}


def _origins(reason: Reason) -> str:
    rule, total = str(reason["rule"]), int(reason["origins_counted"])
    if not total:
        return rule if rule.startswith("no ") else f"no independent origin counts: {rule}"
    parts = [
        f"{int(reason[name])} {one if int(reason[name]) == 1 else many}"
        for name, one, many in (
            ("bear_out", "bears the claim out", "bear the claim out"),
            ("against", "speaks against it", "speak against it"),
            ("straddle", "is compatible either way", "are compatible either way"),
            ("leave_open", "is too loose to tell", "are too loose to tell"),
        )
        if reason.get(name)
    ]
    return f"of {words.counted(total, 'independent origin')}, {', '.join(parts) or 'none decides'}: {rule}"


def _parties(reason: Reason) -> str:
    rows, out, against = (int(reason[name]) for name in ("rows", "would_bear_out", "would_be_against"))
    return (
        f"{words.counted(rows, 'figure')} of parties to the war {'is' if rows == 1 else 'are'} shown and not"
        f" counted; {out} would bear the claim out, {against} would speak against it"
    )


def _as_reported(reason: Reason) -> str:
    result = "bears the claim out" if reason["bear_out"] else "does not bear the claim out"
    return f"what the source itself reported, whether or not it is right, {result}"


def _event(reason: Reason) -> str:
    source = f" ({reason['source']})" if reason.get("source") else ""
    return (
        f"on record for {words.day(reason['date'])}: {words.unprefixed(reason['record']).rstrip('.')}{source}"
    )


def _bears(reason: Reason) -> str:
    examples = [words.unprefixed(example).rstrip(".") for example in reason.get("examples", ())][:EXAMPLES]
    shown = f", such as {'; '.join(examples)}" if examples else ""
    return f"{reason['says']} ({words.counted(int(reason['count']), 'record')}){shown}"


def _priors(reason: Reason) -> str:
    return (
        "parameters come from priors, so the word is undetermined; without that cap it would be"
        f" '{reason['word_without_the_cap']}' ({reason['because_then']})"
    )


def _capped(reason: Reason) -> str:
    assumed = reason["assumed_of_explained"]
    if assumed is None or math.isnan(float(assumed)):
        share = "the share that is assumed is not known"
    else:
        share = f"{words.share(float(assumed))} of what the parameters explain of the spread is assumed"
    return (
        f"{share}, so the word is undetermined; without that cap it would be"
        f" '{reason['word_without_the_cap']}' ({reason['because_then']})"
    )


def _no_fit(reason: Reason) -> str:
    return (
        "it rests on mechanisms alone that no fit had, so the word is undetermined; without that cap it would"
        f" be '{reason['word_without_the_cap']}' ({reason['because_then']})"
    )


def _mechanisms(reason: Reason) -> str:
    carried, assumed = list(reason["carried_by"]), list(reason["assumed"])
    others = int(reason["others_assumed"])
    told = []
    if carried:
        alone = " alone" if reason["alone"] else " among others"
        told.append(f"it works through {wording.listed(carried)}{alone}")
        if assumed:
            verb = "is" if len(assumed) == 1 else "are"
            told.append(f"no fit had {wording.listed(assumed)}, which {verb} assumed")
    else:
        told.append("it works through mechanisms that the fit had or that every war has")
    if others:
        told.append(f"the wars have {words.counted(others, 'other mechanism')} that no fit had")
    return "; ".join(told)


def _hazard(reason: Reason) -> str:
    low, median, high, mean = (words.share(float(reason[name])) for name in ("low", "median", "high", "mean"))
    return (
        f"a hazard counted beside the war, which it never changes: median probability {median} ({low} to"
        f" {high} over {int(reason['draws']):,} wars), mean {mean}, by {words.day(reason['date'])}; it is"
        " told apart and decides nothing, since nothing observed has taught it"
    )


def _unit_of_aid(reason: Reason) -> str:
    counted = str(reason["counted_in"])
    low, median, high, mean = (
        words.rounded(float(reason[name]), digits=2) for name in ("low", "median", "high", "mean")
    )
    assumed = [words.plain(name) for name in reason["mechanisms_assumed"]]
    capped = f"; assumed, in no fit: {wording.listed(assumed)}" if assumed else ""
    without = reason["word_without_the_cap"]
    otherwise = f", without the caps {without}" if without != reason["word"] else ""
    return (
        f"{words.plain(reason['kind'])}: {int(reason['told_by']):,} more {reason['unit']} save {median}"
        f" ({low} to {high}) {words.unit(counted) or counted}, mean {mean} (simulation error"
        f" {words.rounded(float(reason['mc_error']), digits=1)}); more of it saves some in"
        f" {words.share(float(reason['probability']))} of the wars: {reason['word']}{otherwise}{capped}"
    )


def _share_of_wars(reason: Reason) -> str:
    return (
        f"it happens in {words.share(float(reason['probability']))} of {int(reason['draws']):,} simulated"
        f" wars by {words.day(reason['date'])}, and the claim needs {reason['edge']}"
    )


def _wars(reason: Reason) -> str:
    if "edge" in reason:
        return f"{_share_of_wars(reason)}: {reason['rule']}"
    of = reason.get("of", "simulated wars")
    return (
        f"{words.share(float(reason['probability']))} of {int(reason['draws']):,} {of} go as the reading says"
        f" by {words.day(reason['date'])}: {reason['rule']}"
    )


def _behaviour(reason: Reason) -> str:
    before, after = (words.share(float(reason[name])) for name in ("belief_before", "belief_after"))
    return (
        f"on record: {reason['says']} ({words.counted(int(reason['count']), 'row')}, the latest of"
        f" {words.day(reason['latest'])}); ratio {float(reason['ratio']):g} ({float(reason['low']):g} to"
        f" {float(reason['high']):g}), stated: belief {before} to {after}"
    )


def _belief(reason: Reason) -> str:
    value, low, high = (words.share(float(reason[name])) for name in ("value", "low", "high"))
    origin = f" (reference class {reason['class']})" if reason.get("class") else ""
    return (
        f"belief that an offer of {reason['by']} is meant: prior"
        f" {words.share(float(reason['prior']))}{origin},"
        f" after what was on record by {words.day(reason['date'])} {value} ({low} to {high} over the range of"
        " the stated ratios)"
    )


def _worth(reason: Reason) -> str:
    told = []
    for name, says in (
        ("gain_of_peace", f"wins by accepting if {reason['by']} keeps the truce"),
        ("loss_if_exploited", f"loses by accepting if {reason['by']} attacks when it suits"),
    ):
        one = reason[name]
        middle, error = (
            words.rounded(float(one[part]), digits=digits) for part, digits in (("mean", 2), ("mc_error", 1))
        )
        low, high = (words.rounded(float(one[end]), digits=2) for end in ("low", "high"))
        told.append(f"{says} {middle} lives (simulation error {error}; 90 % of the draws {low} to {high})")
    return f"{reason['to']} {' and '.join(told)}; below zero is the opposite"


def _threshold(reason: Reason) -> str:
    always, never, wrong = (words.share(float(reason[name])) for name in ("always", "never", "reversed"))
    if reason["median"] is None:
        head = f"in {reason['with_one']} of {reason['draws']} draws alone is there a threshold: too few"
    else:
        middle, low, high = (words.share(float(reason[name])) for name in ("median", "low", "high"))
        head = (
            f"accepting starts to pay at a belief of {middle} ({low} to {high}) in the {reason['with_one']}"
            f" of {reason['draws']} draws that have such a threshold"
        )
    return (
        f"{head}; in {always} of the draws it pays even if {reason['by']} is sure to attack, in {never} not"
        f" even if it is sure to keep the truce, in {wrong} both are the wrong way round"
    )


def _regret(reason: Reason) -> str:
    told = []
    for name, says in (("refuse", "always to refuse"), ("accept", "always to accept")):
        one = reason[name]
        mean, error = (
            words.rounded(float(one["mean"]), digits=2),
            words.rounded(float(one["mc_error"]), digits=1),
        )
        told.append(
            f"{says} gives up {mean} lives (simulation error {error}; up to"
            f" {words.rounded(float(one['high']), digits=2)} in 95 % of the draws)"
        )
    return f"regret, against the better answer of each draw at that belief: {' and '.join(told)}"


def _turns(reason: Reason) -> str:
    rows = [f"{row['what']} {words.share(float(row['share']))}" for row in reason["rows"]]
    return f"share by {reason['kind']}: {'; '.join(rows)}"


def _equilibrium(reason: Reason) -> str:
    return (
        f"the game, draw by draw: {reason['kind']} is the commonest equilibrium, in"
        f" {words.share(float(reason['share']))} of the draws"
    )


def _reference_class(reason: Reason) -> str:
    caution = f" ({reason['caution']})" if reason.get("caution") else ""
    return f"past cases, {reason['class']}: {words.share(float(reason['failed']))} failed{caution}"


def _days_longer(reason: Reason) -> str:
    mean, low, high = (wording.exact(round(float(reason[name]))) for name in ("mean", "low", "high"))
    return (
        f"he goes on {mean} days longer on average (simulation error {float(reason['mc_error']):.0f}; 90 % of"
        f" wars {low} to {high}); soldiers killed on both sides in the meantime:"
        f" {words.rounded(float(reason['killed']), digits=2)} (simulation error"
        f" {words.rounded(float(reason['killed_error']), digits=1)})"
    )


def _in_force(reason: Reason) -> str:
    value, low, high = (words.share(float(reason[name])) for name in ("value", "low", "high"))
    voted = [words.share(float(reason[name])) for name in ("by_dyad", "by_dyad_low", "by_dyad_high")]
    least, most = (words.share(float(reason[f"without_war_{end}"])) for end in ("low", "high"))
    return (
        f"{value} ({low} to {high}) of {words.counted(int(reason['cases']), 'ceasefire')} of"
        f" {int(reason['wars'])} wars were still in force after {float(reason['years']):g} years; with one"
        f" vote for each of {int(reason['dyads'])} pairs of parties {voted[0]} ({voted[1]} to {voted[2]});"
        f" leaving out one war, from {least} to {most}: {reason['because']}"
    )


def _near(reason: Reason) -> str:
    value, date = theme.number(reason["value"]), words.day(reason["date"])
    counts = words.plain(reason["counts"])
    return f"{reason['source']} reported {value} on {date}, near the number, but counts {counts}"


def _reached(reason: Reason) -> str:
    value = theme.number(reason["value"])
    if reason.get("date") is None:
        return f"{value} was not reached in the record"
    after = int(reason["days_after"])
    when = f"{words.counted(abs(after), 'day')} {'after' if after > 0 else 'before'} the claim's date"
    return (
        f"{value} was first reached on {words.day(reason['date'])}"
        f" ({theme.number(reason['reported'])}){f', {when}' if after else ''}"
    )


def _cases(reason: Reason) -> str:
    sure, contested = list(reason["sure"]), list(reason.get("contested", ()))
    named = ", ".join(sure[:NAMED]) + (f" and {len(sure) - NAMED} more" if len(sure) > NAMED else "")
    said = f"of {reason['cases']} cases on record, {len(sure)} surely reach {theme.number(reason['number'])}"
    said += f": {named}" if sure else ""
    return said + (f"; contested: {', '.join(contested)}" if contested else "")


def _group(reason: Reason) -> str:
    unknown = f", {reason['unknown']} unknown" if reason.get("unknown") else ""
    return f"{reason['group']}: {reason['did']} did, {reason['did_not']} did not{unknown}"


def _rests_on(reason: Reason) -> str:
    parts = [f"{words.dashes(name)} ({word})" for name, word in reason["rests_on"].items()]
    return f"{reason['rule']}: {', '.join(parts)}" if parts else str(reason["rule"])


def _not_built(reason: Reason) -> str:
    row = f" (row {reason['row']})" if reason.get("row") else ""
    return f"not built yet: {reason['meaning']}{row}"


_SENTENCES: dict[str, Callable[[Reason], str]] = {
    "parties to the war are shown and not counted": _parties,
    "as reported": _as_reported,
    "an event on record": _event,
    "a record that it had not happened by then": _event,
    "bears on it": _bears,
    "priors alone decide nothing": _priors,
    "more than half of what the parameters explain is assumed": _capped,
    NO_FIT: _no_fit,
    DEEP: _hazard,
    "mechanisms": _mechanisms,
    "one more unit of aid": _unit_of_aid,
    "each kind of aid by itself": lambda reason: (
        f"each kind of aid is judged by itself; the weakest, {words.plain(reason['weakest'])}, decides"
    ),
    "the scenario has this mechanism off": lambda reason: (
        f"the wars of the scenario have no {reason['mechanisms']}"
    ),
    "no simulated war meets the condition": lambda reason: (
        f"none of {int(reason['draws']):,} simulated wars meets the condition"
    ),
    "nobody outside can observe it": lambda reason: f"nobody outside can observe it: {reason['says']}",
    **{
        rule: _wars
        for of in ("wars", "draws")
        for rule in (
            f"nine of ten {of} or more",
            f"two thirds of the {of} or more",
            f"one third of the {of} or fewer",
            f"the {of} are divided",
        )
    },
    "behaviour on record": _behaviour,
    "belief": _belief,
    "what accepting is worth": _worth,
    "threshold": _threshold,
    "regret": _regret,
    "what it turns on": _turns,
    "equilibrium": _equilibrium,
    "reference class": _reference_class,
    "power in the truce": lambda reason: str(reason["says"]),
    "days past an informed leader": _days_longer,
    "still in force": _in_force,
    "near the number, but counts another thing": _near,
    "first reached": _reached,
    "cases that reach the number": _cases,
    "group": _group,
    "a mechanism is not built": _not_built,
    "nearest counter-example": lambda reason: f"the nearest counter-example: {reason['case']}",
    "a party against its own interest": lambda reason: (
        "no origin outside the war decides; a party's figure does, where it goes against its own interest"
    ),
    "against interest": lambda reason: str(reason["says"]),
    "condition": lambda reason: f"a condition: {reason['says']}",
    "valuation, not scored": lambda reason: f"a valuation, not scored: {reason['says']}",
    "a recommendation is undetermined until what it rests on is computed": _rests_on,
}
