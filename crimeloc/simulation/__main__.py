"""Write the made-up files: ``python -m crimeloc.simulation data/demo --seed N``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from crimeloc.simulation.demo import write_demo

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Write the files and say how large they are."""
    parser = argparse.ArgumentParser(
        prog="python -m crimeloc.simulation",
        description="Write the files of an invented city, and the truth behind them.",
    )
    parser.add_argument("folder", type=Path, help="where to write, for example data/demo")
    parser.add_argument("--seed", type=int, required=True, help="one seed, the same bytes")
    chosen = parser.parse_args(arguments)
    if chosen.seed < 0:
        parser.error("--seed: found a number below 0; expected 0 or more")
    try:
        sizes = write_demo(chosen.folder, chosen.seed)
    except OSError as error:
        parser.error(f"{chosen.folder}: cannot be written ({error.strerror})")
    for name, size in sizes.items():
        sys.stdout.write(f"{size:>9,}  {chosen.folder / name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
