"""How a file is laid out, as the caller says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crimeloc.errors import ParameterError
from crimeloc.io.columns.headers import HeaderFinder
from crimeloc.messages import Hint

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """What a caller says of a file; everything is found where nothing is said.

    Parameters
    ----------
    encoding, delimiter : str, optional
        Of delimited text.
    sheet : str or int, optional
        Name or number (from 0) of an Excel sheet.
    layer : str, optional
        Layer of a GeoPackage.
    list_ : str, optional
        Path of a list in JSON, such as ``"data.items"``.
    header : int or sequence of str, optional
        Row that holds the names of the columns, counted from 1 as a person sees it, or the names
        themselves, for a file without them.
    skip_rows : int
        So many rows at the beginning are passed over.
    columns : mapping
        Part to column name.

    Raises
    ------
    ParameterError
        ``header`` or ``skip_rows`` cannot be.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | int | None = None
    layer: str | None = None
    list_: str | None = None
    header: int | Sequence[str] | None = None
    skip_rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked without the file."""
        if self.skip_rows < 0:
            raise ParameterError(
                "skip_rows", found=self.skip_rows, expected="0 or more", hint=Hint(skip_rows=1)
            )
        if isinstance(self.header, str) or (isinstance(self.header, int) and self.header < 1):
            raise ParameterError(
                "header",
                found=repr(self.header),
                expected="the number of a row, from 1, or a list of names",
                hint=Hint(header=2),
            )

    @property
    def names(self) -> list[str] | None:
        """Names that the caller gives for a file without a header."""
        if self.header is None or isinstance(self.header, int):
            return None
        return [str(name) for name in self.header]

    @property
    def header_row(self) -> int | None:
        """Row of the header, from 1, where the caller says it."""
        return self.header if isinstance(self.header, int) else None

    @property
    def finder(self) -> HeaderFinder:
        """What a header should have."""
        return HeaderFinder(self.columns)
