"""Axes that show themselves in a notebook, with a text for those who do not see them.

matplotlib is imported here at once: whoever draws imports this file when drawing.
"""

from __future__ import annotations

import base64
import html
import io
import warnings
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crimeloc.plotting.fonts import font

__all__ = ["Canvas", "canvas"]


class Canvas(Axes):
    """Axes on a figure of their own; no backend and no state of pyplot is touched."""

    alt: str = ""

    def png(self, dpi: int = 100) -> bytes:
        """Give the picture.

        Parameters
        ----------
        dpi : int
            Pixels per inch.

        Returns
        -------
        bytes
            PNG.
        """
        buffer = io.BytesIO()
        figure: Any = self.figure
        with warnings.catch_warnings():
            if not font()[1]:
                warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        return buffer.getvalue()

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png()).decode("ascii")
        text = html.escape(self.alt, quote=True)
        return f'<img alt="{text}" src="data:image/png;base64,{data}" style="max-width:100%">'


def canvas(size: tuple[float, float]) -> Canvas:
    """Give axes on a new figure.

    Parameters
    ----------
    size : tuple of float
        Width and height in inches.

    Returns
    -------
    Canvas
        With nothing on it.
    """
    drawing: Any = Figure(figsize=size, layout="constrained").add_subplot(axes_class=Canvas)
    assert isinstance(drawing, Canvas)
    return drawing
