"""Pictures of the chart pages, drawn when the documentation is built, by the code on the page.

The blocks of ``charts/index.md`` make the case once; the blocks of each page run after them in a
copy of its names. What a page calls ``chart`` becomes its picture: axes a PNG, a map a page.
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def draw_all(charts: Path, live: Path, root: Path) -> None:
    """Draw the picture of each page that lacks it, or whose code or package has changed.

    Parameters
    ----------
    charts : Path
        The folder of the pages; pictures go to its ``pictures``.
    live : Path
        Where maps go.
    root : Path
        The checkout.
    """
    pictures = charts / "pictures"
    pictures.mkdir(exist_ok=True)
    live.mkdir(parents=True, exist_ok=True)
    mark = pictures / "made.sha256"
    sources = sorted(charts.glob("*.md"))
    wanted = _fingerprint(sources, root)
    if mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
        return
    mark.unlink(missing_ok=True)
    here = Path.cwd()
    os.chdir(root)  # the pages read data/demo, as a reader at the top of the checkout does
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            case = _names(charts / "index.md", {})
            for page in sources:
                if page.stem != "index":
                    _keep(_names(page, dict(case)).get("chart"), page, pictures, live)
    finally:
        os.chdir(here)
    mark.write_text(wanted, encoding="utf-8")


def _names(page: Path, names: dict[str, Any]) -> dict[str, Any]:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)
    return names


def _keep(chart: Any, page: Path, pictures: Path, live: Path) -> None:
    if hasattr(chart, "save") and hasattr(chart, "html"):
        chart.save(live / f"{page.stem}.html")
    elif hasattr(chart, "figure"):
        chart.figure.savefig(pictures / f"{page.stem}.png", dpi=110)
    else:
        raise RuntimeError(f"{page.name}: its code makes no `chart`")


def _fingerprint(sources: list[Path], root: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    data = (path for path in (root / "data").rglob("*") if path.is_file())
    for path in (*sources, *sorted((root / "crimeloc").rglob("*.py")), *sorted(data)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
