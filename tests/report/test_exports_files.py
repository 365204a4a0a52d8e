"""Each exported file is opened again by a reader of its own kind; its counts are the tables'."""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from PIL import Image

import crimeloc as cl
from crimeloc.errors import CrimelocError, ParameterError
from crimeloc.messages.translator import Translator
from crimeloc.plotting import fonts
from crimeloc.report.collect import Extras, collect
from crimeloc.report.content import Settings
from crimeloc.report.exports import FORMATS, export
from crimeloc.report.exports.tables import tables_of
from crimeloc.report.redact import LEVELS, redact

KML = "{http://www.opengis.net/kml/2.2}"
KEY = b"a secret of this test, 32 bytes."


def gathered(cases, lang="en", **changes):
    """Everything a page can have on it."""
    located, city = cases.located_case(), cases.city()
    located["cluster_id"] = np.where(located["venue_id"] == "V-024", 0, -1)
    extras = Extras(
        districts=city.districts,
        rejected={"events": cases.rejected_rows()},
        inputs=[cl.provenance.Input("uploads.csv", "ab" * 32, 2568, 3)],
        backtest=cases.SmallBacktest(),
    )
    banner = "FOR OFFICIAL USE" if lang == "en" else "대외비"
    settings = Settings(lang=lang, banner=banner, title=changes.get("title"))
    located = changes.get("located", located)
    venues = changes.get("venues", city.venues)
    ranking = cases.count_ranking(located, venues, window="24h", series="S-02")
    return collect(ranking, located, venues, extras, settings)


@pytest.fixture(scope="module")
def content(cases):
    return gathered(cases)


@pytest.fixture(scope="module", params=LEVELS)
def shown(request, content):
    return redact(content, request.param, key=KEY)


def written(shown, tmp_path, name, **options):
    paths = export(shown, tmp_path / name, level=shown.level, **options)
    assert all(path.is_file() for path in paths)
    return paths


def test_the_picture_is_a_page_with_a_map_on_it(content, tmp_path):
    shown = redact(content, "briefing")
    (path,) = written(shown, tmp_path, "case.png", dpi=60)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape[:2] == (701, 496)  # A4
    middle = pixels[250:500, 80:420]
    coloured = np.ptp(middle, axis=2) > 40
    assert 0.02 < coloured.mean() < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_pages_have_words_that_can_be_read_and_searched(cases, lang, tmp_path):
    pypdf = pytest.importorskip("pypdf", reason="pip install pypdf")
    shown = redact(gathered(cases, lang), "briefing")
    (path,) = written(shown, tmp_path, "case.pdf")
    book = pypdf.PdfReader(path)
    texts = [re.sub(r"\s+", " ", page.extract_text()) for page in book.pages]
    assert len(texts) == 6
    for number, text in enumerate(texts, start=1):
        assert shown.settings.banner in text
        want = f"page {number} of 6" if lang == "en" else f"6쪽 중 {number}쪽"
        assert want in text
    venues = shown.summary.venues.head(10)
    for name, venue in zip(venues["name"], venues["venue_id"], strict=True):
        assert f"{name} ({venue})".replace(" ", "") in texts[1].replace(" ", "")
    assert shown.inputs[0].sha256[:20] in texts[5].replace(" ", "")
    assert len(book.pages[0].images) >= 1  # the heat
    assert book.metadata.creation_date == shown.summary.at.to_pydatetime()


def test_the_slides_have_tables_that_are_tables_and_pictures_with_texts(shown, tmp_path):
    pptx = pytest.importorskip("pptx")
    (path,) = written(shown, tmp_path, "case.pptx")
    slides = list(pptx.Presentation(str(path)).slides)
    heads = [slide.shapes.title.text for slide in slides]
    assert heads[:4] == [
        "Where and when next: venues and hours",
        "Map",
        "Likeliest venues",
        "Likeliest slots (venue and hours)",
    ]
    grids = [s.table for slide in slides for s in slide.shapes if s.has_table]
    assert [len(grid.rows) - 1 for grid in grids] == [10, 10, 2, len(shown.backtest.scores)]
    first = [cell.text for cell in grids[0].rows[1].cells]
    best = shown.summary.venues.iloc[0]
    assert first[1] == f"{best['name']} ({best['venue_id']})"
    pictures = [s for slide in slides for s in slide.shapes if s.shape_type == 13]
    assert len(pictures) == (5 if shown.level == "disclosure" else 6)
    assert all(picture._element._nvXxPr.cNvPr.get("descr") for picture in pictures)
    assert all("FOR OFFICIAL USE" in _words(slide) for slide in slides)
    for slide in slides:
        for shape in slide.shapes:
            assert 0 <= shape.left <= shape.left + shape.width <= 12_192_000 * 1.001
            assert 0 <= shape.top <= shape.top + shape.height <= 6_858_000 * 1.001


def _words(slide):
    return " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)


def test_the_geopackage_has_a_layer_for_each_table(shown, tmp_path):
    (path,) = written(shown, tmp_path, "case.gpkg")
    tables = tables_of(shown)
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) == set(tables)
    for name, table in tables.items():
        back = pyogrio.read_dataframe(path, layer=name)
        assert len(back) == len(table), name
        assert (layers[name] is not None) == isinstance(table, gpd.GeoDataFrame)
        if isinstance(table, gpd.GeoDataFrame):
            assert back.crs.to_epsg() == 4326
            assert back.geometry.isna().sum() == table.geometry.isna().sum()
    back = pyogrio.read_dataframe(path, layer="venues")
    assert np.allclose(back["probability"], tables["venues"]["probability"], atol=1e-12)
    back = pyogrio.read_dataframe(path, layer="slots")
    assert list(back["window_start"].dt.tz_convert("UTC")) == list(
        tables["slots"]["window_start"].dt.tz_convert("UTC")
    )


def test_the_geojson_has_a_feature_for_each_row(shown, tmp_path):
    (path,) = written(shown, tmp_path, "case.geojson")
    whole = json.loads(path.read_text(encoding="utf-8"))
    found = pd.Series([f["properties"]["layer"] for f in whole["features"]]).value_counts()
    tables = {k: v for k, v in tables_of(shown).items() if isinstance(v, gpd.GeoDataFrame)}
    assert found.to_dict() == {name: len(table) for name, table in tables.items()}
    (one,) = written(shown, tmp_path, "venues.geojson", table="venues")
    back = pyogrio.read_dataframe(one)
    assert back.geometry.geom_equals_exact(tables["venues"].geometry, 1e-6).all()
    assert list(back["venue_id"]) == list(tables["venues"]["venue_id"])


def test_the_kml_has_a_placemark_for_each_row_and_fetches_nothing(shown, tmp_path):
    (path,) = written(shown, tmp_path, "case.kml")
    root = Xml.parse(path).getroot()
    assert root.tag == f"{KML}kml"
    folders = root.findall(f"{KML}Document/{KML}Folder")
    found = {f.findtext(f"{KML}name"): len(f.findall(f"{KML}Placemark")) for f in folders}
    tables = {k: v for k, v in tables_of(shown).items() if isinstance(v, gpd.GeoDataFrame)}
    assert found == {name: len(table) for name, table in tables.items()}
    assert not list(root.iter(f"{KML}href"))
    assert dict(pyogrio.list_layers(path)).keys() == tables.keys()
    back = pyogrio.read_dataframe(path, layer="venues")
    assert back.geometry.geom_equals_exact(tables["venues"].geometry, 1e-6).all()
    for span in root.iter(f"{KML}TimeSpan"):
        assert span.findtext(f"{KML}begin") < span.findtext(f"{KML}end")


def test_the_sheets_have_the_rows_of_the_tables(shown, tmp_path):
    tables = tables_of(shown)
    (path,) = written(shown, tmp_path, "case.xlsx")
    book = openpyxl.load_workbook(path)
    voice = Translator(shown.settings.lang)
    assert book.sheetnames == [*(voice.sheet(name) for name in tables), voice("sheet.columns")]
    for name, table in tables.items():
        rows = list(book[voice.sheet(name)].iter_rows(values_only=True))
        assert len(rows) - 1 == len(table), name
    _, *known = book[voice("sheet.columns")].iter_rows(values_only=True)
    named = {head: name for sheet, head, name in known if sheet == voice.sheet("venues")}
    heads, first, *_ = book[voice.sheet("venues")].iter_rows(values_only=True)
    assert [named[head] for head in heads[:4]] == ["rank", "venue_id", "name", "probability"]
    slots = next(book[voice.sheet("slots")].iter_rows(values_only=True))
    zone = f" ({shown.summary.tz})"
    assert slots[3:5] == tuple(voice(f"column.window_{end}") + zone for end in ("start", "end"))
    scored = next(book[voice.sheet("backtest")].iter_rows(values_only=True))
    assert (voice("score.n") in scored) == ("n" in tables["backtest"].columns)
    assert voice("column.n") not in scored
    row = dict(zip([named[head] for head in heads], first, strict=True))
    best = tables["venues"].iloc[0]
    assert row["venue_id"] == best["venue_id"]
    assert row["probability"] == pytest.approx(best["probability"])
    assert (row["lon"], row["lat"]) == pytest.approx((best.geometry.x, best.geometry.y))
    for file in written(shown, tmp_path, "case.csv"):
        name = file.name.split(".")[1]
        assert len(pd.read_csv(file, encoding="utf-8-sig")) == len(tables[name]), name


def test_sheets_hold_dates_and_per_cents_and_can_be_filtered(shown, tmp_path):
    tables = tables_of(shown)
    (path,) = written(shown, tmp_path, "case.xlsx")
    book, voice = openpyxl.load_workbook(path), Translator(shown.settings.lang)
    sheet, slots = book[voice.sheet("slots")], tables["slots"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    zone, first = shown.summary.tz, slots.iloc[0]
    for column, name in (
        ("window_start", "column.window_start"),
        ("window_end", "column.window_end"),
    ):
        for clock in (zone, "UTC"):
            cell = sheet.cell(2, heads[f"{voice(name)} ({clock})"])
            assert cell.is_date
            assert pd.Timestamp(cell.value, tz=clock) == first[column]
    chance = sheet.cell(2, heads[voice("column.probability")])
    assert chance.number_format == "0.0%"
    assert chance.value == pytest.approx(first["probability"])
    for one in book:
        assert one.freeze_panes is not None
        assert one.auto_filter.ref.endswith(str(one.max_row))
        assert all(one.column_dimensions[letter].width >= 7 for letter in ("A", "B"))


def test_slots_next_to_impossible_are_left_out_and_that_is_told(cases, tmp_path):
    content = redact(gathered(cases), "briefing")
    every = content.summary.slots
    assert (every["probability"] < 0.001).any()
    for name, reader in (
        ("case.csv", lambda path: pd.read_csv(path, encoding="utf-8-sig")),
        ("case.geojson", lambda path: gpd.read_file(path)),
    ):
        (path,) = export(content, tmp_path / name, table="slots")
        assert reader(path)["probability"].min() >= 0.001
        (path,) = export(content, tmp_path / name, table="slots", min_probability=0)
        assert len(reader(path)) == len(every)
    told = tables_of(content)["about"]["value"].iloc[-1]
    assert f"{(every['probability'] >= 0.001).sum():,} of {len(every):,}" in told
    assert "min_probability" not in " ".join(
        tables_of(content, min_probability=0)["about"]["value"]
    )
    with pytest.raises(ParameterError, match="min_probability"):
        export(content, tmp_path / "case.xlsx", min_probability=2)


def test_every_time_in_a_file_bears_its_zone(shown, tmp_path):
    clock = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(?P<zone>[^,\"<\s]*)")
    for name in ("case.csv", "case.geojson", "case.kml", "case.i2.csv", "case.jsonld"):
        for path in written(shown, tmp_path, name):
            for found in clock.finditer(path.read_text(encoding="utf-8-sig")):
                assert re.match(r"(Z|[+-]\d\d:\d\d)", found["zone"]), (path.name, found[0])
    (path,) = written(shown, tmp_path, "case.xlsx")
    for sheet in openpyxl.load_workbook(path):
        for column in sheet.iter_cols():
            if any(cell.is_date for cell in column[1:]):
                assert re.search(r"\((UTC|Asia/Seoul)\)", column[0].value), (
                    sheet.title,
                    column[0].value,
                )


def test_entities_and_links_fit_together(shown, tmp_path):
    entity_file, link_file = written(shown, tmp_path, "case.i2.csv")
    entities = pd.read_csv(entity_file, encoding="utf-8-sig")
    links = pd.read_csv(link_file, encoding="utf-8-sig")
    assert entities["entity_id"].is_unique
    assert links["link_id"].is_unique
    assert {*links["from_id"], *links["to_id"]} <= set(entities["entity_id"])
    located = shown.summary.located
    if shown.level == "disclosure":
        assert set(entities["type"]) == {"Series", "Venue"}
        assert (links["n"] >= shown.threshold).all()
        return
    kinds = entities["type"].value_counts()
    assert kinds["Account"] == located["handle"].nunique()
    assert kinds["IP address"] == located["ip"].nunique()
    once = located.drop_duplicates("event_id")
    used = links[links["type"] == "used"]
    assert used["n"].sum() == once["handle"].notna().sum()
    placed = links[links["type"] == "uploaded at"]
    assert placed["weight"].sum() == pytest.approx(located["weight"].sum(), abs=1e-3)


@pytest.fixture(scope="module")
def few(cases):
    """A case of few venues: the shapes are held against each node, which takes its time."""
    located = cases.located_case().iloc[[0, 1, 4, 9, 28, 29, 30]].reset_index(drop=True)
    known = set(located["venue_id"].dropna()) | {"V-001"}
    venues = cases.city().venues
    return gathered(cases, located=located, venues=venues[venues["venue_id"].isin(known)])


def test_the_graph_has_a_node_for_each_row(shown, tmp_path):
    (path,) = written(shown, tmp_path, "case.jsonld")
    nodes = json.loads(path.read_text(encoding="utf-8"))["@graph"]
    kinds = pd.Series([node["@type"] for node in nodes]).value_counts()
    located = shown.summary.located
    assert kinds["uco-location:Location"] == len(shown.summary.venues)
    assert kinds["uco-core:Annotation"] == len(shown.summary.venues)
    assert kinds.get("uco-action:Action", 0) == located["event_id"].nunique()
    assert kinds.get("uco-core:Relationship", 0) == located["venue_id"].notna().sum()
    if len(located):
        assert kinds["uco-observable:DigitalAccount"] == located["handle"].nunique()
    assert len({node["@id"] for node in nodes}) == len(nodes)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_graph_conforms_to_the_shapes_of_the_ontology(few, tmp_path):
    case_validate = pytest.importorskip("case_utils.case_validate", reason="pip install case-utils")
    files = []
    for level in LEVELS:
        files += export(few, tmp_path / f"{level}.jsonld", level=level, hash_method="SHA256")
    result = case_validate.validate([str(path) for path in files], case_version="case-1.5.0")
    assert result.conforms, result.text
    assert not result.undefined_concepts
    spoiled = tmp_path / "spoiled.jsonld"
    text = files[0].read_text(encoding="utf-8")
    spoiled.write_text(text.replace("nonNegativeInteger", "string"), encoding="utf-8")
    assert not case_validate.validate(str(spoiled), case_version="case-1.5.0").conforms


@pytest.mark.parametrize("level", ["analyst", "briefing"])
def test_the_timeline_has_one_line_for_each_upload(content, level, tmp_path):
    shown = redact(content, level)
    (path,) = written(shown, tmp_path, "case.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    located = shown.summary.located
    assert len(lines) == located["event_id"].nunique()
    assert all({"message", "datetime", "timestamp", "timestamp_desc"} <= set(x) for x in lines)
    moments = [pd.Timestamp(line["datetime"]) for line in lines]
    assert moments == sorted(moments)
    assert [m.value // 1_000 for m in moments] == [line["timestamp"] for line in lines]
    several = located["event_id"].value_counts().gt(1).sum()
    assert sum("|" in line["candidates"] for line in lines) == several
    assert ("port" in lines[0]) == (level == "analyst")


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_case_gives_the_same_bytes(content, kind, tmp_path):
    shown = redact(content, "briefing", key=KEY)
    one = export(shown, tmp_path / "one.x", kind=kind)
    two = export(shown, tmp_path / "two.x", kind=kind)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_office_files_carry_the_moment_of_the_forecast(content, tmp_path):
    for name in ("case.xlsx", "case.pptx"):
        (path,) = export(content, tmp_path / name)
        with zipfile.ZipFile(path) as packed:
            core = packed.read("docProps/core.xml").decode()
            assert {item.date_time for item in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "2026-02-14T15:00:00Z" in core  # midnight in Seoul


def test_a_name_that_is_a_formula_stays_text(cases, tmp_path):
    venues = cases.city().venues.copy()
    best = gathered(cases).summary.venues["venue_id"].iloc[0]
    venues.loc[venues["venue_id"] == best, "name"] = '=HYPERLINK("x")<b>&'
    content = gathered(cases, venues=venues)
    (path,) = export(content, tmp_path / "case.xlsx")
    rows = list(openpyxl.load_workbook(path)["Venues"].iter_rows())
    cell = next(c for c, head in zip(rows[1], rows[0], strict=True) if head.value == "Venue")
    assert (cell.data_type, cell.value) == ("s", '\'=HYPERLINK("x")<b>&')
    (path,) = export(content, tmp_path / "venues.csv", table="venues")
    assert '"\'=HYPERLINK(""x"")<b>&"' in path.read_text(encoding="utf-8-sig")
    (path,) = export(content, tmp_path / "case.kml")
    assert '=HYPERLINK("x")<b>&' in [n.text for n in Xml.parse(path).iter(f"{KML}name")]


def test_a_column_that_is_a_formula_stays_text(cases, tmp_path):
    located = cases.located_case()
    located["=1+1"] = "x"
    (path,) = export(gathered(cases, located=located), tmp_path / "case.xlsx", level="analyst")
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert sum(cell.value == "'=1+1" for cell in cells) >= 3  # two heads, and the list of columns


@pytest.mark.slow
def test_an_empty_case_is_written_too(cases, tmp_path):
    located = cases.located_case().iloc[:0]
    ranking = cases.count_ranking(cases.located_case(), cases.city().venues, window="24h")
    content = collect(ranking, located, cases.city().venues, tz="Asia/Seoul")
    for level in LEVELS:
        for kind in FORMATS:
            if level == "analyst" or kind not in ("png", "pdf", "pptx", "timesketch"):
                assert export(content, tmp_path / f"{level}.x", kind=kind, level=level)


def test_what_cannot_be_written_is_said_with_the_line_that_mends_it(content, tmp_path, monkeypatch):
    for arguments, hint in [
        ({"path": "case.docx"}, 'export\\("case.pdf"\\)'),
        ({"path": "case.x", "kind": "word"}, 'kind="pdf"'),
        ({"path": "case.jsonl", "level": "disclosure"}, 'level="briefing"'),
        ({"path": "case.csv", "table": "people"}, "one of venues, slots"),
        ({"path": "case.csv", "level": "public"}, 'level="briefing"'),
        ({"path": "case.csv", "key": "short"}, "at least 16 bytes"),
        ({"path": "case.csv", "level": "disclosure", "threshold": 1}, "at least 2"),
    ]:
        path = tmp_path / arguments.pop("path")
        with pytest.raises(ParameterError, match=hint):
            export(content, path, **arguments)
    with pytest.raises(ParameterError, match=r"briefing\(\.\.\.\)"):
        export("a page", tmp_path / "case.pdf")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(fonts, "font", lambda: (["DejaVu Sans"], False))
    korean = redact(content, "briefing")
    korean = replace(korean, settings=replace(korean.settings, lang="ko"))
    with pytest.raises(CrimelocError, match="koreanize-matplotlib"):
        export(korean, tmp_path / "case.pdf")


def test_without_a_korean_font_english_pages_say_what_is_missing(cases, tmp_path, monkeypatch):
    pypdf = pytest.importorskip("pypdf", reason="pip install pypdf")
    monkeypatch.setattr(fonts, "font", lambda: (["DejaVu Sans"], False))
    (path,) = export(gathered(cases), tmp_path / "case.pdf")
    last = pypdf.PdfReader(path).pages[-1].extract_text()
    assert "No Korean font was found" in re.sub(r"\s+", " ", last)
