"""A file of shapes cannot reach out, nor put another file's rows on a page."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapefile
import shapely

import crimeloc as cl
from crimeloc.errors import FileError
from crimeloc.geometry import points

NAMES = ("outline.geojson", "outline.gpkg", "outline.shp")
SECRET = "somebody-elses-row"


class _Listener(BaseHTTPRequestHandler):
    heard: list[str]

    def handle_one_request(self) -> None:
        self.heard.append(str(self.rfile.readline(1_000)))
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    kind = type("Listener", (_Listener,), {"heard": heard})
    with HTTPServer(("127.0.0.1", 0), kind) as listener:
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}", heard
        listener.shutdown()
        thread.join()


def _other(folder: Path) -> Path:
    path = folder / "other.csv"
    path.write_text(f"name,WKT\n{SECRET},POINT (127 37.5)\n", encoding="utf-8")
    return path


def _hostile(base: str, other: Path) -> dict[str, str]:
    """Give descriptions that GDAL's drivers follow, by content, whatever the file is called."""
    layer = f"<OGRVRTLayer name='other'><SrcDataSource>{other}</SrcDataSource></OGRVRTLayer>"
    remote = f"<OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{base}/x.csv</SrcDataSource>"
    return {
        "VRT": f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>",
        "VRT over HTTP": f"<OGRVRTDataSource>{remote}</OGRVRTLayer></OGRVRTDataSource>",
        "VRT of VRT": f"\n <OGRVRTDataSource>{layer.replace('Src', 'Src')}</OGRVRTDataSource>",
        "WFS": f"<OGRWFSDataSource><URL>{base}/wfs?SERVICE=WFS</URL></OGRWFSDataSource>",
        "WFS text": f"WFS:{base}/wfs",
        "OAPIF": f"<OGROAPIFDataSource><URL>{base}/api</URL></OGROAPIFDataSource>",
        "OAPIF text": f"OAPIF:{base}/api",
        "CSW": f"CSW:{base}/csw",
        "WMS": (
            f"<GDAL_WMS><Service name='WMS'><ServerUrl>{base}/w?</ServerUrl></Service></GDAL_WMS>"
        ),
        "GML schema": (
            f"<ogr:FeatureCollection xmlns:ogr='http://ogr.maptools.org/' "
            f"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
            f"xsi:schemaLocation='http://ogr.maptools.org/ {base}/x.xsd'/>"
        ),
        "KML link": (
            "<?xml version='1.0'?><kml xmlns='http://www.opengis.net/kml/2.2'><NetworkLink><Link>"
            f"<href>{base}/x.kml</href></Link></NetworkLink></kml>"
        ),
        "XML entity": (
            f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file://{other}'>]><x>&e;</x>"
        ),
        "vsicurl": f"/vsicurl/{base}/x.geojson",
        "PostgreSQL": "PG:host=127.0.0.1 dbname=x",
        "Elastic": f"ES:{base}",
        "TopoJSON of a link": json.dumps({"type": "Topology", "objects": {}, "href": base}),
        "ESRI service": json.dumps(
            {"currentVersion": 10.8, "layers": [], "url": f"{base}/FeatureServer"}
        ),
        "GeoJSON with a link crs": json.dumps(
            {
                "type": "FeatureCollection",
                "crs": {"type": "link", "properties": {"href": f"{base}/crs", "name": f"{base}/c"}},
                "features": [],
            }
        ),
        "GeoJSON with a grid file": json.dumps(
            {
                "type": "FeatureCollection",
                "crs": {"type": "name", "properties": {"name": f"+proj=longlat +nadgrids={other}"}},
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"name": "a"},
                        "geometry": {"type": "Point", "coordinates": [127.0, 37.5]},
                    }
                ],
            }
        ),
    }


@pytest.mark.parametrize("name", NAMES)
def test_no_description_is_followed(
    name: str, tmp_path: Path, server: tuple[str, list[str]]
) -> None:
    base, heard = server
    for kind, text in _hostile(base, _other(tmp_path)).items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(FileError) as caught:
            cl.read_shapes(path)
        assert SECRET not in str(caught.value), kind
    assert heard == []


@pytest.mark.parametrize("name", NAMES)
def test_the_command_line_follows_none_either(
    name: str, tmp_path: Path, root: Path, server: tuple[str, list[str]]
) -> None:
    base, heard = server
    hostile = _hostile(base, _other(tmp_path))
    outline = tmp_path / name
    for kind in ("VRT", "WFS"):
        outline.write_text(hostile[kind], encoding="utf-8")
        page = tmp_path / "page.html"
        demo = root / "data" / "demo"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "crimeloc.cli", "brief"),
                *(demo / "uploads.csv", demo / "venues.csv"),
                *("--leases", demo / "leases.csv", "--tz", "Asia/Seoul"),
                *("--districts", outline, "--out", page),
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        assert done.returncode == 1, kind
        assert "Traceback" not in done.stderr
        assert not page.exists()
        assert SECRET not in done.stdout + done.stderr
    assert heard == []


def _package(path: Path) -> Path:
    places = gpd.GeoDataFrame(
        {"name": ["가람", "나루"]}, geometry=points([[127, 37.5], [127.1, 37]])
    )
    places.to_file(path, driver="GPKG", layer="venues")
    return path


def test_views_and_virtual_tables_of_a_package_are_not_read(tmp_path: Path) -> None:
    path = _package(tmp_path / "v.gpkg")
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i AS fid, NULL AS geom FROM n"
        )
        database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POINT', 4326, 0, 0)"
        )
        database.execute("UPDATE gpkg_geometry_columns SET rowid = 0 WHERE table_name = 'endless'")
    database.close()
    assert cl.read_shapes(path)["name"].tolist() == ["가람", "나루"]
    with pytest.raises(FileError, match="no table 'endless'"):
        cl.read_shapes(path, layer="endless")


def test_a_view_in_place_of_a_table_is_refused_at_once(tmp_path: Path) -> None:
    path = _package(tmp_path / "v.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE venues")
        database.execute(
            "CREATE VIEW venues AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i AS fid, NULL AS geom, 'x' AS name FROM n"
        )
    database.close()
    with pytest.raises(FileError, match="no table of features"):
        cl.read_shapes(path)


def test_reading_writes_nothing_beside_the_file(tmp_path: Path) -> None:
    path = _package(tmp_path / "v.gpkg")
    before = path.read_bytes()
    cl.read_shapes(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["v.gpkg"]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:5174", "EPSG:5179"])
def test_a_package_is_read_as_other_tools_read_it(crs: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    corners = rng.uniform((126, 37), (127, 38), (5, 2))
    rings = [shapely.box(x, y, x + 0.1, y + 0.1) for x, y in corners]
    table = gpd.GeoDataFrame(
        {"name": list("abcde"), "n": range(5), "share": rng.random(5)}, geometry=rings, crs=4326
    ).to_crs(crs)
    table.loc[2, "name"] = None
    table.to_file(tmp_path / "v.gpkg", driver="GPKG")
    mine = cl.read_shapes(tmp_path / "v.gpkg")
    theirs = gpd.read_file(tmp_path / "v.gpkg")
    assert mine.crs == theirs.crs
    assert mine["n"].tolist() == theirs["n"].tolist()
    assert mine["name"].isna().tolist() == theirs["name"].isna().tolist()
    np.testing.assert_array_equal(mine["share"], theirs["share"])
    assert mine.geometry.geom_equals_exact(theirs.geometry, 0).all()


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_a_shapefile_is_read_with_its_encoding(encoding: str, tmp_path: Path) -> None:
    with shapefile.Writer(tmp_path / "gu", encoding=encoding) as writer:
        writer.field("SIG_KOR_NM", "C", 40)
        writer.field("N", "N")
        for place, name in enumerate(["가람구", "나루구"]):
            ring = [[127 + place, 37], [127 + place, 38], [128 + place, 38], [127 + place, 37]]
            writer.poly([ring])
            writer.record(name, place)
    (tmp_path / "gu.cpg").unlink(missing_ok=True)
    found = cl.read_shapes(tmp_path / "gu.shp")
    assert found["SIG_KOR_NM"].tolist() == ["가람구", "나루구"]
    assert found.geometry.area.tolist() == [0.5, 0.5]


def test_a_shapefile_without_its_table_says_so(tmp_path: Path) -> None:
    with shapefile.Writer(tmp_path / "gu") as writer:
        writer.field("N", "N")
        writer.point(127, 37)
        writer.record(1)
    (tmp_path / "gu.dbf").unlink()
    with pytest.raises(FileError, match=r"gu\.dbf"):
        cl.read_shapes(tmp_path / "gu.shp")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("pipes in a folder: needs POSIX")
    os.mkfifo(tmp_path / "outline.geojson")
    with pytest.raises(FileError, match="pipe"):
        cl.read_shapes(tmp_path / "outline.geojson")
    with pytest.raises(FileError, match="pipe"):
        cl.read_events(tmp_path / "outline.geojson", tz="Asia/Seoul")
