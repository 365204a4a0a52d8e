"""The Korean font of charts, pictures and paper, whatever fonts the machine has.

The font comes as a dependency: the package `koreanize-matplotlib` carries Nanum Gothic (SIL Open
Font License). Its files are taken by their path and the package is never imported, since that
would change the settings of the whole process. matplotlib keeps a list of fonts between runs; a
font that was installed or removed since is wrong in it, and so the list is never relied on.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["font"]

PACKAGE = "koreanize_matplotlib"
CARRIED = ("NanumGothic", ("NanumGothic.ttf", "NanumGothicBold.ttf"))
SYSTEM_FONTS = {
    "Noto Sans CJK KR": ("NotoSansCJK-Regular.ttc", "NotoSansCJKkr-Regular.otf"),
    "Noto Sans KR": ("NotoSansKR-Regular.otf", "NotoSansKR-Regular.ttf"),
    "NanumGothic": ("NanumGothic.ttf",),
    "NanumBarunGothic": ("NanumBarunGothic.ttf",),
    "Malgun Gothic": ("malgun.ttf",),
    "Apple SD Gothic Neo": ("AppleSDGothicNeo.ttc",),
    "AppleGothic": ("AppleGothic.ttf",),
    "UnDotum": ("UnDotum.ttf",),
    "Baekmuk Dotum": ("dotum.ttf",),
}
"""Where the package is missing: names that matplotlib knows, and the files they are in."""
PLAIN = "DejaVu Sans"
"""matplotlib's own font, for signs that the Korean one lacks."""


def font() -> tuple[list[str], bool]:
    """Which font writes Korean in a drawing?

    Returns
    -------
    family : list of str
        Names for matplotlib; the font is registered with it.
    found : bool
        Is there one? If not, charts leave the writing to the reader's browser.
    """
    files, name = _carried(), CARRIED[0]
    if not files:
        name, files = _of_the_system()
    if not files:
        return [PLAIN], False
    _register(files)
    return [name, PLAIN], True


@lru_cache(maxsize=1)
def _carried() -> tuple[str, ...]:
    spec = find_spec(PACKAGE)  # of a package at the top: found, not imported
    folders = () if spec is None else spec.submodule_search_locations or ()
    paths = [Path(folder) / "fonts" / file for folder in folders for file in CARRIED[1]]
    return tuple(str(path) for path in paths if path.is_file())


@lru_cache(maxsize=1)
def _of_the_system() -> tuple[str, tuple[str, ...]]:
    """Look for files, not into matplotlib's list: a font may have been installed since."""
    from matplotlib.font_manager import findSystemFonts

    found = {Path(path).name.lower(): path for path in sorted(findSystemFonts())}
    for name, files in SYSTEM_FONTS.items():
        for file in files:
            if file.lower() in found:
                return name, (found[file.lower()],)
    return PLAIN, ()


def _register(files: tuple[str, ...]) -> None:
    """Put the files first in matplotlib's list, where no entry for a lost file comes before."""
    from matplotlib.font_manager import fontManager

    entries = fontManager.ttflist
    there = {entry.fname for entry in entries[: 4 * len(files)]}
    if there.issuperset(files):
        return
    for file in reversed(files):
        before = len(entries)
        fontManager.addfont(file)
        new = entries[before:]
        del entries[before:]
        entries[:0] = new
