"""How the site is built: Markdown pages, the Furo theme, nothing fetched from elsewhere."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generate import write_pages  # noqa: E402

write_pages(HERE / "generated")

project = "ceasefire"
author = "The ceasefire authors"
project_copyright = "2026, The ceasefire authors"

extensions = ["myst_parser"]
myst_heading_anchors = 3
nitpicky = True
exclude_patterns: list[str] = []

html_theme = "furo"
html_title = "ceasefire"
html_static_path = ["static"]
html_css_files = ["look.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#1f1d1a",
        "color-brand-content": "#2166ac",
        "color-brand-visited": "#2166ac",
        "color-background-primary": "#fdfcf9",
        "color-background-secondary": "#f6f3ec",
        "color-foreground-primary": "#1f1d1a",
    },
    "dark_css_variables": {"color-brand-primary": "#f0ece3", "color-brand-content": "#8db8dc"},
}
