"""All kinds of files for a hundred random cases at both levels: is anything above its level told?

Run by hand; the tests write the page of each such case and one kind of file.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

import crimeloc as cl


def main(cases: int = 100) -> None:
    """Print what leaks, and how much was searched."""
    home = Path(__file__).parents[1] / "properties" / "test_disclosure_leaks.py"
    spec = importlib.util.spec_from_file_location("disclosure_leaks", home)
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    files = size = leaked = counts = 0
    for seed in range(cases):
        ranking, arguments = tools.random_case(seed)
        for level in ("briefing", "disclosure"):
            key = tools.KEY if seed % 2 else None
            page = cl.briefing(ranking, **arguments, level=level, key=key)
            names = [n for n in tools.LIGHT if (level, n) != ("disclosure", "x.jsonl")]
            names += tools.HEAVY if seed % 10 == 0 else []
            with tempfile.TemporaryDirectory() as folder:
                found = tools.all_texts(page, Path(folder), names)
            files, size = files + len(found), size + sum(map(len, found.values()))
            leaked += len(tools.leaks(found, arguments["located"], level))
            if level == "disclosure":
                counts += sum(0 < n < tools.THRESHOLD for n in tools.told_counts(page))
        if (seed + 1) % 10 == 0:
            print(f"{seed + 1} cases: {leaked} raw names, {counts} small counts", flush=True)
    print(f"{cases} cases, 2 levels, {files:,} files and parts, {size / 1e6:,.0f} MB searched")
    print(f"raw names found above their level: {leaked}; small counts found: {counts}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
