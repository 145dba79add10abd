# ruff: noqa: E501 (a gallery of exact messages, one line each)
"""Imports: whole or not at all, never twice, and every fault with its row and column."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.evidence import FORMATS, import_file, load
from ceasefire.evidence.importing import events, reading
from ceasefire.evidence.store import user_folder
from ceasefire.files import InputError

HERE = Path(__file__).parent
WRONG = HERE / "wrong_files"
ON = dt.date(2030, 3, 1)
FORMAT = {
    "gs": "general-staff-json",
    "economist": "economist-csv",
    "acled": "acled-csv",
    "ged": "ucdp-ged-csv",
    "empty.csv": "acled-csv",
}
GOOD = {
    "losses_personnel.json": "general-staff-json",
    "losses_equipment.json": "general-staff-json",
    "estimates.csv": "economist-csv",
    "acled.csv": "acled-csv",
    "ged.csv": "ucdp-ged-csv",
}
DAY_TODO = "write a day as YYYY-MM-DD."
COUNT_TODO = "give a whole number of at least 0."
MESSAGES = {
    "acled_country.csv": ("'country' is empty.", "row 2, column 'country'", "give it a value, or leave the row out."),
    "acled_empty.csv": ("'fatalities' is empty.", "row 2, column 'fatalities'", "give a whole number; missing is not 0."),
    "acled_fraction.csv": ("'1.5' is not a whole number.", "row 2, column 'fatalities'", COUNT_TODO),
    "acled_quote.csv": ("the row cannot be read: unexpected end of data.", "row 2", "check its commas and quotes."),
    "acled_twice.csv": ("the event 'A1' stands in row 2 already.", "row 3, column 'event_id_cnty'", "keep one of the two."),
    "acled_year.csv": ("2031 is not the year of '2030-01-07'.", "row 2, column 'year'", "check the date and the year."),
    "economist_country.csv": ("'Rusia' is not known.", "row 2, column 'country'", "did you mean 'russia'?"),
    "economist_date.csv": ("'31/13/2022' is not a day.", "row 2, column 'date'", "write a day as DD/MM/YYYY."),
    "economist_encoding.csv": ("the file is not UTF-8 text.", "row 2", "save it as UTF-8."),
    "economist_header.csv": ("the column 'estimate_low' is missing.", "row 1", "rename the column 'estimates_low' to 'estimate_low'."),
    "economist_no_figure.csv": ("the row has no figure.", "row 2, column 'estimate'", "give an estimate, a low or a high one."),
    "economist_no_rows.csv": ("the file holds no rows.", "", "export it again."),
    "economist_order.csv": ("low, estimate and high are out of order.", "row 2, column 'estimate_low'", "check the three figures."),
    "economist_semicolons.csv": ("the columns are separated by semicolons.", "row 1", "export the file with commas."),
    "economist_short_row.csv": ("the row has 7 cells, the header 8.", "row 2", "check commas and quotes in this row."),
    "economist_type.csv": ("'death' is not known.", "row 3, column 'type'", "did you mean 'deaths'?"),
    "economist_word.csv": ("'about 5' is not a whole number.", "row 2, column 'estimate'", COUNT_TODO),
    "empty.csv": ("the file is empty.", "", "export it again."),
    "ged_backwards.csv": ("'2030-01-09' lies after the end, '2030-01-08'.", "row 2, column 'date_start'", "swap the two days."),
    "ged_order.csv": ("low 8, best 10 and high 9 are out of order.", "row 2, column 'best'", "check the three figures."),
    "ged_sum.csv": ("best is 11, but the four kinds of deaths add up to 10.", "row 2, column 'best'", "check the row against the codebook."),
    "gs_date.json": ("'20.12.2022' is not a day.", "row 1, column 'date'", DAY_TODO),
    "gs_day.json": ("day 299 is not the war day of 2022-12-20, which is 300.", "row 1, column 'day'", "check the date and the day."),
    "gs_entry.json": ("'x' is not an entry.", "row 2", 'write an entry as {"date": ...}.'),
    "gs_negative.json": ("-5 is below 0.", "row 1, column 'personnel'", COUNT_TODO),
    "gs_no_figure.json": ("no figure was found in the file.", "row 1, column 'personnel'", "use the personnel or equipment file."),
    "gs_not_a_list.json": ("this is not a list of entries.", "", "use a JSON list with one entry a day."),
    "gs_not_a_number.json": ("'NaN' is not a number.", "line 3", "write the figure, or leave it out."),
    "gs_not_json.json": ("this is not JSON: Expecting value.", "line 2, column 1", "download the file again."),
    "gs_twice.json": ("'2022-12-20' stands in row 1 already.", "row 2, column 'date'", "keep one of the two rows."),
    "gs_word.json": ("'many' is not a whole number.", "row 1, column 'personnel'", COUNT_TODO),
}  # fmt: skip


def bring(name: str, into: Path):
    return import_file(GOOD[name], HERE / name, into, on=ON)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_gallery_is_complete():
    assert sorted(path.name for path in WRONG.iterdir()) == sorted(MESSAGES)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_wrong_file_changes_nothing_and_is_told_where(name, tmp_path):
    bring("acled.csv", tmp_path)
    before = contents(tmp_path)
    what, place, todo = MESSAGES[name]
    with pytest.raises(InputError) as error:
        import_file(FORMAT[name.split("_")[0]], WRONG / name, tmp_path, on=ON)
    where = f"{name}, {place}" if place else name
    assert str(error.value) == f"{what}\n  where: {where}\n  to do: {todo}"
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_same_file_twice_is_there_once(name, tmp_path):
    first = bring(name, tmp_path)
    before, once = contents(tmp_path), load(tmp_path).observations
    shutil.copy(HERE / name, tmp_path.parent / f"copy_of_{name}")
    second = import_file(GOOD[name], tmp_path.parent / f"copy_of_{name}", tmp_path, on=ON)
    assert (first.replaced, second.replaced) == (False, True)
    assert first.path == second.path
    assert set(contents(tmp_path)) == set(before)
    assert len(load(tmp_path).observations) == len(once)


def test_daily_losses(tmp_path):
    result = bring("losses_personnel.json", tmp_path)
    assert (result.rows, result.source, result.notes) == (3, "ukraine_general_staff", ())
    evidence = load(tmp_path)
    day = evidence.ask("personnel_losses", concept="losses_undefined", at="2022-12-23", window_days=0)
    assert day["best"].tolist() == [101_111]
    assert day["root"].tolist() == ["ua_general_staff"]
    # Day 300 is in the package already: the same figure does not stand twice.
    again = evidence.ask(
        "personnel_losses",
        concept="losses_undefined",
        flow_or_stock="cumulative",
        at="2022-12-20",
        window_days=0,
    )
    assert again["best"].tolist() == [99_230]
    captured = evidence.ask("personnel_losses", concept="captured")
    assert captured["best"].tolist() == [7]


def test_daily_equipment(tmp_path):
    result = bring("losses_equipment.json", tmp_path)
    assert result.notes == ("not read: robot",)
    rows = pd.read_csv(result.path).set_index(["quantity", "end"])["best"]
    assert rows["equipment_losses_vehicle_fuel_tank"].tolist() == [34, 40]
    assert rows["equipment_losses_drone"].tolist() == [0]
    assert len(rows) == 7


def test_estimates(tmp_path):
    result = bring("estimates.csv", tmp_path)
    assert result.notes == (
        "sources that the manifest does not know, each its own root: Institute of Invented Numbers",
    )
    rows = pd.read_csv(result.path, dtype={"known_on": str}).set_index("source")
    assert rows.loc["us_government", ["best", "known_on", "known_on_rule"]].tolist() == [
        20_001,
        "2030-08-12",
        "address_date",
    ]
    assert rows.loc["meduza_mediazona_registry", ["low", "best", "high"]].tolist() == [
        106_000,
        120_000,
        140_000,
    ]
    assert rows.loc["meduza_mediazona_registry", "known_on_rule"] == "file_vintage"
    uk = rows.loc["uk_ministry_of_defence_series"]
    assert uk[["start", "end", "known_on", "root"]].tolist() == [
        "2022-03-01",
        "2022-12-31",
        "2025-01-07",
        "ua_general_staff",
    ]
    assert rows.loc["ualosses", "concept"].tolist() == ["named_dead", "named_dead_and_missing"]
    assert rows.loc["ualosses", ["low", "high"]].isna().sum(axis=None) == 2
    claims = rows.loc["ukraine_general_staff"].set_index("end")
    assert set(claims["concept"]) == {"losses_undefined"}
    # Dated by the pages that state them: one older, one younger than the day they are filed under.
    assert rows.loc["nato_officials", "end"] == "2030-03-24"
    assert claims["best"].to_dict() == {"2030-02-06": 390, "2030-07-06": 500}
    evidence = load(tmp_path)
    strange = evidence.ask("personnel_losses", side="UA", concept="killed", at="2030-07-03", window_days=1)
    judged = evidence.independent_roots(strange)
    assert judged[["counted", "why"]].to_numpy().tolist() == [[False, "its origin has not been judged"]]


def test_events_become_weeks_of_countries(tmp_path):
    for name in ("acled.csv", "ged.csv"):
        bring(name, tmp_path)
    evidence = load(tmp_path)
    deaths = evidence.ask("conflict_deaths", place="Atlantis", at="2030-01-13", window_days=0)
    assert deaths.set_index("source")[["best"]].to_dict() == {"best": {"acled": 7.0, "ucdp_ged": 15.0}}
    assert deaths.set_index("source").loc["ucdp_ged", ["low", "high"]].tolist() == [13, 26]
    assert (deaths["end"] - deaths["start"]).dt.days.tolist() == [6, 6]
    assert (
        deaths.set_index("source").loc["ucdp_ged", "note"].endswith("1 of 2 events began in an earlier week")
    )
    civilians = evidence.ask("conflict_deaths_of_civilians", place="Atlantis")
    assert civilians["best"].tolist() == [8]
    last = evidence.ask("conflict_events", place="Atlantis", at="2030-01-20", window_days=0)
    assert last["known_on"].tolist() == [pd.Timestamp("2030-01-20")]
    assert last["note"].tolist() == ["the file may hold only a part of this week"]


def test_nothing_at_the_level_of_places_is_kept(tmp_path):
    for name in ("acled.csv", "ged.csv"):
        text = bring(name, tmp_path).path.read_text(encoding="utf-8")
        for word in ("Town", "Province", "1.5", "ATL1", "two lines"):
            assert word not in text


def test_imported_quantities_are_listed_with_their_meaning(tmp_path):
    bring("acled.csv", tmp_path)
    table = load(tmp_path).quantities().set_index("quantity")
    assert table.loc["conflict_deaths", ["topic", "meaning", "unit"]].tolist() == [
        "imported", "Soldiers and civilians killed in reported events, by country and week", "persons",
    ]  # fmt: skip
    assert "conflict_deaths" not in set(load().quantities()["quantity"])


def test_the_folder_of_imports(tmp_path, monkeypatch):
    monkeypatch.delenv("CEASEFIRE_EVIDENCE", raising=False)
    assert user_folder() == Path(".ceasefire") / "evidence"
    monkeypatch.setenv("CEASEFIRE_EVIDENCE", str(tmp_path / "mine"))
    result = import_file("acled-csv", HERE / "acled.csv", on=ON)
    assert result.path.parent == tmp_path / "mine"
    with pytest.raises(InputError) as error:
        load(tmp_path / "nowhere")
    assert error.value.what == "there is no such folder of imported evidence."


def test_a_damaged_table_is_refused_when_read(tmp_path):
    result = bring("acled.csv", tmp_path)
    text = result.path.read_text(encoding="utf-8")
    result.path.write_text(text.replace("2030-01-07", "yesterday", 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load(tmp_path)
    assert error.value.what == "'yesterday' is not a day."
    assert error.value.where.endswith(f"{result.path.name}, row 1, column 'start'")
    result.path.with_suffix(".yaml").unlink()
    with pytest.raises(InputError, match="there is no such file"):
        load(tmp_path)


def test_an_import_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    from ceasefire.evidence import importing

    real = importing.write_atomically

    def fails_on_tables(path, content):
        if Path(path).suffix == ".csv":
            raise InputError("could not write the file: no space left.", str(path), "make room.")
        return real(path, content)

    monkeypatch.setattr(importing, "write_atomically", fails_on_tables)
    with pytest.raises(InputError, match="no space left"):
        bring("acled.csv", tmp_path)
    assert contents(tmp_path) == {}


def test_other_wrong_calls(tmp_path, monkeypatch):
    with pytest.raises(InputError) as error:
        import_file("acled", HERE / "acled.csv", tmp_path)
    assert str(error.value) == "there is no format 'acled'.\n  to do: did you mean 'acled-csv'?"
    with pytest.raises(InputError, match="there is no such file"):
        import_file("acled-csv", tmp_path / "no.csv", tmp_path)
    with pytest.raises(InputError, match="this is a folder, not a file"):
        import_file("acled-csv", HERE, tmp_path)
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="the file is too large: 0 MB, the limit is 0 MB"):
        import_file("acled-csv", HERE / "acled.csv", tmp_path)
    assert contents(tmp_path) == {}
    assert sorted(FORMATS) == ["acled-csv", "economist-csv", "general-staff-json", "ucdp-ged-csv"]


def test_deep_nesting_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InputError) as error:
        import_file("general-staff-json", path, tmp_path / "into")
    assert error.value.where.startswith("deep.json")
    assert not (tmp_path / "into").exists()


def test_newer_totals_of_the_same_days_do_not_double(tmp_path):
    rows = json.loads((HERE / "losses_personnel.json").read_text(encoding="utf-8"))
    longer = tmp_path / "losses_personnel.json"
    longer.write_text(
        json.dumps([*rows, {"date": "2026-01-01", "day": 1408, "personnel": 1_300_000}]), encoding="utf-8"
    )
    folder = tmp_path / "into"
    bring("losses_personnel.json", folder)
    import_file("general-staff-json", longer, folder, on=ON)
    evidence = load(folder)
    assert len(evidence.observations) == len(load().observations) + 3
    assert (
        not evidence.observations.drop(columns=["note", "reference", "table", "verified"]).duplicated().any()
    )


@given(
    st.lists(
        st.tuples(st.sampled_from(["Atlantis", "Lemuria"]), st.dates(dt.date(2029, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 500)),
        min_size=1,
        max_size=30,
    )
)  # fmt: skip
def test_no_event_and_no_death_is_lost_in_the_sums(told):
    lines = ["event_id_cnty,event_date,year,country,fatalities"]
    lines += [f"E{i},{day},{day.year},{country},{deaths}" for i, (country, day, deaths) in enumerate(told)]
    rows, _ = events.acled("\n".join(lines), "made.csv", ON)
    deaths = sum(row["best"] for row in rows if row["quantity"] == "conflict_deaths")
    counted = sum(row["best"] for row in rows if row["quantity"] == "conflict_events")
    assert (deaths, counted) == (sum(number for *_, number in told), len(told))
    assert all(row["start"].weekday() == 0 and (row["end"] - row["start"]).days == 6 for row in rows)
