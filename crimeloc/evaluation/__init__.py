"""Would it have worked last month?

Backtest the past, score the forecasts, and stand the naive baselines beside them. This room reads
tables, not methods: anything with ``fit`` and ``rank`` can be replayed.
"""

from __future__ import annotations

from crimeloc.evaluation.backtest import backtest, last_share
from crimeloc.evaluation.backtest_result import Backtest
from crimeloc.evaluation.baselines import Baseline, naive
from crimeloc.evaluation.calibration import (
    conformal_threshold,
    expected_calibration_error,
    reliability_table,
    set_coverage,
)
from crimeloc.evaluation.predictability import entropy_rate, predictability_ceiling
from crimeloc.evaluation.scores import (
    brier_score,
    capture,
    hit_rate,
    log_score,
    most_capturable,
    pai,
    rank_of,
    search_cost,
)

__all__ = [
    "Backtest",
    "Baseline",
    "backtest",
    "brier_score",
    "capture",
    "conformal_threshold",
    "entropy_rate",
    "expected_calibration_error",
    "hit_rate",
    "last_share",
    "log_score",
    "most_capturable",
    "naive",
    "pai",
    "predictability_ceiling",
    "rank_of",
    "reliability_table",
    "search_cost",
    "set_coverage",
]
