"""The sentences of a briefing, in plain text: the page, paper and slides say the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from crimeloc.messages.translator import Translator
from crimeloc.plotting.forecast_summary import reasons, telling_k
from crimeloc.provenance import VERSION, Input, Provenance
from crimeloc.report.content import BacktestSummary, Content

__all__ = [
    "Figure",
    "Lead",
    "LeftOut",
    "answer_note",
    "backtest_figures",
    "backtest_told",
    "clock_note",
    "key_figures",
    "lead",
    "left_out",
    "level_told",
    "made",
    "past_told",
    "rejected_total",
    "reliability_note",
    "subtitle",
    "why_slot",
    "why_venue",
]


LIKELY, FEWEST = 0.05, 20
"""Chances that are judged in words, and how many of them there must be."""


class Lead(NamedTuple):
    """What comes first.

    Parameters
    ----------
    headline : str
        The answer.
    slot : str
        The likeliest slot and the chance of a place outside the register; empty where there is
        none.
    caution : str
        What the ranker holds against its own forecast; empty where it holds nothing.
    story : tuple of str
        What changed and what keeps.
    limits : str
        What a forecast is not.
    """

    headline: str
    slot: str
    story: tuple[str, ...]
    caution: str
    limits: str


class Figure(NamedTuple):
    """A number with its name and note, and the part of the page that is behind it."""

    name: str
    value: str
    note: str
    behind: str


class LeftOut(NamedTuple):
    """A sentence on what was left out or assumed, and the group of rows behind it."""

    text: str
    behind: str = ""


def subtitle(content: Content, voice: Translator) -> str:
    """Give what it is about: series, moment, horizon, zone."""
    summary = content.summary
    about = [
        voice("sub.at", at=voice.moment(summary.at)),
        voice("sub.until", until=voice.moment(summary.until)),
        voice("sub.zone", tz=summary.tz),
    ]
    if len(summary.series) == 1:
        about.insert(0, voice("sub.series", names=summary.series[0]))
    elif summary.series:
        about.insert(0, voice("sub.many", n=len(summary.series)))
    return " · ".join(about)


def level_told(content: Content, voice: Translator) -> str:
    """Give what the level of disclosure shows."""
    return voice(f"level.{content.level}", threshold=content.threshold)


def lead(content: Content, voice: Translator) -> Lead:
    """Give the headline, the likeliest slot, the ranker's own caution, and what it is not."""
    summary = content.summary
    story = (*(change.text for change in content.changes), *content.habits)
    if not (len(summary.venues) and len(summary.slots)):
        return Lead(voice("headline.none"), "", story, _caution(content, voice), voice("limits"))
    venue, slot = summary.venues.iloc[0], summary.slots.iloc[0]
    headline = voice(
        "headline",
        until=voice.moment(summary.until),
        venue=venue["name"],
        p=voice.percent(float(venue["probability"])),
    )
    when = voice.window(slot["window_start"], slot["window_end"])
    chance = voice.percent(float(slot["probability"]))
    likeliest = voice("headline.slot", window=when, venue=slot["name"], p=chance)
    away = voice("headline.elsewhere", p=voice.percent(summary.elsewhere["share"]))
    said = _caution(content, voice)
    return Lead(headline, f"{likeliest} {away}", story, said, voice("limits"))


def _caution(content: Content, voice: Translator) -> str:
    return "" if content.caution is None else content.caution or voice("abstain.level")


def key_figures(content: Content, voice: Translator) -> list[Figure]:
    """Give four figures: uploads, those expected, what the top list holds, how it fared."""
    summary, number = content.summary, voice.number
    counts, top = summary.counts, content.settings.top
    days = (summary.until - summary.at) / pd.Timedelta(days=1)
    placed, unplaced = number(float(counts["placed"])), number(float(counts["unplaced"]))
    every, k = number(len(summary.venues)), telling_k(len(summary.venues), top)
    used = voice("fact.uploads.note", placed=placed, unplaced=unplaced)
    ahead = voice("fact.expected.note", days=voice.duration(86_400 * days))
    cells = [
        Figure(voice("fact.uploads"), number(float(counts["used"])), used, "rows"),
        Figure(voice("fact.expected"), number(summary.expected, 1), ahead, "answer"),
    ]
    if k and "share" in summary.venues:
        held = voice.percent(float(summary.venues["share"].head(k).sum()))
        note = voice("fact.top.note", n=every)
        cells.append(Figure(voice("fact.top", n=k), held, note, "answer"))
    else:
        away = voice.percent(summary.elsewhere["share"])
        note = voice("fact.elsewhere.note", n=every)
        cells.append(Figure(voice("fact.elsewhere"), away, note, "answer"))
    fared = backtest_figures(content.backtest, len(summary.venues))
    if fared is None:
        note = voice("fact.nobacktest.note")
        cells.append(Figure(voice("fact.nobacktest"), voice("fact.nobacktest.value"), note, ""))
    else:
        ours, naive, at_k = fared
        note = voice("fact.backtest.note", p=voice.percent(naive))
        cells.append(Figure(voice("fact.backtest", n=at_k), voice.percent(ours), note, "backtest"))
    return cells


def backtest_figures(
    backtest: BacktestSummary | None, venues: int
) -> tuple[float, float, int] | None:
    """Give hit rate of the ranker, of the best naive baseline, and the k they are for.

    The longest list up to ten that is no more than a quarter of the venues; where there are few,
    the shortest there is.
    """
    if backtest is None:
        return None
    scores = backtest.scores
    known = sorted(int(str(c)[4:]) for c in scores.columns if str(c).startswith("hit@"))
    if not known or len(scores) < 2:
        return None
    most = telling_k(venues)
    k = max((k for k in known if k <= most), default=known[0])
    column = f"hit@{k}"
    return float(scores[column].iloc[0]), float(scores[column].iloc[1:].max()), k


def backtest_told(content: Content, voice: Translator) -> list[str]:
    """Say of what the backtest is, whether chances were as said, and what hours would have met."""
    backtest = content.backtest
    if backtest is None:
        return []
    told = [_scope(backtest.series, content.summary.series, voice)]
    told += [_sureness(backtest, voice), _captured(backtest, voice)]
    return [text for text in told if text]


def _scope(tested: tuple[str, ...], shown: tuple[str, ...], voice: Translator) -> str:
    if not tested or len(shown) != 1:
        return ""
    if tested == shown:
        return voice("backtest.scope.one")
    return voice(f"backtest.scope.{'with' if shown[0] in tested else 'without'}", n=len(tested))


def _sureness(backtest: BacktestSummary, voice: Translator) -> str:
    """Hold what was said to have a chance of 5 % or more against what happened."""
    bins = backtest.reliability.get(str(backtest.scores.index[0]))
    if bins is None or "n" not in bins.columns:
        return ""
    likely = bins[(bins["forecast"] >= LIKELY) & (bins["n"] > 0)]
    n = float(likely["n"].sum())
    if n < FEWEST:
        return ""
    said = float((likely["n"] * likely["forecast"]).sum())
    came = float((likely["n"] * likely["happened"]).sum())
    spread = float((likely["n"] * likely["forecast"] * (1 - likely["forecast"])).sum()) ** 0.5
    judged = "right" if abs(came - said) <= 2 * spread else "sure" if came < said else "shy"
    figures = {"n": voice.number(n), "p": voice.percent(LIKELY)}
    figures |= {"said": voice.percent(said / n), "came": voice.percent(came / n)}
    return f"{voice('backtest.said', **figures)} {voice(f'backtest.judged.{judged}')}"


def _captured(backtest: BacktestSummary, voice: Translator) -> str:
    """Say what one week's hours would have met, beside the best naive baseline."""
    table = backtest.captures
    if table is None or not len(table):
        return ""
    ranker = str(backtest.scores.index[0])
    ours = table[table["method"] == ranker]
    if not len(ours):
        return ""
    row = ours.iloc[int((ours["officer_hours"] - 40).abs().to_numpy().argmin())]
    rest = table[(table["method"] != ranker) & (table["slots"] == row["slots"])]
    figures = {
        "slots": voice.number(float(row["slots"])),
        "hours": voice.number(float(row["officer_hours"]), 1),
        "p": voice.percent(float(row["capture"])),
    }
    if not len(rest):
        return voice("backtest.met", **figures)
    best = rest.iloc[int(rest["capture"].to_numpy().argmax())]
    naive = {
        "method": voice.method(str(best["method"])),
        "q": voice.percent(float(best["capture"])),
    }
    return voice("backtest.met.naive", **figures, **naive)


def why_venue(content: Content, row: pd.Series, voice: Translator, most: int = 3) -> str:
    """Say what speaks for a venue: what the series did before, or which explanations."""
    return content.reasons.venues.get(str(row["venue_id"])) or _parts_told(row, voice, most)


def why_slot(content: Content, row: pd.Series, voice: Translator, most: int = 2) -> str:
    """Say what speaks for a slot: what the series did before, or which explanations."""
    key = (str(row["venue_id"]), row["window_start"])
    return content.reasons.slots.get(key) or _parts_told(row, voice, most)


def _parts_told(row: pd.Series, voice: Translator, most: int) -> str:
    """Say which explanations speak for a row, and for how much of it."""
    return voice("and").join(
        voice("why.part", name=voice.expert(name), p=voice.percent(part))
        for name, part in reasons(row, most)
    )


def past_told(content: Content, row: pd.Series, voice: Translator) -> str:
    """Say how many uploads there were at a venue, as far as that is told."""
    said = str(row["venue_id"]) in content.reasons.venues  # the last one among them
    if pd.isna(row["n"]) or (row["n"] > 0 and (said or pd.isna(row["last"]))):
        return voice("tip.past", n=voice.number(float(row["n"]), 1))
    if row["n"] > 0:
        last = voice.day(row["last"], year=True)
        return voice("why.past", n=voice.number(float(row["n"]), 1), last=last)
    return voice("why.never")


def answer_note(content: Content, voice: Translator) -> str:
    """Give what the columns of the answer mean, and what a fraction of an upload is."""
    counts = content.summary.venues["n"].head(content.settings.top)
    parts = bool(((counts % 1) > 1e-9).any())
    return voice("answer.note") + (" " + voice("answer.fractions") if parts else "")


def clock_note(content: Content, voice: Translator) -> str:
    """Give what stands below the week clock."""
    text = voice("clock.note", n=voice.number(float(content.summary.counts["used"])))
    if content.level == "disclosure":
        text += " " + voice("clock.withheld")
    return text


def reliability_note(counted: bool, voice: Translator) -> str:
    """Give what stands below the chart of the bins, with their counts or without."""
    return voice("backtest.calibration.note" if counted else "backtest.reliability.note")


def left_out(content: Content, voice: Translator) -> list[LeftOut]:
    """Give what could not be located, what was left out, and what was assumed."""
    summary, counts, number = content.summary, content.summary.counts, voice.number
    items = []
    if counts["later"]:
        items.append(LeftOut(voice("left.later", n=number(float(counts["later"])))))
    if counts["unplaced"]:
        unplaced, used = number(float(counts["unplaced"])), number(float(counts["used"]))
        text = voice("left.unplaced", n=unplaced, all=used)
        items.append(LeftOut(text, "rows-unplaced"))
    certain = number(float(counts["certain"]))
    items.append(LeftOut(voice("left.uncertain", n=certain), "rows-spread"))
    if not counts["outside"] <= 0.05:
        items.append(LeftOut(voice("left.outside", n=number(float(counts["outside"]), 1))))
    if len(summary.series) > 1:
        items.append(LeftOut(voice("left.pooled", n=number(len(summary.series)))))
    if summary.series:
        items.append(LeftOut(voice("left.membership")))
    hours, every = content.register.get("opening_hours"), len(content.register)
    unknown = every if hours is None else int(hours.isna().sum())
    if unknown:
        items.append(LeftOut(voice("left.hours", n=number(unknown), all=number(every))))
    notes = [*content.notes, *(content.backtest.notes if content.backtest else ())]
    return [*items, LeftOut(voice("left.future")), *map(LeftOut, notes)]


def rejected_total(rejected: Mapping[str, pd.DataFrame] | None, voice: Translator) -> str:
    """Give how many rows of the input could not be read."""
    if rejected is None:
        return voice("left.rejected.unknown")
    total = sum(
        float(part["n"].sum(skipna=False)) if "n" in part.columns else float(len(part))
        for part in rejected.values()
    )
    return voice("left.rejected", n=voice.number(total)) if total else voice("left.rejected.none")


def made(content: Content, voice: Translator) -> list[tuple[str, str]]:
    """Give versions, moment, inputs with their digests, and methods with their parameters."""
    pairs = [
        (voice("made.version"), f"crimeloc {VERSION}"),
        (voice("made.at"), content.summary.at.isoformat()),
    ]
    files: dict[str, Input] = {}
    for item in (*content.inputs, *(item for record in content.records for item in record.inputs)):
        files.setdefault(item.sha256, item)
    pairs += [(voice("made.input", name=item.name), _file(item, voice)) for item in files.values()]
    if not files:
        pairs.append((voice("made.input", name=""), voice("made.noinput")))
    for record in content.records:
        pairs += _record(record, voice)
    return pairs


def _file(item: Input, voice: Translator) -> str:
    text = f"SHA-256 {item.sha256}"
    if item.n_rows is not None:
        text += f" · {voice('made.rows', n=voice.number(item.n_rows))}"
    if item.n_rejected:
        text += f" · {voice('made.rejected', n=voice.number(item.n_rejected))}"
    return text


def _record(record: Provenance, voice: Translator) -> list[tuple[str, str]]:
    parameters = ", ".join(f"{key}={value}" for key, value in record.parameters.items())
    pairs = [(voice("made.method"), voice.made_by(record.method))]
    if record.seed is not None:
        pairs.append((voice("made.seed"), str(record.seed)))
    for key, count in (("made.in", record.n_in), ("made.out", record.n_out)):
        if count is not None:
            pairs.append((voice(key), voice.number(count)))
    return [*pairs, (voice("made.parameters"), parameters)] if parameters else pairs
