"""Each notebook runs from top to bottom, with warnings as errors."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of the kernel's own machinery
]


@pytest.fixture(scope="module")
def executing() -> ModuleType:
    """The module `docs/executing.py`, which the documentation uses too."""
    spec = importlib.util.spec_from_file_location("executing", ROOT / "docs" / "executing.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, executing: ModuleType) -> None:
    outcome = nbformat.read(executing.executed(path, ROOT), as_version=4)
    asked = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    assert [cell.source for cell in outcome.cells] == asked
    code = [cell for cell in outcome.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code if cell.source.strip())
    assert not [one for cell in code for one in cell.outputs if one.output_type == "error"]


def _notebook(folder: Path, source: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    path = folder / "small.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("source", ["1 / 0", "import warnings; warnings.warn('careless')"])
def test_a_fault_or_a_warning_is_caught(source: str, executing: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError):
        executing.executed(_notebook(tmp_path, source), ROOT, tmp_path / "store")


def test_an_outcome_is_kept_until_something_behind_it_changes(
    executing: ModuleType, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    path = _notebook(tmp_path, "import time; time.time_ns()")
    first = executing.executed(path, ROOT, store).read_bytes()
    assert executing.executed(path, ROOT, store).read_bytes() == first
    again = _notebook(tmp_path, "import time; time.time_ns()  # changed")
    assert executing.executed(again, ROOT, store).read_bytes() != first


def test_the_course_leads_from_one_notebook_to_the_next() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(1, 6)]
    for path in NOTEBOOKS:
        first = nbformat.read(path, as_version=4).cells[0]
        assert first.cell_type == "markdown", path.name
        assert first.source.startswith("# "), path.name
    for path, following in zip(NOTEBOOKS, [*NOTEBOOKS[1:], NOTEBOOKS[0]], strict=True):
        last = nbformat.read(path, as_version=4).cells[-1]
        assert last.cell_type == "markdown", path.name
        assert last.source.endswith(f"({following.name})"), path.name


def test_the_course_follows_one_case() -> None:
    for path in NOTEBOOKS:
        code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        assert 'demo = Path("../data/demo")' in "\n".join(code), path.name
