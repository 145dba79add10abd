"""The commands. Errors are printed in three lines: what, where, what to do."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave: 0 done, 1 faults found, 2 unusable input, 130 interrupted."""
    from ceasefire.cli.app import run

    sys.exit(run(arguments))
