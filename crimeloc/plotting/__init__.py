"""Charts, maps and layers: each a function over tables, ``ax=None`` in, ``ax`` out."""

from crimeloc.plotting.forecast_charts import calibration, capture, week_strip
from crimeloc.plotting.link_charts import pair_roc, waterfall
from crimeloc.plotting.view_maps import clusters_map

__all__ = ["calibration", "capture", "clusters_map", "pair_roc", "waterfall", "week_strip"]
