"""How the documentation is built: offline, from docstrings, contracts and executed notebooks."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from dictionary import (  # noqa: E402
    write_changes,
    write_dictionary,
    write_glossary,
    write_rooms,
)
from executing import pages  # noqa: E402
from pictures import draw_all  # noqa: E402

import crimeloc  # noqa: E402

ROOT = Path(crimeloc.__file__).parents[1]

write_dictionary(HERE / "data-dictionary.md")
write_glossary(HERE / "glossary.md")
write_rooms(HERE / "rooms.md")
write_changes(HERE / "changes", HERE / "changes.md")
draw_all(HERE / "charts", HERE / "live" / "maps", ROOT)
pages(ROOT, HERE / "notebooks")

project = "crimeloc"
author = "The crimeloc developers"
copyright = "2026, The crimeloc developers"
release = version = crimeloc.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx-mathjax-offline",  # formulas without a request
]
exclude_patterns = ["_build", "changes/*", "live", "**/.ipynb_checkpoints"]
html_extra_path = ["live"]  # maps that stand in frames
html_static_path = ["_static"]
html_css_files = ["crimeloc.css"]
nb_execution_mode = "off"  # they were executed before, by `executing.pages`
nb_ipywidgets_js = {}  # no script from elsewhere
nb_output_stderr = "remove"  # progress bars
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
# A class without an __init__ of its own has nothing to be documented there.
suppress_warnings = ["autodoc"]
autosummary_generate = ["api.md", "rooms.md"]
autodoc_typehints = "none"
html_theme = "pydata_sphinx_theme"
html_title = "crimeloc"
html_show_sourcelink = False
html_sidebars = {"index": [], "limits": [], "questions": []}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "use_edit_page_button": False,
    "show_version_warning_banner": False,
    "header_links_before_dropdown": 8,
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
nitpicky = False
