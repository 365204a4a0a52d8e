"""The parts of the page after the map: habits, replay, what was left out, what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.briefing import charts
from crimeloc.briefing.case import Case
from crimeloc.briefing.sections import esc, section, table
from crimeloc.briefing.words import Words
from crimeloc.provenance import VERSION, Input, Provenance

__all__ = [
    "habits",
    "left_out",
    "made",
    "replay_figures",
    "replay_section",
    "score",
    "score_head",
]


def habits(case: Case, words: Words, week: NDArray[np.float64]) -> str:
    """Give the week clock and, where single uploads are told, the timeline of the series."""
    once = case.located.drop_duplicates("event_id")
    weight = np.ones(len(once))
    if "series_weight" in once.columns:
        weight = once["series_weight"].fillna(1.0).to_numpy(dtype=np.float64)
    withheld = bool(np.isnan(week).any())
    week = np.nan_to_num(week, nan=0.0)
    clock = charts.as_svg(charts.week_clock(week, words), "clock")
    hours = [str(hour) for hour in range(24)]
    rows = [
        [esc(words(f"weekday.{day}")), *(esc(words.number(float(n), 1)) if n else "" for n in row)]
        for day, row in enumerate(week)
    ]
    numbers = table([words("chart.weekday"), *hours], rows, label=words("clock"))
    note = words("clock.note", n=words.number(float(case.counts["used"])))
    line = ""
    if withheld:
        note += " " + words("clock.withheld")
    else:
        drawn = charts.as_svg(charts.timeline(once, weight, case.at, words), "timeline")
        line = _figure(drawn, words("timeline"), words("timeline.note"))
    missing = "" if charts.font()[1] else f'<p class="cl-note">{esc(words("no_font"))}</p>'
    body = (
        f'<div class="cl-even">{_figure(clock, words("clock"), note)}'
        f"{line}</div>"
        f"<details><summary>{esc(words('chart.numbers'))}</summary>{numbers}</details>{missing}"
    )
    return section("habits", words("habits"), body)


def replay_figures(replay: Any) -> tuple[float, float, int] | None:
    """Give hit rate of the ranker, of the best naive baseline, and the k they are for."""
    scores = _scores(replay)
    if scores is None:
        return None
    columns = [c for c in scores.columns if str(c).startswith("hit@")]
    if not columns or len(scores) < 2:
        return None
    column = "hit@10" if "hit@10" in columns else columns[-1]
    ours = float(scores[column].iloc[0])
    return ours, float(scores[column].iloc[1:].max()), int(str(column)[4:])


def replay_section(replay: Any, words: Words) -> str:
    """Give the scores beside the naive baselines, and the reliability."""
    scores = _scores(replay)
    if scores is None:
        return ""
    known = [column for column in scores.columns if score_head(str(column), words)]
    known = [column for column in known if scores[column].notna().any()]
    heads = [words("replay.method"), *(score_head(str(column), words) for column in known)]
    rows = [
        [esc(words.method(str(name))), *(esc(score(str(c), row[c], words)) for c in known)]
        for name, row in scores.iterrows()
    ]
    body = f'<p class="cl-why">{esc(words("replay.note"))}</p>'
    scored = table(heads, rows, numbers=range(1, len(heads)), label=words("replay.scores"))
    body += f'<div class="cl-scores">{scored}</div>'
    bins = _reliability(replay, [str(name) for name in scores.index], words)
    if bins is not None and len(bins):
        drawing = charts.as_svg(charts.reliability(bins, words), "reliability")
        note = words("replay.reliability.note")
        figure = _figure(drawing, words("replay.reliability"), note, "cl-small")
        body = f'<div class="cl-two"><div>{body}</div>{figure}</div>'
    return section("replay", words("replay"), body)


def left_out(
    case: Case,
    words: Words,
    rejected: Mapping[str, pd.DataFrame] | None,
    venues: pd.DataFrame,
    notes: Sequence[str],
) -> str:
    """Give what was rejected, what could not be located, and what was assumed."""
    counts = case.counts
    number = words.number
    items = []
    if counts["later"]:
        items.append(words("left.later", n=number(counts["later"])))
    if counts["unplaced"]:
        unplaced, used = number(counts["unplaced"]), number(counts["used"])
        items.append(words("left.unplaced", n=unplaced, all=used))
    items.append(words("left.uncertain", n=number(counts["certain"])))
    if not counts["outside"] <= 0.05:
        items.append(words("left.outside", n=number(counts["outside"], 1)))
    if len(case.series) > 1:
        items.append(words("left.pooled", n=number(len(case.series))))
    if case.series:
        items.append(words("left.membership"))
    unknown = (
        int(venues["opening_hours"].isna().sum()) if "opening_hours" in venues else len(venues)
    )
    if unknown:
        items.append(words("left.hours", n=number(unknown), all=number(len(venues))))
    items += [words("left.future"), *notes]
    listed = "".join(f"<li>{esc(item)}</li>" for item in items)
    body = f'<div class="cl-even"><div>{_rejected(words, rejected)}{_how(case, words)}</div>'
    body += f'<ul class="cl-list">{listed}</ul></div>'
    return section("left", words("left"), body)


def made(
    case: Case,
    words: Words,
    records: Sequence[Provenance],
    inputs: Sequence[Input],
    page: str,
) -> str:
    """Give what made this page: inputs with their hashes, versions, parameters, moment, seed."""
    pairs: list[tuple[str, str]] = [
        (esc(words("made.version")), esc(f"crimeloc {VERSION}")),
        (esc(words("made.at")), esc(case.at.isoformat())),
    ]
    seen: dict[str, Input] = {}
    for item in (*inputs, *(item for record in records for item in record.inputs)):
        seen.setdefault(item.sha256, item)
    for item in seen.values():
        text = f'SHA-256 <span class="cl-hash">{esc(item.sha256)}</span>'
        if item.n_rows is not None:
            text += f" · {esc(words('made.rows', n=words.number(item.n_rows)))}"
        if item.n_rejected:
            text += f" · {esc(words('made.rejected', n=words.number(item.n_rejected)))}"
        pairs.append((esc(words("made.input", name=item.name)), text))
    if not seen:
        pairs.append((esc(words("made.input", name="")), esc(words("made.noinput"))))
    for record in records:
        pairs.append((esc(words("made.method")), esc(record.method)))
        details = [
            (words("made.seed"), record.seed),
            (words("made.in"), None if record.n_in is None else words.number(record.n_in)),
            (words("made.out"), None if record.n_out is None else words.number(record.n_out)),
            (
                words("made.parameters"),
                ", ".join(f"{key}={value}" for key, value in record.parameters.items()) or None,
            ),
        ]
        pairs += [(esc(name), esc(value)) for name, value in details if value is not None]
    pairs.append((esc(words("made.page")), esc(page)))
    pairs.append((esc(words("made.map")), esc(words("made.map.text"))))
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{text}</td></tr>' for name, text in pairs)
    return section("made", words("made"), f'<table class="cl-prov"><tbody>{rows}</tbody></table>')


def _figure(drawing: str, name: str, note: str, kind: str = "") -> str:
    label = esc(f"{name}. {note}")
    return (
        f'<figure class="{kind}"><h3>{esc(name)}</h3>'
        f'<div role="img" aria-label="{label}">{drawing}</div>'
        f"<figcaption>{esc(note)}</figcaption></figure>"
    )


def _scores(replay: Any) -> pd.DataFrame | None:
    scores = getattr(replay, "scores", None)
    scores = scores() if callable(scores) else scores
    if not isinstance(scores, pd.DataFrame) or not len(scores):
        return None
    return scores.set_index("method") if "method" in scores.columns else scores


def _reliability(replay: Any, methods: Sequence[str], words: Words) -> pd.DataFrame | None:
    """Give the bins of the ranker and of the baselines beside it, two at most."""
    ask = getattr(replay, "reliability", None)
    if not callable(ask):
        return None
    found = []
    for method in methods[:3]:
        bins = ask(method)
        if isinstance(bins, pd.DataFrame) and {"forecast", "happened"} <= set(bins.columns):
            found.append(bins.assign(method=words.method(method)))
    return pd.concat(found, ignore_index=True) if found else None


def score_head(column: str, words: Words) -> str:
    """Give the words above a column of scores; nothing for one that is not shown."""
    name, _, k = column.partition("@")
    key = f"score.{name}"
    if name == "capture" and k != "10":
        return ""
    return words(key, k=k) if key in words.texts else ""


def score(column: str, value: Any, words: Words) -> str:
    """Give a score as text."""
    number = float(value)
    if column.partition("@")[0] in ("hit", "capture", "coverage", "ece_1%"):
        return words.percent(number)
    return words.number(number, 1 if column == "n" else 2)


def _rejected(words: Words, rejected: Mapping[str, pd.DataFrame] | None) -> str:
    if rejected is None:
        return f"<p>{esc(words('left.rejected.unknown'))}</p>"
    counted = {name: _tally(part) for name, part in rejected.items()}
    total = sum(float(part["n"].sum(skipna=False)) for part in counted.values())
    if total == 0:
        return f"<p>{esc(words('left.rejected.none'))}</p>"
    rows = []
    for name, part in counted.items():
        for reason, count, lines in zip(part["reason"], part["n"], part["rows"], strict=True):
            where = ", ".join(str(line) for line in lines[:8])
            if len(lines) > 8:
                where += " " + words("left.more", n=words.number(len(lines) - 8))
            rows.append([esc(name), esc(reason), esc(words.number(float(count))), esc(where)])
    heads = [words(f"left.{key}") for key in ("table", "reason", "count", "where")]
    caption = words("left.rejected", n=words.number(total))
    return table(heads, rows, caption=caption, numbers=(2,))


def _tally(part: pd.DataFrame) -> pd.DataFrame:
    """Count rejected rows by reason; a table that counts already is taken as it is."""
    if "n" in part.columns:
        return part.assign(rows=pd.Series([[] for _ in range(len(part))], dtype="object"))
    found: list[tuple[str, float, list[Any]]] = []
    for reason, group in part.groupby("reason", sort=True) if len(part) else ():
        lines = group["source_row"].tolist() if "source_row" in group.columns else []
        found.append((str(reason), float(len(group)), lines))
    return pd.DataFrame(found, columns=["reason", "n", "rows"])


def _how(case: Case, words: Words) -> str:
    """Give the judgements of locating with their counts: each event once, by its best row."""
    if "how" not in case.located.columns or not len(case.located):
        return ""
    best = case.located.sort_values(
        ["weight", "event_id", "venue_id"], ascending=[False, True, True]
    )
    best = best.drop_duplicates("event_id")
    tally = best["how"].fillna("–").astype("str").value_counts().rename_axis("how")
    tally = tally.reset_index().sort_values(["count", "how"], ascending=[False, True]).head(12)
    rows = [
        [esc(name), esc(words.number(int(n)))]
        for name, n in zip(tally["how"], tally["count"], strict=True)
    ]
    heads = [words("col.how"), words("fact.uploads")]
    return table(heads, rows, caption=words("left.how"), numbers=(1,))
