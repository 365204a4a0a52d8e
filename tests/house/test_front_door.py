"""`import crimeloc` gives the names and loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import crimeloc as cl

HEAVY = ("pandas", "numba", "sklearn", "scipy", "folium", "matplotlib", "pandera", "geopandas")


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, crimeloc; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_at_the_door_opens() -> None:
    for name in cl.__all__:
        assert getattr(cl, name) is not None
    assert set(cl.__all__) <= set(dir(cl))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(cl, "rank_persons")


def test_the_lazy_door_and_the_typed_door_agree() -> None:
    lazy = {name for names in cl._ROOMS.values() for name in names}
    assert lazy | {"__version__"} == set(cl.__all__)
