"""Would it have worked last month?

Replay the past, score the forecasts, and stand the naive baselines beside them. This room reads
tables, not methods: anything with ``fit`` and ``rank`` can be replayed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crimeloc.evaluation.backtest import backtest as backtest
    from crimeloc.evaluation.baselines import Baseline as Baseline
    from crimeloc.evaluation.baselines import naive as naive
    from crimeloc.evaluation.calibration import conformal_threshold as conformal_threshold
    from crimeloc.evaluation.calibration import (
        expected_calibration_error as expected_calibration_error,
    )
    from crimeloc.evaluation.calibration import reliability_table as reliability_table
    from crimeloc.evaluation.calibration import set_coverage as set_coverage
    from crimeloc.evaluation.predictability import entropy_rate as entropy_rate
    from crimeloc.evaluation.predictability import (
        predictability_ceiling as predictability_ceiling,
    )
    from crimeloc.evaluation.replay import Replay as Replay
    from crimeloc.evaluation.scores import brier_score as brier_score
    from crimeloc.evaluation.scores import capture as capture
    from crimeloc.evaluation.scores import hit_rate as hit_rate
    from crimeloc.evaluation.scores import log_score as log_score
    from crimeloc.evaluation.scores import most_capturable as most_capturable
    from crimeloc.evaluation.scores import pai as pai
    from crimeloc.evaluation.scores import rank_of as rank_of
    from crimeloc.evaluation.scores import search_cost as search_cost

_WHERE = {
    "Baseline": "baselines",
    "Replay": "replay",
    "brier_score": "scores",
    "capture": "scores",
    "conformal_threshold": "calibration",
    "entropy_rate": "predictability",
    "expected_calibration_error": "calibration",
    "hit_rate": "scores",
    "log_score": "scores",
    "most_capturable": "scores",
    "naive": "baselines",
    "pai": "scores",
    "predictability_ceiling": "predictability",
    "rank_of": "scores",
    "reliability_table": "calibration",
    "search_cost": "scores",
    "set_coverage": "calibration",
}

# The module `backtest` bears the name of its function. Importing the module first and the
# function over it keeps the function: an import of a module that is loaded changes no name.
from crimeloc.evaluation.backtest import backtest, last_share  # noqa: E402

__all__ = [
    "Baseline",
    "Replay",
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


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
