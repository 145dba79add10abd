"""Check a built site: every internal link leads somewhere, and no page fetches anything from elsewhere.

Usage: python scripts/check_site.py site
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes that make a browser fetch something when the page opens.
FETCHED = {
    ("audio", "src"),
    ("embed", "src"),
    ("iframe", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("object", "data"),
    ("script", "src"),
    ("source", "src"),
    ("source", "srcset"),
    ("video", "poster"),
    ("video", "src"),
}
FETCHING = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "modulepreload",
    "preconnect",
    "dns-prefetch",
}
IN_STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")


class _Page(HTMLParser):
    """The links of a page, what it fetches and the places in it that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = {"", "top"}
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one element links to, fetches and names."""
        values = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        self.fetched += IN_STYLE.findall(values.get("style", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and FETCHING & set(values.get("rel", "").split()):
            self.links.append(values["href"])
            self.fetched.append(values["href"])
        for name, value in values.items():
            if (tag, name) in FETCHED and value.strip():
                self.links.append(value.split()[0])
                self.fetched.append(value)

    def handle_data(self, data: str) -> None:
        """Note what a style element fetches."""
        if self._in_style:
            self.fetched += IN_STYLE.findall(data)


def faults(site: Path) -> list[str]:
    """Return one line for each dead internal link and for each thing fetched from elsewhere."""
    pages: dict[Path, _Page] = {}
    for path in sorted(site.rglob("*.html")):
        pages[path.resolve()] = _Page()
        pages[path.resolve()].feed(path.read_text(encoding="utf-8"))
    if not pages:
        return [f"{site}: there is no page here."]
    found: list[str] = []
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        found += [f"{name}: fetches {there}" for there in page.fetched if urlsplit(there).netloc]
        found += [f"{name}: dead link {link}" for link in page.links if not _leads(link, path, site, pages)]
    for path in sorted(site.rglob("*.css")):
        fetched = IN_STYLE.findall(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(site)}: fetches {there}" for there in fetched]
    return found


def _leads(link: str, path: Path, site: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = path
    if parts.path:
        base = site.resolve() if parts.path.startswith("/") else path.parent
        target = (base / unquote(parts.path).lstrip("/")).resolve()
        if target.is_dir():
            target /= "index.html"
    if not target.is_file():
        return False
    return target not in pages or unquote(parts.fragment) in pages[target].anchors


def main(arguments: list[str]) -> int:
    """Print the faults of the site named first; return how the process should end."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    site = Path(arguments[0])
    found = faults(site)
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        print(f"{site}: {len(list(site.rglob('*.html')))} pages, every internal link leads somewhere.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
