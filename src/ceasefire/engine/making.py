"""What made a number besides its inputs: the code, the libraries, the processor.

Results are the same bits for the same of all three. What is kept while work is under way is not mixed with
what another of them made; a finished result is judged by the model's fingerprint.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from importlib import resources

import jax

import ceasefire
from ceasefire.engine.fingerprint import model_fingerprint
from ceasefire.engine.fused import processor

ROOMS = ("war", "scenario", "engine")
"""The rooms whose code decides what a war is."""
LIBRARIES = ("jax", "jaxlib", "llvmlite", "numpy", "scipy")


def made_by(kind: str) -> dict[str, str]:
    """Return what makes numbers on a kind of processor: program, model, code, libraries, and this kind."""
    return {**program(), "processor": kind}


def processor_here() -> str:
    """Return the kind of processor, or device, of this process."""
    return f"{platform.machine()} {processor()}, {jax.default_backend()}"


@functools.cache
def program() -> dict[str, str]:
    """Return what makes numbers here, without the processor, by what it is, in words."""
    return {
        "version": ceasefire.__version__,
        "model": model_fingerprint(),
        "code": code_hash(),
        "libraries": " ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES),
    }


def code_hash() -> str:
    """Return a hash of the source of the rooms that decide what a war is."""
    digest = hashlib.sha256()
    for room in ROOMS:
        waiting = [resources.files(f"ceasefire.{room}")]
        while waiting:
            entry = waiting.pop()
            if entry.is_dir():
                waiting += sorted(entry.iterdir(), key=lambda one: one.name, reverse=True)
            elif entry.name.endswith(".py"):
                source = entry.read_bytes()
                digest.update(f"{room} {entry.name} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:16]
