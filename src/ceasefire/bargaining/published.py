"""What others have found about ceasefires and the ends of wars: quoted with its source, apart from ours.

Each counts something else: wars or ceasefires, all or only those that failed. Where a value is given in words
it stays in words.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Published:
    """A figure of others."""

    name: str
    words: str
    """The figure as it was put."""
    value: float | None
    """As a share where it is one; None where it was put in words or is no share."""
    of: str
    """Of what."""
    kind: str
    """interstate, civil, or not stated."""
    source: str
    caution: str = ""


PUBLISHED = (
    Published(
        "Fortna",
        "almost half",
        None,
        "international wars since the Second World War were followed by renewed fighting between at least one"
        " pair of their parties",
        "interstate",
        "Fortna 2004, Peace Time, chapter 1; the study covers ceasefires in international wars that ended"
        " from 1946 to 1997 (Fortna 2003, International Organization 57)",
        "no time limit is part of it",
    ),
    Published(
        "ETH/PRIO",
        "65 to 193 days",
        None,
        "typical lives of the ceasefires in civil wars that failed, by type",
        "civil",
        "the ETH/PRIO data, 2,202 ceasefires of 1989-2020 in 66 countries (Clayton and others 2022, Journal"
        " of Conflict Resolution), as reported by The New York Times in August 2025",
        "of those that failed alone; read in a report, not in the data",
    ),
    Published(
        "CSIS, within a month",
        "26 %",
        0.26,
        "interstate wars since 1946 that ended within a month; a further 25 % ended within a year",
        "interstate",
        "CSIS 2022, How Does It End?, on terminations in the data of Uppsala",
        "wars, not ceasefires; low-level disputes are among them",
    ),
    Published(
        "CSIS, by a ceasefire or peace agreement",
        "44 %",
        0.44,
        "of the wars that lasted less than a month; of those of a month to a year 24 % ended in a ceasefire",
        "interstate",
        "CSIS 2022, How Does It End?",
        "how wars ended, not how long ceasefires held",
    ),
    Published(
        "War Is Boring",
        "84 %",
        0.84,
        "of 105 failed ceasefires were followed by an offensive, within 13 days on average",
        "not stated",
        "War Is Boring, as quoted on Medium",
        "of failed ceasefires alone, so it cannot say how many fail; a weak source, its list was not found",
    ),
)
