"""Published against ours: what is called reproduced lies within its tolerance, and an error is seen."""

from __future__ import annotations

from typing import Any

import pytest

from ceasefire.inference import lanchester, published


@pytest.fixture(scope="module")
def rows() -> list[published.PublishedRow]:
    return published.published()


def test_every_row_has_the_status_that_its_numbers_give(rows: list[published.PublishedRow]) -> None:
    for row in rows:
        if row.status == published.QUOTED:
            assert row.ours is None
            assert row.note, row.item
            continue
        assert isinstance(row.published, float)
        assert row.ours is not None
        assert row.tolerance is not None
        assert row.difference == pytest.approx(row.ours - row.published)
        within = abs(row.ours - row.published) <= row.tolerance
        assert row.status == (published.REPRODUCED if within else published.NOT_REPRODUCED), row.item
        assert row.source


def test_what_is_not_reproduced_is_known(rows: list[published.PublishedRow]) -> None:
    missed = [row.item for row in rows if row.status == published.NOT_REPRODUCED]
    assert missed == [
        "US strength 8 days after the landing, record against Engel's model",
        "US strength 11 days after the landing, record against Engel's model",
        "inverse problem on end points (US 51,300, Japanese 0, day 35): US on Japanese, 1/day",
        "inverse problem on end points (US 51,300, Japanese 0, day 35): Japanese on US, 1/day",
    ]
    assert all(row.note for row in rows if row.status == published.NOT_REPRODUCED)


def test_every_topic_is_there(rows: list[published.PublishedRow]) -> None:
    counted = [row.topic for row in rows if row.status == published.REPRODUCED]
    for topic in (published.LAWS, published.IWO, published.CDB90, "Salvo equations"):
        assert counted.count(topic) >= 5
    quoted = " ".join(row.item for row in rows if row.status == published.QUOTED)
    for name in ("Kursk", "Ardennes", "Shahed", "interstate wars", "550,000"):
        assert name in quoted


def test_items_are_told_apart(rows: list[published.PublishedRow]) -> None:
    names = [(row.topic, row.item, row.source, row.published) for row in rows]
    assert len(names) == len(set(names))
    whole = [row for row in rows if row.source == published.CDB90_ALL]
    shipped = [row for row in rows if row.source == published.CDB90_SHIPPED]
    assert len(whole) > 10
    assert {row.published for row in shipped} == {0.72, 0.09}


def test_a_law_that_is_off_by_a_thousandth_reproduces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = lanchester.losses

    def wrong(*arguments: Any) -> Any:
        return 1.001 * right(*arguments)

    monkeypatch.setattr(lanchester, "losses", wrong)
    off = [row for row in published.closed_forms() if "day 5" in row.item]
    assert len(off) == 8
    assert {row.status for row in off} == {published.NOT_REPRODUCED}


def test_a_wrong_coefficient_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    given = published.iwo_jima_inputs()
    wrong = published.IwoJima(given.arrivals, (0.0106, 0.0545), given.japanese, given.readings)
    monkeypatch.setattr(published, "iwo_jima_inputs", lambda: wrong)
    status = {row.item: row.status for row in published.iwo_jima()}
    assert status["troops landed"] == published.REPRODUCED
    assert status["US strength on day 36, from 21,500 Japanese"] == published.NOT_REPRODUCED


def test_the_inputs_of_iwo_jima() -> None:
    given = published.iwo_jima_inputs()
    assert given.arrivals[0].nonzero()[0].tolist() == [0, 2, 5]
    assert given.arrivals[0][[0, 2, 5]].tolist() == [54_000.0, 6_000.0, 13_000.0]
    assert given.effectiveness == (0.0106, 0.0544)
    assert given.japanese == 21_500.0
    assert given.readings[36] == 51_300.0


@pytest.mark.parametrize(
    ("ours", "status"), [(1.05, "reproduced"), (0.9, "reproduced"), (1.11, "not reproduced")]
)
def test_the_status_of_a_row(ours: float, status: str) -> None:
    row = published.compared("topic", "item", 1.0, "source", ours, 0.1)
    assert row.status == status
    assert row.difference == pytest.approx(ours - 1.0)


def forecast(origin: str, days: int, truth: float) -> dict[str, object]:
    return {
        "series": "area held", "horizon_days": days, "origin": origin, "truth": truth,
        "median": 100.0, "low_50": 80.0, "high_50": 120.0, "low_90": 60.0, "high_90": 200.0, "pit": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("truth", "status"),
    [(59.0, "not reproduced"), (61.0, "reproduced"), (199.0, "reproduced"), (201.0, "not reproduced")],
)
def test_the_hindcast_holds_inside_its_interval(truth: float, status: str) -> None:
    """It is not read from the forecasts of the variant that was chosen on later targets."""
    chosen = [forecast("2022-12-20", 28, 0.0)]
    (row,) = published.hindcast({"forecasts": chosen, "hindcast": [forecast("2022-12-20", 364, truth)]})
    assert row.item == "area held, 2022-12-20 to 2023-12-19"
    assert (row.published, row.ours, row.status) == (truth, 100.0, status)
    assert row.note == (
        "90 % interval 60 to 200, from figures known on 2022-12-20; priors and the form of the model are"
        " today's"
    )
    assert list(published.hindcast({"forecasts": chosen})) == []


def test_the_hindcast_stands_before_the_quoted_rows_and_only_where_there_is_one(
    rows: list[published.PublishedRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed_forms", "iwo_jima", "battle_totals", "salvoes"):
        monkeypatch.setattr(published, name, list)
    table = published.published({"hindcast": [forecast("2022-12-20", 28, 100.0)]})
    assert table[0].topic == published.HINDCAST
    assert {row.status for row in table[1:]} == {published.QUOTED}
    assert published.HINDCAST not in {row.topic for row in rows}


def test_the_table_as_a_frame(rows: list[published.PublishedRow]) -> None:
    frame = published.as_frame(rows)
    assert len(frame) == len(rows)
    assert list(frame.columns)[:3] == ["topic", "item", "published"]
