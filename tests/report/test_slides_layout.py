"""Slides as they are seen: no words past their box, no box over another, Korean letters Korean."""

from __future__ import annotations

import importlib.util
import sys
from itertools import combinations
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

pptx = pytest.importorskip("pptx")


@pytest.fixture(scope="module")
def boxes():
    """The module `slide_boxes.py` beside this file."""
    path = Path(__file__).with_name("slide_boxes.py")
    spec = importlib.util.spec_from_file_location("slide_boxes", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["slide_boxes"] = module
    spec.loader.exec_module(module)
    return module.boxes


def crowded(cases, lang, level):
    """A briefing with long names, many reasons and notes."""
    venues = cases.city().venues.copy()
    venues["name"] = [f"{name} 강남역 11번 출구 앞 지하 1층 본점" for name in venues["name"]]
    return cases.full_case(lang, venues=venues, level=level)


@pytest.mark.parametrize("level", ["briefing", "disclosure"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nothing_runs_over_and_nothing_lies_over(boxes, cases, lang, level, tmp_path):
    (path,) = crowded(cases, lang, level).export(tmp_path / "case.pptx")
    slides = list(pptx.Presentation(str(path)).slides)
    assert len(slides) >= 10
    for number, slide in enumerate(slides, start=1):
        found = boxes(slide)
        assert found
        for box in found:
            assert box.bottom <= 540 + 0.5, (number, box.kind, box.lines[:1])
            assert box.right <= 960 + 0.5, (number, box.kind)
            if box.kind == "text":
                assert box.bottom <= box.room + 2, (number, box.lines[0], box.bottom, box.room)
        for a, b in combinations(found, 2):
            wide = min(a.right, b.right) - max(a.left, b.left)
            high = min(a.bottom, b.bottom) - max(a.top, b.top)
            assert wide <= 1 or high <= 1, (number, a.kind, a.lines[:1], b.kind, b.lines[:1])


def test_korean_letters_have_a_korean_font_and_a_language(cases, tmp_path):
    (path,) = cases.full_case("ko").export(tmp_path / "case.pptx")
    for slide in pptx.Presentation(str(path)).slides:
        for run in slide._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}r"):
            east = run.find(".//{http://schemas.openxmlformats.org/drawingml/2006/main}ea")
            assert east is not None
            assert east.get("typeface") == "맑은 고딕"
