"""The part of the page that holds the forecast against the past: scores, calibration, capture."""

from __future__ import annotations

from crimeloc.messages.translator import Translator
from crimeloc.report import drawings
from crimeloc.report.content import Content
from crimeloc.report.markup import chart, esc, section, text_table
from crimeloc.report.sentences import backtest_told, reliability_note
from crimeloc.report.text_tables import capture_table, reliability_table, score_table

__all__ = ["backtest_section"]


def backtest_section(content: Content, voice: Translator) -> str:
    """Give the scores beside the naive baselines, the calibration, and what hours would buy."""
    if content.backtest is None:
        return ""
    scored = text_table(score_table(content.backtest, voice), label=voice("backtest.scores"))
    told = "".join(f"<li>{esc(text)}</li>" for text in backtest_told(content, voice))
    body = f'<ul class="cl-story">{told}</ul>' if told else ""
    body += (
        f'<p class="cl-why">{esc(voice("backtest.note"))}</p><div class="cl-scores">{scored}</div>'
    )
    drawn = ""
    bins = drawings.reliability_bins(content)
    if bins is not None:
        note = reliability_note(drawings.is_counted(bins), voice)
        ax, numbers = drawings.reliability(bins, voice), reliability_table(bins, voice)
        drawn += chart(ax, "backtest.reliability", note, numbers, voice)
    captures = drawings.captures_of(content)
    if captures is not None and len(captures):
        note = voice("backtest.capture.note")
        ax, numbers = drawings.capture(captures, voice), capture_table(captures, voice)
        drawn += chart(ax, "backtest.capture", note, numbers, voice)
    if drawn:
        body += f'<div class="cl-even cl-charts">{drawn}</div>'
    return section("backtest", voice("backtest"), body)
