"""The interactive page: a question, an audit, an offer and the evidence, each with a link of its own.

Nothing leaves the machine. The state of a view stands in its address, so that a link gives the same view
again; what is computed stands behind plain addresses too, as a file of data or a picture.
"""

from ceasefire.web.serving import application, serve

__all__ = ["application", "serve"]
