"""Find an article's own sentences in the project without keeping any of them here.

The project restates what an article says and quotes none of it. What is kept is one salted hash for each run
of six words of the article's body. To take in another article, where it lies outside the repository:

    python -m tests.shingles ARTICLE.txt >> tests/article_shingles.txt
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

LENGTH = 6
SALT = b"ceasefire: no sentence of an article"
KEPT = Path(__file__).with_name("article_shingles.txt")


def shingles(text: str) -> dict[str, str]:
    """Return the hash of each run of six words, with the words; case and punctuation do not count."""
    words = re.findall(r"[^\W_]+", re.sub("['\u2019]", "", text.lower()))
    runs = (" ".join(words[start : start + LENGTH]) for start in range(len(words) - LENGTH + 1))
    return {hashlib.blake2b(run.encode(), key=SALT, digest_size=8).hexdigest(): run for run in runs}


def kept() -> set[str]:
    """Return the hashes of the articles taken in."""
    return set(KEPT.read_text(encoding="utf-8").split())


if __name__ == "__main__":
    # The first line is the title, which the project does name.
    print("\n".join(sorted(shingles(Path(sys.argv[1]).read_text(encoding="utf-8").split("\n", 1)[1]))))
