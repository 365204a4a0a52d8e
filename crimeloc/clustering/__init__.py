"""Where and when do events bunch?"""

from __future__ import annotations

from crimeloc.clustering.clustering_located import cluster_events
from crimeloc.clustering.parameters import suggest_parameters
from crimeloc.clustering.stdbscan import STDBSCAN
from crimeloc.clustering.sthdbscan import STHDBSCAN
from crimeloc.clustering.summary import summarise_clusters
from crimeloc.clustering.visits import sessions

__all__ = [
    "STDBSCAN",
    "STHDBSCAN",
    "cluster_events",
    "sessions",
    "suggest_parameters",
    "summarise_clusters",
]
