"""Every public name answers a question, names its parameters, and has an example that runs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from numpydoc.validate import validate

import crimeloc as cl

PUBLIC = [name for name in cl.__all__ if not name.startswith("_")]


def _checks(root: Path) -> set[str]:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return set(settings["tool"]["numpydoc_validation"]["checks"])


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_is_numpydoc(name: str, root: Path) -> None:
    home = getattr(cl, name)
    result = validate(f"{home.__module__}.{home.__qualname__}")
    wrong = [(code, text) for code, text in result["errors"] if code in _checks(root)]
    assert wrong == []


@pytest.mark.parametrize("name", PUBLIC)
def test_each_shows_an_example(name: str) -> None:
    assert ">>>" in (getattr(cl, name).__doc__ or ""), f"{name} has no example"


def test_a_docstring_without_its_parameters_would_be_seen(root: Path) -> None:
    def careless(located: object) -> None:
        """Do something."""

    from numpydoc.docscrape import get_doc_object

    found = {code for code, _ in validate(get_doc_object(careless))["errors"]}
    assert "PR01" in found & _checks(root)
