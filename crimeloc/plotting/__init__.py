"""Charts, maps and layers: each a function over tables, ``ax=None`` in, ``ax`` out."""

from crimeloc.plotting.backtest_charts import calibration, capture, reliability
from crimeloc.plotting.habit_charts import timeline, week_clock, week_table
from crimeloc.plotting.heat_maps import heat_map
from crimeloc.plotting.link_charts import pair_roc, waterfall
from crimeloc.plotting.map_legend import MapTables
from crimeloc.plotting.result_charts import (
    parts_chart,
    repeat_chart,
    scan_chart,
    series_chart,
    worlds_chart,
)
from crimeloc.plotting.static_map import paper_map
from crimeloc.plotting.view_maps import clusters_map
from crimeloc.plotting.week_charts import week_strip

__all__ = [
    "MapTables",
    "calibration",
    "capture",
    "clusters_map",
    "heat_map",
    "pair_roc",
    "paper_map",
    "parts_chart",
    "reliability",
    "repeat_chart",
    "scan_chart",
    "series_chart",
    "timeline",
    "waterfall",
    "week_clock",
    "week_strip",
    "week_table",
    "worlds_chart",
]
