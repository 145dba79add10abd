"""The templates of the page: every value is escaped but pictures and cards, which are where they are made."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import jinja2

from ceasefire.report import words
from ceasefire.report.page import slug


def render(template: str, **values: Any) -> str:
    """Return a template of the page, filled."""
    return _environment().get_template(template).render(**values)


def static(name: str) -> str:
    """Return a file of the page as it is."""
    return resources.files("ceasefire.web").joinpath("page", name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(static),
    )
    environment.filters["share"] = words.share
    environment.filters["squared"] = words.squared
    environment.filters["day"] = words.day
    environment.filters["slug"] = slug
    return environment
