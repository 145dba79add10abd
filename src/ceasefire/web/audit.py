"""The audit: the claims of an article with their verdicts, each with what it rests on, to be switched off."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shiny import Inputs, reactive, render, ui

from ceasefire import charts
from ceasefire.charts import theme
from ceasefire.files import InputError, suggest
from ceasefire.report import claim_card, words
from ceasefire.web import address, templates
from ceasefire.web.address import Slot, State
from ceasefire.web.desk import Queue, Told
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

if TYPE_CHECKING:
    from ceasefire.claims import Audit, ChartData, Result
    from ceasefire.scenario import Scenario

PART = "audit"
QUEUE: Queue = "slow"
DRAWS = 1000
FEWEST_DRAWS, MOST_DRAWS = 200, 4000
# Rival rules are no switch: one of them holds in every war.
RIVALS = frozenset({"decision", "recruiting"})
ARTICLE = "interview-with-a-tyrant"


def slots(workshop: Workshop, asked: Mapping[str, str]) -> tuple[Slot, ...]:
    """Return the slots: the article, a claim, what is switched off, and where parameters come from."""
    name = _article(workshop, asked)
    return workshop.once(("audit slots", name), lambda: _slots(workshop, name))  # type: ignore[no-any-return]


def _slots(workshop: Workshop, name: str) -> tuple[Slot, ...]:
    claims = [claim.id for claim in workshop.article(name).claims]
    posteriors = [value for value, _ in workshop.posteriors(_scenario(workshop, name))]
    return (
        Slot("article", _first(workshop), address.one_of(list(workshop.articles))),
        Slot("claim", "", address.one_of(["", *claims])),
        Slot("off", (), _some(sorted(set(workshop.evidence().observations["root"]))), " ".join),
        Slot("without", (), _some(assumed(_scenario(workshop, name))), " ".join),
        Slot("posterior", "default", address.one_of(posteriors)),
        Slot("draws", DRAWS, address.whole(FEWEST_DRAWS, MOST_DRAWS)),
    )


def _some(names: list[str]) -> Any:
    """Return the rule of a slot that takes some of several names."""

    def rule(text: str) -> tuple[str, ...]:
        for name in text.split():
            if name not in names:
                raise InputError("there is no such choice.", "", suggest(name, names))
        return tuple(sorted(set(text.split())))

    return rule


def _first(workshop: Workshop) -> str:
    return ARTICLE if ARTICLE in workshop.articles else next(iter(workshop.articles))


def _article(workshop: Workshop, asked: Mapping[str, str]) -> str:
    name = asked.get("article", "")
    return name if name in workshop.articles else _first(workshop)


def _scenario(workshop: Workshop, article: str) -> Scenario:
    return workshop.scenario(workshop.article(article).article.scenario)


def assumed(scenario: Scenario) -> list[str]:
    """Return the mechanisms that some wars of a scenario have and that no fit took in: assumptions."""
    from ceasefire.analysis.uses import uses

    fitted = scenario.fitted_mechanisms
    return sorted(
        use.name
        for use in uses(scenario.world().structure_weights, None)
        if use.optional and use.share > 0 and use.name not in fitted | RIVALS
    )


def body(workshop: Workshop, state: State) -> str:
    """Return the controls, and the places of what is shown."""
    file = workshop.article(state["article"])
    claim = next((one for one in file.claims if one.id == state["claim"]), None)
    return templates.render(
        "audit.html.j2",
        state=state,
        articles=list(workshop.articles.items()),
        claim=claim,
        claims=[(one.id, one.short or words.dashes(one.id)) for one in file.claims],
        mechanisms=[(name, words.plain(name)) for name in assumed(_scenario(workshop, state["article"]))],
        off=list(state["off"]),
        without=list(state["without"]),
        posteriors=workshop.posteriors(_scenario(workshop, state["article"])),
    )


def applied(state: State) -> State:
    """Return the state as it is computed: what is switched off is of the claim that is open."""
    return state if state["claim"] else state.changed(off=(), without=(), posterior="default")


def is_whole(state: State) -> bool:
    """Say whether nothing is switched off."""
    return not state["off"] and not state["without"] and state["posterior"] == "default"


def audited(workshop: Workshop, state: State, told: Told, *, whole: bool) -> Audit:
    """Return the audit of the article, or that of one claim with what is switched off.

    Raises:
        InputError: what is left cannot be audited.
    """
    from ceasefire.claims import audit
    from ceasefire.scenario import with_mechanisms

    name = state["article"]
    shown = state if not whole else state.changed(claim="", off=(), without=(), posterior="default")
    key = ("audit", shown.key())
    kept: Audit | None = workshop.audits.get(key)
    if kept is not None:
        return kept
    done = (0, len(workshop.article(name).claims) if whole else 1)

    def checked(claims: int, of: int) -> None:
        nonlocal done
        done = (claims, of)
        told(*done)

    scenario = _scenario(workshop, name)
    if shown["without"]:
        scenario = with_mechanisms(scenario, off=shown["without"])
    found = audit(
        workshop.article(name),
        scenario=scenario,
        draws=shown["draws"],
        evidence=workshop.evidence(),
        without=shown["off"],
        progress=lambda _wars, _of: told(*done),
        posterior=shown["posterior"],
        checked=checked,
        only=None if whole else [shown["claim"]],
    )
    workshop.audits.put(key, found)
    return found


def command(workshop: Workshop, state: State) -> str:
    """Return the command that gives the same audit on the terminal.

    There is none where mechanisms are switched off: that is of this page alone.
    """
    if state["without"]:
        return ""
    article = workshop.given_as("article", state["article"])
    parts = ["ceasefire", "audit", article, "--draws", str(state["draws"])]
    parts += [] if state["posterior"] == "default" else ["--posterior", state["posterior"]]
    for root in state["off"]:
        parts += ["--without", root]
    return shlex.join(parts)


def listed(workshop: Workshop, state: State, told: Told) -> dict[str, Any]:
    """Return the claims of the article with their verdicts."""
    audit = audited(workshop, state, told, whole=True)
    return {
        "title": str(audit.article.get("title", "")),
        "overall": audit.overall,
        "then": theme.day(audit.as_of),
        "now": theme.day(audit.known_until),
        # Where no claim is put to simulated wars, none are told of.
        "draws": audit.draws if audit.mechanisms else 0,
        "findings": [(one.text, one.claim) for one in audit.findings],
        "limits": list(audit.limits),
        "pictured": False,
        "claims": [
            {
                "id": one.id,
                "says": one.says,
                "now": one.verdict,
                "then": one.as_known_then,
                "quote": one.quote,
                "query": state.changed(claim=one.id).query(PART),
            }
            for one in audit.results
        ],
    }


def opened(workshop: Workshop, state: State, told: Told) -> dict[str, Any]:
    """Return one claim, with what is switched off and without that."""
    before = audited(workshop, state, told, whole=True)
    plain = _result(before, state["claim"])
    now = before if is_whole(state) else audited(workshop, state, told, whole=False)
    result = _result(now, state["claim"])
    named = [one.id for one in before.results]
    place = named.index(state["claim"])
    around = {
        name: state.changed(claim=named[at], off=(), without=(), posterior="default").query(PART)
        for name, at in (("earlier", place - 1), ("later", place + 1))
        if 0 <= at < len(named)
    }
    return {
        "card": claim_card(now, state["claim"], numbered=(place + 1, len(named))),
        "pictured": drawn_of(result) is not None,
        "learnt_still": bool(state["off"]) and any(reading.modelled for reading in plain.readings),
        "roots": _roots(plain, state),
        "moved": None
        if is_whole(state)
        else {
            "before": plain.verdict,
            "before_then": plain.as_known_then,
            "now": result.verdict,
            "then": result.as_known_then,
            "stays": (plain.verdict, plain.as_known_then) == (result.verdict, result.as_known_then),
        },
        "modelled": any(reading.modelled is not None for reading in plain.readings),
        **{name: around.get(name, "") for name in ("earlier", "later")},
        "list": state.changed(claim="", off=(), without=(), posterior="default").query(PART),
    }


def _result(audit: Audit, claim: str) -> Result:
    return next(one for one in audit.results if one.id == claim)


def _roots(result: Result, state: State) -> list[dict[str, Any]]:
    """Return the origins of the figures that a claim was held against, and whether each is on."""
    rows = [*result.sources, *result.sources_then]
    rows += [row for reading in result.readings for row in (*reading.sources, *reading.sources_then)]
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.root:
            found.setdefault(row.root, set()).add(row.label or row.source)
    return [
        {
            "root": root,
            "sources": ", ".join(sorted(found[root])) or words.plain(root),
            "on": root not in state["off"],
        }
        for root in sorted(found)
    ]


def drawn_of(result: Result) -> ChartData | None:
    """Return what the picture of a claim shows, if there is one."""
    main = next((reading for reading in result.readings if reading.main), None)
    return result.chart or (main.chart if main else None)


def data(workshop: Workshop, state: State, told: Told) -> str:
    """Return the verdicts of all claims, or of the one that is open, as CSV."""
    import pandas as pd

    state = applied(state)
    audit = audited(workshop, state, told, whole=not state["claim"] or is_whole(state))
    rows = [
        {
            "claim": one.id,
            "says": one.says,
            "as_known_then": one.as_known_then,
            "as_known_now": one.verdict,
            "probability": one.probability,
            "quote": one.quote,
        }
        for one in audit.results
        if not state["claim"] or one.id == state["claim"]
    ]
    again = command(workshop, state)
    by = f"again by: {again}" if again else "no command switches mechanisms off"
    head = f"# audit of {state['article']}; {_switched(state)}{by}\n"
    return head + str(pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))


def _switched(state: State) -> str:
    off = [*state["off"], *state["without"]]
    return f"switched off: {', '.join(off)}; " if off else ""


def as_json(workshop: Workshop, state: State, told: Told) -> str:
    """Return the audit as JSON: of all claims, or of the one that is open."""
    state = applied(state)
    audit = audited(workshop, state, told, whole=not state["claim"] or is_whole(state))
    if state["claim"]:
        one = (_result(audit, state["claim"]),)
        audit = dataclasses.replace(audit, results=one, overall="", findings=())
    switched = {"off": list(state["off"]), "without": list(state["without"])}
    content = {"command": command(workshop, state) or None, "switched_off": switched, **audit.to_json()}
    return json.dumps(content, indent=2) + "\n"


def chart(workshop: Workshop, state: State, width: int, told: Told, *, heading: bool) -> charts.Chart:
    """Return the picture of the claim that is open.

    Raises:
        InputError: no claim is open, or it has no picture.
    """
    from ceasefire.report.pictures import chart_of

    if not state["claim"]:
        raise InputError("a list of claims has no picture.", "claim", "open a claim.")
    audit = audited(workshop, state, told, whole=is_whole(state))
    result = _result(audit, state["claim"])
    drawn = drawn_of(result)
    if drawn is None:
        raise InputError("this claim has no picture.", "claim", "open another claim.")
    published = audit.article.get("published")
    return chart_of(drawn, width, assumed=audit.posterior == "prior", published=published, heading=heading)


def serve(visit: Visit, given: Inputs) -> None:
    """Show the audit to one visitor, as often as he opens a claim or switches something."""
    seen: reactive.Value[dict[str, Any] | None] = reactive.value(None)
    workshop = visit.workshop

    @reactive.effect
    @reactive.event(given.audit_slots)
    async def _ask() -> None:
        asked = address.texts(given.audit_slots())
        state = applied(address.read(slots(workshop, asked), asked))
        visit.follow(lambda: _show(state))

    async def _show(state: State) -> None:
        make = opened if state["claim"] else listed
        found = await visit.view(
            seen,
            PART,
            state,
            command(workshop, state),
            lambda told: make(workshop, state, told),
            key=("audit shown", state.key()),
            queue=QUEUE,
            words="Claims checked",
        )
        if found is not None and state["claim"]:
            await visit.send("switches", roots=found["roots"], modelled=found["modelled"])

    @render.ui
    def audit_shown() -> ui.HTML | None:
        found = seen()
        if found is None:
            return None
        template = "opened.html.j2" if "card" in found else "claims.html.j2"
        return ui.HTML(templates.render(template, found=found))
