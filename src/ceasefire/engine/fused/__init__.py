"""Wars in one fused loop, compiled from the same day that everything else uses."""

from ceasefire.engine.fused.kernel import (
    Kernel,
    Stepwise,
    available_cores,
    carry_room,
    on_cores,
    processor,
)
from ceasefire.engine.fused.tracing import LANES, CannotFuseError

__all__ = [
    "LANES",
    "CannotFuseError",
    "Kernel",
    "Stepwise",
    "available_cores",
    "carry_room",
    "on_cores",
    "processor",
]
