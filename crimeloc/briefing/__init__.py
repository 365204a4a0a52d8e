"""How do I show it to the prosecutor? One page, Korean or English, that makes no request.

The charts of a forecast and its replay (`calibration`, `capture`, `week_strip`) and of a linkage
(`waterfall`, `pair_roc`) load on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from crimeloc.briefing.page import Briefing, briefing

if TYPE_CHECKING:
    from crimeloc.briefing.forecast_charts import calibration as calibration
    from crimeloc.briefing.forecast_charts import capture as capture
    from crimeloc.briefing.forecast_charts import week_strip as week_strip
    from crimeloc.briefing.link_charts import pair_roc as pair_roc
    from crimeloc.briefing.link_charts import waterfall as waterfall

_CHARTS = {
    "calibration": "forecast_charts",
    "capture": "forecast_charts",
    "pair_roc": "link_charts",
    "waterfall": "link_charts",
    "week_strip": "forecast_charts",
}

__all__ = [
    "Briefing",
    "briefing",
    "calibration",
    "capture",
    "pair_roc",
    "waterfall",
    "week_strip",
]


def __getattr__(name: str) -> object:
    if name not in _CHARTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"crimeloc.briefing.{_CHARTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
