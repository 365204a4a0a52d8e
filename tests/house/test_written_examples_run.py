"""What README and the ten questions tell people to type runs on the made-up case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import crimeloc as cl

pytestmark = pytest.mark.slow

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


def test_the_three_small_files_of_the_readme_do_what_it_says(root: Path, tmp_path: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    files = dict(
        re.findall(r"`(\w+\.csv)`[^`]*(?:`[^`]*`[^`]*)*?```csv\n(.*?)```", text, re.DOTALL)
    )
    assert list(files) == ["uploads.csv", "venues.csv", "leases.csv"]
    for name, content in files.items():
        assert content.count("\n") == 3, f"{name}: a header and two rows"
        (tmp_path / name).write_text(content, encoding="utf-8")
    tz = "Asia/Seoul"
    events, rejected = cl.read_events(tmp_path / "uploads.csv", tz=tz)
    venues, no_venue = cl.read_venues(tmp_path / "venues.csv", tz=tz)
    leases, no_lease = cl.read_leases(tmp_path / "leases.csv", tz=tz)
    assert len(rejected) == len(no_venue) == len(no_lease) == 0
    located = cl.locate_events(events, venues, leases=leases).set_index("event_id")
    assert located.loc["U-1", "venue_id"] == "V-1"
    assert located.loc["U-2", "weight"] == 0
    assert "not at that moment" in located.loc["U-2", "why"]
