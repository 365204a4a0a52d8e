"""A room imports lower floors only: import-linter says so, and it can say no."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WRONG = {
    "floor": ("units.py", "from crimeloc import ranking\n"),
    "neighbour": ("evaluation/scores.py", "import crimeloc.ranking\n"),
    "pandera": ("decay.py", "import pandera\n"),
    "folium": ("stats/knox.py", "import folium\n"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def _copy(root: Path, folder: Path) -> Path:
    shutil.copy(root / "pyproject.toml", folder)
    shutil.copytree(root / "crimeloc", folder / "crimeloc", ignore=shutil.ignore_patterns("*.nb?"))
    return folder / "crimeloc"


def test_the_house_keeps_its_floors(root: Path) -> None:
    done = _lint(root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", WRONG)
def test_a_planted_wrong_import_is_caught(kind: str, root: Path, tmp_path: Path) -> None:
    package = _copy(root, tmp_path)
    name, line = WRONG[kind]
    path = package / name
    path.write_text(path.read_text(encoding="utf-8") + "\n\n" + line, encoding="utf-8")
    done = _lint(tmp_path)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout
