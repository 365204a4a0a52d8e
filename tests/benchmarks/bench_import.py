"""How long does `import crimeloc` keep an analyst waiting? Median of five fresh processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def seconds(code: str, runs: int = 5) -> float:
    """Median wall-clock seconds of a fresh interpreter that runs `code`, after one warm-up."""
    times = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - begin)
    return statistics.median(times[1:])


def main() -> None:
    """Print the table."""
    empty = seconds("pass")
    peer = seconds("import pandas")
    ours = seconds("import crimeloc")
    door = seconds("import crimeloc; crimeloc.read_events; crimeloc.rank")
    print(f"{'what':<42}{'seconds':>9}{'to pandas':>11}")
    rows = {
        "an empty interpreter": empty,
        "import pandas": peer,
        "import crimeloc": ours,
        "import crimeloc and open two rooms": door,
    }
    for what, value in rows.items():
        print(f"{what:<42}{value:>9.3f}{value / peer:>11.2f}")


if __name__ == "__main__":
    main()
