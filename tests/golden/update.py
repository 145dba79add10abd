"""Write the golden results anew after a change that was meant: python -m tests.golden.update.

Where a result has moved, CHANGELOG.md must say so in an entry that is newer than the file as it was last
committed (without Git: as it was last written).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# As in the tests, before anything imports JAX.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from tests.golden import changelog, results
from tests.repository import ROOT

Numbers = results.Numbers


def committed(path: Path) -> Numbers | None:
    """Return the content of the file as it was last committed, None where there is none."""
    try:
        name = path.resolve().relative_to(ROOT).as_posix()
        done = subprocess.run(
            ["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True, check=True, text=True
        )
        found: Numbers = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    return found


def update(
    path: Path = results.KEPT,
    text: str | None = None,
    compute: Callable[[], Numbers] = results.compute,
    tell: Callable[[str], Any] = print,
) -> bool:
    """Write the file if that is allowed; say what moved. Return whether it is right now.

    Args:
        path: the file.
        text: the changelog; as it is in the repository where not given.
        compute: computes the results.
        tell: is told what happened.
    """
    text = changelog.read() if text is None else text
    before = committed(path)
    if before is None and path.is_file():
        before = results.read(path)
    now = compute()
    entries = changelog.entries(text)
    if before is not None:
        changes = results.moved(before["results"], now)
        for one in changes:
            tell(str(one))
        # What is computed beside what was, or no more, is seen in the file; no number of a user moves.
        moved = any(one.before is not None and one.now is not None for one in changes)
        if moved and (why := changelog.refusal(before["changelog"], text)):
            tell(why)
            return False
        tell(f"{len(changes)} of {len(dict(results.leaves(now)))} results differ.")
        if not changes:
            # What lies within the tolerance stays, so that small steps do not add up unseen.
            now = before["results"]
    path.write_text(results.written(now, entries), encoding="utf-8")
    tell(f"wrote {path.name}; read its difference before you commit it.")
    return True


if __name__ == "__main__":
    sys.exit(0 if update() else 1)
