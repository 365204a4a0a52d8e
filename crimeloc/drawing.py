"""How a result finds its picture: by name and when it is asked, so that arrows still go down.

A room must not import the drawing room above it. A result that can be drawn takes one of the
classes below as a base; `DRAWINGS`, the one list of who draws what, names the function in
`crimeloc.plotting.views`. The drawing room is loaded on the first picture and not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

__all__ = ["DRAWINGS", "Mapped", "Plotted", "Sliding", "drawn"]

ROOM = "crimeloc.plotting.views"
"""Where the functions are."""

DRAWINGS: Mapping[str, Mapping[str, str]] = {
    "Explanation": {"plot": "explanation_plot"},
    "KnoxResult": {"plot": "knox_plot"},
    "Links": {"plot": "links_plot"},
    "NearRepeatTable": {"plot": "near_repeat_plot"},
    "Profile": {"map": "profile_map"},
    "Ranking": {"map": "ranking_map", "plot": "ranking_plot", "slider": "ranking_slider"},
    "Backtest": {"plot": "backtest_plot"},
    "ScanResult": {"map": "scan_map", "plot": "scan_plot"},
}
"""For each class of results: the method, and the function in the drawing room that does it."""


def drawn(result: object, how: str, *args: Any, **options: Any) -> Any:
    """Draw a result, with the function that `DRAWINGS` names for its class.

    Parameters
    ----------
    result : object
        A result whose class, or a class it derives from, is in `DRAWINGS`.
    how : str
        ``"map"``, ``"plot"`` or ``"slider"``.
    *args, **options
        Handed to the function.

    Returns
    -------
    object
        What the function gives.

    Raises
    ------
    AttributeError
        Nobody draws this result so.
    """
    for kind in type(result).__mro__:
        name = DRAWINGS.get(kind.__name__, {}).get(how)
        if name is not None:
            return getattr(import_module(ROOM), name)(result, *args, **options)
    raise AttributeError(f"{type(result).__name__} has no drawing {how!r}; see {__name__}.DRAWINGS")


class Mapped:
    """A result with a map."""

    __slots__ = ()

    def map(self, *args: Any, **options: Any) -> Any:
        """Where is it? Draw it on a map that needs no internet.

        Parameters
        ----------
        *args, **options
            As the function for this class in `crimeloc.plotting.views` takes them, such as
            ``lang="ko"`` or ``districts=``.

        Returns
        -------
        MapView
            Shows itself in a notebook; `.save(path)` writes one file.
        """
        return drawn(self, "map", *args, **options)


class Plotted:
    """A result with a chart."""

    __slots__ = ()

    def plot(self, *args: Any, **options: Any) -> Any:
        """What does it look like? Draw its chart.

        Parameters
        ----------
        *args, **options
            As the function for this class in `crimeloc.plotting.views` takes them, such as
            ``lang="ko"`` or ``ax=``.

        Returns
        -------
        Axes
            Shows itself in a notebook, with a text for those who do not see it.
        """
        return drawn(self, "plot", *args, **options)


class Sliding:
    """A result with a slider over time."""

    __slots__ = ()

    def slider(self, *args: Any, **options: Any) -> Any:
        """What does it say of each hour? Move through it, by mouse or by keyboard.

        Parameters
        ----------
        *args, **options
            As the function for this class in `crimeloc.plotting.views` takes them.

        Returns
        -------
        Widget
            Of ipywidgets, which comes with ``make lab``.
        """
        return drawn(self, "slider", *args, **options)
