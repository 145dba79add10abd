"""How many origins stand behind a set of rows: restating is not confirming."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from ceasefire.evidence.sources import Root, Source


def count_roots(rows: pd.DataFrame, sources: Mapping[str, Source], roots: Mapping[str, Root]) -> pd.DataFrame:
    """Return the rows with `counted`, `refusal` and `why`; at most one row per root is counted.

    `refusal` says why a row can never count: `misprint`, `derived`, `not_classified` or `party`; it is empty
    where a row may count, whether or not another row of its root does.

    Args:
        rows: observations, as `Evidence.ask` returns them; `days_from_target` is used where it is there.
        sources: the manifest of sources.
        roots: the manifest of roots.
    """
    judged = rows.copy()
    parties = {root.party for root in roots.values()} | {entry.party for entry in sources.values()}
    refusals = [
        _refusal(str(source), str(root), str(side), str(kind), sources, roots, parties - {""})
        for source, root, side, kind in zip(
            rows["source"], rows["root"], rows["side"], rows["kind"], strict=True
        )
    ]
    why = [words for _, words in refusals]
    counted = [False] * len(rows)
    speaking: dict[str, str] = {}
    for place in _nearest_first(rows):
        if why[place]:
            continue
        source, root = str(rows["source"].iloc[place]), str(rows["root"].iloc[place])
        if root not in speaking:
            speaking[root], counted[place] = source, True
            outside = sources[source].independent == "yes" if source in sources else False
            why[place] = "outside the war" if outside else "not a party to the war, but not neutral"
        elif speaking[root] == source:
            why[place] = "another row of this source counts"
        else:
            why[place] = f"the same origin as {speaking[root]}, which counts"
    judged["counted"], judged["refusal"], judged["why"] = counted, [code for code, _ in refusals], why
    return judged


def _nearest_first(rows: pd.DataFrame) -> list[int]:
    """Return the positions of the rows: nearest to the target, then known last, then with a best value."""
    keys = pd.DataFrame({"known": pd.to_datetime(rows["known_on"]), "bare": rows["best"].isna()})
    keys["distance"] = rows["days_from_target"].abs() if "days_from_target" in rows else 0
    keys = keys.reset_index(drop=True)
    order = keys.sort_values(["distance", "known", "bare"], ascending=[True, False, True], kind="stable")
    return [int(place) for place in order.index]


def _refusal(
    source: str,
    root: str,
    side: str,
    kind: str,
    sources: Mapping[str, Source],
    roots: Mapping[str, Root],
    parties: Collection[str],
) -> tuple[str, str]:
    """Say why a row cannot count, as a code and in words, or return two empty texts."""
    if kind == "misprint":
        return "misprint", "marked as a misprint"
    entry = sources.get(source)
    if entry is not None and entry.derived_from:
        return "derived", f"built on other sources ({', '.join(entry.derived_from)})"
    if entry is not None and entry.source_class == "not_classified":
        return "not_classified", "its origin has not been judged"
    speaker = entry.party if entry is not None else ""
    origin = roots[root].party if root in roots else ""
    party = origin or speaker
    if not party:
        return "", ""
    says = "a party to the war" if speaker else f"restates {root}, a party to the war"
    if party == side:
        return "party", f"{says} about itself"
    return "party", f"{says} about its enemy" if side in parties else says
