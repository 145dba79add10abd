"""The command `offer`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Commands

FEW = ("--draws", "24", "--wars-per-draw", "2", "--days", "91")
KEYS = {"prior", "belief", "observations", "threshold", "curve", "equilibrium", "accept", "ordering_fails"}


def test_an_answer_is_printed_and_written(commands: Commands) -> None:
    left = commands.done("offer", "ukraine-2022", "--draws", "24", "--wars-per-draw", "2", "--json", "o.json")
    content = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert set(content) >= KEYS
    assert set(content["threshold"]) >= {"median", "interval"}
    for one in content["observations"]:
        assert set(one) >= {"belief_before", "belief_after", "ratio"}
    assert content["prior"] == 0.5
    assert content["by"] == "Russia"
    assert content["to"] == "Ukraine"
    words = " ".join(left.out.split())
    for said in (
        "ukraine-2022: Russia offers a truce of 182 days, without monitors",
        "What accepting is worth",
        "From the prior to a belief",
        "(looked in: RU 2, UA 0)",
        "interstate: 29 % failed (18 to 41 %, 56 cases)",
        "Draw by draw that holds in",
        "fortna: 50 % failed*",
        "war-is-boring: 84 % failed*",
        "What it turns on",
        "is a claim about intent, and untestable",
        "written: o.json",
    ):
        assert said in words, said
    assert max(len(line) for line in left.out.splitlines()) <= 80


@pytest.mark.parametrize("prior", ["0", "1"])
def test_a_prior_of_none_or_all_has_equilibria(commands: Commands, prior: str) -> None:
    left = commands.done("offer", "invented-war", *FEW, "--prior", prior, "--json", "o.json")
    content = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert content["belief"] == float(prior)
    assert content["equilibrium"]["all"]
    assert "none found" not in left.out
    assert "none found" not in content["equilibrium"]["share_of_draws"]


def test_the_other_sides_offer_is_weighed_by_the_same_rules(commands: Commands) -> None:
    left = commands.done("offer", "ukraine-2022", "--by", "UA", *FEW, "--json", "o.json")
    content = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert (content["by"], content["to"]) == ("Ukraine", "Russia")
    assert content["observations"]
    assert "Ukraine offers a truce of 91 days" in left.out


def test_what_is_stated_changes_the_answer(commands: Commands) -> None:
    plain = ("offer", "invented-war", *FEW)
    commands.done(*plain, "--json", "a.json")
    commands.done(
        *plain,
        "--prior",
        "0.9",
        "--value",
        "area=0",
        "--value",
        "refusal=50",
        "--monitored",
        "--json",
        "b.json",
    )
    first, second = (json.loads(Path(name).read_text(encoding="utf-8")) for name in ("a.json", "b.json"))
    assert (first["prior"], second["prior"]) == (0.5, 0.9)
    assert second["values"]["area"] == 0.0
    assert second["values"]["refusal"] == 50.0
    assert second["terms"]["monitored"] is True
    assert first["stakes"] != second["stakes"]
    assert first["observations"] == []


def test_a_changed_ratio_changes_the_belief(commands: Commands) -> None:
    plain = ("offer", "ukraine-2022", *FEW)
    commands.done(*plain, "--json", "a.json")
    commands.done(*plain, "--ratio", "truce_broken=0.1", "--json", "b.json")
    first, second = (json.loads(Path(name).read_text(encoding="utf-8")) for name in ("a.json", "b.json"))
    assert second["belief"] < first["belief"]
    assert second["threshold"] == first["threshold"]


def test_how_the_threshold_moves_is_printed_on_request(commands: Commands) -> None:
    left = commands.done("offer", "invented-war", *FEW, "--moves", "--json", "o.json")
    content = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert "How the threshold moves" in left.out
    assert {row["change"] for row in content["moves"]} >= {"offerer_rearms", "monitored", "training"}


GALLERY = {
    "values that sum to nothing": (
        ["--value", "own_soldiers=0", "--value", "civilians=0", "--value", "area=0", "--value", "aim=0"],
        [
            "error: the stated values sum to nothing: no course of the war is better than another.",
            "  where: the stated values",
            "  to do: give one of own_soldiers, civilians, area and aim a number above 0.",
        ],
    ),
    "an unknown value": (
        ["--value", "ground=1"],
        [
            "error: 'ground' is no value.",
            "  where: --value",
            "  to do: use one of: aid_cost, aim, area, civilians, office, own_soldiers, refusal, solidarity.",
        ],
    ),
    "a value without a number": (
        ["--value", "area"],
        ["error: 'area' is not NAME=NUMBER.", "  where: --value", "  to do: write it as area=5."],
    ),
    "a value given twice": (
        ["--value", "area=1", "--value", "area=2"],
        ["error: 'area' is given twice.", "  where: --value", "  to do: give each name once."],
    ),
    "a value that is no number": (
        ["--value", "area=much"],
        ["error: 'much' is no number.", "  where: --value", "  to do: write it as area=5."],
    ),
    "a prior above one": (
        ["--prior", "1.5"],
        ["error: 1.5 is no probability.", "  where: --prior", "  to do: give a number from 0 to 1."],
    ),
    "an unknown behaviour": (
        ["--ratio", "truce_brokn=0.5"],
        [
            "error: 'truce_brokn' is no kind of behaviour.",
            "  where: --ratio",
            "  to do: did you mean 'truce_broken'?",
        ],
    ),
    "a ratio of nothing": (
        ["--ratio", "truce_broken=0"],
        [
            "error: 0 is no likelihood ratio.",
            "  where: --ratio",
            "  to do: give a number above 0; 1 says nothing either way.",
        ],
    ),
    "an unknown side": (
        ["--by", "Rusia"],
        [
            "error: 'Rusia' is no belligerent of ukraine-2022.",
            "  where: --by",
            "  to do: did you mean 'Russia'?",
        ],
    ),
    "a day that is none": (
        ["--as-of", "20.12.2022"],
        ["error: '20.12.2022' is not a day.", "  where: --as-of", "  to do: write a day as YYYY-MM-DD."],
    ),
    "a reference class of too few": (
        ["--prior", "civil", "--as-of", "1951-06-01"],
        [
            "error: the reference class 'civil' has 2 known cases: too few for a prior.",
            "  where: --prior",
            "  to do: choose a class with at least 5 cases, or give a number from 0 to 1.",
        ],
    ),
    "no wars of a draw": (
        ["--wars-per-draw", "0"],
        [
            "error: 0 wars of each draw cannot be used: chance is told from what is not known by several wars"
            " of a draw.",
            "  where: --wars-per-draw",
            "  to do: give a number from 2 to 100.",
        ],
    ),
    "a truce beyond the end": (
        ["--days", "2000"],
        [
            "error: a truce of 2,000 days from day 1 does not end before the war that is computed, of 1,106"
            " days.",
            "  where: --days",
            "  to do: give fewer days: what follows the truce decides what the offer is worth.",
        ],
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(GALLERY))
def test_what_cannot_be_used_is_refused_in_three_lines(commands: Commands, name: str) -> None:
    options, lines = GALLERY[name]
    assert commands.refused("offer", "ukraine-2022", *options) == lines


def test_what_is_not_on_record_or_is_no_truce_is_refused(commands: Commands) -> None:
    for words, said in (
        (("offer", "ukraine-2022", "--as-of", "2100-01-01"), "the records end on"),
        (("history", "--as-of", "2100-01-01"), "the records end on"),
        (("episodes", "--as-of", "2100-01-01"), "the records end on"),
        (("offer", "ukraine-2022", "--days", "0"), "a truce of 0 days is none"),
        (("offer", "ukraine-2022", "--value", "own_soldiers=1e308"), "own_soldiers"),
    ):
        assert said in " ".join(" ".join(commands.refused(*words)).split()), words


@pytest.mark.thorough
def test_so_few_draws_that_others_might_answer_otherwise_give_no_answer(commands: Commands) -> None:
    commands.done("offer", "ukraine-2022", "--draws", "3", "--wars-per-draw", "2", "--json", "o.json")
    assert json.loads(Path("o.json").read_text(encoding="utf-8"))["accept"] is None


def test_a_ratio_of_what_is_not_on_record_is_said_to_move_nothing(commands: Commands) -> None:
    # No row of the tables has Ukraine withdraw by order within 90 days of an offer or talks.
    left = commands.done("offer", "ukraine-2022", "--by", "UA", *FEW, "--ratio", "withdrawal=9")
    assert "Of withdrawal nothing is on record for Ukraine" in " ".join(left.out.split())
    left = commands.done("offer", "invented-war", *FEW, "--ratio", "withdrawal=9")
    assert "Of withdrawal nothing is on record for" in " ".join(left.out.split())


def test_the_unit_follows_what_a_soldier_counts(commands: Commands) -> None:
    left = commands.done("offer", "invented-war", *FEW, "--value", "own_soldiers=2")
    assert "in stated units, of which one of its soldiers counts 2" in " ".join(left.out.split())
