"""Mechanisms of one's own as a scenario names them: read, examined, switched, refused with file and line."""

from __future__ import annotations

import hashlib
from importlib import metadata, resources
from pathlib import Path

import pytest

from ceasefire.files import InputError
from ceasefire.scenario import Scenario, load_scenario
from ceasefire.scenario.extensions import read_extensions
from ceasefire.war import REGISTRY, Parameter, Prior
from ceasefire.war.extension import Extension, ExtensionError, Factors, extension

HEAD = """\
import jax.numpy as jnp
import numpy as np
from ceasefire.war.extension import Factors, Parameter, Prior, extension

DEPTH = Parameter("mud_depth", "how deep", "share", Prior(0.1, 0.3, 0.6, "logit"), (0.0, 1.0), "assumed")

@extension("mud-season", "mud slows both sides", [DEPTH])
"""
FINE = HEAD + "def mud(state, p, levers, today):\n    return Factors(ground_taken=1.0 - p['mud_depth'])\n"
INVENTED = resources.files("ceasefire.scenario").joinpath("shipped", "invented-war.yaml").read_text("utf-8")


def written(folder: Path, body: str, name: str = "mud.py") -> Path:
    path = folder / name
    path.write_text(body, encoding="utf-8")
    return path


def scenario(folder: Path, more: str) -> Path:
    return written(folder, f"{INVENTED}\n{more}\n", "war.yaml")


def read(folder: Path, body: str) -> tuple[Extension, ...]:
    written(folder, body)
    return read_extensions("mud.py", folder, "the scenario")


def test_a_scenario_names_a_file_beside_it_and_switches_its_mechanism(tmp_path: Path) -> None:
    written(tmp_path, FINE)
    war = load_scenario(scenario(tmp_path, "extensions: [mud.py]\nmechanisms: {mud-season: on}"))
    (there,) = war.world().extensions
    assert (there.extension.name, there.share) == ("mud-season", 1.0)
    assert [prior.best for prior in there.priors] == [0.3, 0.3]
    assert there.extension.sha256 == hashlib.sha256((tmp_path / "mud.py").read_bytes()).hexdigest()
    shared = load_scenario(scenario(tmp_path, "extensions: [mud.py]\nmechanisms: {mud-season: 0.25}"))
    assert shared.world().extensions[0].share == 0.25


@pytest.mark.parametrize("switch", ["", "mechanisms: {mud-season: off}", "mechanisms: {mud-season: 0.0}"])
def test_without_its_switch_it_is_off(tmp_path: Path, switch: str) -> None:
    written(tmp_path, FINE)
    war = load_scenario(scenario(tmp_path, f"extensions: [mud.py]\n{switch}"))
    assert war.world().extensions == ()


def test_a_file_may_be_added_to_any_scenario(tmp_path: Path) -> None:
    path = written(tmp_path, FINE)
    plain, war = load_scenario("ukraine-2022"), load_scenario("ukraine-2022", [path])
    assert war.shipped
    assert [one.share for one in war.world().extensions] == [1.0]
    assert plain.world().extensions == ()
    # A posterior of the scenario stays its posterior; a result says that it is another scenario.
    assert war.calibrated_sha256 == plain.calibrated_sha256
    assert war.sha256 != plain.sha256
    off = scenario(tmp_path, "mechanisms: {mud-season: off}\nextensions: [mud.py]")
    assert load_scenario(off).world().extensions == ()


def test_a_scenario_may_give_its_own_ranges(tmp_path: Path) -> None:
    written(tmp_path, FINE)
    given = "      mud_depth: {low: 0.4, best: 0.5, high: 0.7, source: invented}\n"
    lines = INVENTED.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith("    parameters:")) + 1
    text = "".join([*lines[:place], given, *lines[place:]])
    path = written(tmp_path, f"{text}\nextensions: [mud.py]\nmechanisms: {{mud-season: on}}\n", "war.yaml")
    war = load_scenario(path)
    (there,) = war.world().extensions
    assert sorted(prior.best for prior in there.priors) == [0.3, 0.5]
    assert "invented" in there.row_sources
    assert war.calibrated_sha256 == load_scenario("invented-war").calibrated_sha256
    with pytest.raises(InputError, match="outside its bounds"):
        load_scenario(
            written(tmp_path, path.read_text("utf-8").replace("high: 0.7", "high: 1.7"), "war.yaml")
        )


def test_the_hash_of_a_scenario_follows_the_file(tmp_path: Path) -> None:
    path = scenario(tmp_path, "extensions: [mud.py]\nmechanisms: {mud-season: on}")

    def read_again(body: str) -> Scenario:
        written(tmp_path, body)
        return load_scenario(path)

    first, second = read_again(FINE), read_again(FINE.replace("0.3", "0.35"))
    assert first.sha256 != second.sha256
    assert first.world().extensions[0].priors[0].best == 0.3
    assert second.world().extensions[0].priors[0].best == 0.35


def test_an_unknown_mechanism_is_suggested_from_the_extension_too(tmp_path: Path) -> None:
    written(tmp_path, FINE)
    with pytest.raises(InputError, match="'mud-seson' is not a mechanism") as caught:
        load_scenario(scenario(tmp_path, "extensions: [mud.py]\nmechanisms: {mud-seson: on}"))
    assert caught.value.todo == "did you mean 'mud-season'?"
    with pytest.raises(InputError, match="'mud-season' is not a mechanism"):
        load_scenario(scenario(tmp_path, "mechanisms: {mud-season: on}"))


def body(line: str) -> str:
    return HEAD + f"def mud(state, p, levers, today):\n    {line}\n"


WRONG = {
    "a choice by if": (
        body("return Factors(tempo=0.5 if state.truce[0] > 0 else 1.0)"),
        "'mud-season': the function asks for the value of an array, by `if`, `and` or `float()`.",
        9,
    ),
    "an unknown parameter": (
        body("return Factors(tempo=p['mud_dept'][0])"),
        "'mud-season': there is no parameter and no lever 'mud_dept'.",
        9,
    ),
    "an unknown stock": (
        body("return Factors(tempo=state.tanks)"),
        "'mud-season': the function fails: AttributeError: 'State' object has no attribute 'tanks'",
        9,
    ),
    "no factors": (body("return 0.5"), "'mud-season': the function returns float, not Factors.", None),
    "an unknown factor": (
        body("return Factors(morale=0.5)"),
        "'mud-season': the function fails: TypeError: ",
        9,
    ),
    "a factor below 0": (
        body("return Factors(ground_taken=-p['mud_depth'])"),
        "'mud-season': the factor 'ground_taken' is below 0 on day 0.",
        None,
    ),
    "a factor that is no number": (
        body("return Factors(tempo=state.truce / state.truce)"),
        "'mud-season': the factor 'tempo' is not a finite number on day 0.",
        None,
    ),
    "no number in June": (
        body("return Factors(tempo=jnp.log(jnp.abs(today.month - 6.0)) * 0.0 + 1.0)"),
        "'mud-season': the factor 'tempo' is not a finite number on day 156.",
        None,
    ),
    "a wrong shape": (
        body("return Factors(fire=state.troops * 0.0 + 1.0)"),
        "'mud-season': the factor 'fire' has the shape [2, 3, 4], N being 4.",
        None,
    ),
    "a whole war by side": (
        body("return Factors(tempo=p['mud_depth'])"),
        "'mud-season': the factor 'tempo' has the shape [2, 4], N being 4.",
        None,
    ),
    "sides treated unlike": (
        body("return Factors(fire=jnp.array([[0.5], [1.0]]))"),
        "'mud-season': the factor 'fire' treats the two sides unlike.",
        None,
    ),
    "one side's number for the war": (
        body("return Factors(tempo=p['mud_depth'][0])"),
        "'mud-season': the factor 'tempo' treats the two sides unlike.",
        None,
    ),
    "chance within": (
        body("return Factors(tempo=np.random.uniform())"),
        "'mud-season': the factor 'tempo' is not the same for the same morning.",
        None,
    ),
    "no Python": ("def mud(:\n", "the extension cannot be run: SyntaxError: ", 1),
    "what fails when it is read": (
        "import no_such_package\n",
        "the extension cannot be run: ModuleNotFoundError: No module named 'no_such_package'.",
        1,
    ),
    "nothing marked": ("def mud():\n    pass\n", "this file holds no extension.", None),
    "a name of the model": (
        FINE.replace('"mud-season"', '"drones"'),
        "the model has a mechanism 'drones' of its own.",
        7,
    ),
    "a parameter of the model": (
        FINE.replace("mud_depth", "surge"),
        "there is a parameter 'surge' already.",
        7,
    ),
    "a parameter without a source": (
        FINE.replace('"assumed"', '""'),
        "the extension cannot be run: ValueError: the parameter 'mud_depth' has no source",
        5,
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_cannot_be_used_is_refused_with_file_and_line(tmp_path: Path, fault: str) -> None:
    text, what, line = WRONG[fault]
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert caught.value.what.startswith(what)
    assert caught.value.where == f"{tmp_path / 'mud.py'}" + (f", line {line}" if line else "")
    assert caught.value.todo
    # It is refused every time.
    with pytest.raises(InputError):
        read_extensions("mud.py", tmp_path, "the scenario")


def test_a_file_that_is_not_there_is_said_where_it_is_named(tmp_path: Path) -> None:
    path = scenario(tmp_path, "extensions: [mud.py]")
    line = len(path.read_text("utf-8").splitlines())
    with pytest.raises(InputError, match=r"the extension 'mud.py' cannot be read: No such file") as caught:
        load_scenario(path)
    assert caught.value.where == f"{path}, line {line} (extensions[1])"
    with pytest.raises(InputError, match="no package has registered the extension 'mud'"):
        load_scenario(scenario(tmp_path, "extensions: [mud]"))


def test_two_extensions_must_be_told_apart(tmp_path: Path) -> None:
    written(tmp_path, FINE)
    written(tmp_path, FINE + "\n", "again.py")
    with pytest.raises(InputError, match="'mud-season' stands in two extensions"):
        load_scenario(scenario(tmp_path, "extensions: [mud.py, again.py]"))
    renamed = FINE.replace("mud-season", "rain")
    written(tmp_path, renamed, "again.py")
    with pytest.raises(InputError, match="'mud_depth' stands in two extensions"):
        load_scenario(scenario(tmp_path, "extensions: [mud.py, again.py]"))


@extension("registered", "for a test")
def registered(state: object, p: object, levers: object, today: object) -> Factors:
    return Factors()


def test_a_package_may_register_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [metadata.EntryPoint("calm", f"{__name__}:registered", "ceasefire.extensions")]
    monkeypatch.setattr(
        metadata, "entry_points", lambda group: points if group == "ceasefire.extensions" else []
    )
    monkeypatch.setattr(metadata.EntryPoint, "load", lambda _: registered)
    war = load_scenario(scenario(tmp_path, "extensions: [calm]\nmechanisms: {registered: on}"))
    (there,) = war.world().extensions
    assert there.extension.sha256 == hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    with pytest.raises(InputError, match="no package has registered") as caught:
        load_scenario(scenario(tmp_path, "extensions: [clam]"))
    assert caught.value.todo == "did you mean 'calm'?"


@pytest.mark.parametrize("name", ["", "Mud", "mud season", "9mud", "mud--x"])
def test_a_name_must_be_plain(name: str) -> None:
    with pytest.raises(ExtensionError):
        extension(name, "for a test")(lambda state, p, levers, today: Factors())


def test_an_extension_has_no_first_stock() -> None:
    first = Parameter("first", "a stock", "1", Prior(1, 1, 1), (0, 2), "assumed", initial=True)
    with pytest.raises(ExtensionError, match="a stock at the start"):
        extension("stocked", "for a test", [first])(lambda state, p, levers, today: Factors())
    assert "first" not in REGISTRY
