from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crimeloc.errors import ParameterError
from crimeloc.geometry import great_circle_m, local_projection, lonlat, points, to_lonlat, to_metres

GEOD = pyproj.Geod(ellps="WGS84")


def test_great_circle_against_the_ellipsoid() -> None:
    """Seoul to Busan, by pyproj's geodesic: within the 0.5 % that a round earth allows."""
    exact = GEOD.inv(126.978, 37.5665, 129.0756, 35.1796)[2]
    assert great_circle_m(126.978, 37.5665, 129.0756, 35.1796) == pytest.approx(exact, rel=5e-3)


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-80, 80),
    east=st.floats(-15_000, 15_000),
    north=st.floats(-15_000, 15_000),
)
def test_city_lengths_are_true(lon: float, lat: float, east: float, north: float) -> None:
    """Tolerance: (r / R)^2 / 6 is 1e-6 at 15 km; 2 cm for rounding."""
    crs = pyproj.CRS(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84")
    pair = to_lonlat([[0.0, 0.0], [east, north]], crs)
    if abs(pair[1, 0] - pair[0, 0]) > 10:
        return  # across the date line
    xy = to_metres(pair)
    exact = GEOD.inv(*pair[0], *pair[1])[2]
    assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(exact, rel=2e-6, abs=0.02)


def test_missing_points_stay_missing() -> None:
    made = points([[127.0, 37.5], [np.nan, 37.5]])
    assert made.isna().tolist() == [False, True]
    assert np.isnan(to_metres(lonlat(made))[1]).all()


def test_any_crs_is_turned_into_degrees() -> None:
    korea = points([[127.0, 37.5]]).to_crs("EPSG:5179")
    np.testing.assert_allclose(lonlat(korea), [[127.0, 37.5]], atol=1e-9)


def test_refusals() -> None:
    with pytest.raises(ParameterError, match="without a CRS"):
        lonlat(gpd.GeoSeries.from_xy([127.0], [37.5]))
    with pytest.raises(ParameterError, match="not points"):
        lonlat(points([[127.0, 37.5]]).to_crs(5179).buffer(5))
    with pytest.raises(ParameterError, match="km apart"):
        local_projection([[0.0, 0.0], [20.0, 20.0]])
    with pytest.raises(ParameterError, match="degrees"):
        local_projection([[955_000.0, 1_950_000.0]])


def test_korea_wide_data_gets_the_unified_system() -> None:
    assert local_projection([[126.5, 33.4], [128.6, 38.2]]).to_epsg() == 5179
