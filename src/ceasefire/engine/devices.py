"""One device for each core: how JAX is set up before it is imported.

Wars and filters run in the fused loop, which takes all cores by itself. What JAX computes (gradients, and
wars on other devices) takes one core unless our own entry points call `use_all_cores()` first, or a program
of one's own does before anything imports JAX, or sets
XLA_FLAGS=--xla_force_host_platform_device_count=CORES.
"""

from __future__ import annotations

import os
import sys

_FLAG = "--xla_force_host_platform_device_count"


def use_all_cores() -> bool:
    """Ask JAX for one host device per core; return whether that was still possible.

    A setting that is already in XLA_FLAGS is left alone.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if "jax" in sys.modules:
        return _FLAG in flags
    if _FLAG not in flags:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
        os.environ["XLA_FLAGS"] = f"{flags} {_FLAG}={cores}".strip()
    return True
