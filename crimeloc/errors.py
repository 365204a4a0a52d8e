"""What crimeloc refuses, and how it says so.

Every error is a helping hand: what was found, what was expected, and the line that helps. Its parts
are messages, so that any language of the catalogues can say them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crimeloc.messages.message import Message, Said
from crimeloc.messages.refusal import (
    PYTHON,
    CrimelocError,
    Dialect,
    ParameterError,
    three_parts,
)

__all__ = [
    "PYTHON",
    "CrimelocError",
    "Dialect",
    "FileError",
    "ParameterError",
    "Problem",
    "TableError",
]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule of a table.

    Parameters
    ----------
    column : str
        The column, or ``"(table)"`` when the rule speaks of the whole table.
    found : str or Message
        What was found, with an example and where it stands.
    expected : str or Message
        What was expected.
    hint : str, Message or Hint
        The line that helps.
    rows : int
        How many rows break the rule; 0 where the rule is not about rows.
    """

    column: str
    found: Said
    expected: Said
    hint: Said
    rows: int = 0


class TableError(CrimelocError, ValueError):
    """A table breaks its contract.

    Parameters
    ----------
    table : str
        Name of the contract, in lower case.
    problems : sequence of Problem
        The broken rules, in the order of the columns.
    rows : int
        Rows of the table.

    Examples
    --------
    >>> from crimeloc.messages import Hint
    >>> problem = Problem(column="timestamp", found="times without a zone", expected="instants",
    ...                   hint=Hint("read_events", tz="Asia/Seoul"), rows=3)
    >>> print(TableError("events", [problem], rows=120))
    events: 1 rule broken in 3 of 120 rows
      timestamp  found times without a zone; expected instants  hint: read_events(..., tz="Asia/Seoul")
    """  # noqa: E501  (the example shows the line as a person sees it)

    def __init__(self, table: str, problems: Sequence[Problem], *, rows: int) -> None:
        self.table = table
        self.problems = tuple(problems)
        self.rows = rows
        super().__init__()

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            How many rules are broken, and one line for each.
        """
        broken = max((problem.rows for problem in self.problems), default=0)
        counts = {"table": self.table, "n": len(self.problems), "rows": self.rows}
        head = Message("{table}: {n} {n:plural rule/rules} broken", **counts)
        if broken:
            head = Message(
                "{table}: {n} {n:plural rule/rules} broken in {broken} of {rows} rows",
                broken=broken,
                **counts,
            )
        width = max((len(problem.column) for problem in self.problems), default=0)
        lines = [head.text(lang)]
        for one in self.problems:
            parts = three_parts(one.found, one.expected, one.hint, lang, dialect)
            lines.append(f"  {one.column:<{width}}  {parts}")
        return "\n".join(lines)


class FileError(CrimelocError, ValueError):
    """A file cannot be read as what it was given for.

    Parameters
    ----------
    path : str or Path
        The file.
    found, expected : str or Message
        What the file is, and what was expected.
    hint : str, Message or Hint
        The line that helps.

    Examples
    --------
    >>> print(FileError("log.csv", found="an empty file", expected="a header and rows",
    ...                 hint="export the file again"))
    log.csv: found an empty file; expected a header and rows  hint: export the file again
    """

    def __init__(self, path: object, *, found: Said, expected: Said, hint: Said) -> None:
        self.path = str(path)
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__()

    def text(self, lang: str = "en", dialect: Dialect = PYTHON) -> str:
        """Say the error in a language.

        Parameters
        ----------
        lang : str
            Language of a catalogue.
        dialect : Dialect
            How arguments are called where the error is shown.

        Returns
        -------
        str
            The file, what was found, what was expected, and the line that helps.
        """
        return f"{self.path}: {three_parts(self.found, self.expected, self.hint, lang, dialect)}"
