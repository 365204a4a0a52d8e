"""The sentence above a backtest's table does not flatter."""

from __future__ import annotations

import pandas as pd

from crimeloc.evaluation.backtest_result import _against, _beliefs


def test_a_gap_that_may_be_chance_is_called_that() -> None:
    few = _against(pd.Series([0.619, 0.595], index=["Ranker", "frequency"]), "capture@10", 21)
    assert "can be chance" in few
    many = _against(pd.Series([0.619, 0.595], index=["Ranker", "frequency"]), "capture@10", 21_000)
    assert "2.4 points above the best baseline (frequency, 59.5%)." in many
    assert "chance" not in many
    worse = _against(pd.Series([0.5, 0.6], index=["Ranker", "frequency"]), "hit@1", 5_000)
    assert "10.0 points below" in worse


def test_a_worse_log_score_is_said() -> None:
    shown = pd.DataFrame({"log_score": [-4.33, -3.61, -3.78]}, index=["Ranker", "a", "b"])
    assert _beliefs(shown) == "Its log score, -4.33, is below the best baseline's (a, -3.61)."
    assert _beliefs(shown.drop(columns="log_score")) == ""
