"""The documentation builds without a warning, offline."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def test_docs_build_without_warnings(root: Path, tmp_path: Path) -> None:
    source = tmp_path / "docs"
    shutil.copytree(root / "docs", source, ignore=shutil.ignore_patterns("_build", "generated"))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", source,
         tmp_path / "html"],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3_000:]
    index = (tmp_path / "html" / "api.html").read_text(encoding="utf-8")
    assert "locate_events" in index
    dictionary = (tmp_path / "html" / "data-dictionary.html").read_text(encoding="utf-8")
    assert "LOCATED" in dictionary
