"""From a picture to a file: static SVG with a description in words, and PNG. No network, no script."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import altair as alt
import vl_convert

from ceasefire.charts.theme import BLUE, INK, OCHRE, SANS, Chart
from ceasefire.files import InputError, check_picture, write_atomically

SVG = "http://www.w3.org/2000/svg"

#: Hatched fills say "assumed": (name, colour, angle of the lines).
HATCHES = (("hatch-first", BLUE, 45), ("hatch-second", OCHRE, -45), ("hatch-ink", INK, 45))

# What a browser does not need once the picture is drawn.
_DROPPED = {"class", "role", "pointer-events", "aria-hidden", "aria-roledescription", "aria-label", "version"}


def to_svg(chart: Chart, *, place: str = "") -> str:
    """Return the picture as static SVG with `<title>` and `<desc>`; its ids are its own on any page.

    Args:
        chart: the picture.
        place: where it stands, so that the same picture may stand twice on a page.

    Raises:
        InputError: the picture cannot be drawn.
    """
    with alt.data_transformers.enable("default", max_rows=None):
        # Checking against the whole schema takes longer than drawing; the tests do it for every picture.
        specification = chart.to_dict(validate=False)
    try:
        drawn = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    except ValueError as error:
        said = [line.strip() for line in str(error).splitlines() if line.strip().startswith("Error:")]
        reason = said[0].removeprefix("Error:").strip() if said else str(error).strip()
        raise InputError(f"the picture could not be drawn: {reason}.", "", "check its data.") from None
    meta = specification.get("usermeta", {})
    return _tidy(drawn, meta.get("title", ""), meta.get("description", ""), meta.get("size"), place)


def to_png(chart: Chart, path: Path | str, *, scale: float = 2.0) -> Path:
    """Write the picture as PNG, `scale` pixels to each of its own, and return the path.

    Raises:
        InputError: the picture cannot be drawn, or the file cannot be written.
    """
    return write_atomically(path, vl_convert.svg_to_png(to_svg(chart), scale=scale))


def write(chart: Chart, path: Path | str) -> Path:
    """Write the picture as SVG or PNG, as the ending says, and return the path.

    Raises:
        InputError: another ending, the picture cannot be drawn, or the file cannot be written.
    """
    path = Path(path)
    check_picture(path)
    if path.suffix.lower() == ".png":
        return to_png(chart, path)
    return write_atomically(path, to_svg(chart))


def _tidy(drawn: str, title: str, description: str, size: list[int] | None, place: str) -> str:
    ET.register_namespace("", SVG)
    root = ET.fromstring(drawn)
    mark = "c" + hashlib.sha256((drawn + title + place).encode()).hexdigest()[:8]
    _prune(root)
    _shorten(root)
    _inherit(root)
    if size:
        _resize(root, *size)
    _own_ids(root, mark)
    root.set("role", "img")
    root.set("aria-labelledby", f"{mark}-title {mark}-desc")
    for index, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{mark}-{tag}"})
        element.text = words
        root.insert(index, element)
    used = "".join(element.get("fill", "") for element in root.iter())
    hatches = [hatch for hatch in HATCHES if f"{mark}-{hatch[0]})" in used]
    if hatches:
        root.insert(2, _hatch_definitions(hatches, mark))
    return ET.tostring(root, encoding="unicode")


def _prune(element: ET.Element) -> None:
    for name in _DROPPED & set(element.keys()):
        del element.attrib[name]
    for child in list(element):
        _prune(child)
        empty = child.tag.endswith("}g") and len(child) == 0 and not (child.text or "").strip()
        blank = child.tag.endswith("}path") and not child.get("d")
        hidden = child.get("display") == "none" or (
            child.tag.endswith("}path") and not child.get("fill") and not child.get("stroke")
        )
        # A path inherits fill none from Vega's outer group, so one without a stroke shows nothing.
        if empty or blank or hidden:
            element.remove(child)


def _resize(root: ET.Element, width: int, height: int) -> None:
    """Set the size of the picture: with fixed margins, Vega does not know the height of two panels."""
    root.set("width", str(width))
    root.set("height", str(height))
    root.set("viewBox", f"0 0 {width} {height}")
    paper = root.find(f"{{{SVG}}}rect")
    if paper is not None:
        paper.set("width", str(width))
        paper.set("height", str(height))


def _shorten(root: ET.Element) -> None:
    """Round positions to a hundredth of a pixel: no eye sees more, and a page of pictures stays small."""
    for element in root.iter():
        for name in ("d", "transform", "x", "y", "x2", "y2", "width", "height"):
            if name in element.attrib:
                element.set(name, re.sub(r"-?\d+\.\d{3,}(?:e-?\d+)?", _rounded, element.get(name, "")))


def _inherit(root: ET.Element) -> None:
    """Say the font of most words once, and leave out what holds unsaid."""
    for element in root.iter():
        for name, value in (("font-family", SANS), ("font-weight", "normal"), ("opacity", "1")):
            if element.get(name) == value:
                del element.attrib[name]
    root.set("font-family", SANS)


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _own_ids(root: ET.Element, mark: str) -> None:
    """Give every id of a picture a prefix of its own: several pictures share one page."""
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{mark}-{element.get('id')}")
        for name, value in list(element.attrib.items()):
            if "url(#" in value:
                element.set(name, re.sub(r"url\(#", f"url(#{mark}-", value))
            elif name.endswith("href") and value.startswith("#"):
                element.set(name, f"#{mark}-{value[1:]}")


def _hatch_definitions(hatches: list[tuple[str, str, int]], mark: str) -> ET.Element:
    definitions = ET.Element(f"{{{SVG}}}defs")
    for name, colour, angle in hatches:
        pattern = ET.SubElement(
            definitions,
            f"{{{SVG}}}pattern",
            {
                "id": f"{mark}-{name}",
                "patternUnits": "userSpaceOnUse",
                "width": "6",
                "height": "6",
                "patternTransform": f"rotate({angle})",
            },
        )
        ET.SubElement(
            pattern, f"{{{SVG}}}rect", {"width": "6", "height": "6", "fill": colour, "fill-opacity": "0.1"}
        )
        ET.SubElement(
            pattern,
            f"{{{SVG}}}line",
            {
                "x1": "0",
                "y1": "0",
                "x2": "0",
                "y2": "6",
                "stroke": colour,
                "stroke-width": "1.6",
                "stroke-opacity": "0.55",
            },
        )
    return definitions
