"""Korean is written whatever fonts the machine has and whatever matplotlib remembers of them."""

import dataclasses
import io
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from crimeloc.plotting import fonts


@pytest.fixture
def fontlist(monkeypatch):
    """matplotlib's list without any font but its own; whatever is done to it is undone."""
    manager = font_manager.fontManager
    own = [entry for entry in manager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(manager, "ttflist", own)
    yield own
    manager._findfont_cached.cache_clear()


def drawn(text):
    family, _ = fonts.font()
    figure = Figure()
    figure.text(0, 0.5, text, fontfamily=family)
    figure.text(0, 0.2, text, fontfamily=family, fontweight="bold")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")  # a letter that no font has is a warning, so an error
    return buffer.getvalue()


def test_korean_is_drawn_where_matplotlib_knows_no_korean_font(fontlist):
    assert drawn("화요일 20:00~24:00") != drawn("목요일 20:00~24:00")
    found = Path(font_manager.findfont(fonts.font()[0][0]))
    assert fonts.PACKAGE in found.parts


def test_an_entry_for_a_font_that_was_removed_does_no_harm(fontlist):
    font_manager.fontManager.addfont(font_manager.findfont("DejaVu Sans"))
    lost = dataclasses.replace(fontlist[-1], fname="/nowhere/NanumGothic.ttf", name="NanumGothic")
    fontlist.insert(0, lost)
    assert drawn("판교역 3번")
    assert Path(font_manager.findfont("NanumGothic")).is_file()


def test_asking_again_registers_nothing_twice(fontlist):
    fonts.font()
    n = len(fontlist)
    assert fonts.font() == (["NanumGothic", "DejaVu Sans"], True)
    assert len(fontlist) == n


def test_without_the_package_a_font_of_the_system_is_found_by_its_file(
    fontlist, monkeypatch, tmp_path
):
    carried = font_manager.findfont(fonts.font()[0][0])
    copy = tmp_path / "NanumGothic.ttf"
    copy.write_bytes(Path(carried).read_bytes())
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(copy)])
    fresh(monkeypatch)
    assert fonts.font() == (["NanumGothic", "DejaVu Sans"], True)
    assert Path(font_manager.findfont("NanumGothic")) == copy


def test_without_any_korean_font_that_is_said(fontlist, monkeypatch):
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package")
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    fresh(monkeypatch)
    assert fonts.font() == (["DejaVu Sans"], False)


def fresh(monkeypatch):
    for name in ("_carried", "_of_the_system"):
        monkeypatch.setattr(fonts, name, getattr(fonts, name).__wrapped__)


def test_the_font_is_found_on_the_first_run_and_leaves_settings_alone(tmp_path):
    program = (
        "import matplotlib as mpl; before = dict(mpl.rcParams)\n"
        "from crimeloc.plotting.fonts import font; import sys\n"
        "assert font()[1] and dict(mpl.rcParams) == before\n"
        "assert 'koreanize_matplotlib' not in sys.modules\n"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True,
        env={"MPLCONFIGDIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )
