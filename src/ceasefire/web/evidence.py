"""The evidence: what every source said of a quantity over time, with origins, gaps and corrections."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Mapping
from typing import Any

import pandas as pd
from shiny import Inputs, reactive, render, ui

from ceasefire import charts
from ceasefire.charts import theme
from ceasefire.evidence import breaks
from ceasefire.files import InputError
from ceasefire.report import evidence_chart, words
from ceasefire.report.plots import comparable, evidence_heading
from ceasefire.web import address, templates
from ceasefire.web.address import Slot, State
from ceasefire.web.desk import Queue, Told
from ceasefire.web.visits import Visit
from ceasefire.web.workshop import Workshop

PART = "evidence"
QUEUE: Queue = "quick"
FIRST_QUANTITY = "personnel_losses"
# A table of more rows is for a file.
MOST_ROWS = 200


def slots(workshop: Workshop, asked: Mapping[str, str]) -> tuple[Slot, ...]:
    """Return the slots: which quantity, and which of its figures."""
    names = list(quantities(workshop)["quantity"])
    first = FIRST_QUANTITY if FIRST_QUANTITY in names else names[0]
    name = asked.get("quantity", first)
    return workshop.once(  # type: ignore[no-any-return]
        ("evidence slots", name if name in names else first),
        lambda: _slots(workshop, names, name if name in names else first, first),
    )


def _slots(workshop: Workshop, names: list[str], name: str, first: str) -> tuple[Slot, ...]:
    rows = workshop.evidence().ask(name)
    concept, side = _first(rows) if name == first else ("", "")
    return (
        Slot("quantity", first, address.one_of(names)),
        Slot("concept", concept, address.one_of(["", *sorted(set(rows["concept"]))])),
        Slot("side", side, address.one_of(["", *sorted(set(rows["side"]))])),
        Slot("place", "", address.one_of(["", *sorted(set(rows["place"]))])),
        Slot("known", None, address.day_or_none, address.write_day),
    )


def quantities(workshop: Workshop) -> pd.DataFrame:
    """Return every quantity with its meaning."""
    return workshop.once("quantities", workshop.evidence().quantities)  # type: ignore[no-any-return]


def _first(rows: pd.DataFrame) -> tuple[str, str]:
    """Return the concept and the side with most sources, so that the first picture can be read."""
    sources = rows.groupby(["concept", "side"])["source"].nunique()
    concept, side = sources.idxmax()
    return str(concept), str(side)


def body(workshop: Workshop, state: State) -> str:
    """Return the controls, and the places of what is shown."""
    rows = workshop.evidence().ask(state["quantity"])
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in quantities(workshop).itertuples():
        groups.setdefault(words.plain(row.topic), []).append((row.quantity, words.plain(row.quantity)))
    return templates.render(
        "evidence.html.j2",
        state=state,
        groups=groups,
        concepts=_choices(rows["concept"]),
        sides=_choices(rows["side"]),
        places=_choices(rows["place"]),
        known=address.write_day(state["known"]),
    )


def _choices(values: pd.Series) -> list[tuple[str, str]]:
    return [(value, words.plain(value) or "not stated") for value in sorted(set(values))]


def rows_of(workshop: Workshop, state: State) -> pd.DataFrame:
    """Return the figures of a view."""
    known: dt.date | None = state["known"]
    return workshop.evidence().ask(
        state["quantity"],
        concept=state["concept"] or None,
        side=state["side"] or None,
        place=state["place"] or None,
        known_by=known,
    )


def command(state: State) -> str:
    """Return the command that gives the same on the terminal."""
    parts = ["ceasefire", "evidence", "show", state["quantity"]]
    for name in ("concept", "side", "place"):
        parts += [f"--{name}", state[name]] if state[name] else []
    parts += ["--known-by", f"{state['known']}"] if state["known"] else []
    return shlex.join([*parts, "--all"])


def chart(workshop: Workshop, state: State, width: int, told: Told, *, heading: bool) -> charts.Chart:
    """Return what every source said over time as a chart."""
    del told
    evidence = workshop.evidence()
    return evidence_chart(
        rows_of(workshop, state),
        {name: source.title for name, source in evidence.sources.items()},
        state["quantity"],
        sources=evidence.sources,
        width=width,
        show_heading=heading,
    )


def data(workshop: Workshop, state: State, told: Told) -> str:
    """Return the figures as CSV."""
    del told
    return str(rows_of(workshop, state).to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d"))


def as_json(workshop: Workshop, state: State, told: Told) -> str:
    """Return the figures as JSON."""
    del told
    rows = rows_of(workshop, state)
    rows = rows.assign(
        **{name: rows[name].dt.strftime("%Y-%m-%d") for name in ("start", "end", "known_on")}
    ).astype(object)
    records = rows.where(rows.notna(), None).to_dict("records")
    return json.dumps({"command": command(state), "rows": records}, indent=2, default=str) + "\n"


def shown(workshop: Workshop, state: State, width: int, told: Told) -> dict[str, Any]:
    """Return all that the view shows."""
    key = ("evidence", state.key(), width)
    kept: dict[str, Any] | None = workshop.shown.get(key)
    if kept is not None:
        return kept
    rows = rows_of(workshop, state)
    if rows.empty:
        raise InputError("No source says that.", "", "Ask for less: another concept, side, place or day.")
    quantity = quantities(workshop).set_index("quantity").loc[state["quantity"]]
    found: dict[str, Any] = {
        "meaning": quantity["meaning"],
        "caution": quantity["caution"],
        "roots": _roots(rows, workshop),
        "breaks": _breaks(rows, workshop),
        "rows": _rows(rows, workshop),
        "left": max(len(rows) - MOST_ROWS, 0),
        "count": len(rows),
        "picture": "",
        "pictured": False,
        "no_picture": "",
        "title": f"{words.sentence(words.plain(state['quantity'])).rstrip('.')}:"
        f" {words.counted(rows['source'].nunique(), 'source')},"
        f" {words.counted(rows['root'].nunique(), 'origin')}",
        "subtitle": "",
    }
    try:
        drawn_rows = comparable(rows, state["quantity"])
        found["subtitle"] = evidence_heading(rows, drawn_rows, state["quantity"])[1]
        drawn = chart(workshop, state, width, told, heading=False)
        found["picture"], found["pictured"] = charts.to_svg(drawn, place=f"evidence {width}"), True
    except InputError as error:
        found["no_picture"] = words.sentence(error.what)
    workshop.shown.put(key, found)
    return found


def _title(name: str, workshop: Workshop) -> str:
    source = workshop.evidence().sources.get(name)
    return words.plain(name) if source is None else source.title


def _roots(rows: pd.DataFrame, workshop: Workshop) -> list[dict[str, Any]]:
    """Return the origins, each with the sources that restate it: they count once."""
    return [
        {
            "root": words.plain(str(root)),
            "sources": [_title(name, workshop) for name in dict.fromkeys(one["source"])],
            "figures": len(one),
            "first": theme.short_day(one["end"].min()),
            "last": theme.short_day(one["end"].max()),
        }
        for root, one in rows.groupby("root", sort=True)
    ]


def _breaks(rows: pd.DataFrame, workshop: Workshop) -> list[str]:
    told = []
    for one in breaks(rows).itertuples():
        between = f"between {theme.day(one.start)} and {theme.day(one.end)}"
        what = (
            f"no figure {between}"
            if one.kind == "gap"
            else f"the running total falls by {theme.number(-one.change)} {words.unit(one.unit)} {between}"
        )
        about = ", ".join(words.plain(part) for part in (one.concept, one.side) if part)
        told.append(f"{_title(one.source, workshop)} ({about}): {what}")
    return told


def _rows(rows: pd.DataFrame, workshop: Workshop) -> list[dict[str, Any]]:
    shown = rows.sort_values("end", ascending=False, kind="stable").head(MOST_ROWS)
    return [
        {
            "source": _title(row["source"], workshop),
            "root": words.plain(row["root"]),
            "class": words.plain(row["source_class"]),
            "figure": words.figure(row["low"], row["best"], row["high"], row["unit"]),
            "sort": next((end for end in (row["best"], row["low"], row["high"]) if pd.notna(end)), ""),
            "concept": words.plain(row["concept"]),
            "side": row["side"],
            "start": theme.short_day(row["start"]),
            "end": theme.short_day(row["end"]),
            "end_sort": words.sortable_day(row["end"]),
            "known": theme.short_day(row["known_on"]),
            "known_sort": words.sortable_day(row["known_on"]),
            "reference": row["reference"],
            "note": words.noted(row["note"]) if isinstance(row["note"], str) else "",
        }
        for row in shown.to_dict("records")
    ]


def serve(visit: Visit, given: Inputs) -> None:
    """Show the evidence to one visitor, as often as he asks for other figures."""
    seen: reactive.Value[dict[str, Any] | None] = reactive.value(None)
    workshop = visit.workshop

    @reactive.effect
    @reactive.event(given.evidence_slots, given.viewport)
    async def _ask() -> None:
        asked = address.texts(given.evidence_slots())
        state = address.read(slots(workshop, asked), asked)
        width = charts.NARROW if given.viewport() == "narrow" else charts.WIDE
        visit.follow(lambda: _show(state, width))

    async def _show(state: State, width: int) -> None:
        await visit.view(
            seen,
            PART,
            state,
            command(state),
            lambda told: shown(workshop, state, width, told),
            key=("evidence", state.key(), width),
        )

    @render.ui
    def evidence_shown() -> ui.HTML | None:
        found = seen()
        return None if found is None else ui.HTML(templates.render("figures.html.j2", found=found))
