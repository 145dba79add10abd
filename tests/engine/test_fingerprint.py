import subprocess
import sys

from ceasefire.engine import model_fingerprint
from ceasefire.engine.fingerprint import compute_fingerprint


def test_the_fingerprint_is_that_of_the_model_as_it_is() -> None:
    assert model_fingerprint() == compute_fingerprint(), (
        "the model's behaviour has changed: run `python -m ceasefire.engine.fingerprint`, and say so in the"
        " changelog"
    )


def test_the_fingerprint_does_not_depend_on_the_number_of_devices() -> None:
    program = (
        "import os; os.environ['XLA_FLAGS'] = '--xla_force_host_platform_device_count=3';"
        "from ceasefire.engine.fingerprint import compute_fingerprint; print(compute_fingerprint())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == model_fingerprint()
