"""How the page holds up: visitors who each move a slider every few seconds, all at once.

    python benchmarks/page.py [--visitors 20] [--seconds 60] [--every 5] [--json FILE]

Serves the page in a process of its own and speaks to it as the browser does, one connection a visitor. Each
asks another question every time (the length of his truce), of 4,000 wars of one year, so that no answer is
kept from before. Prints how long answers took, and the memory of the serving process at its largest; first,
how long one visitor alone waits for the answer and for all that follows it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import websockets

YEAR = {"start": "2022-12-21", "by": "2023-12-20"}
# The headline of an answer, and the verdict that follows it.
ANSWER, REST = "question_answer", "question_verdict"
PATIENCE = 120.0


class Visitor:
    """One connection to the page, as a browser has it."""

    def __init__(self, socket: Any, number: int) -> None:
        self._socket = socket
        self._days = 20 + number
        self.waited: list[float] = []
        self.faults: list[str] = []

    async def begin(self) -> None:
        """Say what the page shows, and wait for the first answer."""
        await self._ask("init")

    async def move(self, whole: bool = False) -> None:
        """Move the slider, and wait for the answer; or for all that follows it."""
        self._days += 25
        if self._days > 360:
            self._days -= 340
        await self._ask("update", whole)

    async def _ask(self, method: str, whole: bool = False) -> None:
        slots = {
            "scenario": "ukraine-2022",
            "days": str(self._days),
            "monitored": "no",
            "aid": "100",
            "outcome": "killed",
            "against": "",
            "posterior": "default",
            "draws": "4000",
            "seed": "1",
            **YEAR,
        }
        data: dict[str, Any] = {"question_slots": slots}
        if method == "init":
            hidden = {f".clientdata_output_{name}_hidden": False for name in OUTPUTS}
            data |= {"viewport": "wide", ".clientdata_url_search": "", **hidden}
        started = time.perf_counter()
        await self._socket.send(json.dumps({"method": method, "data": data}))
        await asyncio.wait_for(self._answer(REST if whole else ANSWER), PATIENCE)
        self.waited.append(time.perf_counter() - started)

    async def _answer(self, place: str) -> None:
        """Read until the page is sent what was asked for."""
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("errors"):
                self.faults.append(str(message["errors"]))
            custom = message.get("custom") or {}
            if "fault" in custom:
                self.faults.append(str(custom["fault"]))
                return
            found = (message.get("values") or {}).get(place)
            html = found.get("html", "") if isinstance(found, dict) else str(found or "")
            if place == ANSWER and "headline" in html:
                return
            if place == REST and "judged" in html:
                return


SERVE = "from ceasefire.web import serve; serve(port=0)"
OUTPUTS = (ANSWER, REST, "question_picture", "question_rest")


async def visit(address: str, number: int, seconds: float, every: float) -> Visitor:
    """Let one visitor move his slider for a while."""
    origin = address.replace("ws://", "http://").removesuffix("/websocket/")
    async with websockets.connect(address, origin=origin, max_size=None) as socket:
        visitor = Visitor(socket, number)
        await visitor.begin()
        visitor.waited.clear()
        # They do not all begin at once.
        begun = time.perf_counter() + every * (number % 20) / 20
        while time.perf_counter() < begun + seconds:
            due = begun + every * len(visitor.waited)
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            await visitor.move()
        return visitor


async def alone(address: str, times: int) -> tuple[list[float], list[float]]:
    """Return how long one visitor waits for an answer, and for all that follows it."""
    origin = address.replace("ws://", "http://").removesuffix("/websocket/")
    async with websockets.connect(address, origin=origin, max_size=None) as socket:
        visitor = Visitor(socket, 3)
        await visitor.begin()
        visitor.waited.clear()
        for _ in range(times):
            await visitor.move()
            await asyncio.sleep(2.0)
        answers = list(visitor.waited)
        visitor.waited.clear()
        for _ in range(times):
            await visitor.move(whole=True)
        return answers, visitor.waited


async def all_at_once(address: str, visitors: int, seconds: float, every: float) -> list[Visitor]:
    """Let several visitors move their sliders at the same time."""
    return list(await asyncio.gather(*(visit(address, number, seconds, every) for number in range(visitors))))


def main() -> int:
    """Measure and print; return 1 where an answer failed."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    given.add_argument("--visitors", type=int, default=20)
    given.add_argument("--seconds", type=float, default=60.0)
    given.add_argument("--every", type=float, default=5.0)
    given.add_argument("--json", type=Path)
    options = given.parse_args()
    serving = subprocess.Popen([sys.executable, "-u", "-c", SERVE], stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", serving.stdout.readline())
        assert found, "the page did not say where it is"
        address = f"ws://127.0.0.1:{found[1]}/websocket/"
        answers, whole = asyncio.run(alone(address, 8))
        told = asyncio.run(all_at_once(address, options.visitors, options.seconds, options.every))
    finally:
        serving.terminate()
        serving.wait(timeout=30)
    # In kilobytes on Linux.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    waited = sorted(seconds for visitor in told for seconds in visitor.waited)
    faults = [fault for visitor in told for fault in visitor.faults]
    rows = {
        "alone_answer_median": statistics.median(answers),
        "alone_answer_longest": max(answers),
        "alone_all_median": statistics.median(whole),
        "visitors": len(told),
        "answers": len(waited),
        "median": statistics.median(waited),
        "within_95": waited[int(0.95 * (len(waited) - 1))],
        "longest": waited[-1],
        "faults": len(faults),
        "memory_megabytes": memory,
    }
    for name, value in rows.items():
        print(f"{name:24s} {value:,.2f}" if isinstance(value, float) else f"{name:24s} {value:,}")
    for fault in faults[:3]:
        print(fault)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
