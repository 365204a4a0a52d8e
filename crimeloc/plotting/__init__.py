"""Charts, maps and layers: each a function over tables, ``ax=None`` in, ``ax`` out."""

from crimeloc.plotting.forecast_charts import calibration, capture, week_strip
from crimeloc.plotting.link_charts import pair_roc, waterfall

__all__ = ["calibration", "capture", "pair_roc", "waterfall", "week_strip"]
