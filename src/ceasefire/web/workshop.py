"""What all visitors share: the scenarios, their posteriors, the evidence, the desk, and what is kept."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from ceasefire.web.desk import Desk, Kept

if TYPE_CHECKING:
    from ceasefire.claims import ClaimFile
    from ceasefire.evidence import Evidence
    from ceasefire.inference.shipped import Chosen
    from ceasefire.scenario import Scenario

# Wars under the other policy of a question, some 10 MB each; answers with their wars, some 20 MB; what is
# shown of an answer, some 50 kB; offers and audits, some 50 MB.
MOST_RUNS, MOST_ANSWERS, MOST_SHOWN, MOST_LARGE = 6, 8, 400, 3


@dataclasses.dataclass
class Workshop:
    """What all visitors share."""

    scenarios: Mapping[str, str]
    """Title by name, of the scenarios that can be asked for."""
    articles: Mapping[str, str]
    """Title by name, of the claim files that can be asked for."""
    paths: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Where the files lie that do not come with the package, by name."""
    desk: Desk = dataclasses.field(default_factory=Desk)
    runs: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_RUNS))
    answers: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_ANSWERS))
    shown: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_SHOWN))
    offers: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_LARGE))
    audits: Kept = dataclasses.field(default_factory=lambda: Kept(MOST_LARGE))
    _loaded: dict[Any, Any] = dataclasses.field(default_factory=dict)
    _lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)

    def scenario(self, name: str) -> Scenario:
        """Return one of the scenarios that can be asked for."""
        from ceasefire.scenario import load_scenario

        return self.once(("scenario", name), lambda: load_scenario(self.paths.get(name, name)))  # type: ignore[no-any-return]

    def chosen(self, scenario: str, posterior: str = "default") -> Chosen:
        """Return the parameters that the wars of a scenario start from."""
        from ceasefire.inference.shipped import choose_posterior

        return self.once(  # type: ignore[no-any-return]
            ("posterior", scenario, posterior), lambda: choose_posterior(self.scenario(scenario), posterior)
        )

    def article(self, name: str) -> ClaimFile:
        """Return one of the claim files that can be asked for."""
        from ceasefire.claims import load_claims

        return self.once(  # type: ignore[no-any-return]
            ("article", name), lambda: load_claims(self.paths.get(name, name))
        )

    def evidence(self) -> Evidence:
        """Return the evidence of the package."""
        from ceasefire.evidence import load

        return self.once("evidence", load)  # type: ignore[no-any-return]

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made under a key, and make it where nobody has asked for it yet."""
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = make()
            return self._loaded[key]
