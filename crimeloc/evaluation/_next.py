"""The protocol `next`: each event predicted from the events before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.errors import ParameterError
from crimeloc.evaluation._forecast import SET_LEVEL
from crimeloc.evaluation._pieces import Array, Block, Chunk, Options, Sums, no_rows
from crimeloc.evaluation.baselines import Baseline
from crimeloc.evaluation.calibration import bin_sums
from crimeloc.events import event_times
from crimeloc.messages import Message
from crimeloc.tables import ELSEWHERE
from crimeloc.units import spans, to_timestamps

HOUR_US = 3_600_000_000

PAIRS = 10
"""How many of the best venues of each event enter the reliability table."""

COLUMNS = ["method", "series_id", "timestamp", "event_id", "venue_id", "weight", "rank_true"]
COLUMNS += ["p_true", "p_squared", "covered", "held", "set_size"]


def run_next(blocks: list[Block], chunk: Chunk, options: Options) -> tuple[pd.DataFrame, Sums]:
    answers: dict[str, list[pd.DataFrame]] = {}
    questions: dict[str, list[pd.DataFrame]] = {}
    for block in blocks:
        inside = (chunk.wanted_times >= block.first) & (chunk.wanted_times < block.stop)
        wanted = chunk.wanted[inside].reset_index(drop=True)
        if not len(wanted):
            continue
        for name, ranker in block.rankers:
            if isinstance(ranker, Baseline):
                past, truth = chunk.past.before(block.stop), chunk.truth.between(*_span(block))
                answered = ranker.predict_past(past, truth, given_window=options.given_window)
            else:
                seen = chunk.located[chunk.times < block.stop].reset_index(drop=True)
                answered = _ask_next(ranker, seen, wanted, options)
            answers.setdefault(name, []).append(answered)
            questions.setdefault(name, []).append(wanted)
    frames: list[pd.DataFrame] = []
    bins: Sums = {}
    for name, answers_all in answers.items():
        answered = pd.concat(answers_all, ignore_index=True)
        rows, sums = _note_next(name, answered, pd.concat(questions[name], ignore_index=True))
        bins[name] = np.stack([sums, np.zeros_like(sums)])
        frames.append(rows)
    return (pd.concat(frames, ignore_index=True) if frames else no_rows(COLUMNS)), bins


def _span(block: Block) -> tuple[int, int]:
    return block.first, block.stop


def _ask_next(
    ranker: Any, located: pd.DataFrame, wanted: pd.DataFrame, options: Options
) -> pd.DataFrame:
    if not callable(getattr(ranker, "predict_next", None)):
        return _ask_rank(ranker, located, wanted, options)
    given = options.given_window
    answered: pd.DataFrame = ranker.predict_next(located, wanted, given_window=given)
    middle = wanted["event_id"].iloc[len(wanted) // 2]
    event = wanted[wanted["event_id"] == middle].reset_index(drop=True)
    known = located[event_times(located) <= event_times(event)[0]].reset_index(drop=True)
    again = ranker.predict_next(known, event, given_window=given)
    first = answered.loc[answered["event_id"] == middle, "p_true"].to_numpy(dtype=np.float64)
    if not len(first):
        return answered  # the answers are counted later
    if len(first) != len(again) or not np.allclose(first, again["p_true"], rtol=1e-4, atol=1e-12):
        raise ParameterError(
            "ranker",
            found=Message(
                "a predict_next that says {first} for event {middle} with later events in the table"
                " and {again} without",
                first=first,
                middle=repr(middle),
                again=again["p_true"].tolist(),
            ),
            expected="a forecast from earlier events only",
            hint='located[located["timestamp"] < event["timestamp"]]',
        )
    return answered


def _ask_rank(
    ranker: Any, located: pd.DataFrame, wanted: pd.DataFrame, options: Options
) -> pd.DataFrame:
    """Ask `rank` for each event. The hour given: over that hour; else just after the last event."""
    out: list[dict[str, object]] = []
    times = event_times(located)
    for event_id, event in wanted.groupby("event_id", sort=False):
        moment = int(event_times(event)[0])
        rows = (located["series_id"] == event["series_id"].iloc[0]).to_numpy() & (times < moment)
        just_after, length = int(times[rows].max()) + 1, options.horizon
        at = to_timestamps(np.array([just_after]))[0]
        if options.given_window:
            begin, end = _known_window(event)
            at = to_timestamps(np.array([max(begin, just_after)]))[0]
            length = "1h" if end - begin == HOUR_US else f"{(end - max(begin, just_after))}us"
        seen = located[rows].reset_index(drop=True)
        slots = ranker.rank(seen, at=at, horizon=length).slots
        share = slots.groupby("venue_id", sort=True)["share"].sum()
        chances = share.to_numpy(dtype=np.float64) / max(float(share.sum()), 1e-300)
        ids = share.index.to_numpy(dtype=object)
        out += _from_shares(str(event_id), event, ids, chances)
    return pd.DataFrame(out)


def _known_window(event: pd.DataFrame) -> tuple[int, int]:
    """Give the hour in which the event fell, or the interval where no hour is known."""
    start, end = (int(times[0]) for times in spans(event))
    if end - start > HOUR_US:
        return start, end
    hour = int(event_times(event)[0]) // HOUR_US * HOUR_US
    return hour, hour + HOUR_US


def _from_shares(
    event_id: str, event: pd.DataFrame, ids: NDArray[np.object_], chances: Array
) -> Iterator[dict[str, object]]:
    real = ids != ELSEWHERE
    venues, names = chances[real], ids[real]
    best = np.lexsort((names.astype(str), -venues))[:PAIRS]
    down = np.sort(chances)[::-1]
    size = int(np.searchsorted(np.cumsum(down), SET_LEVEL - 1e-12) + 1)
    place = {str(venue): number for number, venue in enumerate(names)}
    for venue in event["venue_id"]:
        chance = float(venues[place[venue]]) if venue in place else 0.0
        above, equal = int((venues > chance).sum()), int((venues == chance).sum())
        yield {
            "event_id": event_id,
            "venue_id": venue,
            "rank_true": above + (max(equal, 1) + 1) / 2 if venue in place else np.nan,
            "p_true": chance,
            "p_top": venues[best],
            "top": names[best].tolist(),
            "p_squared": float(np.square(chances).sum()),
            "covered": chance >= down[min(size, len(down)) - 1],
            "set_size": size,
        }


def _note_next(
    name: str, answered: pd.DataFrame, wanted: pd.DataFrame
) -> tuple[pd.DataFrame, Array]:
    """Join what was answered with what was asked; nothing may be missing."""
    keys = ["event_id", "venue_id"]
    sure = wanted["series_weight"].fillna(1.0) if "series_weight" in wanted else 1.0
    truth = wanted[["series_id", "timestamp", *keys]].assign(weight=wanted["weight"] * sure)
    answered = answered.drop(columns=["series_id", "timestamp", "weight"], errors="ignore")
    if "venue_id" not in answered.columns:
        if (
            len(answered) == len(wanted)
            and (answered["event_id"].to_numpy() == wanted["event_id"]).all()
        ):
            answered = answered.assign(venue_id=wanted["venue_id"].to_numpy())
        else:  # one answer for each event: its candidates count together
            total = truth.groupby("event_id")["weight"].transform("sum")
            truth = truth.assign(weight=total).drop_duplicates("event_id")
            answered = answered.merge(truth[keys], on="event_id")
    joined = truth.merge(answered, on=keys, how="left", validate="one_to_one")
    if joined["p_true"].isna().any():
        lost = joined.loc[joined["p_true"].isna(), "event_id"]
        found = Message(
            "no answer for {n_lost} of {n_rows} rows, e.g. event {event}",
            n_lost=len(lost),
            n_rows=len(joined),
            event=repr(lost.iloc[0]),
        )
        raise ParameterError(
            "ranker", found=found, expected="an answer for each", hint=f"{name}.predict_next"
        )
    best = [np.asarray(values, dtype=np.float64) for values in joined["p_top"]]
    if "p_squared" not in joined.columns:
        inside = [
            venue in set(top) for venue, top in zip(joined["venue_id"], joined["top"], strict=True)
        ]
        squares = np.array([np.square(values).sum() for values in best])
        joined["p_squared"] = squares + np.where(inside, 0.0, np.square(joined["p_true"]))
    for column in ("covered", "held", "set_size"):
        values = joined[column] if column in joined.columns else np.nan
        joined[column] = pd.Series(values, index=joined.index).astype("float64")
    joined.insert(0, "method", name)
    return joined[COLUMNS], _pairs(joined, best)


def _pairs(joined: pd.DataFrame, best: list[Array]) -> Array:
    """Bins over the best venues of each event; a candidate of weight w happened with w."""
    count = np.array([min(len(values), PAIRS) for values in best], dtype=np.int64)
    chances = np.concatenate([values[:PAIRS] for values in best]) if len(best) else np.zeros(0)
    weights = np.repeat(joined["weight"].to_numpy(dtype=np.float64), count)
    hits = [
        np.array([other == venue for other in list(top)[:PAIRS]], dtype=np.float64)
        for venue, top in zip(joined["venue_id"], joined["top"], strict=True)
    ]
    happened = np.concatenate(hits) if hits else np.zeros(0)
    return bin_sums(np.minimum(chances, 1.0), happened, weights)
