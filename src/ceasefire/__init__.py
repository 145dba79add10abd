"""A laboratory for protracted wars: restate what an article says of a war, and check it."""

__version__ = "0.1.0"
