"""What every command prints and writes, how it leaves, and what it says where it cannot be done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ceasefire
from ceasefire.analysis import OUTCOMES
from ceasefire.analysis.aid import KINDS, SAVINGS
from ceasefire.engine import load
from ceasefire.scenario import load_scenario
from tests.cli.conftest import Commands

HERE = Path(__file__).parent
ESTIMATES = HERE.parent / "evidence" / "estimates.csv"
FEW = ["--draws", "32", "--seed", "5"]


def read_json(path: str | Path) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=refuse)


# The whole program.


def test_the_version(commands: Commands) -> None:
    assert commands.done("--version").out == f"{ceasefire.__version__}\n"


def test_an_unknown_command_leaves_with_2(commands: Commands) -> None:
    left = commands("audits")
    assert left.code == 2
    assert left.out == ""
    assert "No such command 'audits'" in left.err


def test_the_installed_command_prints_an_error_in_three_lines_and_leaves_with_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ceasefire"]
    done = subprocess.run(
        [*command, "evidence", "show", "personnel_losses", "--at", "yesterday"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.split("\n") == [
        "error: 'yesterday' is not a day.",
        "  where: --at",
        "  to do: write a day as YYYY-MM-DD.",
        "",
    ]


def test_an_interruption_leaves_with_130(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ceasefire.claims.shipped_claims", interrupted)
    left = commands("claims", "list")
    assert left.code == 130
    assert left.err == "interrupted; nothing that was on disk has changed.\n"


@pytest.mark.parametrize("where", ["out", "err"])
def test_without_colour_there_is_no_escape_code(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    # Colour is forced, as on a terminal: without the option the codes are there.
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    asked = ["scenario", "show", "invented-war" if where == "out" else "nothing"]
    assert "\x1b[" in getattr(commands(*asked), where)
    assert "\x1b[3" not in getattr(commands("--no-color", *asked), where)


# Evidence.


def test_quantities_are_listed_on_screen_and_as_json(commands: Commands) -> None:
    left = commands.done("evidence", "list", "--json", "list.json")
    rows = read_json("list.json")
    assert "personnel_losses" in left.out
    assert f"{len(rows)} quantities." in left.out
    assert {"quantity", "unit", "roots", "first"} <= set(rows[0])


def test_quantities_are_found_by_a_word_in_name_or_meaning(commands: Commands) -> None:
    left = commands.done("evidence", "list", "area", "--json", "list.json")
    rows = read_json("list.json")
    assert {"area_controlled"} <= {row["quantity"] for row in rows}
    assert all("area" in f"{row['quantity']} {row['meaning']}".lower() for row in rows)
    assert "with 'area' in the name or meaning" in left.out
    assert "km²" in left.out
    everything = commands.done("evidence", "list").out
    assert not [line for line in everything.splitlines() if line.strip().isdigit()]
    assert "0 quantities with 'zeppelin'" in commands.done("evidence", "list", "zeppelin").out


def test_many_rows_are_cut_to_forty_and_all_are_printed_on_request(commands: Commands) -> None:
    asked = ["evidence", "show", "personnel_losses", "--side", "RU"]
    few = commands.done(*asked, "--json", "rows.json").out
    total = len(read_json("rows.json"))
    assert total > 40
    assert "Shown: 40, the latest of each source" in few
    everything = commands.done(*asked, "--all").out
    assert f"{total:,} figures" in everything
    assert "Shown: " not in everything
    assert "Shown: " not in commands.done(*asked, "--at", "2024-06-01", "--window-days", "400").out


def test_evidence_is_shown_and_written(commands: Commands) -> None:
    asked = ["evidence", "show", "personnel_losses", "--side", "RU", "--concept", "killed"]
    left = commands.done(*asked, "--at", "2022-12-20", "--json", "rows.json", "--csv", "rows.csv")
    rows = read_json("rows.json")
    assert {row["side"] for row in rows} == {"RU"}
    assert {row["concept"] for row in rows} == {"killed"}
    assert all(abs(row["days_from_target"]) <= 30 for row in rows)
    assert any(row["low"] is None for row in rows)
    assert len(pd.read_csv("rows.csv")) == len(rows)
    assert f"{len(rows)} figures" in left.out
    then = commands.done(*asked, "--known-by", "2022-12-20", "--json", "then.json")
    assert "written: then.json" in then.out
    assert all(row["known_on"][:10] <= "2022-12-20" for row in read_json("then.json"))


def test_a_misspelt_quantity_is_named_with_the_nearest(commands: Commands) -> None:
    assert commands.refused("evidence", "show", "personel_losses") == [
        "error: there is no quantity 'personel_losses' in the evidence.",
        "  to do: did you mean 'personnel_losses'?",
    ]


def test_a_day_that_is_none_is_refused(commands: Commands) -> None:
    assert commands.refused("evidence", "show", "personnel_losses", "--at", "20.12.2022") == [
        "error: '20.12.2022' is not a day.",
        "  where: --at",
        "  to do: write a day as YYYY-MM-DD.",
    ]


def test_a_picture_of_the_evidence_is_written(commands: Commands) -> None:
    left = commands.done("evidence", "plot", "area_controlled", "--out", "area.svg")
    assert left.out == "picture: area.svg\n"
    assert Path("area.svg").read_text(encoding="utf-8").startswith("<svg")


def test_an_ending_that_no_picture_has_is_refused_and_nothing_is_written(commands: Commands) -> None:
    lines = commands.refused("evidence", "plot", "area_controlled", "--out", "area.jpeg")
    assert lines == [
        "error: '.jpeg' is no ending of a picture.",
        "  where: area.jpeg",
        "  to do: name a file that ends in .svg or .png.",
    ]
    assert list(Path().iterdir()) == []


def test_an_import_is_used_where_it_lies_and_where_it_is_named(commands: Commands, tmp_path: Path) -> None:
    asked = ["evidence", "show", "personnel_losses", "--at", "2030-08-11"]
    assert "0 figures" in commands.done(*asked).out
    assert "imported 9 rows" in commands.done("evidence", "import", "economist-csv", ESTIMATES).out
    assert "20,001" in commands.done(*asked).out
    (tmp_path / ".ceasefire").rename(tmp_path / "elsewhere")
    assert "0 figures" in commands.done(*asked).out
    named = tmp_path / "elsewhere" / "evidence"
    assert "20,001" in commands.done(*asked, "--imports", named).out


def test_an_imported_source_can_be_drawn(commands: Commands) -> None:
    commands.done("evidence", "import", "economist-csv", ESTIMATES)
    commands.done("evidence", "plot", "personnel_losses", "--side", "RU", "--concept", "killed")
    assert "2030" in Path("personnel_losses.svg").read_text(encoding="utf-8")


def test_a_folder_of_imports_that_is_not_there_is_refused(commands: Commands) -> None:
    assert commands.refused("evidence", "list", "--imports", "nowhere") == [
        "error: there is no such folder of imported evidence.",
        "  where: nowhere",
        "  to do: import a file first.",
    ]


def test_a_broken_file_is_not_imported_and_what_was_there_stays(commands: Commands, tmp_path: Path) -> None:
    commands.done("evidence", "import", "economist-csv", ESTIMATES)
    before = {path.name: path.read_bytes() for path in Path(".ceasefire/evidence").iterdir()}
    broken = tmp_path / "broken.csv"
    text = ESTIMATES.read_text(encoding="utf-8")
    broken.write_text(text.replace("20001", "twenty thousand"), encoding="utf-8")
    lines = commands.refused("evidence", "import", "economist-csv", broken)
    assert [line.split(":")[0] for line in lines] == ["error", "  where", "  to do"]
    assert {path.name: path.read_bytes() for path in Path(".ceasefire/evidence").iterdir()} == before


# Scenarios and parameters.


def test_scenarios_are_listed_and_shown(commands: Commands) -> None:
    assert "invented-war  Aldria against Bremor" in commands.done("scenario", "list").out
    shown = commands.done("scenario", "show", "invented-war").out
    assert "fight-on" in shown
    assert "truce" in shown


def test_an_unknown_scenario_is_named_with_the_nearest(commands: Commands) -> None:
    lines = commands.refused("scenario", "show", "invented-wars")
    assert "'invented-wars'" in lines[0]
    assert lines[-1] == "  to do: did you mean 'invented-war'?"


def test_a_template_passes_its_own_check_and_is_never_overwritten(commands: Commands) -> None:
    for room in ("scenario", "claims"):
        file = Path(f"{room}.yaml")
        assert commands.done(room, "new", file).out == f"written: {file}\n"
        assert commands.done(room, "new").out == file.read_text(encoding="utf-8")
        file.write_text("mine", encoding="utf-8")
        assert commands.refused(room, "new", file) == [
            "error: the file exists already; it was left as it is.",
            f"  where: {file}",
            "  to do: name a new file.",
        ]
        assert file.read_text(encoding="utf-8") == "mine"


def test_a_scenario_is_checked(commands: Commands) -> None:
    commands.done("scenario", "new", "war.yaml")
    assert commands.done("scenario", "lint", "war.yaml").out == "war.yaml: no faults found.\n"
    text = Path("war.yaml").read_text(encoding="utf-8")
    Path("war.yaml").write_text(text.replace("start:", "begin:", 1), encoding="utf-8")
    lines = commands.refused("scenario", "lint", "war.yaml")
    assert "begin" in lines[0]
    assert "war.yaml" in lines[1]


# Claims.


def test_a_shipped_claims_file_has_notes_and_no_errors(commands: Commands) -> None:
    assert "interview-with-a-tyrant" in commands.done("claims", "list").out
    left = commands.done("claims", "lint", "interview-with-a-tyrant")
    assert "note: " in left.out
    assert "error: " not in left.out
    assert left.out.splitlines()[-1].startswith("interview-with-a-tyrant: no errors found; notes: ")


def test_a_claims_file_with_an_error_leaves_with_1(commands: Commands) -> None:
    text = (HERE / "article.yaml").read_text(encoding="utf-8")
    Path("wrong.yaml").write_text(text.replace("personnel_losses", "personel_losses"), encoding="utf-8")
    left = commands("claims", "lint", "wrong.yaml")
    assert left.code == 1
    assert left.err == ""
    assert "error: there is no quantity 'personel_losses' in the evidence." in left.out
    assert "no errors found" not in left.out


def test_a_claims_file_that_asks_for_an_import_is_checked_with_it(commands: Commands) -> None:
    file = HERE / "article.yaml"
    missing = "note: 'personnel_losses' has no source within 30 days of 2030-08-11."
    assert missing in commands.done("claims", "lint", file).out
    commands.done("evidence", "import", "economist-csv", ESTIMATES, "--into", "elsewhere")
    assert missing in commands.done("claims", "lint", file).out
    assert missing not in commands.done("claims", "lint", file, "--imports", "elsewhere").out


# Wars.


def test_a_run_prints_writes_and_says_where(commands: Commands) -> None:
    left = commands.done("run", "invented-war", *FEW, "--json", "run.json")
    assert left.out.splitlines()[-1] == "result: invented-war-fight-on-5.nc"
    result = load("invented-war-fight-on-5.nc")
    assert result.attrs["scenario_sha256"] == load_scenario("invented-war").sha256
    assert (result.attrs["draws"], result.attrs["seed"], result.attrs["policy"]) == (32, 5, "fight-on")
    row = next(row for row in read_json("run.json") if row["outcome"] == "killed" and row["day"] == 182)
    values = result["killed"].sel(side=row["side"]).isel(time=26)
    assert row["median"] == pytest.approx(float(values.median()), rel=1e-6)


def test_a_comparison_keeps_both_results(commands: Commands) -> None:
    left = commands.done("compare", "invented-war", *FEW, "--out", "both.nc", "--json", "both.json")
    assert left.out.splitlines()[-1] == "result: both.nc"
    assert "These wars come from priors" in left.out
    stored = load("both.nc")
    assert list(stored["policy"].values) == ["fight-on", "truce"]
    assert len(set(stored["input_sha256"].values)) == 2
    assert stored.attrs["scenario_sha256"] == load_scenario("invented-war").sha256
    rows = read_json("both.json")
    assert {row["outcome"] for row in rows} == set(OUTCOMES)
    assert all(0 <= row["probability"] <= 1 and row["draws"] == 32 for row in rows)


def test_a_comparison_begins_with_five_lines_and_ends_with_what_carries_it(commands: Commands) -> None:
    left = commands.done("compare", "invented-war", *FEW, "--outcome", "ground_lost", "--json", "both.json")
    lines = left.out.splitlines()
    assert lines[0].startswith("truce less fight-on, ")
    five = [line for line in lines[:12] if line.strip().startswith(("Killed,", "Losses,", "Ground lost,"))]
    assert len(five) == 5
    rows = [row for row in read_json("both.json") if row["outcome"] == "killed" and not row["side"]]
    assert f"{round(100 * rows[-1]['probability'])}\N{NO-BREAK SPACE}%" in five[0]
    assert "What carries the difference: killed, both sides" in left.out
    assert "net ground lost to the enemy" in left.out
    assert " nan" not in left.out
    assert "soldiers wounded since the start" not in left.out
    assert max(len(line) for line in lines) <= 80
    # What is written is whole.
    assert {row["outcome"] for row in read_json("both.json")} == set(OUTCOMES)
    assert commands.refused("compare", "invented-war", "--outcome", "kiled") == [
        "error: 'kiled' is no outcome.",
        "  where: --outcome",
        "  to do: did you mean 'killed'?",
    ]


def test_a_comparison_prints_no_outcome_that_the_scenario_has_off(commands: Commands) -> None:
    left = commands.done("compare", "invented-war", *FEW)
    assert "soldiers wounded since the start" in left.out
    assert "civilians killed since" not in left.out
    assert "civilians displaced" not in left.out


def test_aid_prints_what_each_kind_saves_on_each_side_and_writes_it(commands: Commands) -> None:
    left = commands.done("aid", "invented-war", *FEW, "--json", "aid.json")
    sides = load_scenario("invented-war").sides
    rows = read_json("aid.json")
    assert {row["side"] for row in rows} == set(sides)
    assert len(rows) == 2 * len(KINDS) * len(SAVINGS)
    assert all(row["low"] <= row["median"] <= row["high"] and row["draws"] == 32 for row in rows)
    flat = " ".join(left.out.split())
    for shown in (
        *(f"More for {side}" for side in sides),
        "(shells)",
        "interceptors",
        "What a unit costs is",
    ):
        assert shown in flat
    assert max(len(line) for line in left.out.splitlines()) <= 80
    assert " nan" not in left.out


def test_aid_to_one_side_by_its_code_and_errors_for_people(commands: Commands) -> None:
    code = load_scenario("invented-war").codes[1]
    commands.done("aid", "invented-war", "--side", code, "--draws", "4", "--json", "aid.json")
    assert {row["side"] for row in read_json("aid.json")} == {load_scenario("invented-war").sides[1]}
    assert commands.refused("aid", "invented-war", "--side", "Nowhere")[:2] == [
        "error: 'Nowhere' is no belligerent of invented-war.",
        "  where: --side",
    ]
    assert "no policy 'truces'" in commands.refused("aid", "invented-war", "--policy", "truces")[0]


def test_an_unknown_policy_is_named_with_the_nearest_before_any_war(commands: Commands) -> None:
    lines = commands.refused("compare", "invented-war", "fight-on", "truces", *FEW)
    assert "'truces'" in lines[0]
    assert lines[-1] == "  to do: did you mean 'truce'?"
    assert commands.refused("compare", "invented-war", "truce", "truce")[0] == (
        "error: 'truce' is compared with itself."
    )


@pytest.mark.parametrize(
    ("draws", "more"), [("0", ""), ("100001", "; `ceasefire run` takes more with `--out FILE`")]
)
def test_a_number_of_wars_that_cannot_be_run_is_refused(commands: Commands, draws: str, more: str) -> None:
    assert commands.refused("run", "invented-war", "--draws", draws) == [
        f"error: {int(draws):,} draws cannot be run at one time.",
        "  where: --draws",
        f"  to do: give a number from 1 to 100,000{more}.",
    ]


def test_what_cannot_be_written_leaves_what_was_there(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"
    left = commands("evidence", "list", "--json", "file/list.json")
    assert left.code == 2
    assert "  where: file/list.json" in left.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_check_of_the_priors_shows_the_model_where_nothing_was_observed(commands: Commands) -> None:
    left = commands.done("check", "invented-war", *FEW, "--json", "check.json")
    assert "Observed: none for this war." in left.out
    assert "Of 0 origins" not in left.out
    rows = read_json("check.json")
    assert {row["source"] for row in rows} == {""}
    assert all(row["low"] <= row["median"] <= row["high"] and row["observed"] is None for row in rows)


# The audit.


@pytest.fixture(scope="module")
def article() -> str:
    return str(HERE / "article.yaml")


def claim(audit: dict[str, Any], name: str) -> dict[str, Any]:
    return next(found for found in audit["claims"] if found["id"] == name)


def test_an_audit_without_the_import_that_it_needs_is_undetermined(commands: Commands, article: str) -> None:
    commands.done("audit", article, *FEW, "--json", "audit.json")
    found = claim(read_json("audit.json"), "many-killed")
    assert (found["verdict"], found["sources"]) == ("undetermined", [])


def test_an_audit_prints_a_page_and_json_and_uses_imports(commands: Commands, article: str) -> None:
    commands.done("evidence", "import", "economist-csv", ESTIMATES)
    left = commands.done("audit", article, *FEW, "--out", "pages", "--json", "audit.json")
    assert "page: pages/a-letter.html" in left.out
    assert "written: audit.json" in left.out
    found = read_json("audit.json")
    assert (found["draws"], found["seed"], found["posterior"]) == (32, 5, "prior")
    assert 20_001.0 in [row["best"] for row in claim(found, "many-killed")["sources"]]
    words = {name: claim(found, name)["verdict"] for name in ("many-killed", "truce-costs", "bridges")}
    assert words == {
        "many-killed": "mostly supported",
        "truce-costs": "undetermined",
        "bridges": "not yet modelled",
    }
    for word in words.values():
        assert word in left.out
    page = Path("pages/a-letter.html").read_text(encoding="utf-8")
    assert "--imports .ceasefire/evidence" in page


def test_an_audit_as_of_a_day_sees_what_was_known_then(commands: Commands, article: str) -> None:
    commands.done("evidence", "import", "economist-csv", ESTIMATES)
    commands.done("audit", article, *FEW, "--as-of", "2030-08-01", "--json", "audit.json")
    found = read_json("audit.json")
    assert found["as_of"] == "2030-08-01"
    assert claim(found, "many-killed")["as_known_then"] == "undetermined"
    assert claim(found, "many-killed")["verdict"] == "mostly supported"


def test_a_page_that_cannot_be_written_leaves_the_one_before(commands: Commands, article: str) -> None:
    Path("pages").mkdir()
    before = Path("pages/a-letter.html")
    before.mkdir()
    commands.done("evidence", "import", "economist-csv", ESTIMATES)
    left = commands("audit", article, *FEW, "--out", "pages")
    assert left.code == 2
    assert left.err.startswith("error: ")
    assert "Traceback" not in left.err
    assert before.is_dir()
    assert [path.name for path in Path("pages").iterdir()] == ["a-letter.html"]


def test_an_audit_of_nothing_is_refused(commands: Commands) -> None:
    lines = commands.refused("audit", "interview-with-a-tyran")
    assert "'interview-with-a-tyran'" in lines[0]
    assert lines[-1] == "  to do: did you mean 'interview-with-a-tyrant'?"
    assert not Path("out").exists()
