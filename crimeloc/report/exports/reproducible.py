"""The same content, the same bytes: packed files carry the moment of the forecast, not today's."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd

__all__ = ["without_clock"]

_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment a zip can hold
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def without_clock(path: str | Path, at: pd.Timestamp) -> Path:
    """Write an Office file again without the clock of this machine in it.

    Parameters
    ----------
    path : str or Path
        An ``.xlsx`` or ``.pptx`` just written.
    at : Timestamp
        The moment that its properties tell instead.

    Returns
    -------
    Path
        The same file.
    """
    target = Path(path)
    stamp = at.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(target) as packed:
        parts = [(item.filename, packed.read(item)) for item in packed.infolist()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts:
            if name == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<3>", data)
            entry = zipfile.ZipInfo(name, _FIRST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return target
