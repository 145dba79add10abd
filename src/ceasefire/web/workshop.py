"""What all visitors share: the scenarios, their posteriors, the evidence, the desk, and what is kept."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from ceasefire.web.desk import Desk, Kept

if TYPE_CHECKING:
    from ceasefire.analysis.questions import Answer
    from ceasefire.claims import ClaimFile
    from ceasefire.evidence import Evidence
    from ceasefire.inference.shipped import Chosen
    from ceasefire.scenario import Scenario

# Bytes of wars under the other policy of a question, and of answers with their wars.
MOST_RUNS, MOST_ANSWERS = 100e6, 300e6
# What is shown of an answer is some 50 kB; what offers share, and an audit, some 50 MB.
MOST_SHOWN, MOST_LARGE = 400, 3


@dataclasses.dataclass
class Workshop:
    """What all visitors share."""

    scenarios: Mapping[str, str]
    """Title by name, of the scenarios that can be asked for."""
    articles: Mapping[str, str]
    """Title by name, of the claim files that can be asked for."""
    paths: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Where the files lie that do not come with the package: `scenario NAME`, `article NAME`."""
    desk: Desk = dataclasses.field(default_factory=Desk)
    runs: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_RUNS, lambda run: run.nbytes))
    answers: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_ANSWERS, _bytes))
    shown: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_SHOWN))
    offers: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_LARGE))
    audits: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_LARGE))
    _loaded: dict[Any, Any] = dataclasses.field(default_factory=dict)
    _locks: dict[Hashable, threading.RLock] = dataclasses.field(default_factory=dict)

    def scenario(self, name: str) -> Scenario:
        """Return one of the scenarios that can be asked for."""
        from ceasefire.scenario import load_scenario

        return self.once(("scenario", name), lambda: load_scenario(self.given_as("scenario", name)))  # type: ignore[no-any-return]

    def chosen(self, scenario: str, posterior: str = "default") -> Chosen:
        """Return the parameters that the wars of a scenario start from."""
        from ceasefire.inference.shipped import choose_posterior

        return self.once(  # type: ignore[no-any-return]
            ("posterior", scenario, posterior), lambda: choose_posterior(self.scenario(scenario), posterior)
        )

    def posteriors(self, scenario: Scenario) -> list[tuple[str, str]]:
        """Return where the parameters of a scenario's wars can come from: value and words."""
        from ceasefire.inference.shipped import file_name, folder

        there = {
            known: (folder() / file_name(scenario.name, scenario.start, known)).is_file()
            for known in ("then", "now")
        }  # type: ignore[arg-type]
        if not there["now"]:
            return [("default", "priors: nothing learnt")]
        then = [("then", "learnt from figures known then")] if there["then"] else []
        return [("default", "learnt from figures known now"), *then, ("prior", "priors: nothing learnt")]

    def article(self, name: str) -> ClaimFile:
        """Return one of the claim files that can be asked for."""
        from ceasefire.claims import load_claims

        return self.once(  # type: ignore[no-any-return]
            ("article", name), lambda: load_claims(self.given_as("article", name))
        )

    def evidence(self) -> Evidence:
        """Return the evidence of the package."""
        from ceasefire.evidence import load

        return self.once("evidence", load)  # type: ignore[no-any-return]

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made under a key, and make it where nobody has asked for it yet."""
        # A lock for each key: nobody waits for what somebody else loads.
        with self._locks.setdefault(key, threading.RLock()):
            if key not in self._loaded:
                self._loaded[key] = make()
            return self._loaded[key]

    def given_as(self, kind: str, name: str) -> str:
        """Return what to type on the terminal to get a scenario or an article: its name, or its path."""
        return self.paths.get(f"{kind} {name}", name)


def _bytes(answer: Answer) -> float:
    """Return the bytes of the wars that an answer holds."""
    return float(answer.comparison.first.nbytes + answer.comparison.second.nbytes)
