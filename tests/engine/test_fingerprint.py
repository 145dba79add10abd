import subprocess
import sys

import pytest

from ceasefire.engine import fingerprint, model_fingerprint
from ceasefire.engine.fingerprint import CORE, compute_fingerprint
from ceasefire.war.structure import OPTIONAL


def test_the_fingerprint_is_that_of_the_model_as_it_is() -> None:
    assert fingerprint._stored() == compute_fingerprint(), (
        "the model's behaviour has changed: run `python -m ceasefire.engine.fingerprint`, and say so in the"
        " changelog"
    )


def test_the_core_and_each_optional_mechanism_have_a_line() -> None:
    lines = dict(line.split() for line in fingerprint._stored().splitlines())
    assert list(lines) == [CORE, *sorted(OPTIONAL)]
    assert all(len(found) == 16 for found in lines.values())
    assert model_fingerprint(frozenset()) == lines[CORE]


def test_a_change_of_one_mechanism_leaves_fits_without_it_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stored(of: dict[str, str]) -> None:
        model_fingerprint.cache_clear()
        monkeypatch.setattr(
            fingerprint, "_stored", lambda: "".join(f"{name} {text}\n" for name, text in of.items())
        )

    found = []
    for line in ("a" * 16, "b" * 16):
        stored({CORE: "0" * 16, "first": line, "second": "c" * 16})
        found.append(
            [model_fingerprint(frozenset(of)) for of in ((), ("first",), ("second",))] + [model_fingerprint()]
        )
    model_fingerprint.cache_clear()
    before, after = found
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True, False]


@pytest.mark.thorough
def test_the_fingerprint_does_not_depend_on_the_number_of_devices() -> None:
    program = (
        "import os; os.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=3';"
        "from ceasefire.engine.fingerprint import compute_fingerprint; print(compute_fingerprint(), end='')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == fingerprint._stored()
