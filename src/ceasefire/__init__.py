"""A laboratory for protracted wars: restate what an article says of a war, and check it.

In Python: `import ceasefire as cf`, then for example `cf.plot(cf.ask("ukraine-2022", outcome="soldiers"))`.
`dir(cf)` lists the functions; `ceasefire.api` defines them, and nothing of it is imported before it is used.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Return a name of `ceasefire.api`, or the list of them; rooms are imported by their own names."""
    if name == "__all__" or not name.startswith("_"):
        # By its text: rooms import this module for its version, and none may lead up to the functions.
        from importlib import import_module

        api = import_module("ceasefire.api")
        if name == "__all__":
            return sorted(api.__all__)
        if name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module 'ceasefire' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the names of `ceasefire.api`, sorted."""
    return __getattr__("__all__")  # type: ignore[return-value]
