"""Where and when do events bunch?"""

from __future__ import annotations

from crimeloc.clustering.cluster_events import cluster_events
from crimeloc.clustering.parameters import suggest_parameters
from crimeloc.clustering.stdbscan import STDBSCAN
from crimeloc.clustering.sthdbscan import STHDBSCAN
from crimeloc.clustering.summary import summarise_clusters

__all__ = [
    "STDBSCAN",
    "STHDBSCAN",
    "cluster_events",
    "suggest_parameters",
    "summarise_clusters",
]
