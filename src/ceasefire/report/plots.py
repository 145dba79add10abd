"""Pictures that the commands write to files."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ceasefire import charts, evidence
from ceasefire.charts import theme
from ceasefire.files import InputError, check_picture
from ceasefire.report import words

#: How a picture is written, by the ending of its file.
#: A running total or a state is drawn before an amount within a span: it can be compared over time.
KINDS = ("cumulative", "stock", "flow")


def plot_evidence(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    quantity: str,
    path: Path | str,
    *,
    sources: Mapping[str, evidence.Source] | None = None,
    width: int = charts.WIDE,
) -> Path:
    """Draw what every source said of a quantity over time, write it as SVG or PNG and return the path.

    One picture has one unit and one kind of figure (running totals, states or amounts within a span): those
    with most sources. The subtitle says what is left out.

    Args:
        rows: observations in the one shape of the evidence.
        titles: what each source is called, by its id.
        quantity: their name.
        path: the file to write; its ending says how.
        sources: the manifest of sources; by default that of the package.
        width: in pixels.

    Raises:
        InputError: no rows to draw, an ending that is not known, or a file that cannot be written.
    """
    path = Path(path)
    check_picture(path)
    return charts.write(evidence_chart(rows, titles, quantity, sources=sources, width=width), path)


def evidence_chart(
    rows: pd.DataFrame,
    titles: Mapping[str, str],
    quantity: str,
    *,
    sources: Mapping[str, evidence.Source] | None = None,
    width: int = charts.WIDE,
    show_heading: bool = True,
) -> charts.Chart:
    """Return the picture of what every source said of a quantity over time, as `plot_evidence` draws it.

    Args:
        rows: observations in the one shape of the evidence.
        titles: what each source is called, by its id.
        quantity: their name.
        sources: the manifest of sources; by default that of the package.
        width: in pixels.
        show_heading: draw title and subtitle; off where a page shows them itself.

    Raises:
        InputError: there are no rows to draw.
    """
    manifest = evidence.load().sources if sources is None else sources
    chosen = comparable(rows, quantity)
    title, subtitle = evidence_heading(rows, chosen, quantity)
    return charts.evidence_over_time(
        _labelled(chosen, titles, manifest),
        title=title,
        subtitle=subtitle,
        unit=words.unit(chosen["unit"].iloc[0]),
        width=width,
        show_heading=show_heading,
    )


def comparable(rows: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Return the rows of the unit and kind of figure that most sources share."""
    known = rows[rows[["low", "best", "high"]].notna().any(axis=1) & rows["end"].notna()]
    if known.empty:
        raise InputError(
            f"there is no figure of '{quantity}' to draw.",
            "the evidence asked for",
            "ask for less: leave out --side, --concept, --place or --known-by.",
        )
    groups = known.groupby(["flow_or_stock", "unit"])["source"].nunique()
    kind, unit = max(groups.index, key=lambda key: (groups[key], -KINDS.index(key[0])))
    chosen: pd.DataFrame = known[(known["flow_or_stock"] == kind) & (known["unit"] == unit)]
    return chosen


def _labelled(
    rows: pd.DataFrame, titles: Mapping[str, str], manifest: Mapping[str, evidence.Source]
) -> pd.DataFrame:
    """Return the rows as the picture takes them, each source named with what tells it from others."""
    varies = [name for name in ("concept", "side", "place") if rows[name].nunique() > 1]
    labels = []
    for row in rows.to_dict("records"):
        told = ", ".join(words.plain(row[name]) for name in varies)
        title = titles.get(row["source"], words.plain(row["source"]))
        # What is counted stands first: a long title is cut in a tight place.
        labels.append(f"{told}: {title}" if told else title)
    parties = [_party(row, manifest) for row in rows.to_dict("records")]
    frame = pd.DataFrame({"label": labels, "date": rows["end"].to_numpy(), "party": parties})
    for name in ("low", "best", "high"):
        frame[name] = rows[name].to_numpy()
    return frame


def _party(row: Mapping[Hashable, Any], manifest: Mapping[str, evidence.Source]) -> str:
    source = manifest.get(row["source"])
    if (source is not None and source.party) or row["source_class"].endswith("belligerent"):
        return "warring party"
    neutral = source is not None and source.independent == "yes"
    return "independent" if neutral else "ally"


def evidence_heading(rows: pd.DataFrame, chosen: pd.DataFrame, quantity: str) -> tuple[str, str]:
    """Return title and subtitle of the picture of those rows of a quantity that are drawn."""
    sources, roots = chosen["source"].nunique(), chosen["root"].nunique()
    title = (
        f"{words.sentence(words.plain(quantity)).rstrip('.')}: {words.counted(sources, 'source')},"
        f" {words.counted(roots, 'origin')}"
    )
    kind = {
        "cumulative": "running totals",
        "stock": "states on a day",
        "flow": "amounts within a span",
    }[chosen["flow_or_stock"].iloc[0]]
    first, last = theme.day(chosen["end"].min()), theme.day(chosen["end"].max())
    parts = [f"{words.sentence(kind).rstrip('.')} in {words.unit(chosen['unit'].iloc[0])}, {first} to {last}"]
    for name in ("side", "concept", "place"):
        values = list(dict.fromkeys(chosen[name]))
        if len(values) == 1 and values[0]:
            parts.append(words.plain(values[0]))
    left = len(rows) - len(chosen)
    if left:
        parts.append(f"{words.counted(left, 'figure')} of another unit or kind left out")
    return title, "; ".join(parts)
