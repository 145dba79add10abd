"""The pages of the API reference: one for each room, from its docstrings, and one that lists the rooms."""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import itertools
import pkgutil
import re
import sys
import textwrap
import typing
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import ceasefire

FIRST = "ceasefire.api"
WIDE = 88
"""A signature with more characters has a line for each argument."""
LONGEST_DEFAULT = 40
MOST_ENTRIES = 60
"""A constant with more entries is told by their number."""
SECTIONS = {"Args": "Arguments", "Raises": "Raises", "Returns": "Returns"}


def api_pages() -> dict[str, str]:
    """Return the page of each room that has public names and the page that lists them, by file name."""
    rooms = {name: room for name in room_names() if (room := importlib.import_module(name)).__all__}
    pages = {f"{page_name(name)}.md": room_page(name, room) for name, room in rooms.items()}
    return {"api.md": overview(rooms), **pages}


def room_names() -> list[str]:
    """Return the name of each package in `ceasefire`, the one that most people need first."""
    found = (f"ceasefire.{one.name}" for one in pkgutil.iter_modules(ceasefire.__path__) if one.ispkg)
    return sorted(found, key=lambda name: (name != FIRST, name))


def page_name(room: str) -> str:
    """Return the name of a room's page, without its ending."""
    return f"api-{room.rpartition('.')[2]}"


def overview(rooms: Mapping[str, ModuleType]) -> str:
    """Return the page that lists the rooms."""
    rows = "\n".join(
        f"| [{name}]({page_name(name)}.md) | {cell(first_line(room))} | {len(room.__all__)} |"
        for name, room in rooms.items()
    )
    listed = "\n".join(page_name(name) for name in rooms)
    most = "" if FIRST not in rooms else f" Most people need `{FIRST}` alone: see [in Python](../python.md)."
    return (
        "# API reference\n\n"
        "Every public name, room by room, as its docstring has it. A name is public where the `__all__` of"
        " its room lists it; all others may change without notice. Data and control flow downward only: a"
        f" room imports from rooms below it ([the model](../model.md) has the order).{most}\n\n"
        f"| room | what is in it | public names |\n| --- | --- | --- |\n{rows}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def room_page(name: str, room: ModuleType) -> str:
    """Return the page of one room: what it is, a table of its names, and each name in full."""
    things = {one: getattr(room, one) for one in room.__all__}
    rows = "\n".join(
        f"| [`{one}`](#{target(name, one, thing)}) | {kind(thing)} |"
        f" {cell(first_sentence(said(room, one, thing)) or counted(thing))} |"
        for one, thing in things.items()
    )
    parts = [
        f"# {name}\n",
        f"{markdown(inspect.getdoc(room) or '')}\n",
        f"| name | kind | what it is |\n| --- | --- | --- |\n{rows}\n",
    ]
    for one, thing in things.items():
        parts.append(f"({target(name, one, thing)})=\n\n## `{one}`\n")
        parts.append(entry(room, one, thing))
    return "\n".join(parts)


def entry(room: ModuleType, name: str, thing: Any) -> str:
    """Return everything that is told of one name."""
    if inspect.isclass(thing):
        return of_class(name, thing)
    if inspect.isroutine(thing):
        return f"{code(signature(name, thing))}\n{markdown(inspect.getdoc(thing) or '')}\n"
    told = said(room, name, thing)
    shown = value(thing)
    parts = [part for part in (markdown(told), shown) if part]
    return "\n\n".join(parts or [f"A {kind(thing)}."]) + "\n"


def of_class(name: str, thing: type) -> str:
    """Return a class: its docstring, its fields, and its public methods and properties."""
    parts = []
    fields = list(fields_of(thing))
    if not fields and "__init__" in vars(thing):
        parts.append(code(signature(name, thing)))
    parts.append(f"{markdown(inspect.getdoc(thing) or '')}\n")
    if fields:
        parts.append("**Fields**\n")
        parts += [field_line(*field) for field in fields]
        parts.append("")
    for one, member in vars(thing).items():
        member = member.fget if isinstance(member, property) else member  # noqa: PLW2901
        member = getattr(member, "func", getattr(member, "__func__", member))  # noqa: PLW2901
        if one.startswith("_") or not inspect.isfunction(member) or not member.__doc__:
            continue
        attribute = not inspect.isroutine(inspect.getattr_static(thing, one)) and not isinstance(
            inspect.getattr_static(thing, one), classmethod | staticmethod
        )
        told = of_property(name, one, member) if attribute else signature(f"{name}.{one}", member)
        parts.append(f"{code(told)}\n{markdown(inspect.getdoc(member) or '')}\n")
    return "\n".join(parts)


def of_property(owner: str, name: str, getter: Any) -> str:
    """Return a property as one line of code."""
    given = annotation(inspect.signature(getter).return_annotation)
    return f"{owner}.{name}{f': {given}' if given else ''}"


def field_line(name: str, given: str, default: str, meaning: str) -> str:
    """Return one field as an item of a list."""
    has = f", `{default}` by default" if default else ""
    told = " ".join(meaning.split())
    return f"* `{name}`{f': `{given}`' if given else ''}{has}.{f' {told}' if told else ''}"


def fields_of(thing: type) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, type, default and meaning of each public field of a data class or named tuple."""
    meanings = attribute_docs(thing)
    if dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            if not field.name.startswith("_"):
                default = "" if field.default is dataclasses.MISSING else shown_default(field.default)
                yield field.name, annotation(field.type), default, meanings.get(field.name, "")
    elif hasattr(thing, "_field_defaults"):
        for name in thing._fields:
            has = name in thing._field_defaults
            default = shown_default(thing._field_defaults[name]) if has else ""
            yield name, annotation(thing.__annotations__.get(name, "")), default, meanings.get(name, "")
    elif hasattr(thing, "model_fields"):
        for name, field in thing.model_fields.items():
            default = "" if field.is_required() else shown_default(field.default)
            yield name, annotation(annotations_of(thing).get(name, "")), default, meanings.get(name, "")


def annotations_of(thing: type) -> dict[str, Any]:
    """Return the annotations of a class and of those it is built on."""
    found: dict[str, Any] = {}
    for one in reversed(thing.__mro__):
        found |= vars(one).get("__annotations__", {})
    return found


def attribute_docs(thing: type) -> dict[str, str]:
    """Return what is written below the fields of a class and of those of ours that it is built on."""
    found: dict[str, str] = {}
    for one in reversed(thing.__mro__):
        if one.__module__.partition(".")[0] == "ceasefire":
            body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
            found |= docs_below(body.body)  # type: ignore[attr-defined]
    return found


def docs_below(body: list[ast.stmt]) -> dict[str, str]:
    """Return the texts that stand below assignments, by the name that is assigned."""
    found: dict[str, str] = {}
    for before, after in itertools.pairwise(body):
        text = getattr(getattr(after, "value", None), "value", None)
        targets = before.targets if isinstance(before, ast.Assign) else [getattr(before, "target", None)]
        if isinstance(after, ast.Expr) and isinstance(text, str):
            found |= {one.id: text for one in targets if isinstance(one, ast.Name)}
    return found


@functools.cache
def module_docs(module: str) -> dict[str, str]:
    """Return what is written right above or below the constants of a module."""
    source = inspect.getsource(sys.modules[module])
    above = {
        name: " ".join(line.lstrip("#:").strip() for line in lines.splitlines())
        for lines, name in re.findall(r"((?:^#.*\n)+)^(\w+)(?::.*)? = ", source, re.MULTILINE)
    }
    return above | docs_below(ast.parse(source).body)


def said(room: ModuleType, name: str, thing: Any) -> str:
    """Return the docstring of a name, or what is written beside a constant where it is made."""
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return inspect.getdoc(thing) or ""
    for module in [room.__name__, *origins(room, name)]:
        if name in module_docs(module):
            return inspect.cleandoc(module_docs(module)[name])
    return ""


def origins(room: ModuleType, name: str) -> list[str]:
    """Return the module from which a room takes a name."""
    for node in ast.parse(inspect.getsource(room)).body:
        if isinstance(node, ast.ImportFrom) and name in {one.asname or one.name for one in node.names}:
            return [str(node.module)]
    return []


def kind(thing: Any) -> str:
    """Return what sort of thing a name is, in a word."""
    if inspect.isclass(thing):
        return "class"
    if inspect.isroutine(thing):
        return "function"
    if typing.get_origin(thing) is not None:
        return "type"
    return "table" if isinstance(thing, Mapping) else "constant"


def value(thing: Any) -> str:
    """Return a constant's value, or its entries with their meanings, where that is short enough to read."""
    if isinstance(thing, str | int | float):
        return f"Value: `{thing!r}`."
    if kind(thing) == "type":
        return f"One of: {', '.join(f'`{alternative(one)}`' for one in typing.get_args(thing))}."
    entries = entries_of(thing)
    if len(entries) > MOST_ENTRIES:
        return f"{len(entries)} entries."
    if any(entries.values()):
        return "\n".join(f"* `{name}`{f': {told}' if told else ''}" for name, told in entries.items())
    return f"Entries: {', '.join(f'`{one}`' for one in entries)}." if entries else ""


def alternative(one: Any) -> str:
    """Return one of the values or types that a type allows."""
    return one if isinstance(one, str) else annotation(one)


def entries_of(thing: Any) -> dict[str, str]:
    """Return the entries of a table or list by name, with what each says of itself."""
    if isinstance(thing, Mapping):
        return {name: plain(one) if isinstance(one, str) else meaning(one) for name, one in thing.items()}
    if not isinstance(thing, tuple | list):
        return {}
    named = {one if isinstance(one, str) else getattr(one, "name", ""): meaning(one) for one in thing}
    return {} if "" in named else named


def meaning(one: Any) -> str:
    """Return what an entry of a constant says of itself."""
    if isinstance(one, tuple) and all(isinstance(part, str) for part in one):
        return ", ".join(part for part in reversed(one) if part)
    told = getattr(one, "meaning", None) or getattr(one, "says", None)
    return plain(" ".join(told.split())) if isinstance(told, str) else ""


def signature(name: str, thing: Any) -> str:
    """Return a signature, with a line for each argument where it is long."""
    try:
        found = inspect.signature(thing)
    except ValueError:
        return f"{name}(...)"
    words, seen_keyword = [], False
    for one in found.parameters.values():
        if one.name in {"self", "cls"}:
            continue
        if one.kind is one.KEYWORD_ONLY and not seen_keyword:
            seen_keyword = True
            words.append("*")
        seen_keyword |= one.kind is one.VAR_POSITIONAL
        words.append(argument(one))
    ends = "" if inspect.isclass(thing) else annotation(found.return_annotation)
    arrow = f" -> {ends}" if ends else ""
    line = f"{name}({', '.join(words)}){arrow}"
    if len(line) <= WIDE or not words:
        return line
    return f"{name}(\n" + "".join(f"    {word},\n" for word in words) + f"){arrow}"


def argument(one: inspect.Parameter) -> str:
    """Return one argument of a signature."""
    stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    given = annotation(one.annotation)
    text = f"{stars}{one.name}{f': {given}' if given else ''}"
    if one.default is one.empty:
        return text
    return f"{text} = {shown_default(one.default)}" if given else f"{text}={shown_default(one.default)}"


def annotation(given: Any) -> str:
    """Return a type as it is written in the code."""
    if given is inspect.Signature.empty:
        return ""
    forward = getattr(given, "__forward_arg__", None)
    text = given if isinstance(given, str) else forward or getattr(given, "__name__", str(given))
    return " ".join(text.split())


def shown_default(given: Any) -> str:
    """Return a default as it would be written, `...` where it would be long or is no plain value."""
    text = repr(given)
    return text if len(text) <= LONGEST_DEFAULT and " at 0x" not in text and "<" not in text else "..."


def markdown(text: str) -> str:
    """Return a docstring as Markdown: arguments and errors as lists, the rest as it stands."""
    parts, lines = [], text.splitlines()
    while lines:
        line = lines.pop(0)
        heading = SECTIONS.get(line.removesuffix(":")) if line.endswith(":") else None
        if heading is None or not (lines and lines[0].startswith("    ")):
            parts.append(line if line.startswith("    ") else plain(line))
            continue
        block = []
        while lines and (lines[0].startswith("    ") or not lines[0].strip()):
            block.append(lines.pop(0))
        parts += [f"**{heading}**", "", listed(textwrap.dedent("\n".join(block))), ""]
    return "\n".join(parts).strip()


def listed(block: str) -> str:
    """Return the entries of a section as a list; text that has no entries stays text."""
    entries: list[str] = []
    for line in block.strip().splitlines():
        found = re.match(r"(\*{0,2}\w+): (.*)", line)
        if found:
            entries.append(f"* `{found[1]}`: {found[2]}")
        elif not entries:
            entries.append(line.strip())
        else:
            entries[-1] += f" {line.strip()}"
    return "\n".join(plain(one) for one in entries)


def code(text: str) -> str:
    """Return a block of code."""
    return f"```python\n{text}\n```\n"


def target(room: str, name: str, thing: Any) -> str:
    """Return the name by which a link reaches an entry; a class and a function may differ by case alone."""
    return f"{page_name(room)}-{kind(thing)}-{name.lower().replace('_', '-')}"


def counted(thing: Any) -> str:
    """Return how many entries a constant has."""
    return f"{len(thing)} entries" if isinstance(thing, Mapping | tuple | list) else ""


def first_line(room: ModuleType) -> str:
    """Return the first line of a room's docstring."""
    return (inspect.getdoc(room) or "").partition("\n")[0]


def first_sentence(text: str) -> str:
    """Return the first paragraph of a docstring."""
    return text.partition("\n\n")[0]


def cell(text: str) -> str:
    """Return text that fits into a table's cell."""
    return plain(" ".join(text.split())).replace("|", "\\|")


def plain(text: str) -> str:
    """Return text in which nothing outside of code reads as a tag."""
    parts = text.split("`")
    return "`".join(
        re.sub(r"<(?=[A-Za-z/!])", "&lt;", part) if at % 2 == 0 else part for at, part in enumerate(parts)
    )
