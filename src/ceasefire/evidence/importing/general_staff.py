"""Daily losses as the General Staff of Ukraine states them, in the JSON of the public collection."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ceasefire.evidence.importing.reading import Row, json_rows

WAR = dt.date(2022, 2, 24)
SOURCE = "ukraine_general_staff"
ITEMS = {
    "tank": "tank",
    "APC": "apc",
    "field artillery": "artillery",
    "MRL": "mrl",
    "anti-aircraft warfare": "anti_aircraft",
    "aircraft": "aircraft",
    "helicopter": "helicopter",
    "drone": "drone",
    "special equipment": "special_equipment",
    "cruise missiles": "cruise_missile",
    "naval ship": "naval_ship",
    "submarines": "submarine",
    "mobile SRBM system": "srbm_system",
    "vehicles and fuel tanks": "vehicle_fuel_tank",
}
# Until May 2022 one series for vehicles and one for fuel tanks; their sum is the later series.
SUMMED = ("military auto", "fuel tank")
READ = {"date", "day", "personnel", "personnel*", "POW", "greatest losses direction", *ITEMS, *SUMMED}
QUANTITIES = {
    "equipment_losses_submarine": "Russian submarines claimed as lost",
    "equipment_losses_srbm_system": "Russian short-range ballistic missile launchers claimed as lost",
}


def observations(text: str, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the observations of a losses file, of personnel or of equipment, and notes on what was left out.

    Raises:
        InputError: a row without a day, a day that stands twice or does not fit its war day, or a figure
            that is no whole number.
    """
    rows: list[dict[str, Any]] = []
    seen: dict[dt.date, int] = {}
    ignored: set[str] = set()
    for row in json_rows(text, name):
        day = row.day("date", ["%Y-%m-%d"], "write a day as YYYY-MM-DD.")
        if day in seen:
            raise row.fault(
                "date", f"'{day}' stands in row {seen[day]} already.", "keep one of the two rows."
            )
        seen[day] = row.number
        war_day = row.count("day", empty=True)
        if war_day is not None and war_day != (day - WAR).days + 1:
            what = f"day {war_day} is not the war day of {day}, which is {(day - WAR).days + 1}."
            raise row.fault("day", what, "check the date and the day.")
        rows += _of_day(row, day)
        ignored |= set(row.values) - READ
    if not rows:
        raise row.fault(
            "personnel", "no figure was found in the file.", "use the personnel or equipment file."
        )
    notes = [f"not read: {', '.join(sorted(ignored))}"] if ignored else []
    return rows, notes


def _of_day(row: Row, day: dt.date) -> list[dict[str, Any]]:
    found: list[tuple[str, str, int]] = []
    personnel = row.count("personnel", empty=True)
    if personnel is not None:
        found.append(("personnel_losses", "losses_undefined", personnel))
    captured = row.count("POW", empty=True)
    # No prisoners stated is written as 0 in the collection: missing is not zero.
    if captured:
        found.append(("personnel_losses", "captured", captured))
    for key, item in ITEMS.items():
        number = row.count(key, empty=True)
        if number is not None:
            found.append((f"equipment_losses_{item}", "losses_undefined", number))
    parts = [row.count(key, empty=True) for key in SUMMED]
    if parts[0] is not None and parts[1] is not None:
        found.append(("equipment_losses_vehicle_fuel_tank", "losses_undefined", parts[0] + parts[1]))
    return [
        {
            "quantity": quantity,
            "concept": concept,
            "side": "RU",
            "place": "whole_front",
            "start": WAR,
            "end": day,
            "flow_or_stock": "cumulative",
            "best": number,
            "unit": "persons" if quantity == "personnel_losses" else "items",
            "source": SOURCE,
            "known_on": day,
            "known_on_rule": "same_day",
            "kind": "claim",
            "confidence": "high",
        }
        for quantity, concept, number in found
    ]
