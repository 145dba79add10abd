"""What a view shows stands in its address, and whatever stands in an address is read without harm."""

from __future__ import annotations

import datetime as dt
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.web import address, parts
from ceasefire.web.address import Slot
from ceasefire.web.workshop import Workshop

SLOTS = (
    Slot("side", "", address.one_of(["", "RU", "UA"])),
    Slot("days", 182, address.whole(1, 1095)),
    Slot("share", 1.0, address.number(0.0, 3.0), address.write_number),
    Slot("start", dt.date(2022, 12, 21), address.day, address.write_day),
    Slot("known", None, address.day_or_none, address.write_day),
    Slot("watched", False, address.yes_or_no, address.write_yes_or_no),
)
VALUES = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["", "RU", "UA"]),
        "days": st.integers(1, 1095),
        "share": st.floats(0.0, 3.0).map(lambda share: float(f"{share:.9g}")),
        "start": st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)),
        "known": st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2040, 1, 1)),
        "watched": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    from ceasefire.claims import shipped_claims
    from ceasefire.scenario import shipped_scenarios

    made = Workshop(shipped_scenarios(), shipped_claims())
    yield made
    made.desk.close()


@given(values=VALUES)
def test_an_address_gives_back_the_state_that_it_was_made_of(values: dict[str, object]) -> None:
    state = address.read(SLOTS, {}).changed(**values)
    entries, faults = address.entries(state.query("question"))
    again = address.read(SLOTS, entries)
    assert again.values == state.values
    assert faults == again.faults == ()


def test_what_is_at_its_default_stands_in_no_address() -> None:
    assert address.read(SLOTS, {}).query("question") == ""
    assert address.read(SLOTS, {"days": "30"}).query("offer") == "part=offer&days=30"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("side", "ru", "one of: RU, UA"),
        ("days", "0", "a whole number from 1 to 1,095"),
        ("days", "1e3", "a whole number from 1 to 1,095"),
        ("days", "\N{ARABIC-INDIC DIGIT FIVE}", "a whole number from 1 to 1,095"),
        ("days", "9" * 150, "a whole number from 1 to 1,095"),
        ("share", "nan", "a number from 0 to 3"),
        ("share", "inf", "a number from 0 to 3"),
        ("share", "-0.1", "a number from 0 to 3"),
        ("start", "21.12.2022", "YYYY-MM-DD"),
        ("start", "2022-02-30", "YYYY-MM-DD"),
        ("start", "20221221", "YYYY-MM-DD"),
        ("known", "soon", "YYYY-MM-DD"),
        ("watched", "1", "yes or no"),
        ("side", "x" * 500, "at most 200 letters"),
        ("nothing", "1", "does not have"),
        ("<script>", "1", "does not have"),
    ],
)
def test_a_slot_that_cannot_be_read_keeps_its_default_and_is_told(name: str, text: str, says: str) -> None:
    state = address.read(SLOTS, {name: text, "part": "question"})
    assert dict(state.values) == {slot.name: slot.default for slot in SLOTS}
    (fault,) = state.faults
    assert says in fault
    assert len(fault) < 400


@given(query=st.text(max_size=300))
def test_no_query_harms(query: str) -> None:
    entries, _ = address.entries(query)
    state = address.read(SLOTS, entries)
    assert set(state.values) == {slot.name for slot in SLOTS}
    assert all("\n" not in fault for fault in state.faults)


def test_a_query_without_end_is_not_read() -> None:
    long, told = address.entries("days=30&" + "x" * address.LONGEST_QUERY)
    many, said = address.entries("&".join(f"a{number}=1" for number in range(200)))
    assert long == many == {}
    assert "was not read" in told[0]
    assert "was not read" in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "0",
        "1",
        "-1",
        "1e400",
        "0.5",
        "yes",
        "2022-12-20",
        "9999-12-31",
        "0001-01-01",
        "killed.RU",
        "fortna",
        "0.00001",
        "1e-05",
        "_",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "'; drop table observations; --",
        "\0\n\r",
        "\ud800",
        "\N{RIGHT-TO-LEFT OVERRIDE}x",
        "x" * 5000,
    ],
)
def test_every_part_takes_any_text_in_any_slot(workshop: Workshop, text: str) -> None:
    for part in parts.PARTS:
        known = list(parts.state_of(workshop, {"part": part})[1].slots)
        shown, state = parts.state_of(workshop, {"part": part, **dict.fromkeys(known, text)})
        assert shown == part
        assert set(known) <= set(state.values)
        assert all("\n" not in fault and len(fault) < 1500 for fault in state.faults)
        # What it shows has an address, which gives the same view.
        entries, _ = address.entries(state.query(part))
        assert parts.state_of(workshop, entries)[1].values == state.values


def test_a_part_that_there_is_not_is_the_question(workshop: Workshop) -> None:
    part, state = parts.state_of(workshop, {"part": "../../etc/passwd"})
    assert part == "question"
    assert "there is no part" in state.faults[0]


def test_an_address_is_that_of_a_link() -> None:
    state = address.read(SLOTS, {"start": "2023-01-01", "share": "0.5"})
    assert urllib.parse.parse_qs(state.query("question")) == {"start": ["2023-01-01"], "share": ["0.5"]}
