"""ROC of pairs, and the two charts of a linkage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crimeloc.errors import ParameterError
from crimeloc.linking import Links, pair_roc
from crimeloc.plotting import pair_roc as draw_roc
from crimeloc.plotting import waterfall


def test_the_curve_counts_pairs_of_uploads(links: Links, uploader: pd.Series) -> None:
    curve = pair_roc(links, uploader)
    packed = links.pairs[links.pairs["basis"] == "entities"]
    right = packed["event_id_1"].map(uploader) == packed["event_id_2"].map(uploader)
    stands = packed["n_1"] * packed["n_2"]
    assert curve["n_same"].iloc[-2] == stands[right].sum()
    assert curve["n_different"].iloc[-2] == stands[~right].sum()
    best = packed["score"].max()
    assert curve["score"].iloc[0] == pytest.approx(best)
    for name in ("found", "false_link", "area"):
        assert (np.diff(curve[name]) >= 0).all()
        assert curve[name].between(0, 1).all()
    assert curve[["found", "false_link"]].iloc[-1].tolist() == [1, 1]
    assert curve["area"].iloc[-1] > 0.8


def test_chance_gives_half_the_area(links: Links, uploader: pd.Series) -> None:
    mixed = pd.Series(
        np.random.default_rng(1).permutation(uploader.to_numpy()), index=uploader.index
    )
    assert abs(pair_roc(links, mixed)["area"].iloc[-1] - 0.5) < 0.05


def test_a_truth_of_one_kind_is_refused(links: Links, uploader: pd.Series) -> None:
    with pytest.raises(ParameterError, match="truth"):
        pair_roc(links, uploader.map(lambda _: "x"))
    with pytest.raises(ParameterError, match="truth"):
        pair_roc(links, uploader.head(0))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_waterfall_shows_every_step(links: Links, lang: str) -> None:
    row = links.pairs[links.pairs["basis"] == "entities"].iloc[0]
    steps = links.waterfall(row["event_id_1"], row["event_id_2"])
    ax = waterfall(steps, lang=lang)
    bars = [bar for bar in ax.patches if bar.get_height() == pytest.approx(0.62)]
    assert len(bars) == len(steps)
    assert [bar.get_width() for bar in bars] == pytest.approx(
        (steps["to"] - steps["from"]).tolist()
    )
    against = [bar.get_hatch() is not None for bar in bars[:-1]]
    assert against == (steps["bits"].iloc[:-1] < 0).tolist()
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert not set(names) & set(steps["evidence"]) - {"device", "account"}
    with pytest.raises(ParameterError, match="bits"):
        waterfall(steps.drop(columns="bits"), lang=lang)
    with pytest.raises(ParameterError, match="bar"):
        waterfall(steps, lang=lang, bar=1.0)


def test_the_curve_is_drawn(links: Links, uploader: pd.Series) -> None:
    curve = pair_roc(links, uploader)
    ax = draw_roc(curve)
    line = ax.lines[0]
    assert line.get_ydata().max() == pytest.approx(curve["found"].iloc[-2])
    assert f"{curve['area'].iloc[-1]:.3f}" in ax.get_title()
    with pytest.raises(ParameterError, match="found"):
        draw_roc(curve.drop(columns="found"))
