"""How many origins stand behind a set of rows: restating is not confirming."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ceasefire.evidence.sources import Root, Source


def count_roots(rows: pd.DataFrame, sources: Mapping[str, Source], roots: Mapping[str, Root]) -> pd.DataFrame:
    """Return the rows with `counted` and `why`; at most one row per root is counted.

    Args:
        rows: observations, as `Evidence.ask` returns them; `days_from_target` is used where it is there.
        sources: the manifest of sources.
        roots: the manifest of roots.
    """
    judged = rows.copy()
    judged["counted"] = False
    judged["why"] = [
        _refusal(str(source), str(root), str(side), str(kind), sources, roots)
        for source, root, side, kind in zip(
            judged["source"], judged["root"], judged["side"], judged["kind"], strict=True
        )
    ]
    open_rows = judged[judged["why"] == ""]
    distance = open_rows.get("days_from_target", pd.Series(0, index=open_rows.index)).abs()
    order = open_rows.assign(_distance=distance, _bare=open_rows["best"].isna()).sort_values(
        ["_distance", "known_on", "_bare"], ascending=[True, False, True], kind="stable"
    )
    speaking: dict[str, str] = {}
    for label, row in order.iterrows():
        root, source = str(row["root"]), str(row["source"])
        if root in speaking:
            other = speaking[root]
            same = (
                "another row of this source counts"
                if other == source
                else f"the same origin as {other}, which counts"
            )
            judged.loc[label, "why"] = same
            continue
        speaking[root] = source
        judged.loc[label, "counted"] = True
        entry = sources.get(source)
        outside = entry is None or entry.independent == "yes"
        judged.loc[label, "why"] = "outside the war" if outside else "not a party to the war, but not neutral"
    return judged


def _refusal(
    source: str, root: str, side: str, kind: str, sources: Mapping[str, Source], roots: Mapping[str, Root]
) -> str:
    """Say why a row cannot count, or return an empty text."""
    if kind == "misprint":
        return "marked as a misprint"
    entry = sources.get(source)
    if entry is not None and entry.derived_from:
        return f"built on other sources ({', '.join(entry.derived_from)})"
    speaker = entry.party if entry is not None else ""
    origin = roots[root].party if root in roots else ""
    party = origin or speaker
    if not party:
        return ""
    says = "a party to the war" if speaker else f"restates {root}, a party to the war"
    if party == side:
        return f"{says} about itself"
    return f"{says} about its enemy" if side in ("RU", "UA") else says
