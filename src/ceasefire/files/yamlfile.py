"""YAML that a person wrote: read safely, with the line of every value kept for the error messages.

Plain YAML only. Anchors, aliases, merge keys and tags are refused (they are how a small file becomes a huge
one or runs something), so are keys written twice, files over a size and nests over a depth.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from ceasefire.files.errors import InputError, control_in, suggest

MAX_BYTES = 2_000_000
MAX_DEPTH = 30
MAX_VALUES = 100_000
SHOWN_CHARACTERS = 60
LARGEST_BITS = 1023
"""A larger whole number is no number of anything; a float could not hold it."""

# What pydantic says in words of its own trade.
TEXTS = {
    "dict_type": "keys with values are expected here",
    "int_from_float": "input should be a whole number",
    "list_type": "a list is expected here",
    "model_attributes_type": "keys with values are expected here",
    "model_type": "keys with values are expected here",
    "tuple_type": "a list is expected here",
}

Model = TypeVar("Model", bound=pydantic.BaseModel)
Position = tuple[str | int, ...]


@dataclasses.dataclass(frozen=True)
class Document:
    """The values of a YAML file, and the line (from 1) on which each of them stands."""

    name: str
    data: Any
    lines: Mapping[Position, int]

    def where(self, position: Position) -> str:
        """Return `FILE, line N (path.to.value)` for a value or for its nearest parent in the file."""
        known = tuple(position)
        while known and known not in self.lines:
            known = known[:-1]
        line = self.lines.get(known, 1)
        label = _dotted(position)
        return f"{self.name}, line {line}" + (f" ({label})" if label else "")


def _dotted(position: Position) -> str:
    text = ""
    for part in position:
        word = f"[{part + 1}]" if isinstance(part, int) else _shown(part)
        text += f".{word}" if text and isinstance(part, str) else word
    return text


def _shown(text: str) -> str:
    """Return the text as a message shows it: not longer than a line."""
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


class _Reader(yaml.SafeLoader):
    """PyYAML's safe loader, which makes plain values only; it stops at what we do not read."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        # PyYAML's own `name` is the name of the stream; it is never shown to a user.
        self.file = name
        self.depth = 0
        self.count = 0
        self.lines: dict[Position, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise InputError(
                "anchors, aliases and tags (&, *, !) are not read, for safety.",
                self._at(event),
                "write the value out where it is needed, or put it in quotes.",
            )
        if self.depth > MAX_DEPTH:
            raise InputError(
                "the file nests too deeply.", self._at(event), f"use at most {MAX_DEPTH} levels."
            )
        self.count += 1
        if self.count > MAX_VALUES:
            raise InputError(f"the file holds more than {MAX_VALUES:,} values.", self.file, "split it.")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _at(self, place: Any) -> str:
        return f"{self.file}, line {place.start_mark.line + 1}"

    def value(self, node: yaml.Node, position: Position) -> Any:
        """Return the plain value of a node; note the line of each value on the way."""
        self.lines.setdefault(position, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, position)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*position, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, position)

    def _mapping(self, node: yaml.MappingNode, position: Position) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise InputError("a key must be a single word.", self._at(key_node), "use a plain key.")
            if key_node.tag == "tag:yaml.org,2002:merge":
                raise InputError(
                    "merge keys (<<) are not read, for safety.", self._at(key_node), "write the keys out."
                )
            key = str(key_node.value)
            self._check_text(key, key_node, position)
            if key in mapping:
                raise InputError(
                    f"the key '{_shown(key)}' stands twice.", self._at(key_node), "keep one of the two."
                )
            self.lines[(*position, key)] = key_node.start_mark.line + 1
            mapping[key] = self.value(value_node, (*position, key))
        return mapping

    def _scalar(self, node: yaml.Node, position: Position) -> Any:
        written = _shown(str(node.value))
        try:
            value = self.construct_object(node)
        except (ValueError, OverflowError) as error:
            why = "it has too many digits" if "digits" in str(error) else error
            raise InputError(
                f"'{written}' cannot be read: {why}.", self._at(node), "check the date or the number."
            ) from None
        except yaml.constructor.ConstructorError:
            # A lone `=` has a meaning of its own in YAML 1.1.
            raise InputError(f"'{written}' cannot be read.", self._at(node), "put it in quotes.") from None
        if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
            raise InputError(
                f"'{written}' is too large a number.",
                self._at(node),
                "write a smaller one, or put it in quotes.",
            )
        if isinstance(value, dt.datetime | bytes):
            raise InputError(f"'{written}' is not a day.", self._at(node), "write a day as YYYY-MM-DD.")
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(
                f"'{written}' is not a finite number.",
                self._at(node),
                "write a number, or leave it out.",
            )
        if isinstance(value, int | float) and not isinstance(value, bool) and _ambiguous(str(node.value)):
            raise InputError(
                f"'{written}' would be read as {value}.",
                self._at(node),
                "write a decimal number without leading zeros or colons, or put it in quotes.",
            )
        if isinstance(value, str):
            self._check_text(value, node, position)
        return value

    def _check_text(self, text: str, node: yaml.Node, position: Position) -> None:
        control = control_in(text)
        if control.startswith("\\ud"):
            raise InputError(
                f"'{_shown(text)}' holds half a character.", self._at(node), "write it as UTF-8 text."
            )
        if control:
            where = f"{self._at(node)} ({_dotted(position)})" if position else self._at(node)
            raise InputError("the text holds a control character.", where, "take it out.")


# YAML 1.1 wants a point in 1.0e5 and would hand on 1e5 as a word.
_Reader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def _ambiguous(written: str) -> bool:
    """Say whether YAML reads a number otherwise than a person would: 010 as 8, 1:30 as 90."""
    digits = written.lstrip("+-").replace("_", "")
    return ":" in digits or (len(digits) > 1 and digits[0] == "0" and digits[1] != ".")


def read_yaml(path: Path | str, text: str | None = None) -> Document:
    """Read a YAML file (or `text`, with `path` as its name in messages) into plain values with their lines.

    Raises:
        InputError: no such file, too large, not UTF-8, not YAML, an alias, a tag, a key twice, too deep, or a
            number that is not finite or that YAML would read otherwise than it looks.
    """
    name = str(path)
    if text is None:
        text = _read_text(Path(path))
    else:
        size = len(text.encode("utf-8", "replace"))
        if size > MAX_BYTES:
            raise _too_large(name, size)
    try:
        reader = _Reader(text, name)
        try:
            node = reader.get_single_node()
            data = None if node is None else reader.value(node, ())
        finally:
            reader.dispose()
    except yaml.YAMLError as error:
        raise _not_yaml(error, name, text) from None
    except (ValueError, OverflowError):
        # The version in a first line, or the number of a character, without end.
        raise InputError(
            "this is not YAML: a number in it is too large.",
            f"{name}, line {reader.line + 1}",
            "check what stands near this place.",
        ) from None
    return Document(name, data, reader.lines)


def _read_text(path: Path) -> str:
    try:
        if path.is_dir():
            raise InputError("this is a folder, not a file.", str(path), "name a YAML file.")
        if path.exists() and not path.is_file():
            raise InputError("this is a device or a pipe, not a file.", str(path), "name a YAML file.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _too_large(str(path), size)
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file is not UTF-8 text (byte {error.start + 1}).", str(path), "save it as UTF-8."
        ) from None
    except ValueError:
        raise InputError("no file can have this name.", str(path), "check the name.") from None
    except FileNotFoundError:
        raise InputError("there is no such file.", str(path), "check the name and the folder.") from None
    except OSError as error:
        raise InputError(
            f"the file could not be read: {error.strerror}.", str(path), "check its name and rights."
        ) from None


def _too_large(name: str, size: int) -> InputError:
    return InputError(
        f"the file is too large: {size / 1e6:.1f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB.",
        name,
        "split it into several files.",
    )


def _not_yaml(error: yaml.YAMLError, name: str, text: str) -> InputError:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return InputError(
            f"the file holds a character that no text has (U+{ord(text[error.position]):04X}).",
            f"{name}, line {line}",
            "take it out; save the file as plain UTF-8 text.",
        )
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be read"
    where = f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name
    if problem == "but found another document":
        return InputError("the file holds more than one document (---).", where, "split it into two files.")
    return InputError(
        f"this is not YAML: {problem}.", where, "check indentation, colons and quotes near this place."
    )


def validate(document: Document, model: type[Model], what: str) -> Model:
    """Check a document against a pydantic model; return the model.

    `what` names the thing in messages, with its article: `a scenario`.

    Raises:
        InputError: with the line, the expected value and, for a misspelt key, the nearest known one. At most
            three faults are shown.
    """
    if not isinstance(document.data, dict):
        raise InputError(
            f"this is not {what}: it holds no keys.", document.name, f"start from a template of {what}."
        )
    try:
        return model.model_validate(document.data)
    except pydantic.ValidationError as error:
        faults = error.errors(include_url=False, include_context=True)
    # A misspelt key comes first: it often explains the missing one.
    faults.sort(key=lambda fault: fault["type"] != "extra_forbidden")
    messages = [_fault(document, model, fault) for fault in faults[:3]]
    more = f"\n... and {len(faults) - 3} more." if len(faults) > 3 else ""
    told = "".join(f"{text}\n  where: {where}\n  to do: {todo}\n" for text, where, todo in messages[:-1])
    text, where, todo = messages[-1]
    raise InputError(told + text, where, todo + more) from None


def _fault(document: Document, model: type[pydantic.BaseModel], fault: Any) -> tuple[str, str, str]:
    location = tuple(part for part in fault["loc"] if part != "[key]")
    position = _in_file(document, location)
    kind, context, given = fault["type"], fault.get("ctx", {}), fault["input"]
    # A check of a whole branch of a union ends with the name of the branch.
    if (
        kind == "value_error"
        and position not in document.lines
        and position
        and isinstance(position[-1], str)
    ):
        position = position[:-1]
    where = document.where(position)
    name = _shown(_dotted(position[-1:]) if position else "")
    if position and isinstance(position[-1], int):
        name = _shown(_dotted(position[-2:]))
    if kind == "extra_forbidden":
        return f"'{name}' is not known here.", where, suggest(name, _names_at(model, location[:-1]))
    wanted = str(context.get("discriminator", name)).strip("'")
    if kind in {"missing", "union_tag_not_found"}:
        return f"'{wanted}' is missing.", where, f"add '{wanted}:' here."
    if kind == "union_tag_invalid":
        tag = str(context.get("tag", ""))
        return (
            f"'{_shown(tag)}' is not a known {wanted}.",
            where,
            suggest(tag, _words(context, "expected_tags")),
        )
    if kind in {"literal_error", "enum"}:
        options = _words(context, "expected")
        return f"'{_shown(str(given))}' is not known here.", where, suggest(str(given), options)
    if kind == "value_error":
        text = str(context.get("error", fault["msg"]))
        what, _, todo = text.partition(" | ")
        return what, where, todo or "correct the value."
    shown = f" (it is {_shown(repr(given))})" if isinstance(given, str | int | float | bool) else ""
    if isinstance(given, dt.date):
        shown = f" (it is {given})"
    text = TEXTS.get(kind, fault["msg"][:1].lower() + fault["msg"][1:])
    return f"'{name}': {text}{shown}.", where, "correct the value."


def _words(context: Mapping[str, Any], key: str) -> list[str]:
    """Return the words in a list such as `'a', 'b' or 'c'`."""
    parts = str(context.get(key, "")).replace(" or ", ", ").split(",")
    return [part.strip().strip("'\"") for part in parts]


def _in_file(document: Document, location: tuple[str | int, ...]) -> Position:
    """Drop the parts of a pydantic location that name a union's branch and not a key of the file."""
    position: Position = ()
    for index, part in enumerate(location):
        if (*position, part) in document.lines or index == len(location) - 1:
            position = (*position, part)
    return position


def _names_at(model: type[pydantic.BaseModel], location: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the schema knows at a place, by walking its JSON schema."""
    try:
        schema = model.model_json_schema(by_alias=True)
    except pydantic.errors.PydanticUserError:
        return []
    definitions = schema.get("$defs", {})
    nodes = _expand([schema], definitions)
    for part in location:
        branch = [node for node in nodes if _is_branch(node, part)]
        nodes = branch or _expand([child for node in nodes for child in _children(node, part)], definitions)
    return [name for node in nodes for name in node.get("properties", {})]


def _expand(nodes: list[dict[str, Any]], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for node in nodes:
        if "$ref" in node:
            found += _expand([definitions[node["$ref"].split("/")[-1]]], definitions)
        elif "anyOf" in node or "oneOf" in node:
            found += _expand(node.get("anyOf", []) + node.get("oneOf", []), definitions)
        else:
            found.append(node)
    return found


def _is_branch(node: dict[str, Any], part: str | int) -> bool:
    """Say whether `part` names this branch of a union: by its class, or by its constant."""
    if part in node.get("properties", {}):
        return False
    constants = [field.get("const") for field in node.get("properties", {}).values()]
    return isinstance(part, str) and (node.get("title") == part or part in constants)


def _children(node: dict[str, Any], part: str | int) -> list[dict[str, Any]]:
    if isinstance(part, int):
        before = node.get("prefixItems", [])
        return before[part : part + 1] or ([node["items"]] if "items" in node else [])
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    extra = node.get("additionalProperties")
    if isinstance(extra, dict):
        return [extra]
    # A union's branch: pydantic names it by tag or class, which is no key of the file.
    return [node]
