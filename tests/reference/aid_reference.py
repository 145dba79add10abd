"""Aid under way in ordinary Python: the equations of `ceasefire.war.aid`, nothing imported from it."""

from __future__ import annotations


def move(stages: list[float], lever: float, aid: float, mean: float) -> tuple[list[float], float]:
    """Each stage passes on the share min(1, 3 / mean) of what it held; what is sent joins the first."""
    share = min(1.0, len(stages) / mean)
    leaving = [stage * share for stage in stages]
    joining = [lever * aid, *leaving[:-1]]
    tomorrow = [had - left + came for had, left, came in zip(stages, leaving, joining, strict=True)]
    return tomorrow, leaving[-1]
