"""`make posterior`: what is up to date stays, what passes ships, and what fails is gone on with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ceasefire.evidence import Evidence, load
from ceasefire.evidence.shape import COLUMNS
from ceasefire.files import InputError
from ceasefire.inference import rebuild, shipped
from ceasefire.inference.continuing import CannotBeginError
from ceasefire.inference.posterior import Posterior, load_posterior
from ceasefire.scenario import load_scenario
from tests.inference.synthetic import synthetic_posterior

DAY = dt.date(2022, 12, 20)
NAME = "ukraine-2022-2022-12-20-known-then.nc"


class Fits:
    """Stands for `calibrate`: writes fits that pass or fail, and remembers where each began."""

    def __init__(self) -> None:
        self.why: list[str] = []
        self.begun: list[str | None] = []
        self.refuses: type[InputError] | None = None
        self.other_figures = ""

    def __call__(
        self,
        scenario: Any,
        evidence: Any,
        until: dt.date,
        *,
        save_to: Path,
        begin_at: Posterior | None,
        **of: Any,
    ) -> Posterior:
        self.begun.append(None if begin_at is None else str(begin_at.tree.attrs["why"]))
        if begin_at is not None and self.refuses is not None:
            raise self.refuses("it is of other figures.", "a fit", "leave it out.")
        why = self.why.pop(0)
        synthetic_posterior(scenario, until=str(until), passed=int(not why), why=why).save(save_to)
        return load_posterior(save_to)


@pytest.fixture
def fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fits:
    found = Fits()
    monkeypatch.setattr(rebuild, "calibrate", found)
    monkeypatch.setattr(rebuild, "folder", lambda: tmp_path)
    monkeypatch.setattr(rebuild, "SHIPPED", (rebuild.Wanted(DAY, hindsight=False, weekly=False),))
    monkeypatch.setattr(rebuild, "of_other_figures", lambda *_: found.other_figures)
    return found


def test_a_fit_that_passes_ships_and_is_not_made_again(fits: Fits, tmp_path: Path) -> None:
    fits.why = [""]
    assert rebuild.main() == 0
    assert load_posterior(tmp_path / NAME).require(load_scenario("ukraine-2022").calibrated_sha256).passed
    assert not list((tmp_path / rebuild.UNFINISHED).iterdir())
    assert rebuild.main() == 0
    assert fits.begun == [None]


def test_a_fit_to_other_figures_is_made_again(fits: Fits) -> None:
    fits.why = ["", ""]
    assert rebuild.main() == 0
    fits.other_figures = "one of them as they were"
    assert rebuild.main() == 0
    assert len(fits.begun) == 2


def test_a_shipped_fit_is_out_of_date_where_one_of_its_figures_has_changed() -> None:
    """One that weighs, and the first map, which only says what the first week took."""
    scenario, evidence = load_scenario("ukraine-2022"), load()
    wanted = rebuild.SHIPPED[0]
    told = load_posterior(wanted.path).evidence_rows().iloc[-1]
    rows = evidence.observations
    weighs = (rows["source"] == told["source"]) & (rows["concept"] == told["concept"])
    weighs &= (rows["end"] == told["end"]) & (rows["best"] == told["best"])
    start = pd.Timestamp(scenario.history(wanted.until).start)
    first = (rows["quantity"] == "area_controlled") & (rows["end"] == start)

    def changed(which: pd.Series) -> Evidence:
        assert which.any()
        found = rows.copy()
        found.loc[which, "best"] *= 1.01
        return evidence.replace_observations(found[list(COLUMNS)])

    assert rebuild.up_to_date(wanted, scenario, evidence)
    assert not rebuild.up_to_date(wanted, scenario, changed(weighs))
    assert not rebuild.up_to_date(wanted, scenario, changed(first))


def test_a_fit_that_fails_lies_apart_and_the_next_goes_on_with_it(fits: Fits, tmp_path: Path) -> None:
    fits.why = ["R-hat is 1.2", ""]
    assert rebuild.main() == 1
    assert not (tmp_path / NAME).exists()
    assert not load_posterior(tmp_path / rebuild.UNFINISHED / NAME).passed
    assert rebuild.main() == 0
    assert fits.begun == [None, "R-hat is 1.2"]
    assert (tmp_path / NAME).is_file()


def test_where_it_cannot_go_on_it_begins_at_the_prior_and_says_why(
    fits: Fits, capsys: pytest.CaptureFixture[str]
) -> None:
    fits.why = ["R-hat is 1.2", ""]
    rebuild.main()
    fits.refuses = CannotBeginError
    assert rebuild.main() == 0
    assert fits.begun == [None, "R-hat is 1.2", None]
    assert "begun at the prior: it is of other figures." in capsys.readouterr().out


def test_any_other_fault_ends_it_and_no_fit_is_begun_anew(fits: Fits) -> None:
    """A disk that is full after hours is no reason to begin at the prior."""
    fits.why = ["R-hat is 1.2"]
    rebuild.main()
    fits.refuses = InputError
    with pytest.raises(InputError):
        rebuild.main()
    assert fits.begun == [None, "R-hat is 1.2"]


def test_an_unfinished_fit_is_no_shipped_one(
    fits: Fits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits.why = ["R-hat is 1.2"]
    rebuild.main()
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    assert shipped.shipped_posteriors() == ()
    assert shipped.choose_posterior(load_scenario("ukraine-2022")).posterior is None
