"""One door for all exports: the name of the file says which kind it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from crimeloc.errors import ParameterError
from crimeloc.messages import Hint, Message
from crimeloc.report.content import Content
from crimeloc.report.redact import redact

__all__ = ["FORMATS", "export"]


@runtime_checkable
class SupportsContent(Protocol):
    """A briefing that keeps what it was drawn from."""

    @property
    def content(self) -> Content | None:
        """Its content."""


FORMATS = {
    "png": (".png",),
    "pdf": (".pdf",),
    "pptx": (".pptx",),
    "gpkg": (".gpkg",),
    "geojson": (".geojson", ".json"),
    "kml": (".kml",),
    "xlsx": (".xlsx",),
    "i2": (".i2.csv",),
    "csv": (".csv",),
    "case": (".jsonld",),
    "timesketch": (".jsonl",),
}
"""Kinds of files, and how their names end."""


def export(
    briefing: Content | SupportsContent,
    path: str | Path,
    *,
    level: str | None = None,
    kind: str | None = None,
    key: str | bytes | None = None,
    threshold: int | None = None,
    **options: Any,
) -> tuple[Path, ...]:
    """How do I hand this briefing on?

    Parameters
    ----------
    briefing : Briefing or Content
        As `crimeloc.briefing` gives it.
    path : str or Path
        Where to; what its name ends in says what is written: ``.png`` (the first page), ``.pdf``,
        ``.pptx``, ``.gpkg``, ``.geojson``, ``.kml``, ``.csv`` (one file per table), ``.xlsx``,
        ``.i2.csv`` (entities and links), ``.jsonld`` (CASE/UCO), ``.jsonl`` (Timesketch).
    level : str, optional
        ``"analyst"``, ``"briefing"`` or ``"disclosure"``, see
        `crimeloc.report.redact.redact`; by default that of the briefing, and
        ``"briefing"`` for a content that is not veiled yet.
    kind : str, optional
        The kind of file, where its name does not tell: a key of `FORMATS`.
    key : str or bytes, optional
        Secret for pseudonyms that are the same in all files made with it; never written.
    threshold : int, optional
        Smallest count that may be told at the level ``"disclosure"``; by default that of the
        briefing.
    **options
        Of the kind of file: ``table=`` (csv, xlsx, geojson), ``min_probability=`` (csv, xlsx,
        gpkg, geojson, kml: slots with less than 0.001 are left out, 0 writes all), ``dpi=`` (png),
        ``base=`` and ``hash_method=`` (case).

    Returns
    -------
    tuple of Path
        The files written, most often one.

    Raises
    ------
    ParameterError
        The kind is not known, or the level does not go with it.
    CrimelocError
        A picture with Korean words is asked for where no Korean font is installed.

    Notes
    -----
    Nothing above the level is handed to the writer: the tables are veiled first. The same briefing
    gives the same bytes. Existing files are replaced.

    Examples
    --------
    >>> sorted(FORMATS)
    ['case', 'csv', 'geojson', 'gpkg', 'i2', 'kml', 'pdf', 'png', 'pptx', 'timesketch', 'xlsx']
    """
    name = kind or kind_of(path)
    if name not in FORMATS:
        expected = Message("one of {formats}", formats=", ".join(FORMATS))
        raise ParameterError("kind", found=repr(name), expected=expected, hint=Hint(kind="pdf"))
    content, own_level = _content_of(briefing)
    ready = redact(
        content,
        level or own_level,
        key=key,
        threshold=content.threshold if threshold is None else threshold,
    )
    written = _writer(name)(ready, path, **options)
    return written if isinstance(written, tuple) else (written,)


def kind_of(path: str | Path) -> str:
    """Which kind of file does this name mean?

    Parameters
    ----------
    path : str or Path
        The name.

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    ParameterError
        It ends in nothing known.
    """
    name = Path(path).name.lower()
    for kind, endings in FORMATS.items():
        if name.endswith(endings):
            return kind
    endings_known = ", ".join(ending for known in FORMATS.values() for ending in known)
    raise ParameterError(
        "path",
        found=repr(Path(path).name),
        expected=Message("a name that ends in {endings_known}", endings_known=endings_known),
        hint='export("case.pdf")',
    )


def _content_of(briefing: Content | SupportsContent) -> tuple[Content, str]:
    """Give the tables, and the level they are written at unless another is asked for."""
    if isinstance(briefing, Content):
        return briefing, "briefing" if briefing.level == "analyst" else briefing.level
    content = briefing.content if isinstance(briefing, SupportsContent) else None
    if content is None:
        raise ParameterError(
            "briefing",
            found=type(briefing).__name__,
            expected="a briefing with its tables",
            hint="briefing(...)",
        )
    return content, content.level


def _writer(kind: str) -> Callable[..., Path | tuple[Path, ...]]:
    """Load the one module that is needed."""
    if kind in ("png", "pdf"):
        from crimeloc.report.exports.paper import write_pdf, write_png

        return write_png if kind == "png" else write_pdf
    if kind == "pptx":
        from crimeloc.report.exports.slides import write_pptx

        return write_pptx
    if kind in ("gpkg", "geojson", "kml"):
        from crimeloc.report.exports import geodata

        return {
            "gpkg": geodata.write_gpkg,
            "geojson": geodata.write_geojson,
            "kml": geodata.write_kml,
        }[kind]
    if kind == "csv":
        from crimeloc.report.exports.tables import write_csv

        return write_csv
    if kind == "xlsx":
        from crimeloc.report.exports.excel import write_excel

        return write_excel
    if kind == "i2":
        from crimeloc.report.exports.entities import write_entities

        return write_entities
    if kind == "case":
        from crimeloc.report.exports.case_uco import write_case

        return write_case
    from crimeloc.report.exports.timesketch import write_timesketch

    return write_timesketch
