"""What every test shares: where the reference data lies, the browser, how hypothesis tries."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "crimeloc",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("crimeloc")

ROOT = Path(__file__).resolve().parents[1]


def _reference_folder() -> Path | None:
    named = os.environ.get("CRIMELOC_REFERENCE_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if (folder / "README.md").is_file() else None


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder with data from elsewhere."""
    folder = _reference_folder()
    if folder is None:
        pytest.skip("no reference data: export CRIMELOC_REFERENCE_DATA=/folder/of/the/data")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def chromium():
    """The one browser of a test run, or a skip with the line that brings one."""
    path = os.environ.get("CRIMELOC_CHROMIUM", shutil.which("chromium"))
    if not path:  # none, or said to be none by an empty CRIMELOC_CHROMIUM
        pytest.skip("no browser: apt-get install chromium, or export CRIMELOC_CHROMIUM=/path/to/it")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


SLOW_FOLDERS = ("scenarios", "reference")
"""Planted truths and numbers from elsewhere take their time: `make check` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whole folders; what is slow elsewhere is marked where it stands."""
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS:
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where nothing may be skipped (CRIMELOC_NO_SKIP=1), a skip is a failure."""
    report = yield
    if report.skipped and os.environ.get("CRIMELOC_NO_SKIP") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed here: {report.longrepr}"
    return report
