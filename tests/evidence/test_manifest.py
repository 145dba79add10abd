"""Every table, source, quantity and concept has its entry, and the entry is true."""

import csv
import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml

import ceasefire.evidence
from ceasefire.evidence import COLUMNS, check_observations, load
from ceasefire.evidence.store import read_table

HERE = Path(ceasefire.evidence.__file__).parent
TABLES = sorted(path.relative_to(HERE / "tables").as_posix() for path in (HERE / "tables").rglob("*.csv"))


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load((HERE / "tables.yaml").read_text(encoding="utf-8"))


def test_every_table_has_one_entry(manifest):
    assert sorted(manifest["tables"]) == TABLES


@pytest.mark.parametrize("name", TABLES)
def test_rows_and_checksum(manifest, name):
    path, entry = HERE / "tables" / name, manifest["tables"][name]
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert entry["rows"] == len(rows)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry["licence"]
    assert all(part["changed"] and part["rows"] > 0 for part in entry["inputs"])
    day, unstated = entry["accessed"], "press and reports read one by one; the compilers state no day"
    assert day == unstated or pd.Timestamp(day) <= pd.Timestamp("2026-08-22")
    if not name.startswith("records/"):
        assert {row["table"] for row in rows} == {part["table"] for part in entry["inputs"]}
        assert sorted({row["source"] for row in rows}) == entry["sources"]


@pytest.mark.parametrize("name", [name for name in TABLES if not name.startswith("records/")])
def test_tables_pass_the_check_and_stand_in_order(name):
    rows = read_table(HERE / "tables" / name)
    assert list(rows.columns) == list(COLUMNS)
    check_observations(rows, sources=load().sources, name=name)
    text = pd.read_csv(HERE / "tables" / name, dtype=str, keep_default_na=False)
    keys = [
        "quantity",
        "concept",
        "side",
        "place",
        "flow_or_stock",
        "unit",
        "source",
        "start",
        "end",
        "known_on",
    ]
    assert text[keys].apply(tuple, axis=1).is_monotonic_increasing


def test_no_row_without_root_day_reference_or_unit():
    rows = load().observations
    for column in ("root", "reference", "unit", "source", "source_class", "known_on_rule", "kind", "table"):
        assert (rows[column].str.strip() != "").all(), column
    assert rows["known_on"].notna().all()


def test_no_figure_stands_twice():
    rows = load().observations.drop(columns=["note", "reference", "table"])
    assert not rows.duplicated().any()


def test_no_figure_is_known_before_its_period_ends():
    rows = load().observations
    early = rows[(rows["known_on"] < rows["end"]) & (rows["flow_or_stock"] != "stock")]
    early = early[~early["kind"].isin(["plan", "forecast", "target"])]
    # A year without a day in a table of wars, and two estimates for a year that was not over.
    wars = early["quantity"] == "war_deaths"
    assert (early[wars]["end"].dt.strftime("%m-%d") == "12-31").all()
    assert sorted(early[~wars]["source"]) == ["compilers_judgement", "die_welt"]


def test_rules_of_known_on_are_documented(manifest):
    rules = manifest["known_on_rules"]
    assert set(load().observations["known_on_rule"]) == set(rules)
    assert all(len(reason) > 40 for reason in rules.values())
    records = {name: entry for name, entry in manifest["tables"].items() if name.startswith("records/")}
    assert all(entry["known_on"] for entry in records.values())


def test_sources_and_roots_are_complete():
    evidence = load()
    used = set(evidence.observations["source"])
    assert used <= set(evidence.sources)
    # Sources without a row are there for imports.
    assert set(evidence.sources) - used == {"acled"}
    for source in evidence.sources.values():
        assert source.root in evidence.roots
        assert set(source.derived_from) <= set(evidence.roots)
        assert source.independent in {"yes", "no", "partly"}
        assert not (source.party and source.independent == "yes"), source.id
    rows = evidence.observations
    for name, root in rows.groupby("source")["root"].unique().items():
        assert root.tolist() == [evidence.sources[name].root]
    assert set(evidence.roots) == {source.root for source in evidence.sources.values()}


def test_parties_are_named():
    sources = load().sources
    belligerent = {
        s.id
        for s in sources.values()
        if s.source_class in ("government_belligerent", "leak_from_belligerent")
    }
    assert all(sources[name].party in ("RU", "UA") for name in belligerent)
    assert {s.id for s in sources.values() if s.root == "ua_general_staff" and not s.party} == {
        "uk_ministry_of_defence_series",
        "iiss_losses",
    }


def test_quantities_and_concepts_are_documented():
    evidence = load()
    listed = pd.read_csv(HERE / "quantities.csv", dtype=str, keep_default_na=False)
    rows = evidence.observations
    assert set(listed["quantity"]) == set(rows["quantity"])
    assert (listed["meaning"] != "").all()
    assert not listed["quantity"].duplicated().any()
    for name, unit in listed.set_index("quantity")["unit"].items():
        assert unit == ", ".join(sorted(set(rows[rows["quantity"] == name]["unit"])))
    concepts = pd.read_csv(HERE / "concepts.csv", dtype=str, keep_default_na=False)
    assert set(concepts["concept"]) == set(rows["concept"])
    assert (concepts["meaning"] != "").all()


def test_quantities_table():
    table = load().quantities().set_index("quantity")
    assert list(table.columns) == [
        "topic", "meaning", "unit", "caution", "concepts", "sides", "rows", "sources", "roots",
        "first", "last",
    ]  # fmt: skip
    assert table["rows"].sum() == len(load().observations)
    losses = table.loc["personnel_losses"]
    assert losses["sides"] == "RU, UA"
    assert losses["roots"] < losses["sources"]
    assert losses["first"] == pd.Timestamp("2022-02-27")


def test_licences_keep_their_cautions():
    sources = load().sources
    assert "the copy itself states none" in sources["ukraine_air_force"].licence
    assert "none stated" in sources["kiel_ukraine_support_tracker"].licence
    assert "carry no licence" in sources["ukrwarlosses_ukraine"].licence
    assert "own terms are not stated" in sources["meduza_mediazona_registry"].licence


def test_no_table_names_a_folder_of_a_machine():
    for path in HERE.rglob("*"):
        if path.suffix in {".csv", ".yaml", ".py"}:
            text = path.read_text(encoding="utf-8")
            for folder in ("home", "tmp"):
                assert f"/{folder}/" not in text, path
