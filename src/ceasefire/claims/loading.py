"""Claims files: read, check, ship, and start a new one."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from ceasefire.claims.schema import Article, Claim, ClaimsDocument
from ceasefire.files import Document, InputError, read_yaml, suggest, validate
from ceasefire.files.bounded import is_there

SHIPPED = Path(str(resources.files("ceasefire.claims") / "shipped"))


@dataclasses.dataclass(frozen=True)
class ClaimFile:
    """A claims file that passed the check: the article, its claims, and where each stands in the file."""

    article: Article
    claims: tuple[Claim, ...]
    document: Document
    sha256: str

    @property
    def name(self) -> str:
        """The article's id."""
        return self.article.id

    @property
    def given_as(self) -> str:
        """What to type to get this file again: the name of a shipped one, else its path."""
        return self.name if Path(self.document.name).parent == SHIPPED else self.document.name

    def where(self, claim: int, *position: str | int) -> str:
        """Return file and line of a part of a claim, by the claim's number from 0."""
        return self.document.where(("claims", claim, *position))


@functools.cache
def shipped_claims() -> Mapping[str, str]:
    """Return the names and titles of the claims files that come with the package."""
    return {path.stem: _parsed(read_yaml(path)).article.title for path in sorted(SHIPPED.glob("*.yaml"))}


def load_claims(name_or_path: str | Path) -> ClaimFile:
    """Return a claims file: a shipped one by its name, or a YAML file by its path.

    Raises:
        InputError: no such file, or what is wrong with it, with file and line.
    """
    text = str(name_or_path)
    path = Path(name_or_path)
    shipped = SHIPPED / f"{text}.yaml"
    looks_like_name = path.suffix == "" and path.name == text
    if looks_like_name and not is_there(path):
        if not is_there(shipped):
            raise InputError(
                f"there are no claims called '{text}'.",
                "",
                suggest(text, [p.stem for p in SHIPPED.glob("*.yaml")]),
            )
        return _parsed(read_yaml(shipped))
    return _parsed(read_yaml(path))


def parse_claims(text: str, name: str = "claims.yaml") -> ClaimFile:
    """Return the claims file that a text holds; `name` stands for the file in messages.

    Raises:
        InputError: what is wrong with it, with its line.
    """
    return _parsed(read_yaml(name, text))


def _parsed(document: Document) -> ClaimFile:
    checked = validate(document, ClaimsDocument, "a claims file")
    canonical = json.dumps(checked.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return ClaimFile(
        checked.article, checked.claims, document, hashlib.sha256(canonical.encode()).hexdigest()
    )


def template() -> str:
    """Return a commented claims file to start from; it lints clean."""
    return (Path(__file__).parent / "template.yaml").read_text(encoding="utf-8")
