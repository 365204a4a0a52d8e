"""What README and the ten questions tell people to type runs on the made-up case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["README.md", "docs/questions.md"])
def test_the_blocks_run_in_order(
    page: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").symlink_to(root / "data")
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((root / page).read_text(encoding="utf-8"))
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    assert (tmp_path / "briefing.html").stat().st_size > 100_000
