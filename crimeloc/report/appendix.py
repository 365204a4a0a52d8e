"""The parts of the page after the map: habits, what was left out, what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crimeloc.messages.words import Words
from crimeloc.plotting import charts, fonts
from crimeloc.plotting.forecast_charts import week_strip
from crimeloc.plotting.forecast_summary import ForecastSummary
from crimeloc.provenance import VERSION, Input, Provenance
from crimeloc.report.sections import esc, figure, numbers_of, section, table
from crimeloc.report.source_rows import Evidence, spans

__all__ = ["habits", "left_out", "made"]


def habits(case: ForecastSummary, words: Words, week: NDArray[np.float64]) -> str:
    """Give the week clock, the timeline where single uploads are told, and the week ahead."""
    withheld, with_gaps = bool(np.isnan(week).any()), week
    week = np.nan_to_num(week, nan=0.0)
    clock = charts.as_svg(charts.week_clock(week, words), "clock")
    hours = [str(hour) for hour in range(24)]
    rows = [
        [esc(words(f"weekday.{day}")), *(esc(words.number(float(n), 1)) if n else "" for n in row)]
        for day, row in enumerate(week)
    ]
    numbers = numbers_of(words, [words("chart.weekday"), *hours], rows, words("clock"))
    note = words("clock.note", n=words.number(float(case.counts["used"])))
    if withheld:
        note += " " + words("clock.withheld")
    drawn = figure(clock, words("clock"), note, extra=numbers)
    if len(case.located):
        drawn += _timeline(case, words)
    body = f'<div class="cl-even cl-charts">{drawn}</div>' + _strip(case, words, with_gaps)
    if not fonts.font()[1]:
        body += f'<p class="cl-note">{esc(words("no_font"))}</p>'
    return section("habits", words("habits"), body)


def _timeline(case: ForecastSummary, words: Words) -> str:
    once = case.located.drop_duplicates("event_id")
    weight = np.ones(len(once))
    if "series_weight" in once.columns:
        weight = once["series_weight"].fillna(1.0).to_numpy(dtype=np.float64)
    drawn = charts.as_svg(charts.timeline(once, weight, case.at, words), "timeline")
    heights, width = charts.over_time(once, weight, case.at)
    rows = [
        [
            esc(words.day(case.at - pd.Timedelta(days=(step + 1) * width), year=True)),
            esc(words.number(float(height), 1)),
        ]
        for step, height in reversed(list(enumerate(heights)))
    ]
    heads = [words("chart.when"), words("chart.uploads")]
    numbers = numbers_of(words, heads, rows, words("timeline"))
    return figure(drawn, words("timeline"), words("timeline.note"), extra=numbers)


def _strip(case: ForecastSummary, words: Words, week: NDArray[np.float64]) -> str:
    if not len(case.windows) or "share" not in case.windows.columns:
        return ""
    strip = week_strip(week, case.windows, words, case.tz)
    rows = [
        [
            esc(words.window(row["window_start"], row["window_end"])),
            esc(words.percent(float(row["share"]))),
        ]
        for _, row in case.windows.iterrows()
    ]
    heads = [words("strip.window"), words("strip.share")]
    numbers = numbers_of(words, heads, rows, words("strip"))
    drawn = charts.as_svg(strip, "strip")
    return figure(drawn, words("strip"), words("strip.note"), "cl-strip", numbers)


def left_out(
    case: ForecastSummary,
    words: Words,
    rejected: Mapping[str, pd.DataFrame] | None,
    venues: pd.DataFrame,
    notes: Sequence[str],
    behind: Evidence,
) -> str:
    """Give what was rejected, what could not be located, and what was assumed."""
    counts = case.counts
    number = words.number
    items: list[str] = []
    linked: dict[int, str] = {}
    if counts["later"]:
        items.append(words("left.later", n=number(counts["later"])))
    if counts["unplaced"]:
        unplaced, used = number(counts["unplaced"]), number(counts["used"])
        linked[len(items)] = "rows-unplaced"
        items.append(words("left.unplaced", n=unplaced, all=used))
    linked[len(items)] = "rows-spread"
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
    listed = "".join(
        f"<li>{behind.group(linked.get(place, ''), item)}</li>" for place, item in enumerate(items)
    )
    body = f'<div class="cl-even"><div>{_rejected(words, rejected)}{_how(case, words)}</div>'
    body += f'<ul class="cl-list">{listed}</ul></div>'
    return section("left", words("left"), body)


def made(
    case: ForecastSummary,
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
        pairs.append((esc(words("made.method")), esc(words.made_by(record.method))))
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
            told = [words.table(name), words.reason(reason), words.number(float(count))]
            rows.append([*map(esc, told), _where(lines, words)])
    heads = [words(f"left.{key}") for key in ("table", "reason", "count", "where")]
    caption = words("left.rejected", n=words.number(total))
    return table(heads, rows, caption=caption, numbers=(2,))


def _where(lines: Sequence[Any], words: Words) -> str:
    """Give the first row numbers, and all of them folded where there are more."""
    short = spans(lines, 8)
    if not short.endswith("..."):
        return esc(short)
    every = esc(spans(lines, 2_000))
    return (
        f"{esc(short)}<details><summary>{esc(words('left.where.all'))}</summary>{every}</details>"
    )


def _tally(part: pd.DataFrame) -> pd.DataFrame:
    """Count rejected rows by reason; a table that counts already is taken as it is."""
    if "n" in part.columns:
        return part.assign(rows=pd.Series([[] for _ in range(len(part))], dtype="object"))
    found: list[tuple[str, float, list[Any]]] = []
    for reason, group in part.groupby("reason", sort=True) if len(part) else ():
        lines = group["source_row"].tolist() if "source_row" in group.columns else []
        found.append((str(reason), float(len(group)), lines))
    return pd.DataFrame(found, columns=["reason", "n", "rows"])


def _how(case: ForecastSummary, words: Words) -> str:
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
        [esc(words.how(str(name))), esc(words.number(int(n)))]
        for name, n in zip(tally["how"], tally["count"], strict=True)
    ]
    heads = [words("col.how"), words("fact.uploads")]
    return table(heads, rows, caption=words("left.how"), numbers=(1,))
