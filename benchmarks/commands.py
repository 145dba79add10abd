"""How long whole commands take, each in a process of its own, on the shipped scenario.

    python benchmarks/commands.py [--repeats N] [--json FILE]

Prints for each command the median of some repeats in seconds, the processor time of all cores, and the same
as a multiple of the first command of the list, `scenario list`, which does next to nothing: ratios within one
run can be compared between machines. Writes the rows where a file is named.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMMANDS = (
    "scenario list",
    "ask ukraine-2022",
    "discover ukraine-2022 --draws 50000",
    "sensitivity ukraine-2022",
    "sensitivity ukraine-2022 --method sobol",
    "policies ukraine-2022 --side UA",
    "offer ukraine-2022",
    "aid ukraine-2022",
)
RUN = "import sys; from ceasefire.cli.app import run; sys.exit(run(sys.argv[1:]))"


def timed(command: str, folder: Path) -> tuple[float, float]:
    """Return seconds and processor seconds of a command.

    Raises:
        SystemExit: it failed.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", RUN, *command.split()], cwd=folder, capture_output=True, text=True, check=False
    )
    seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"ceasefire {command} failed:\n{done.stderr}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Time the commands of the list and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            found = [timed(command, Path(folder)) for _ in range(options.repeats)]
            seconds, processors = (statistics.median(part) for part in zip(*found, strict=True))
            ratio = seconds / rows[0]["seconds"] if rows else 1.0
            rows.append(
                {"command": command, "seconds": seconds, "processor_seconds": processors, "ratio": ratio}
            )
            print(
                f"{command:44} {seconds:7.2f} s  processors {processors:7.2f} s  {ratio:6.1f} x", flush=True
            )
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
