"""Run the notebooks once, and keep what came out for as long as nothing behind it changes.

The tests of the notebooks and the documentation share the outcome, so neither pays twice.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient

STRICT = "import warnings; warnings.simplefilter('error')"
WIDGETS = "application/vnd.jupyter.widget-view+json"


def fingerprint(notebook: Path, root: Path) -> str:
    """Give a hash of everything the outcome of a notebook rests on."""
    digest = hashlib.sha256(notebook.read_bytes())
    behind = [
        *sorted((root / "crimeloc").rglob("*.py")),
        *sorted(path for path in (root / "data").rglob("*") if path.is_file()),
        *sorted(root.glob("*.lock")),
        Path(__file__),
    ]
    for path in behind:
        digest.update(str(path.relative_to(root)).encode() if root in path.parents else b"-")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def executed(notebook: Path, root: Path, store: Path | None = None) -> Path:
    """Give the notebook with its outputs; run it, warnings as errors, where none is kept.

    Parameters
    ----------
    notebook : Path
        A notebook without outputs.
    root : Path
        The checkout, with ``data`` and ``crimeloc``.
    store : Path, optional
        Where outcomes are kept; by default ``docs/_build/executed``.

    Returns
    -------
    Path
        A notebook with outputs.
    """
    store = store or root / "docs" / "_build" / "executed"
    store.mkdir(parents=True, exist_ok=True)
    kept, mark = store / notebook.name, store / f"{notebook.stem}.sha256"
    with _alone(store / f"{notebook.stem}.lock"):
        wanted = fingerprint(notebook, root)
        if kept.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == wanted:
            return kept
        mark.unlink(missing_ok=True)
        nbformat.write(_run(notebook, root), kept)
        mark.write_text(wanted, encoding="utf-8")
    return kept


def pages(root: Path, folder: Path) -> None:
    """Lay the executed notebooks into a folder of the documentation, ready to be read."""
    folder.mkdir(exist_ok=True)
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    for old in set(folder.glob("*.ipynb")) - {folder / path.name for path in notebooks}:
        old.unlink()
    for path in notebooks:
        notebook = nbformat.read(executed(path, root), as_version=4)
        notebook.metadata.pop("widgets", None)
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if WIDGETS in output.get("data", {}):  # a widget needs a kernel: a sentence instead
                    said = "(A slider stands here in a running notebook.)"
                    output["data"] = {"text/plain": said}
        text = nbformat.writes(notebook)
        target = folder / path.name
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


def _run(notebook: Path, root: Path) -> nbformat.NotebookNode:
    content = nbformat.read(notebook, as_version=4)
    content.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    with tempfile.TemporaryDirectory() as folder:
        # It stands beside a copy of the data, so that what it writes is thrown away.
        (Path(folder) / "notebooks").mkdir()
        shutil.copytree(root / "data", Path(folder) / "data")
        place = {"metadata": {"path": str(Path(folder) / "notebooks")}}
        NotebookClient(content, timeout=240, resources=place).execute()
    del content.cells[0]
    return content


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time run a notebook; a lock dies with its process."""
    try:
        import fcntl
    except ImportError:  # Windows: two at once only cost time
        yield
        return
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
