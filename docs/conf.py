"""How the documentation is built: offline, from the docstrings and the contracts."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from dictionary import write_changes, write_dictionary  # noqa: E402

from crimeloc import __version__  # noqa: E402

write_dictionary(HERE / "data-dictionary.md")
write_changes(HERE / "changes", HERE / "changes.md")

project = "crimeloc"
author = "The crimeloc developers"
copyright = "2026, The crimeloc developers"
release = version = __version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx-mathjax-offline",  # formulas without a request
]
exclude_patterns = ["_build", "changes/*", "**/.ipynb_checkpoints"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
autosummary_generate = True
autodoc_typehints = "none"
html_theme = "pydata_sphinx_theme"
html_title = "crimeloc"
html_show_sourcelink = False
html_theme_options = {"use_edit_page_button": False, "show_version_warning_banner": False}
nitpicky = False
