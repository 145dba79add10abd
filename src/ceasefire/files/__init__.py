"""How files are read and written: positions for every value, limits on size, nothing lost on disk.

The lowest room of the house. It knows no war, no evidence and no claims.
"""

from ceasefire.files.cache import cache_folder, keep_cached, read_cached
from ceasefire.files.errors import CeasefireError, InputError, suggest
from ceasefire.files.study import Study, open_study, read_manifest
from ceasefire.files.writing import check_picture, write_atomically
from ceasefire.files.yamlfile import Document, read_yaml, validate

__all__ = [
    "CeasefireError",
    "Document",
    "InputError",
    "Study",
    "cache_folder",
    "check_picture",
    "keep_cached",
    "open_study",
    "read_cached",
    "read_manifest",
    "read_yaml",
    "suggest",
    "validate",
    "write_atomically",
]
