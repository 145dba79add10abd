"""Settings of all tests: warnings are errors, property tests have no clock, JAX runs on the processor."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Set before anything imports JAX, so that results do not depend on the devices of a machine.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

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
