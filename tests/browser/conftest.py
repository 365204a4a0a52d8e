"""The small invented cases, as fixtures."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cases():
    """The module `tests/report/cases.py`."""
    path = Path(__file__).parents[1] / "report" / "cases.py"
    spec = importlib.util.spec_from_file_location("briefing_cases", path)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["briefing_cases"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def english(cases):
    """A page with everything on it."""
    return cases.full_case("en")


@pytest.fixture(scope="session")
def korean(cases):
    """The same page in Korean."""
    return cases.full_case("ko")
