"""Settings of all tests: warnings are errors, property tests have no clock, JAX runs on the processor."""

import os
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# Set before anything imports JAX, so that results do not depend on the devices of a machine.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

# What several files or workers compile alike is compiled once in a run. Workers inherit the folder.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    COMPILED = tempfile.mkdtemp(prefix="ceasefire-compiled-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = COMPILED
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.5")
else:
    COMPILED = ""

# "ci" tries the same examples each time; "dev" looks for new ones: HYPOTHESIS_PROFILE=dev pytest tests/war
settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "dev", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "error")


def pytest_unconfigure() -> None:
    if COMPILED:
        shutil.rmtree(COMPILED, ignore_errors=True)
