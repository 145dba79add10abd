"""Reading a scenario: by the name of a shipped one, or from a file."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path

from ceasefire.files import Document, InputError, read_yaml, suggest, validate
from ceasefire.files.bounded import is_there
from ceasefire.scenario.checks import check
from ceasefire.scenario.compiled import Plan, World, compile_plan, compile_world
from ceasefire.scenario.extensions import check_apart, read_extensions
from ceasefire.scenario.history import (
    WEEK,
    History,
    compile_history,
    fitted_mechanisms,
    last_cut_off,
    what_a_fit_reads,
)
from ceasefire.scenario.history_checks import check_history
from ceasefire.scenario.schema import Policy, ScenarioFile
from ceasefire.war.extension import Extension


@dataclasses.dataclass(frozen=True, eq=False)
class Scenario:
    """A war as a user describes it: read, checked, and ready to be compiled."""

    content: ScenarioFile
    document: Document
    shipped: bool = False
    """Whether it comes with the package and goes by its name alone."""
    extensions: tuple[Extension, ...] = ()
    """Mechanisms of one's own that it may switch on."""

    @property
    def name(self) -> str:
        """The scenario's name, one word with hyphens."""
        return self.content.name

    @property
    def title(self) -> str:
        """The scenario's title."""
        return self.content.title

    @property
    def about(self) -> str:
        """What the scenario is for and what it leaves out."""
        return self.content.about

    @property
    def path(self) -> str:
        """The file from which it was read."""
        return self.document.name

    @property
    def given_as(self) -> str:
        """What to type to get this scenario again: the name of a shipped one, else the path of its file."""
        return self.name if self.shipped else self.path

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.content.start

    @property
    def end(self) -> dt.date:
        """The day on which it ends, as written; the compiled war is rounded up to whole weeks."""
        return self.content.end

    @property
    def sides(self) -> tuple[str, str]:
        """Names of the two belligerents."""
        first, second = self.content.belligerents
        return first.name, second.name

    @property
    def codes(self) -> tuple[str, str]:
        """Codes by which the evidence knows the two belligerents."""
        first, second = self.content.belligerents
        return first.code, second.code

    def place_of(self, name: str, where: str) -> int:
        """Return the place of a belligerent, 0 or 1, by its name or code, in capitals or not.

        Raises:
            InputError: there is none; `where` is what named it.
        """
        known = [*self.sides, *self.codes]
        folded = [one.casefold() for one in known]
        if name.casefold() not in folded:
            raise InputError(f"'{name}' is no belligerent of {self.name}.", where, suggest(name, known))
        return folded.index(name.casefold()) % 2

    @property
    def roles(self) -> tuple[str, str]:
        """`initiator` or `defender`, for each of the two belligerents."""
        first, second = self.content.belligerents
        return first.role, second.role

    @property
    def fronts(self) -> tuple[str, ...]:
        """Names of the fronts."""
        return tuple(front.name for front in self.content.fronts)

    @property
    def policies(self) -> Mapping[str, Policy]:
        """The policies by name."""
        return self.content.policies

    @cached_property
    def sha256(self) -> str:
        """Hash of the content; comments, layout and the order of keys do not count.

        Extensions count by their content, not by the name of their file.
        """
        plain = _hash(self.content, {"extensions"})
        if not self.extensions:
            return plain
        text = " ".join([plain, *sorted(f"{one.name} {one.sha256}" for one in self.extensions)])
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def calibrated_sha256(self) -> str:
        """Hash of what a calibration depends on: not policies, words, nor what no calibration reads."""
        return _hash(what_a_fit_reads(self.content), {"policies", "title", "about", "version"})

    @property
    def fitted_mechanisms(self) -> frozenset[str]:
        """The optional mechanisms that a calibration takes in."""
        return fitted_mechanisms(self.content)

    def world(self) -> World:
        """Return what the engine needs of it whatever the policy."""
        return compile_world(self.content, self.extensions)

    def plan(self, policy: str) -> Plan:
        """Return one of its policies as arrays.

        Raises:
            InputError: there is no policy of this name.
        """
        if policy not in self.content.policies:
            raise InputError(
                f"there is no policy '{policy}' in the scenario '{self.name}'.",
                self.path,
                suggest(policy, self.content.policies),
            )
        return compile_plan(self.content, policy)

    def history(self, until: dt.date, known_on: dt.date | None = None) -> History:
        """Return the war from the start of the history up to a cut-off, for a calibration to simulate.

        Args:
            until: the cut-off, whole weeks after the start of the history. It may lie after the scenario's
                own start, up to its end; the last simulated day is the one before it.
            known_on: what became known after this day is left out; None is all that the file holds.

        Raises:
            InputError: the scenario has no history, or the cut-off is not one of its days.
        """
        past = self.content.history
        if past is None:
            raise InputError(
                f"the scenario '{self.name}' has no history.",
                self.path,
                "add a block 'history:'; the template shows one.",
            )
        last = last_cut_off(self.content, past)
        weeks = f"choose a day from {past.start + WEEK} to {last}, whole weeks after {past.start}."
        if until <= past.start:
            what = f"the cut-off {until} is not after the start of the history ({past.start})."
            raise InputError(what, self.path, weeks)
        if until > last:
            what = f"the cut-off {until} is after the last possible day ({last})."
            raise InputError(what, self.path, weeks)
        if (until - past.start) % WEEK:
            before = past.start + (until - past.start) // WEEK * WEEK
            near = [str(day) for day in (before, before + WEEK) if day > past.start]
            what = f"the cut-off {until} is not whole weeks after the start of the history ({past.start})."
            raise InputError(what, self.path, f"choose a {past.start:%A}: {' or '.join(near)}.")
        return compile_history(self.content, past, until, known_on)


def load_scenario(name_or_path: str | Path, extensions: Sequence[str | Path] = ()) -> Scenario:
    """Read a scenario: a shipped one by its name, else a YAML file; a shipped name comes first.

    Args:
        name_or_path: the scenario.
        extensions: further mechanisms of one's own, as a scenario's `extensions` names them; they are on
            where its `mechanisms` does not say otherwise.

    Raises:
        InputError: no such scenario or extension, or the first faults of the file with their lines.
    """
    wanted = str(name_or_path)
    shipped = _shipped()
    if wanted in shipped:
        found = _checked(read_yaml(f"{wanted}.yaml", shipped[wanted]), extensions)
        return dataclasses.replace(found, shipped=True)
    path = Path(name_or_path)
    if not is_there(path) and path.suffix not in {".yaml", ".yml"} and path.name == wanted:
        raise InputError(f"there is no scenario '{wanted}'.", "", suggest(wanted, shipped))
    return _checked(read_yaml(path), extensions, path.parent)


def parse_scenario(text: str, name: str = "scenario") -> Scenario:
    """Read a scenario from YAML text; `name` stands for the file in messages.

    Raises:
        InputError: the first faults with their lines.
    """
    return _checked(read_yaml(name, text))


def shipped_scenarios() -> dict[str, str]:
    """Return name and title of the scenarios that come with the package."""
    return {name: str(read_yaml(name, text).data["title"]) for name, text in _shipped().items()}


def mirror(scenario: Scenario) -> Scenario:
    """Return the same war with its belligerents listed the other way round.

    All that hangs on a belligerent goes by its name or role, so that every result mirrors exactly.
    """
    turned = scenario.content.model_copy(update={"belligerents": scenario.content.belligerents[::-1]})
    return dataclasses.replace(scenario, content=turned)


def template() -> str:
    """Return a commented scenario to start from, as YAML text."""
    return resources.files("ceasefire.scenario").joinpath("template.yaml").read_text(encoding="utf-8")


def _shipped() -> dict[str, str]:
    folder = resources.files("ceasefire.scenario").joinpath("shipped")
    files = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name
    )
    return {entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8") for entry in files}


def _checked(document: Document, more: Sequence[str | Path] = (), folder: Path | None = None) -> Scenario:
    content = validate(document, ScenarioFile, "a scenario")
    found: list[Extension] = []
    for place, entry in enumerate(content.extensions):
        found += read_extensions(entry, folder or Path(), document.where(("extensions", place)))
    for further in more:
        asked = read_extensions(str(further), Path(), "--extension")
        found += asked
        switched = {one.name: True for one in asked} | content.mechanisms
        content = content.model_copy(update={"mechanisms": switched})
    check_apart(found)
    check(content, document, found)
    check_history(content, document)
    return Scenario(content, document, extensions=tuple(found))


def _hash(content: ScenarioFile, without: set[str]) -> str:
    plain = content.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=without)
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def with_mechanisms(scenario: Scenario, on: Collection[str] = (), off: Collection[str] = ()) -> Scenario:
    """Return a scenario of which every war has, or has not, optional mechanisms, as its posterior allows.

    Args:
        scenario: the scenario.
        on: mechanisms that every war has too.
        off: mechanisms that no war has.
    """
    wanted = {**scenario.content.mechanisms, **dict.fromkeys(on, True), **dict.fromkeys(off, False)}
    content = scenario.content.model_copy(update={"mechanisms": wanted})
    return dataclasses.replace(scenario, content=content)


def with_policy(scenario: Scenario, name: str, policy: Policy) -> Scenario:
    """Return a scenario with one policy more, which stands in no file.

    Raises:
        InputError: the scenario has a policy of this name.
    """
    if name in scenario.policies:
        raise InputError(
            f"the scenario '{scenario.name}' has a policy '{name}' already.",
            scenario.path,
            "take another name.",
        )
    content = scenario.content.model_copy(update={"policies": {**scenario.policies, name: policy}})
    return dataclasses.replace(scenario, content=content)


def plan_without_truce(scenario: Scenario) -> Plan:
    """Return the plan of a policy that changes nothing and has no truce.

    Raises:
        InputError: the scenario has none.
    """
    for name, policy in scenario.policies.items():
        if policy.changes_nothing:
            return scenario.plan(name)
    raise InputError(
        f"the scenario '{scenario.name}' has no policy that changes nothing.",
        scenario.path,
        "add one without levers and truces, such as 'fight-on'.",
    )
