"""Each notebook runs from top to bottom, with warnings as errors."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
STRICT = "import warnings; warnings.simplefilter('error')"


@pytest.mark.notebook
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the kernel's own machinery
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, root: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    # The notebook stands beside a copy of the data, so that what it writes is thrown away.
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").symlink_to(root / "data")
    client = NotebookClient(
        notebook, timeout=240, resources={"metadata": {"path": str(tmp_path / "notebooks")}}
    )
    client.execute()
