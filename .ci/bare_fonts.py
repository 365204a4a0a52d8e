"""Write matplotlib's list of fonts as it was before any font was installed: its own alone.

Used by `.ci/run` with ``MPLCONFIGDIR`` on an empty folder, for the tests of a bare machine.
"""

from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager

manager = font_manager.fontManager
for entries in (manager.ttflist, manager.afmlist):
    entries[:] = [
        entry for entry in entries if Path(mpl.get_data_path()) in Path(entry.fname).parents
    ]
(listed,) = Path(mpl.get_cachedir()).glob("fontlist-v*.json")
font_manager.json_dump(manager, listed)
print(f"{len(manager.ttflist)} fonts, none of them of the system")
