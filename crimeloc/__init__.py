"""From upload logs to places and hours to look at.

crimeloc reads upload events, works out which venue was behind each address, links events into
series, tells pattern from chance, and ranks venues and time windows. It ranks places and hours,
never persons.

The names below are the ten verbs of an analyst. Each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from crimeloc import provenance

if TYPE_CHECKING:
    from crimeloc.clustering import (
        STDBSCAN,
        STHDBSCAN,
        suggest_parameters,
        summarise_clusters,
    )
    from crimeloc.clustering.cluster_events import cluster_events
    from crimeloc.errors import CrimelocError, FileError, ParameterError, TableError
    from crimeloc.evaluation import Backtest, backtest, hit_rate, log_score
    from crimeloc.events import sessions
    from crimeloc.geolocation import locate_events
    from crimeloc.io import Read, read_events, read_leases, read_shapes, read_venues
    from crimeloc.linking import link_events, trace_content
    from crimeloc.planning import plan_visits, preserve_footage
    from crimeloc.profiling import profile_anchor
    from crimeloc.provenance import Provenance
    from crimeloc.ranking import Ranker, Ranking, rank
    from crimeloc.report import Briefing, briefing
    from crimeloc.simulation import City, make_city
    from crimeloc.stats import (
        changepoints,
        knox_test,
        near_repeat_table,
        p_value,
        regularity,
        scan_test,
    )
    from crimeloc.stats.by_series import by_series
    from crimeloc.tables import validate

__version__ = provenance.VERSION

_ROOMS = {
    "report": ("Briefing", "briefing"),
    "clustering": (
        "STDBSCAN",
        "STHDBSCAN",
        "cluster_events",
        "suggest_parameters",
        "summarise_clusters",
    ),
    "events": ("sessions",),
    "errors": ("CrimelocError", "FileError", "ParameterError", "TableError"),
    "evaluation": ("Backtest", "backtest", "hit_rate", "log_score"),
    "geolocation": ("locate_events",),
    "io": ("Read", "read_events", "read_leases", "read_shapes", "read_venues"),
    "linking": ("link_events", "trace_content"),
    "planning": ("plan_visits", "preserve_footage"),
    "profiling": ("profile_anchor",),
    "provenance": ("Provenance",),
    "ranking": ("Ranker", "Ranking", "rank"),
    "simulation": ("City", "make_city"),
    "stats": (
        "by_series",
        "changepoints",
        "knox_test",
        "near_repeat_table",
        "p_value",
        "regularity",
        "scan_test",
    ),
    "tables": ("validate",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "STDBSCAN",
    "STHDBSCAN",
    "Backtest",
    "Briefing",
    "City",
    "CrimelocError",
    "FileError",
    "ParameterError",
    "Provenance",
    "Ranker",
    "Ranking",
    "Read",
    "TableError",
    "__version__",
    "backtest",
    "briefing",
    "by_series",
    "changepoints",
    "cluster_events",
    "hit_rate",
    "knox_test",
    "link_events",
    "locate_events",
    "log_score",
    "make_city",
    "near_repeat_table",
    "p_value",
    "plan_visits",
    "preserve_footage",
    "profile_anchor",
    "rank",
    "read_events",
    "read_leases",
    "read_shapes",
    "read_venues",
    "regularity",
    "scan_test",
    "sessions",
    "suggest_parameters",
    "summarise_clusters",
    "trace_content",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'crimeloc' has no attribute {name!r}")
    value = getattr(import_module(f"crimeloc.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
