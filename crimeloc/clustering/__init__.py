"""Where and when do events bunch?"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.clustering.doorway import cluster_events as cluster_events
    from crimeloc.clustering.parameters import suggest_parameters as suggest_parameters
    from crimeloc.clustering.stdbscan import STDBSCAN as STDBSCAN
    from crimeloc.clustering.sthdbscan import STHDBSCAN as STHDBSCAN
    from crimeloc.clustering.summary import summarise_clusters as summarise_clusters
    from crimeloc.clustering.visits import sessions as sessions

# No module here bears the name of a function: an import of the module would hide the function.
_WHERE = {
    "STDBSCAN": "stdbscan",
    "STHDBSCAN": "sthdbscan",
    "cluster_events": "doorway",
    "sessions": "visits",
    "suggest_parameters": "parameters",
    "summarise_clusters": "summary",
}

__all__ = [
    "STDBSCAN",
    "STHDBSCAN",
    "cluster_events",
    "sessions",
    "suggest_parameters",
    "summarise_clusters",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
