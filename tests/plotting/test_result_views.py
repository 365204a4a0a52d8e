"""One line, one picture: each result draws itself, small, offline and with a text."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest

import crimeloc as cl
from crimeloc import drawing
from crimeloc.errors import ParameterError
from crimeloc.evaluation import last_share
from crimeloc.plotting import view_maps, views
from crimeloc.plotting.map_view import MapView
from crimeloc.plotting.notebook_axes import Canvas
from crimeloc.plotting.offline import requests_in

AT = "2025-11-20 00:00+09:00"
TZ = "Asia/Seoul"


@cache
def results() -> SimpleNamespace:
    """One result of each kind, on a small city."""
    city = cl.make_city(rng=5, days=90, n_venues=25, n_offenders=3, n_background=20)
    located = city.located_truth(offenders_only=True)
    ranking = cl.rank(located, city.venues, at=AT, horizon="3D", window="4h")
    found = {
        "Ranking": ranking,
        "Explanation": ranking.explain(str(ranking.venues["venue_id"].iloc[0])),
        "Backtest": cl.backtest(
            cl.Ranker(), located, city.venues, start=AT, end="2025-11-28 00:00+09:00", n_jobs=1
        ),
        "KnoxResult": cl.knox_test(located, 800, "36h", rng=7, n_permutations=99),
        "NearRepeatTable": cl.near_repeat_table(located, rng=7, n_permutations=99),
        "ScanResult": cl.scan_test(
            located, max_radius_m=3_000, max_duration="14D", n_permutations=19, rng=7
        ),
        "Profile": cl.profile_anchor(located, city.venues, cells=60),
        "Links": cl.link_events(located.drop(columns="series_id")),
    }
    return SimpleNamespace(city=city, located=located, **found)


def classes() -> dict[str, type]:
    """Give every class of the house by its name."""
    found = {}
    for info in pkgutil.walk_packages(cl.__path__, "crimeloc."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, kind in vars(module).items():
            if inspect.isclass(kind) and kind.__module__ == info.name:
                found[name] = kind
    return found


DRAWN = {
    "Explanation": {"plot": views.explanation_plot},
    "KnoxResult": {"plot": views.knox_plot},
    "Links": {"plot": views.links_plot},
    "NearRepeatTable": {"plot": views.near_repeat_plot},
    "Profile": {"map": view_maps.profile_map},
    "Ranking": {
        "map": view_maps.ranking_map,
        "plot": views.ranking_plot,
        "slider": views.ranking_slider,
    },
    "Backtest": {"plot": views.backtest_plot},
    "ScanResult": {"map": view_maps.scan_map, "plot": views.scan_plot},
}
MAPS = [name for name, ways in DRAWN.items() if "map" in ways]
CHARTS = [name for name, ways in DRAWN.items() if "plot" in ways]


def test_every_result_that_can_be_drawn_is_in_the_list():
    bases = {kind for name, kind in vars(drawing).items() if name.endswith("Drawings")}
    known = {
        name
        for name, kind in classes().items()
        if kind not in bases and any(issubclass(kind, base) for base in bases)
    }
    assert known == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_what_a_notebook_shows_is_what_is_called(name):
    kind = classes()[name]
    for method, function in DRAWN[name].items():
        shown = inspect.signature(getattr(kind, method)).parameters
        called = inspect.signature(function).parameters
        told = [(p.name, p.kind, p.default) for p in list(shown.values())[1:]]
        assert told == [(p.name, p.kind, p.default) for p in list(called.values())[1:]]
        assert all(p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in shown.values())
        text = inspect.getdoc(getattr(kind, method))
        assert all(f"{p}" in text for p in list(shown)[1:]), (name, method)


def test_no_room_below_loads_the_drawing_room():
    import subprocess

    code = (
        "import sys, crimeloc.ranking, crimeloc.evaluation, crimeloc.stats, crimeloc.linking, "
        "crimeloc.profiling; "
        "print([m for m in sys.modules if 'crimeloc.plotting' in m or 'folium' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", MAPS)
def test_maps_stand_alone_with_a_legend(name, lang, tmp_path):
    made = results()
    view = getattr(made, name).map(lang=lang, districts=made.city.districts)
    assert isinstance(view, MapView)
    assert requests_in(view.html) == []
    assert "http-equiv" in view.html
    assert 'type="checkbox"' in view.html
    assert 'class="cl-key"' in view.html
    assert len(view.html) < 600_000
    page = view.save(tmp_path / "map.html").read_text(encoding="utf-8")
    assert page == view.html
    shown = view._repr_html_()
    assert shown.startswith('<iframe title="')
    assert "<script" not in shown  # all of it lies inside the frame


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", CHARTS)
def test_charts_show_themselves_and_say_what_they_show(name, lang):
    chart = getattr(results(), name).plot(lang=lang)
    assert isinstance(chart, Canvas)
    assert chart.png()[:8] == b"\x89PNG\r\n\x1a\n"
    shown = chart._repr_html_()
    assert len(shown) < 150_000
    assert len(chart.alt) > 15
    assert f'alt="{chart.alt[:10]}' in shown
    assert (max(chart.alt) >= "가") == (lang == "ko")


@pytest.mark.parametrize("name", CHARTS)
def test_given_axes_come_back(name):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert getattr(results(), name).plot(ax=ax) is ax


def test_nothing_of_pyplot_is_touched():
    code = (
        "import sys; from crimeloc.plotting.notebook_axes import canvas; "
        "canvas((2, 2))._repr_html_(); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_result_shows_itself_small():
    made = results()
    shown = {kind for kind in classes().values() if hasattr(kind, "_repr_html_")}
    kinds = {kind for kind in shown if not hasattr(kind, "fit_predict")}  # estimators of sklearn
    seen = set()
    samples = [value for key, value in vars(made).items() if key != "city"]
    located = made.located
    samples += [
        made.Ranking.provenance,
        cl.changepoints(located, rng=7, n_permutations=19),
        cl.by_series(cl.knox_test, located, rng=7, radius_m=800, gap="36h", n_permutations=19),
        cl.trace_content(located),
        cl.suggest_parameters(located),
        cl.plan_visits(made.Ranking),
        cl.briefing(made.Ranking, located=located, venues=made.city.venues),
    ]
    for sample in samples:
        if type(sample) in kinds:
            seen.add(type(sample))
            assert len(sample._repr_html_().encode()) < 100_000, type(sample).__name__
    drawn = {"Canvas", "MapView", "Spoken"}  # pictures, and what results of tests have in common
    read = {kind.__name__ for kind in kinds if kind.__module__.startswith("crimeloc.io")}
    assert {kind.__name__ for kind in kinds - seen} <= drawn | read


def test_replay_knows_which_chart_it_can_show():
    made = results()
    next_ = cl.backtest(
        cl.Ranker(),
        made.located,
        made.city.venues,
        start=last_share(made.located, 0.2),
        protocol="next",
        n_jobs=1,
    )
    assert "bins" in next_.plot().alt
    with pytest.raises(ParameterError, match="calibration"):
        next_.plot("capture")
    with pytest.raises(ParameterError, match="'capture' or 'calibration'"):
        made.Backtest.plot("pie")


def test_evidence_on_a_pair_and_clusters_can_be_drawn():
    made = results()
    pair = made.Links.pairs.iloc[0]
    chart = made.Links.plot((pair["event_id_1"], pair["event_id_2"]))
    assert f"{pair['score']:.1f} bits" in chart.alt
    table = cl.summarise_clusters(cl.cluster_events(made.located, radius_m=800, gap="36h"))
    for clusters in (table, table.iloc[:0]):
        assert requests_in(view_maps.clusters_map(clusters, tz=TZ).html) == []


def test_the_past_of_a_ranking_is_what_lay_before_its_moment():
    made = results()
    past = made.Ranking.past
    before = made.located[made.located["timestamp"] < pd.Timestamp(AT)]
    assert set(past["event_id"]) == set(before["event_id"])
    assert past["weight"].sum() == pytest.approx(before["weight"].sum())
    there = before.dropna(subset="venue_id").set_index("event_id")
    again = past.dropna(subset="venue_id").set_index("event_id").loc[there.index]
    assert list(again["venue_id"]) == list(there["venue_id"])
    assert again.geometry.geom_equals_exact(there.geometry, 1e-9).all()


def test_the_slider_moves_through_the_forecast():
    ranking = results().Ranking
    box = ranking.slider(lang="en")
    choice, shown = box.children
    texts = set()
    for place in range(len(choice.options)):
        choice.value = place  # what an arrow key does
        assert choice.options[place][0] in shown.value
        texts.add(shown.value)
    assert len(texts) == len(choice.options) == 18
    one = ranking.one(None)
    windows = ranking.windows[ranking.windows["series_id"] == one]
    best = int(windows.sort_values("window_start")["share"].to_numpy().argmax())
    assert ranking.slider().children[0].value == best


def test_names_in_the_slider_stay_text():
    made = results()
    evil = made.city.venues.assign(name="<script>alert(1)</script>")
    ranking = cl.rank(made.located, evil, at=AT, horizon="1D", window="4h")
    assert "<script>" not in ranking.slider().children[1].value


def test_without_ipywidgets_the_slider_names_the_line_that_mends_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ParameterError, match='pip install "ipywidgets'):
        results().Ranking.slider()
