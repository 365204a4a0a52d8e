"""The changelog speaks of the version that is there, and fragments say what kind they are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from crimeloc.provenance import VERSION


def test_the_newest_version_is_this_one(root: Path) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    assert versions[0] == VERSION
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["towncrier"]["start_string"] in text


def test_each_fragment_names_its_kind(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = "|".join(kind["directory"] for kind in settings["tool"]["towncrier"]["type"])
    names = [path.name for path in (root / "docs" / "changes").iterdir()]
    assert [
        name for name in names if not re.fullmatch(rf"README\.md|\+[\w-]+\.({kinds})\.md", name)
    ] == []
